"""Global Arrays' one-sided calls: boxes on any rank are read, written and added to without the help of their owners."""

import gain
import numpy
import pytest
from gain import ga

RANK, RANKS = ga.nodeid(), ga.nnodes()


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int32", "int64", "float32", "float64", "complex64", "complex128"])
def test_boxes(dtype):
    g = ga.create((7, 6), dtype)
    assert g.shape == (7, 6) and g.dtype == dtype and not ga.get(g).any()
    ga.sync(g)
    if RANK == RANKS - 1:
        ga.put(g, numpy.arange(42).reshape(7, 6))
        ga.put(g, 9, (0, 1), (2, 3))
    ga.sync(g)
    expected = numpy.arange(42).reshape(7, 6).astype(dtype)
    expected[0:2, 1:3] = 9
    assert numpy.array_equal(ga.get(g), expected) and ga.get(g).dtype == dtype
    assert numpy.array_equal(ga.get(g, (2, 1), (6, 4)), expected[2:6, 1:4])
    assert numpy.array_equal(ga.strided_get(g, (1, 0), (7, 6), (2, 4)), expected[1:7:2, 0:6:4])
    ga.sync(g)
    ga.acc(g, numpy.ones((3, 6), int), (2, 0), (5, 6), alpha=2)
    ga.strided_acc(g, 1, (0, 0), (7, 6), (3, 5))
    ga.sync(g)
    expected[2:5] += numpy.array(2 * RANKS).astype(dtype)
    expected[::3, ::5] += numpy.array(RANKS).astype(dtype)
    assert numpy.array_equal(ga.get(g), expected)
    ga.destroy(g)
    with pytest.raises(ValueError):
        ga.get(g)


def test_elements():
    g = ga.create(20, "int64")
    places = numpy.arange(20)[:, None]
    ga.scatter_acc(g, numpy.arange(20), places)
    ga.scatter_acc(g, 1, [[3], [3]], alpha=2)
    ga.sync(g)
    expected = RANKS * numpy.arange(20)
    expected[3] += 4 * RANKS
    assert numpy.array_equal(ga.gather(g, places[::-1]), expected[::-1])
    ga.sync(g)
    if RANK == 0:
        ga.scatter(g, [7, 8], [[0], [19]])
    ga.sync(g)
    assert ga.gather(g, [[19], [0]]).tolist() == [8, 7]
    assert ga.locate(g, 0) == ga.locate_region(g, 0, 1)[0][0]
    lo, hi = ga.distribution(g, ga.locate(g, 19))
    assert hi == (20,) and sum(h[0] - low[0] for low, h in (ga.distribution(g, rank) for rank in range(RANKS))) == 20


def test_a_counter_shares_out_work():
    g = ga.create(1, int)
    drawn = []
    while (task := ga.read_inc(g, 0)) < 100:
        drawn.append(task)
    done = ga.create(100, int)
    ga.scatter_acc(done, 1, numpy.array(drawn, int)[:, None])
    ga.sync(done)
    assert (ga.get(done) == 1).all()


def test_arrays_in_and_out():
    content = numpy.arange(60.0).reshape(10, 6)
    a = gain.redistribute(gain.array(content), [[0] * RANKS + [10], [0, 6]])
    g = ga.from_array(a)
    assert ga.distribution(g) == tuple(tuple(part) for part in zip(*((s.start, s.stop) for s in gain.distribution(a)[RANK])))
    block = ga.access(g)
    ga.release_update(g, block + 1)
    b = ga.to_array(g)
    assert type(b) is gain.ndarray and numpy.array_equal(numpy.asarray(b), content + 1)
    twin = ga.duplicate(g)
    ga.fill(g, 3)
    assert (ga.get(g) == 3).all() and numpy.array_equal(ga.get(twin), content + 1)
    ga.sync(g)
    ga.zero(g)
    assert not ga.get(g).any()
    whole = ga.from_array(gain.arange(5))
    assert ga.get(whole).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("call", [
    lambda g: ga.get(g, (0, 0), (8, 6)), lambda g: ga.put(g, 1, (3, 0), (2, 6)), lambda g: ga.get(g, (0,), (7,)), lambda g: ga.gather(g, [[7, 0]]),
    lambda g: ga.put(g, numpy.ones(5), (0, 0), (1, 6)), lambda g: ga.locate(g, (-1, 0)), lambda g: ga.distribution(g, RANKS),
])
def test_what_is_wrong(call):
    g = ga.create((7, 6))
    with pytest.raises(ValueError):
        call(g)


def test_wrong_dtypes():
    with pytest.raises(TypeError):
        ga.create(3, bool)
    with pytest.raises(TypeError):
        ga.create(3, object)
    with pytest.raises(TypeError):
        ga.read_inc(ga.create(3), 0)
    with pytest.raises(TypeError):
        ga.put(ga.create(3, int), 1.5)
