"""Memory seen from outside: buffers, addresses and this rank's own part; what is written on one side is seen on the other."""

import ctypes
import hashlib

import gain
import numpy
import pytest
from checking import sample

ALONE = gain.n_ranks() == 1
SHAPES = [(), (5,), (4, 3), (2, 0), (2, 3, 4)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["bool", "int16", "float64", "complex64"])
def test_buffers_hold_the_elements(shape, dtype):
    content = sample(shape, dtype)
    a = gain.array(content)
    view = memoryview(a)
    assert view.shape == shape and view.format == memoryview(content).format and view.readonly is False
    assert bytes(a) == bytes(content) and hashlib.md5(a).digest() == hashlib.md5(content).digest()
    assert numpy.array_equal(numpy.asarray(a), content) and numpy.array_equal(numpy.array(a.T), content.T)


def test_writes_are_seen_on_both_sides():
    a = gain.zeros((4, 3))
    part = gain.local(a)
    box = gain.distribution(a)[gain.rank()]
    late = a + 1
    part[...] = gain.rank() + 1
    expected = numpy.zeros((4, 3))
    for rank, other in enumerate(gain.distribution(a)):
        expected[other] = rank + 1
    if a._is_replicated:
        expected[...] = 1
        part[...] = 1
    assert (numpy.asarray(late) == 1).all() and numpy.array_equal(numpy.asarray(a), expected)
    b = a * 2
    a += 1
    assert numpy.array_equal(part, expected[box] + 1)
    a[1:3] = 7
    a[a > 6] += 1
    assert numpy.array_equal(part, numpy.asarray(a)[box]) and numpy.array_equal(numpy.asarray(b), 2 * expected)
    # Memory that is looked at is not laid out anew.
    flat = a.reshape(-1)
    assert numpy.array_equal(numpy.asarray(flat), numpy.asarray(a).ravel()) and numpy.array_equal(part, numpy.asarray(a)[box])
    column = gain.local(a[:, 1])
    a[:, 1] = 5
    assert (column == 5).all()


@pytest.mark.skipif(not ALONE, reason="the elements of an array that is spread out have no one address")
def test_one_memory():
    a = gain.arange(12.0).reshape(3, 4)
    view = memoryview(a.T)
    view[1, 2] = -1
    assert a[2, 1] == -1 and view.strides == a.T.strides and not view.readonly
    a[0] = 8
    assert view[3, 0] == 8
    del view
    shared = numpy.asarray(a)
    shared[1] = 6
    assert (a[1] == 6).all()
    assert a.__array_interface__["data"][0] == a.ctypes.data == a[:].ctypes.data == a[1:].ctypes.data - 32
    ctypes.memset(a.ctypes.data, 0, 8)
    assert a[0, 0] == 0
    a.flags.writeable = False
    assert memoryview(a).readonly and not numpy.asarray(a).flags.writeable and a.__array_interface__["data"][1]
    with pytest.raises(TypeError):
        memoryview(a)[0, 0] = 1


@pytest.mark.skipif(ALONE, reason="one rank has the whole")
def test_spread_arrays_have_no_address():
    a = gain.zeros((6, 4)) + 1
    if a._is_replicated:
        assert a.ctypes.data == a.__array_interface__["data"][0]
        return
    for name in ("__array_interface__", "__array_struct__", "ctypes"):
        with pytest.raises(AttributeError, match="spread over"):
            getattr(a, name)
    assert numpy.asarray(a).tolist() == a.tolist()
