"""What the first GAiN did wrong."""

import gain
import numpy
import pytest
from checking import check, sample


@pytest.mark.parametrize("op", ["==", "!=", "<", "<=", ">", ">="])
def test_comparisons_give_booleans(op):
    check(f"a {op} b", sample(9), sample(9, seed=1))
    check(f"a {op} 0", sample(40_000))


@pytest.mark.parametrize("op", ["&", "|", "^"])
def test_bitwise_is_not_logical(op):
    check(f"a {op} b", sample(9, "int64"), sample(9, "int64", seed=1))
    check(f"a {op} 6", sample(9, "uint8"))


def test_elements_are_assigned():
    check("a[0] = 5; a", sample(4))
    check("a[0] = 5; a", sample(40_000))
    check("a[-1, 0] = 5; a", sample((200, 200)))


def test_reshape_of_unknown_length():
    check("a.reshape(-1)", sample((3, 4)))
    check("a.reshape(-1)", sample((300, 400)))


def test_numpy_on_the_left():
    check("np.ones(3) * a", sample(3))
    result = numpy.ones(3) * gain.arange(3.0)
    assert isinstance(result, gain.ndarray) and result.tolist() == [0, 1, 2]
    assert isinstance(numpy.ones(40_000) * gain.arange(40_000.0), gain.ndarray)


def test_random_numbers_do_not_depend_on_ranks():
    check("np.random.seed(1); np.random.rand(50000)")


def test_new_arrays_do_not_disturb_reads_under_way():
    for _ in range(20):
        a = gain.arange(60_000.0)
        b = a[::-1] + 1
        del a
        c = gain.zeros(60_000)
        c += 7
        assert b[0] == 60_000.0 and b[-1] == 1.0
        assert b.sum() == 60_000 * 60_001 / 2


def test_local_slices_are_not_sent():
    a = gain.ones((400, 400))
    gain.sync()
    before = gain._gain.counters()["bytes_sent"]
    a[:, 1:-1] += 1
    gain.sync()
    sent = gain._gain.counters()["bytes_sent"] - before
    assert sent < 4096, "columns are whole on each rank: nothing moves"
    before = gain._gain.counters()["bytes_sent"]
    b = a[1:] + a[:-1]
    gain.sync()
    sent = gain._gain.counters()["bytes_sent"] - before
    assert sent <= 3 * 400 * 8 + 8192, "a shift by a row moves a row"
    assert b[0, 0] == 2.0
