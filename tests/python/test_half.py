"""float16: all 65536 numbers through every ufunc and cast, sums, products, order, and what becomes of them on their way; nothing gathered."""

import contextlib
import io
import os
import warnings

import gain
import numpy
import pytest
from checking import DTYPES, check, sample, same

BITS = numpy.arange(0x10000, dtype="uint16")
ALL = BITS.view("float16")
OTHERS = numpy.random.default_rng(5).permutation(ALL)
# Transcendental functions round a float32 that may differ from NumPy's in its last bit.
NEAR = {
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt", "cos", "cosh", "exp", "exp2", "expm1", "hypot",
    "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2", "power", "sin", "sinh", "tan", "tanh",
}
HALVES = sorted({
    getattr(numpy, name).__name__ for name in gain._gain._UFUNC_NAMES if any(t.startswith("e") for t in getattr(numpy, name).types)
})


@contextlib.contextmanager
def native():
    with warnings.catch_warnings(), numpy.errstate(all="ignore"):
        warnings.simplefilter("error", gain.FallbackWarning)
        yield


def ranks(halves):
    """Whole numbers in the order of the elements, one apart where they are neighbours."""
    bits = halves.view("uint16").astype(int)
    return numpy.where(bits < 0x8000, bits, 0x8000 - bits)


@pytest.mark.parametrize("name", HALVES)
def test_every_number(name):
    theirs = getattr(numpy, name)
    operands = [ALL, OTHERS][: theirs.nin]
    if name == "ldexp":
        operands = [ALL, (BITS % 61).astype("int32") - 30]
    with native():
        expected = theirs(*operands)
        found = getattr(gain, name)(*map(gain.array, operands))
        if theirs.nout == 1:
            expected, found = (expected,), (found,)
        for wanted, given in zip(expected, found, strict=True):
            assert isinstance(given, gain.ndarray) and given.dtype == wanted.dtype
            given = numpy.asarray(given)
            if name in NEAR:
                both = numpy.isnan(wanted) & numpy.isnan(given)
                assert numpy.abs(ranks(wanted) - ranks(given))[~both].max() <= 1
            else:
                numpy.testing.assert_array_equal(given, wanted)
                if wanted.dtype.kind == "f":
                    numbers = ~numpy.isnan(wanted)
                    numpy.testing.assert_array_equal(numpy.signbit(given)[numbers], numpy.signbit(wanted)[numbers])


@pytest.mark.parametrize("dtype", DTYPES)
def test_casts(dtype):
    with native(), warnings.catch_warnings():
        warnings.simplefilter("ignore", numpy.exceptions.ComplexWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        same(ALL.astype(dtype), gain.array(ALL).astype(dtype))
        values = sample(999, dtype)
        if values.dtype.kind in "fc":
            # Halfway between neighbours, a little more, a little less; too large, too small.
            edges = ranks(ALL[:0x7C00]).astype("uint16").view("float16").astype("float64")
            middle = (edges[1:] + edges[:-1]) / 2
            values = numpy.concatenate([middle, numpy.nextafter(middle, 1e9), numpy.nextafter(middle, 0), [65519.99, 65520, 1e30, 1e-30, numpy.inf, numpy.nan]])
            with numpy.errstate(all="ignore"):
                values = numpy.concatenate([values, -values]).astype(dtype)
        elif values.dtype.kind in "iu":
            values = numpy.concatenate([values, numpy.iinfo(dtype).max - values, numpy.array([2049, 2051, 4099]).astype(dtype)])
        same(values.astype("float16"), gain.array(values).astype("float16"))


@pytest.mark.parametrize("code", [
    "a.sum()", "a.sum(0)", "a.sum(1)", "a.prod(1)", "a.mean()", "a.mean(0)", "np.var(a)", "np.std(a, 1)", "a.sum(dtype='float32')",
    "np.add.reduce(a, 1)", "a @ b", "np.dot(a, b[:, 0])", "np.dot(a[0], b[:, 1])", "a @ b.astype('int8')", "a @ b.astype('float32')",
    "np.einsum('ij,jk->k', a, b)", "np.inner(a, a)", "np.vecdot(a, a)", "a.trace()", "np.median(a)", "np.percentile(a, 30, axis=0)",
])
def test_sums_and_products(code):
    check(code, sample((6, 8), "float16"), sample((8, 5), "float16", seed=1), close=True)


def test_a_sum_is_float32s_rounded_once_on_any_number_of_ranks():
    values = numpy.random.default_rng(3).normal(0, 1, 70_001).astype("float16")
    with native():
        for axes, a in ((None, values), (0, values[:70_000].reshape(700, 100)), (1, values[:70_000].reshape(700, 100))):
            single = gain.array(a.astype("float32")).sum(axes)
            same(numpy.asarray(single).astype("float16")[()], numpy.asarray(gain.array(a).sum(axes))[()])
            close = a.astype("float64").sum(axes)
            numpy.testing.assert_allclose(numpy.asarray(gain.array(a).sum(axes)), close, rtol=1e-3, atol=1e-2)
    with numpy.errstate(over="ignore"):
        assert gain.full(70_000, 1, "float16").sum() == numpy.inf
    assert gain.full(70_000, 1, "float16").mean() == 1


@pytest.mark.parametrize("code", [
    "a.min()", "a.max(0)", "a.argmin()", "a.argmax(1)", "np.ptp(a)", "np.sort(a)", "np.sort(a, 0)", "np.argsort(a, kind='stable')",
    "np.unique(a)", "np.unique(a, return_counts=True)", "np.searchsorted(np.sort(a, None), b)", "np.cumsum(a)", "np.cumsum(a, 0)",
    "np.cumprod(a / 8, 1)", "np.maximum.accumulate(a, 1)", "np.subtract.reduce(a, 1)", "np.clip(a, -2, np.float16(3))", "np.where(a > 0, a, b[0])",
    "np.where(a > 0, a, 1)", "a.take([3, 1, 3])", "np.put(a, [0, 7], b[0, :2]); a", "a[a > 1]", "a[a > 1] = 0; a", "a[[1, 0]] += 1; a",
    "np.add.at(a, ([0, 0, 1], [2, 2, 3]), b[0, :3]); a", "a.fill(0.1); a", "np.diff(a)", "np.round(a, 1)", "a.any()", "np.count_nonzero(a)", "a.nonzero()",
    "np.nanmax(a)", "np.concatenate([a, b])", "np.concatenate([a, b.astype('int8')])", "np.concatenate([a, b.astype('int16')])", "a.T.copy()",
    "a.tolist()", "a.item(3)", "a[0, 1]", "a.view('uint16')", "a.view('int16') & 255", "a.real", "a.imag", "np.arange(0, 3, 0.1, dtype='e')",
    "np.arange(np.float16(9))", "np.linspace(0, 1, 7, dtype='e')", "np.eye(3, dtype='e')", "np.full(3, 1/3, 'e')", "np.full_like(a, 7)",
    "np.isclose(a, a + np.float16(0.001))", "np.array_equal(a, a.astype('d'))", "np.result_type(a, 1.5, np.int8)", "repr(a)", "str(a[0])", "a.tobytes()",
    "np.divmod(a, b[0])", "np.frexp(a)", "np.modf(a)", "a ** 2", "a ** 0.5", "a += 0.1; a", "a *= b[0]; a", "-a // 3", "abs(a) % 1.5", "np.exp(np.int8(1))",
    "a + 1j", "a + 100000", "a + np.int16(1)", "a + np.int8(1)", "np.square(a, dtype='f')", "np.add(a, a, dtype='d')", "np.finfo(a.dtype).eps",
    "np.arange(9, 3, -1, dtype='uint16')",
])
def test_numpys_functions(code):
    check(code, sample((6, 8), "float16"), sample((6, 8), "float16", seed=1))


@pytest.mark.parametrize("name", ["subtract", "divide"])
def test_a_reduction_in_order_is_rounded_once(name):
    a = sample((5, 9), "float16") + numpy.float16(13)
    with native():
        same(getattr(numpy, name).reduce(a, 1), getattr(gain, name).reduce(gain.array(a), 1))


@pytest.mark.parametrize("code", ["a * a", "a / np.float16(3000)"])
def test_lost_digits_underflow(code):
    if os.environ.get("GAIN_THRESHOLD") == "0":
        return
    for np in (numpy, gain):
        with numpy.errstate(under="raise"), pytest.raises(FloatingPointError, match="underflow encountered in"):
            eval(code, {"np": np, "a": np.full(3, 1e-4, "float16")})


def test_order_has_nan_last_and_zeros_equal():
    with native():
        # A sorted NaN has the sign that NumPy's loop for the machine leaves it.
        numpy.testing.assert_array_equal(gain.sort(gain.array(OTHERS)), numpy.sort(OTHERS))
        same(numpy.argsort(OTHERS, kind="stable"), gain.argsort(gain.array(OTHERS)))
        numbers = numpy.sort(OTHERS[~numpy.isnan(OTHERS)])
        same(numpy.searchsorted(numbers, OTHERS), gain.searchsorted(gain.array(numbers), gain.array(OTHERS)))


@pytest.mark.parametrize("value, dtype", [(1e6, "float64"), (1e6, "float32"), (70000, "int64"), (1e300, "complex128")])
def test_a_cast_that_overflows_warns(value, dtype):
    a = gain.full(3, value, dtype)
    if os.environ.get("GAIN_THRESHOLD") == "0":
        return  # as in test_errstate.py
    with numpy.errstate(over="raise"), pytest.raises(FloatingPointError, match="overflow encountered in cast"):
        a.astype("float16").sum()
    with numpy.errstate(over="ignore"):
        assert gain.isinf(a.astype("float16")).all()


def test_files_and_pickles(tmp_path):
    import pickle

    a = sample((5, 7), "float16")
    file = io.BytesIO()
    numpy.save(file, a)
    file.seek(0)
    same(a, gain.array(gain.load(file)))
    written = io.BytesIO()
    gain.save(written, gain.array(a))
    assert written.getvalue() == file.getvalue()
    same(a, pickle.loads(pickle.dumps(gain.array(a))))


def test_random_expressions():
    """Fused chains round at each step, as NumPy does."""
    a, b = sample(5000, "float16"), sample(5000, "float16", seed=1)
    with native():
        for code in ("a * b + a", "(a - b) * (a + b) - 3", "np.sqrt(abs(a)) + b * 0.1", "np.where(a > b, a, b) / 3", "a * b.astype('int8') + np.float32(2)"):
            expected = eval(code, {"np": numpy, "a": a, "b": b})
            same(expected, eval(code, {"np": gain, "a": gain.array(a), "b": gain.array(b)}))
