"""What ranks do with their own parts: reduceat, Python functions of elements, ufuncs in place at any index. NumPy's bits, errors alike."""

import contextlib
import os
import random

import gain
import numpy
import pytest
from checking import DTYPES, FLOATS, sample, same
from test_ufunc_methods import compare, native

BINARY = ["add", "subtract", "multiply", "divide", "maximum", "fmin", "logical_and", "bitwise_xor", "hypot", "power", "floor_divide"]


@pytest.mark.parametrize("name", BINARY)
def test_reduceat(name):
    rng = random.Random(name)
    for _ in range(12):
        shape = tuple(rng.randint(1, 12) for _ in range(rng.randint(1, 3)))
        dtype = rng.choice(["uint8", "int32"] if name in ("bitwise_xor", "floor_divide", "power") else DTYPES if name in ("add", "multiply") else FLOATS)
        axis = rng.randrange(-len(shape), len(shape))
        a = numpy.abs(sample(shape, dtype)).astype(dtype)
        starts = [rng.randrange(shape[axis]) for _ in range(rng.randint(1, 7))]
        starts = sorted(set(starts)) if rng.random() < 0.5 else starts
        compare(lambda np, a: getattr(np, name).reduceat(a, starts, axis), a)
        compare(lambda np, a: getattr(np, name).reduceat(a[::-1], np.array(starts), axis=axis), a)


def test_reduceat_of_a_long_vector():
    a = sample(10_000, "float64")
    starts = numpy.unique(numpy.random.default_rng(1).integers(0, 10_000, 300))
    compare(lambda np, a: np.add.reduceat(a, starts), a)
    compare(lambda np, a: np.add.reduceat(a, starts, dtype="complex64"), a)
    compare(lambda np, a: np.add.reduceat(a, starts, out=np.zeros(len(starts), "float32")), a)


@pytest.mark.parametrize("np", [numpy, gain])
def test_reduceat_errors(np):
    with pytest.raises(IndexError, match="index 9 out-of-bounds in add.reduceat"):
        np.add.reduceat(np.arange(8), [0, 9])
    with numpy.errstate(all="raise"), pytest.raises(FloatingPointError, match="overflow encountered in reduceat"):
        np.multiply.reduceat(np.array([1e200, 1.0, 1e200, 1e200]), [0, 2])
    with pytest.raises(ValueError):
        np.sin.reduceat(np.zeros(3), [0])


@pytest.mark.parametrize("dtype", ["int64", "float64", "complex64"])
def test_at_by_any_index(dtype):
    a = sample((6, 5), dtype)
    rows = numpy.array([0, 3, 3, 5, -1, 0])
    for index in [numpy.s_[rows], numpy.s_[:, [0, 0, 2]], numpy.s_[1:4], numpy.s_[..., 2], numpy.s_[2], a > 0, numpy.s_[rows, 1:3]]:

        def add(np, a, index=index):
            np.add.at(a, index, 2)
            np.subtract.at(a[::-1], index, 1)
            return a

        compare(add, a)


def is_spread():
    """Python functions of arrays that every rank holds are NumPy's."""
    return os.environ.get("GAIN_THRESHOLD") == "0"


def test_python_functions():
    a, b = sample((9, 4), "int32"), sample(4, "float64")

    def choose(x, y):
        return x * y if x > 0 else 0.25

    with native() if is_spread() else contextlib.nullcontext():
        same(numpy.vectorize(choose, otypes=["f8"])(a, b), gain.vectorize(choose, otypes=["f8"])(gain.array(a), gain.array(b)))
        same(numpy.vectorize(lambda x: (x, x / 2))(a), gain.vectorize(lambda x: (x, x / 2))(gain.array(a)))
        pair = numpy.frompyfunc(lambda x, y: (x + y, f"{x}"), 2, 2)(a, b)
        found = gain.frompyfunc(lambda x, y: (x + y, f"{x}"), 2, 2)(gain.array(a), gain.array(b))
    for one, other in zip(pair, found, strict=True):
        assert one.tolist() == other.tolist() and one.shape == other.shape


def test_python_functions_raise_on_every_rank():
    def refuse(x):
        if x == 17:
            raise KeyError("17 is refused")
        return x

    with native() if is_spread() else contextlib.nullcontext():
        for call in (gain.vectorize(refuse, otypes=["i8"]), gain.frompyfunc(refuse, 1, 1)):
            with pytest.raises(KeyError, match="17 is refused"):
                call(gain.arange(20))
        assert gain.arange(20).sum() == 190


class Unpicklable(Exception):
    """An exception that can not be carried to another rank: it is made of two values and keeps none."""

    def __init__(self, where, what):
        super().__init__(f"{what} at {where}")


def test_an_exception_that_can_not_be_carried_ends_the_call_everywhere():
    def fails(x):
        if x == 9_000:
            raise Unpicklable("the end", "a fault")
        return x

    a = gain.arange(10_000.0)
    with pytest.raises((Unpicklable, RuntimeError), match="a fault at the end"):
        gain.vectorize(fails, otypes="d")(a)
    assert a.sum() == 49_995_000.0
