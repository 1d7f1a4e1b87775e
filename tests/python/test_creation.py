"""Making arrays."""

import gain
import numpy
import pytest
from checking import DTYPES, check, same, sample


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes(dtype):
    for code in [f"np.zeros(5, '{dtype}')", f"np.ones((2, 3), dtype='{dtype}')", f"np.full((2, 2), 3, np.{dtype})", f"np.eye(3, 4, 1, '{dtype}')"]:
        check(code)
    check(f"np.array([0, 1, 1], '{dtype}')")
    check(f"a.astype('{dtype}')", sample(9))
    check(f"a.astype(np.{dtype})", sample(9, "int16"))
    if dtype != "bool":
        check(f"np.arange(7, dtype='{dtype}')")
        check(f"np.arange(3, 20, 4, dtype='{dtype}')")


@pytest.mark.parametrize("code", [
    "np.zeros(())", "np.zeros(0)", "np.zeros([2, 3])", "np.ones(np.int64(3))", "np.empty((2, 0)).shape", "np.full(3, 2.5)", "np.full(3, True)",
    "np.full((2, 3), [1, 2, 3])", "np.full(2, 1j)", "np.identity(3)", "np.identity(2, int)", "np.eye(3, k=-1)", "np.arange(5)", "np.arange(5.0)",
    "np.arange(2, 7)", "np.arange(2**60, 2**60 + 5, 1.0)", "np.arange(-2**56 - 9, -2**56 - 2, 1.5)", "np.arange(3).astype(None)", "np.fromfunction(lambda i, j: i + j, (2, 3), dtype=None)", "np._NoValue",
     "np.arange(7, 2, -2)", "np.arange(2, -1, -3)", "np.arange(8, 0, -3)", "np.arange(0, 8, 3)", "np.arange(3, 3)", "np.arange(0, 1, 0.1)", "np.arange(1, 0)", "np.arange(0.5, 3)", "np.arange(np.float32(3))",
    "np.arange(np.int8(3))", "np.arange(3, dtype='float32')", "np.linspace(0, 1)", "np.linspace(0, 1, 5, endpoint=False)", "np.linspace(2, 3, 1)",
    "np.linspace(0, 10, 11, dtype=int)", "np.linspace(0, 1, 5, retstep=True)", "np.linspace(1, 2, 0)", "np.linspace(0, 1j, 3)",
    "np.array([1, 2.5])", "np.array([[1, 2], [3, 4]])", "np.array(5)", "np.array([])", "np.array([1, 2], ndmin=3)", "np.array((1, True))",
    "np.asarray([1j, 2])", "np.asarray(3.5)", "np.copy([1, 2])", "np.fromfunction(lambda i, j: i * 10 + j, (3, 4))",
    "np.fromfunction(lambda i, j: i == j, (3, 3), dtype=int)", "np.indices((2, 3))", "np.meshgrid([1, 2], [3, 4, 5])", "np.tri(3)",
    "np.mgrid[0:2, 0:3]", "np.r_[1:4, 0, 4]", "np.c_[[1, 2], [3, 4]]", "np.logspace(0, 2, 3)", "np.diag([1, 2, 3])", "np.array(np.arange(3))",
    "np.array([np.arange(3), np.arange(3)])", "np.array([np.float32(1), np.float32(2)])", "np.fromiter(range(4), float)", "np.frombuffer(b'abcd', 'u1')",
])
def test_functions(code):
    check(code)


@pytest.mark.parametrize("code", ["np.zeros(-1)", "np.zeros(2.5)", "np.zeros('x')", "np.linspace(0, 1, -1)", "np.array([1, [2, 3]])", "np.zeros(3, 'nonsense')", "np.zeros(3, order='K')"])
def test_errors(code):
    check(code, text="2.5" not in code and "'x'" not in code)


def test_like():
    for dtype in ["int16", "float64", "complex64"]:
        check("np.zeros_like(a), np.ones_like(a), np.full_like(a, 3), np.empty_like(a).shape", sample((3, 4), dtype))
        check("np.zeros_like(a, dtype=bool), np.ones_like(a, shape=(2,))", sample((3, 4), dtype))
    check("np.zeros_like([1, 2])")


def test_aliases():
    a = gain.arange(4)
    assert gain.asarray(a) is a
    assert gain.asarray(a, int) is a or gain.asarray(a, int).tolist() == a.tolist()
    copied = gain.array(a)
    copied[0] = 9
    assert a[0] == 0
    assert a.astype(int, copy=False) is a
    with pytest.raises(ValueError):
        gain.array([1, 2], copy=False)
    twice = [(name, found.__name__) for name, found in vars(numpy).items() if isinstance(found, type(numpy.sum)) and getattr(numpy, found.__name__, None) is found]
    assert twice and all(getattr(gain, name) is getattr(gain, first) for name, first in twice)


def test_large():
    check("np.arange(100000) * 2")
    check("np.linspace(0, 1, 100001)[[0, 1, 50000, 99999, 100000]]")
    check("np.fromfunction(lambda i, j: i * 1000 + j, (300, 200))")
    check("np.eye(200, 300, 5)")
    check("np.full((200, 200), 7.0).sum()")
    check("np.array(a)", sample((150, 200)))


def test_memory_that_cannot_be_had():
    with pytest.raises(MemoryError) as caught:
        gain.zeros((10**6, 10**7))
    for part in ["(1000000, 10000000)", "float64"]:
        assert part in str(caught.value)
    with pytest.raises((ValueError, MemoryError)):
        gain.zeros((2**40, 2**40))


def test_dtypes_are_numpys():
    assert gain.float64 is numpy.float64 and gain.pi == numpy.pi and gain.newaxis is None
    assert gain.zeros(3).dtype is numpy.dtype("float64") or gain.zeros(3).dtype == numpy.dtype("float64")
    assert gain.dtype is numpy.dtype and gain.exceptions is numpy.exceptions


class Wrapped:
    """An object whose `__array__` gives what it was made of."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: [x, x], lambda x: (x, x), lambda x: [[x], [x]]])
def test_objects_that_give_arrays(wrap):
    a = sample((3, 5), "float32")
    found = gain.array(wrap(Wrapped(gain.asarray(a))))
    assert type(found) is gain.ndarray
    same(numpy.array(wrap(Wrapped(a))), found)


@pytest.mark.parametrize("shape", [None, 7, (5, 6), (5, 6, 7)])
@pytest.mark.parametrize("view", ["a", "a.T", "a[:, :, ::2]", "a.transpose(1, 0, 2)[::2]", "a[0, 0]"])
def test_memory_of_likes(view, shape):
    flags = []
    for np in (numpy, gain):
        a = np.asarray(numpy.arange(24).reshape(2, 3, 4))
        seen = eval(view)
        made = [np.zeros_like(seen, shape=shape, order=order) for order in "CFAK"]
        flags.append([(one.shape, one.flags.c_contiguous, one.flags.f_contiguous) for one in made])
    assert flags[0] == flags[1]
