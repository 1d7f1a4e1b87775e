"""Reductions: dtypes, axes, keepdims, where NumPy's scalars come out, and the same bits however an array is cut."""

import warnings

import gain
import numpy
import pytest
from checking import DTYPES, REAL, check, sample

NAMES = ["sum", "prod", "min", "max", "any", "all", "mean", "argmin", "argmax"]
EXACT = {"min", "max", "any", "all", "argmin", "argmax"}


@pytest.mark.parametrize("name", NAMES)
def test_dtypes(name):
    for dtype in DTYPES:
        close = name not in EXACT and dtype[0] in "fc" or name == "mean"
        check(f"a.{name}()", sample((4, 5), dtype), close=close)
        check(f"np.{name}(a)", sample(37, dtype), close=close)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("axis", ["0", "1", "-1", "None", "(0, 2)", "(0, 1, 2)", "()"])
def test_axes(name, axis):
    if "arg" in name and "(" in axis:
        return
    for keywords in [f"axis={axis}", f"axis={axis}, keepdims=True"]:
        check(f"a.{name}({keywords})", sample((3, 4, 5)), close=name not in EXACT)
        check(f"np.{name}(a.T[::-1], {keywords})", sample((3, 4, 5), "int16"), close=name == "mean")


@pytest.mark.parametrize("name", NAMES)
def test_errors_and_empty(name):
    check(f"a.{name}(axis=2)", sample((3, 4)))
    check(f"a.{name}(axis=-3)", sample((3, 4)))
    if name != "mean":
        check(f"a.{name}()", sample(0))
        check(f"a.{name}(axis=0)", sample((0, 3)))
        check(f"a.{name}(axis=1)", sample((0, 3)))
    check(f"np.{name}(a, axis=0)", sample(()))
    if "arg" not in name:
        check(f"a.{name}(axis=(0, 0))", sample((3, 4)), text=False)


def test_keywords():
    check("a.sum(dtype='float32')", sample(9), close=True)
    check("a.sum(dtype=int)", sample(9))
    check("np.sum(a, 0, 'int8')", sample((3, 4), "int64"))
    check("b = np.zeros(4); a.sum(axis=0, out=b); b", sample((3, 4)), close=True)
    check("a.sum(where=a > 0)", sample(9), close=True)
    check("a.sum(initial=10)", sample(9), close=True)
    check("a.max(initial=100)", sample(9))
    check("a.mean(dtype='float32')", sample(9), close=True)
    check("np.sum([1, 2, 3])")
    check("np.max([[1, 2], [3, 4]], axis=0)")
    check("np.sum(5)")
    check("np.amax(a), np.amin(a), np.ptp(a)", sample(9))


def test_not_a_number():
    values = numpy.array([1.0, numpy.nan, -3.0, numpy.nan])
    for name in ["min", "max", "argmin", "argmax", "sum", "any", "all"]:
        check(f"a.{name}()", values)
        check(f"np.{name}(a.reshape(2, 2), axis=1)", values)


def test_var_and_std():
    for dtype in REAL:
        close = True
        check("a.var()", sample((6, 7), dtype), close=close)
        check("a.std(axis=0)", sample((6, 7), dtype), close=close)
        check("np.var(a, axis=1, ddof=1, keepdims=True)", sample((6, 7), dtype), close=close)
    check("a.var()", sample((6, 7), "complex128"), close=True)


def test_cumulative_go_through_numpy():
    check("a.cumsum()", sample(9, "int64"))
    check("np.cumprod(a, axis=0)", sample((3, 3), "int64"))
    check("np.median(a)", sample(9))


@pytest.mark.parametrize("shape", [(100_000,), (317, 411), (50, 60, 70)])
def test_large(shape):
    check("a.sum(), a.mean()", sample(shape), close=True)
    check("a.min(), a.max(), a.argmin(), a.argmax(), (a > 12).any(), (a < 99).all()", sample(shape))
    check("(2.5 * a + b).sum()", sample(shape), sample(shape, seed=1), close=True)
    for axis in range(len(shape)):
        check(f"a.sum(axis={axis})", sample(shape), close=True)
        check(f"a.max(axis={axis}), a.argmin(axis={axis})", sample(shape))
    check("a[..., ::-2].sum(axis=0), a.T.sum()", sample(shape), close=True)
    check("a.sum()", sample(shape, "int32"))


def test_a_temporary_that_lives_on():
    x, y = gain.arange(30_000.0), gain.ones(30_000)
    z = 2.5 * x + y
    total = z.sum()
    assert total == (2.5 * numpy.arange(30_000.0) + 1).sum()
    assert z[-1] == 2.5 * 29_999 + 1
    held = [2.5 * x + y, x + 1]
    ordered = sorted(held, key=gain.sum)
    x[:] = 0
    assert ordered[0][10] == 11.0 and ordered[1][10] == 26.0


def test_short_trailing_axes():
    for shape in [(50, 3), (40, 8), (30, 8, 4), (20, 3, 5), (6, 5, 4, 3), (9, 2, 16, 2)]:
        for dtype in ["float64", "float32", "int64", "bool"]:
            values = sample(shape, dtype)
            for axis in range(1, len(shape)):
                axes = tuple(range(axis, len(shape)))
                check(f"a.sum({axes})", values, close=True)
                check(f"a.max({axes})", values)
            check("a.argmin(-1), a.argmax(-1)", values)
    check("((a[:, None, :] - a[None, :5, :]) ** 2).sum(-1)", sample((30, 4)), close=True)
    check("((a[:, None, :] - a[None, :5, :]) ** 2).sum(-1).argmin(1)", sample((30, 3)))


def test_positions_of_the_best():
    values = sample((150, 130))
    values[values > 0.9] = 0.9
    odd = values.copy()
    odd[70:, 3], odd[5, 100:] = numpy.nan, numpy.nan
    for a in [values, values.astype("float32"), (values * 5).astype("int32"), values > 0, odd]:
        for call in ["a.argmax()", "a.argmax(0)", "a.argmax(1)", "a.argmin()", "a.argmin(0)", "a.argmin(1)", "a[:, ::-1].argmax(1)"]:
            check(call, a)
    assert int(gain.asarray(numpy.array([0.0, -0.0, 0.0])).argmax()) == 0


def test_long_vectors():
    for n in [2047, 2048, 40_000, 100_001]:
        values = sample(n)
        for place in [0, 1500, 17_000, n - 1]:
            values[place % n] = 1e9
            check("(a > 1e8).any(), (a < 1e8).all(), (a > 2e9).any(), (a < 2e9).all(), a.argmax(), a.max()", values)
            check("a.any(), a.all(), a.argmax(), a.max(), (~a).all()", values > 1e8)
            values[place % n] = 0


def test_truth_of_long_rows():
    values = numpy.ones((5, 3000), bool)
    for place in [0, 1023, 1024, 2999]:
        values[2, place] = False
        check("a.all(), a.all(0), a.all(1), (~a).any(), (~a).any(0), (~a).any(1), np.count_nonzero(a)", values)


@pytest.mark.parametrize("dtype", ["f", "d", "F", "D", None])
def test_dtype_of_variances(dtype):
    for given in (sample((4, 5)), sample((4, 5), "complex64")):
        with numpy.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for axis in (None, 0):
                expected, found = numpy.var(given, axis, dtype), gain.var(gain.array(given), axis, dtype)
                assert found.dtype == expected.dtype
                numpy.testing.assert_allclose(numpy.asarray(found), expected, rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64"])
def test_the_first_of_the_best(dtype):
    for n in [33, 256, 700, 1100, 5000]:
        for at in [0, n // 3, n - 1]:
            a = numpy.full(n, 5, dtype)
            a[at::7] = 1
            check("a.argmin()", a)
            check("a.argmax()", 6 - a)
            if dtype[0] == "f":
                a[n // 2 :: 5] = numpy.nan
                check("a.argmin()", a)
                check("a.argmax()", a)
