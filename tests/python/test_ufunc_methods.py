"""Walks along an axis, ufuncs in place at indices, two outputs, and the ufuncs of single numbers: NumPy's bits, and nothing gathered."""

import contextlib
import warnings

import gain
import numpy
import pytest
from checking import DTYPES, FLOATS, INTEGERS, sample, same

SPECIAL = numpy.array([0.0, -0.0, numpy.inf, -numpy.inf, numpy.nan, 5e-324, 1e308, -1.5, 3, 1e-310])


@contextlib.contextmanager
def native():
    """Nothing may be gathered, but for a reshape to one dimension."""
    with warnings.catch_warnings(), numpy.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", category=gain.FallbackWarning)
        warnings.filterwarnings("ignore", message=".*'reshape'", category=gain.FallbackWarning)
        yield


def compare(call, *arrays):
    """`call(np, ...)` with NumPy's arrays and with gain's."""
    with native():
        expected = call(numpy, *[array.copy() for array in arrays])
        found = call(gain, *[gain.array(array) for array in arrays])
        same(expected, found)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("axis", [0, 1, -1, None])
def test_running_sums_and_products(dtype, axis):
    a = sample((7, 50), dtype)
    compare(lambda np, a: np.cumsum(a, axis), a)
    compare(lambda np, a: a.cumprod(axis), a)
    compare(lambda np, a: np.cumsum(a, axis, dtype="float64") if a.dtype.kind != "c" else 0, a)


@pytest.mark.parametrize("name", ["subtract", "maximum", "fmin", "divide", "bitwise_xor", "logical_and", "gcd", "fmod"])
@pytest.mark.parametrize("dtype", ["bool", "int8", "int64", "uint16", "float16", "float32", "float64"])
def test_accumulate_and_reduce_in_order(name, dtype):
    theirs = getattr(numpy, name)
    a = sample((6, 40), dtype)
    try:
        with numpy.errstate(all="ignore"):
            theirs.accumulate(a)
    except TypeError:
        return
    if a.dtype == "float16" and name == "divide":
        return  # Along the first axis NumPy rounds at every step.
    if name == "divide" and a.dtype.kind != "f":
        return
    for axis in (0, 1):
        compare(lambda np, a: getattr(np, name).accumulate(a, axis), a)
        compare(lambda np, a: getattr(np, name).reduce(a, axis), a)
        compare(lambda np, a: getattr(np, name).reduce(a, axis, keepdims=True), a)


@pytest.mark.parametrize("name", ["fmin", "fmax"])
@pytest.mark.parametrize("dtype", ["bool", "int8", "float16", "float32", "float64", "complex128"])
def test_reductions_that_leave_nan_out(name, dtype):
    a = sample((7, 90), dtype)
    if a.dtype.kind in "fc":
        a[:, ::3] = a[2] = numpy.nan
    for call in ["a", "a, 1", "a, None", "a, (0, 1), keepdims=True", "a, 1, a.dtype", "a[::-1, ::2], 1", "a[:0], 1", "a, 1, initial=a.dtype.type(0), where=a == a"]:
        compare(lambda np, a: eval(f"np.{name}.reduce({call})", {"np": np, "a": a}), a)
    with pytest.raises(ValueError, match=f"operation {name} which has no identity"):
        getattr(gain, name).reduce(gain.array(a[:0]))


def test_walks_over_views_and_outputs():
    a = sample((9, 41))
    compare(lambda np, a: np.add.accumulate(a[::-1, ::-2], 1), a)
    compare(lambda np, a: np.add.accumulate(a.T[::-1], 0), a)
    compare(lambda np, a: np.cumsum(a[:, 3][::-1]), a)
    compare(lambda np, a: np.bitwise_or.reduce(a.astype(int), None), a)
    compare(lambda np, a: np.subtract.reduce(a, 1, initial=100), a)
    compare(lambda np, a: np.nancumsum(np.where(a > 0, a, np.nan), 1), a)
    for name in ("add", "multiply", "subtract", "maximum"):
        for kind in ("int16", "float64"):
            compare(lambda np, a: getattr(np, name).accumulate(a[:3].astype("float32"), 0, None, np.empty((3, 41), kind)), a)
    compare(lambda np, a: np.cumulative_sum(a > 0, axis=1, out=np.zeros((9, 42), bool), include_initial=True), a)
    out = gain.empty((9, 41), "float32")
    with native():
        assert gain.add.accumulate(gain.array(a), 1, out=out) is out


@pytest.mark.parametrize("name", ["sum", "prod", "any", "all", "min", "max", "mean"])
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_masks_and_initial_values(name, axis):
    a, mask = sample((6, 40), "int64" if name in ("sum", "prod") else "float64"), sample((6, 40), "bool", 3)
    mask[:, 0] = mask[0] = True
    least = {"initial": 0.5} if name in ("min", "max") else {}
    compare(lambda np, a, mask: getattr(np, name)(a, axis=axis, where=mask, **least) if name != "mean" else 0, a, mask)
    if name in ("sum", "prod", "min", "max"):
        compare(lambda np, a, mask: getattr(a, name)(axis=axis, where=mask, initial=3), a, mask)
        compare(lambda np, a: getattr(np, name)(a, axis=axis, initial=2, keepdims=True), a)


def test_at():
    indices, values = numpy.random.default_rng(5).integers(0, 20, 300), sample(300, seed=2)
    for name in ("add", "maximum", "multiply", "subtract"):
        compare(lambda np, t, i, v: (getattr(np, name).at(t, i, v), t)[1], numpy.ones(20), indices, values)
        compare(lambda np, t, i: (getattr(np, name).at(t, i, 2), t)[1], numpy.ones(20, int), indices)
    compare(lambda np, t, i, j: (np.add.at(t, (i, j), 2.5), t)[1], numpy.zeros((5, 6)), indices % 5, indices % 6)
    compare(lambda np, t, i: (np.add.at(t, -1 - i, 1), t)[1], numpy.zeros(20), indices)
    with pytest.raises(IndexError):
        gain.add.at(gain.zeros(3), gain.array([1, 5]), 1)


@pytest.mark.parametrize("dtype", FLOATS)
def test_numbers_made_of_parts(dtype):
    a, b = numpy.repeat(SPECIAL, 10).astype(dtype), numpy.tile(SPECIAL, 10).astype(dtype)
    for name in ("spacing", "modf", "frexp", "degrees", "radians", "rad2deg", "deg2rad"):
        compare(lambda np, a: getattr(np, name)(a), a)
    for name in ("fmod", "heaviside", "nextafter"):
        compare(lambda np, a, b: getattr(np, name)(a, b), a, b)
    powers = numpy.arange(-1100, 1101, 7)
    compare(lambda np, a, n: np.ldexp(a, n), sample(powers.shape, dtype), powers)
    compare(lambda np, a, n: np.ldexp(a, n), sample(powers.shape, dtype), powers.astype("int32"))
    with native():
        for name in ("logaddexp", "logaddexp2", "float_power"):
            found, expected = getattr(gain, name)(gain.array(a), gain.array(b)), getattr(numpy, name)(a, b)
            numpy.testing.assert_allclose(numpy.asarray(found), expected, rtol=1e-6 if dtype == "float32" else 1e-15)


def test_negative_integer_powers_raise_at_once():
    a, b = gain.array(sample(30, "int64")), gain.array(sample(30, "int64", 1))
    for call in (lambda: a ** b, lambda: gain.power(a, b), lambda: gain.power(2, b), lambda: gain.power(a, b, out=a)):
        with pytest.raises(ValueError, match="Integers to negative integer powers are not allowed."):
            call()
    compare(lambda np, a, b: np.power(a, abs(b)), sample(30, "int64"), sample(30, "int64", 1))


@pytest.mark.parametrize("dtype", INTEGERS)
def test_divisors_and_bits(dtype):
    low, high = numpy.iinfo(dtype).min, numpy.iinfo(dtype).max
    a, b = sample(60, dtype), sample(60, dtype, 1)
    a[:3], b[:3] = [low, low, high], [-1 if low else 1, 0, low]
    for name in ("gcd", "lcm", "fmod", "divmod"):
        compare(lambda np, a, b: getattr(np, name)(a, b), a, b)
    compare(lambda np, a: np.bitwise_count(a), a)


def test_two_outputs():
    a = sample((3, 4))
    with native():
        given, out = gain.array(a), gain.empty((3, 4))
        whole = gain.modf(given, out=(None, out))
        assert whole[1] is out
        same(numpy.modf(a), (whole[0], out))
        same(numpy.modf(a), gain.modf(given, out, given))
    assert gain.divmod.nout == 2 and gain.modf.nargs == 3
    with pytest.raises(TypeError):
        gain.modf()
    with pytest.raises(ValueError):
        gain.modf(gain.array(a), out=(gain.empty(3), None))
