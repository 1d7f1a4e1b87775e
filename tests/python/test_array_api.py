"""The Python array API standard, 2024.12: every name of it, called as the standard has it, gives NumPy's value on gain arrays."""

import gain
import numpy
import pytest
from checking import quiet, sample

# Each function of the standard with its positional operands and all its keywords, by chapter. `x`, `y`: float64 (3, 4); `n`, `m`: int64 (3, 4);
# `b`: bool (3, 4); `z`: complex128 (3, 4); `s`: (3, 3), symmetric and positive definite; `v`: (4,).
CREATION = """
    arange(0, stop=5, step=1, dtype=None, device=None); asarray([1, 2], dtype=None, device=None, copy=None); empty(0, dtype=xp.float32, device=None);
    empty_like(x[:0], dtype=None, device=None); eye(3, 4, k=1, dtype=None, device=None); from_dlpack(x, device=None, copy=None); full((2, 3), 7, dtype=None, device=None);
    full_like(x, 7, dtype=None, device=None); linspace(0.0, 1.0, num=5, dtype=None, device=None, endpoint=True); meshgrid(v, v, indexing="xy"); ones(3, dtype=None, device=None);
    ones_like(x, dtype=None, device=None); tril(x, k=0); triu(x, k=0); zeros((2, 3), dtype=None, device=None); zeros_like(x, dtype=None, device=None)
"""
DATA_TYPES = """
    astype(n, xp.float32, copy=True, device=None); can_cast(xp.int8, xp.int16); finfo(xp.float32).bits; iinfo(xp.int8).max; isdtype(xp.float32, "real floating"); result_type(n, xp.float32)
"""
ELEMENTWISE = """
    abs(x); acos(x / 100); acosh(1 + x * x); add(x, y); asin(x / 100); asinh(x); atan(x); atan2(x, y); atanh(x / 100); bitwise_and(n, m); bitwise_left_shift(n, xp.abs(m));
    bitwise_invert(n); bitwise_or(n, m); bitwise_right_shift(n, xp.abs(m)); bitwise_xor(n, m); ceil(x); clip(x, min=-1, max=1); conj(z); copysign(x, y); cos(x); cosh(x);
    divide(x, y); equal(n, m); exp(x); expm1(x); floor(x); floor_divide(x, y); greater(x, y); greater_equal(x, y); hypot(x, y); imag(z); isfinite(x); isinf(x); isnan(x);
    less(x, y); less_equal(x, y); log(1 + x * x); log1p(x * x); log2(1 + x * x); log10(1 + x * x); logaddexp(x, y); logical_and(b, b); logical_not(b); logical_or(b, b);
    logical_xor(b, b); maximum(x, y); minimum(x, y); multiply(x, y); negative(x); nextafter(x, y); not_equal(n, m); positive(x); pow(x, xp.abs(n)); real(z); reciprocal(x);
    remainder(x, y); round(x); sign(x); signbit(x); sin(x); sinh(x); square(x); sqrt(x * x); subtract(x, y); tan(x); tanh(x); trunc(x)
"""
INDEXING = "take(x, xp.asarray([0, 2]), axis=1); take_along_axis(x, xp.asarray([[0], [1], [2]]), axis=-1)"
LINEAR_ALGEBRA = "matmul(s, s); matrix_transpose(x); tensordot(x, y, axes=2); vecdot(x, y, axis=-1)"
MANIPULATION = """
    broadcast_arrays(x, v); broadcast_to(v, (3, 4)); concat([x, y], axis=0); expand_dims(x, axis=0); flip(x, axis=None); moveaxis(x, 0, 1); permute_dims(x, axes=(1, 0));
    repeat(x, 2, axis=None); reshape(x, shape=(4, 3), copy=None); roll(x, shift=1, axis=None); squeeze(x[:1], axis=0); stack([x, y], axis=0); tile(x, (2, 1)); unstack(x, axis=0)
"""
SEARCHING = """
    argmax(x, axis=None, keepdims=False); argmin(x, axis=None, keepdims=False); count_nonzero(x, axis=None, keepdims=False); nonzero(x); searchsorted(xp.sort(v), v, side="left", sorter=None);
    where(b, x, y)
"""
SETS = "unique_all(n); unique_counts(n); unique_inverse(n)"
STATISTICS = """
    cumulative_sum(v, axis=None, dtype=None, include_initial=False); cumulative_prod(v, axis=None, dtype=None, include_initial=True); max(x, axis=None, keepdims=False);
    mean(x, axis=None, keepdims=False); min(x, axis=None, keepdims=False); prod(x, axis=None, dtype=None, keepdims=False); std(x, axis=None, correction=0.0, keepdims=False);
    sum(x, axis=None, dtype=None, keepdims=False); var(x, axis=None, correction=1.0, keepdims=False)
"""
UTILITIES = "all(b, axis=None, keepdims=False); any(b, axis=None, keepdims=False)"
LINALG = """
    cholesky(s, upper=False); cross(s, s, axis=-1); det(s); diagonal(s, offset=0); eigh(s).eigenvalues; eigvalsh(s); inv(s); matmul(s, s); matrix_norm(s, keepdims=False, ord="fro");
    matrix_power(s, 2); matrix_rank(s, rtol=None); matrix_transpose(s); outer(v, v); pinv(s, rtol=None); qr(s, mode="reduced").R; slogdet(s).logabsdet; solve(s, s); svd(s, full_matrices=True).S;
    svdvals(s); tensordot(s, s, axes=2); trace(s, offset=0, dtype=None); vecdot(s, s, axis=-1); vector_norm(s, axis=None, keepdims=False, ord=2)
"""
FFT = """
    fft(x, n=None, axis=-1, norm="backward"); ifft(x, n=None, axis=-1, norm="backward"); fftn(x, s=None, axes=None, norm="backward"); ifftn(x, s=None, axes=None, norm="backward");
    rfft(x, n=None, axis=-1, norm="backward"); irfft(z, n=None, axis=-1, norm="backward"); rfftn(x, s=None, axes=None, norm="backward"); irfftn(z, s=None, axes=None, norm="backward");
    hfft(z, n=None, axis=-1, norm="backward"); ihfft(x, n=None, axis=-1, norm="backward"); fftshift(x, axes=None); ifftshift(x, axes=None)
"""
# What NumPy's main namespace has not, and the same in its words.
BEYOND_NUMPY = {
    "sort(x, axis=-1, descending=True, stable=True)": "flip(xp.sort(x, axis=-1), axis=-1)", "sort(x, axis=0, descending=False, stable=True)": "sort(x, axis=0)",
    "argsort(n, axis=-1, descending=True, stable=True)": "argsort(-n, axis=-1, stable=True)", "argsort(n, axis=0, descending=False, stable=True)": "argsort(n, axis=0, stable=True)",
    "fft.fftfreq(5, d=0.5, dtype=xp.float32, device=None)": "fft.fftfreq(5, d=0.5).astype(xp.float32)", "fft.rfftfreq(5, d=0.5, dtype=None, device=None)": "fft.rfftfreq(5, d=0.5)",
    "unique_values(n)": "sort(xp.unique_values(n))", "diff(x, axis=-1, n=1, prepend=None, append=None)": "diff(x)",
}
CHAPTERS = [CREATION, DATA_TYPES, ELEMENTWISE, INDEXING, LINEAR_ALGEBRA, MANIPULATION, SEARCHING, SETS, STATISTICS, UTILITIES]
METHODS = """
    abs(x); x + y; n & m; bool(b[0, 0]); complex(x[0, 0]); x == y; float(x[0, 0]); x // y; x >= y; x[1:, 0]; x > y; [5, 6, 7][n[0, 0] * 0]; int(x[0, 0]); ~n; x <= y; n << (m & 3); x < y; s @ s; x % y; x * y; x != y; -x; n | m; +x;
    x ** 2; n >> (m & 3); x - y; x / y; n ^ m; 2 + x; 7 & n; 7 // n; 2 << (m & 3); 5 % n; 2 * x; 7 | n; 2.0 ** x; 99 >> (m & 3); 2 - x; 2 / y; 7 ^ n; x.to_device("cpu"); x.mT; x.T; x.shape; x.ndim; x.size; x.device; x.dtype
"""


def calls(text, prefix="xp."):
    return [prefix + call.strip() for call in text.split(";")]


CALLS = [call for chapter in CHAPTERS for call in calls(chapter)] + calls(LINALG, "xp.linalg.") + calls(FFT, "xp.fft.") + calls(METHODS, "")


def operands(module):
    x, y = sample((3, 4)), sample((3, 4), seed=1) + 0.3
    found = {"x": x, "y": y, "n": sample((3, 4), "int64") * 2 + 1, "m": sample((3, 4), "int64", 1), "b": sample((3, 4), "bool"), "z": sample((3, 4), "complex128"), "v": x[0]}
    found["s"] = x @ x.T + numpy.eye(3)
    return {name: module.asarray(value) for name, value in found.items()}


def alike(wanted, found):
    if isinstance(wanted, (tuple, list)):
        assert len(wanted) == len(found)
        for one, other in zip(wanted, found):
            alike(one, other)
    elif isinstance(wanted, (numpy.ndarray, numpy.generic)):
        assert isinstance(found, (gain.ndarray, numpy.generic)) and type(found) is not numpy.ndarray
        assert found.dtype == wanted.dtype and found.shape == wanted.shape
        numpy.testing.assert_allclose(numpy.asarray(found), wanted, rtol=1e-12, atol=1e-12)
    else:
        assert found == wanted


def value(code, module):
    names = operands(module)
    with quiet():
        return eval(code, {"xp": module, **names})


@pytest.mark.parametrize("code", CALLS)
def test_every_call(code):
    alike(value(code, numpy), value(code, gain.arange(3).__array_namespace__()))


@pytest.mark.parametrize("code", BEYOND_NUMPY)
def test_calls_that_numpy_has_not(code):
    alike(value("xp." + BEYOND_NUMPY[code], numpy), value("xp." + code, gain))


def test_names():
    """133 functions in the main namespace, 23 and 14 in the extensions, four constants and newaxis, 13 dtypes."""
    names = {call.removeprefix("xp.").partition("(")[0] for call in CALLS if call.startswith("xp.")} | {call.partition("(")[0] for call in BEYOND_NUMPY}
    assert len({name for name in names if "." not in name}) == 133 and len([name for name in names if name.startswith("linalg.")]) == 23
    assert len([name for name in names if name.startswith("fft.")]) == 14
    for name in names:
        found = gain
        for part in name.split("."):
            found = getattr(found, part)
        assert callable(found), name
    for name in "e inf nan pi newaxis bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128".split():
        assert getattr(gain, name) is getattr(numpy, name)
    assert gain.__array_api_version__ == "2024.12"


@pytest.mark.parametrize("version", [None, "2021.12", "2022.12", "2023.12", "2024.12"])
def test_namespace(version):
    assert gain.zeros(3).__array_namespace__(api_version=version) is gain


def test_namespace_of_no_version():
    with pytest.raises(ValueError):
        gain.zeros(3).__array_namespace__(api_version="2021.11")
    with pytest.raises(TypeError):
        gain.zeros(3).__array_namespace__(api_version=2024)


def test_inspection():
    info = gain.__array_namespace_info__()
    assert info.capabilities() == {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}
    assert info.default_device() == "cpu" and info.devices() == ["cpu"]
    assert info.default_dtypes() == {"real floating": gain.float64, "complex floating": gain.complex128, "integral": gain.intp, "indexing": gain.intp}
    assert set(info.dtypes(kind="real floating")) == {"float32", "float64"} and len(info.dtypes()) == 13
    for dtype in info.dtypes().values():
        assert gain.zeros(2, dtype=dtype).dtype == dtype


@pytest.mark.parametrize("code", ["x.to_device('gpu')", "x.to_device('cpu', stream=1)", "xp.zeros(2, device='gpu')", "xp.asarray(x, copy=False, dtype=xp.int8)"])
def test_what_can_not_be(code):
    with pytest.raises(ValueError):
        value(code, gain)
