"""Factorisations of one large matrix: small residuals, NumPy's errors, nothing gathered."""

import warnings

import gain
import numpy
import pytest
from checking import check

EPS = numpy.finfo(float).eps


def matrix(m, n, dtype="float64", seed=0):
    rng = numpy.random.default_rng([m, n, seed])
    found = rng.standard_normal((m, n))
    return (found + 1j * rng.standard_normal((m, n)) if dtype.startswith("complex") else found).astype(dtype)


@pytest.fixture(autouse=True)
def no_gathering():
    with warnings.catch_warnings():
        warnings.simplefilter("error", gain.FallbackWarning)
        yield


def small(residual, *factors):
    """Whether a residual is small as backward stable algorithms leave it."""
    bound = 50 * EPS * numpy.prod([numpy.linalg.norm(factor) for factor in factors])
    assert numpy.linalg.norm(residual) <= bound, (numpy.linalg.norm(residual), bound)


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize("n", [129, 200, 257])
def test_lu(n, dtype):
    a, b, v = matrix(n, n, dtype), matrix(n, 130, dtype, 1), matrix(n, 1, dtype, 2)[:, 0]
    for right in (b, v, b[:, :3]):
        x = numpy.asarray(gain.linalg.solve(gain.array(a), gain.array(right)))
        assert x.shape == right.shape and x.dtype == right.dtype
        small(a @ x - right, a, x)
    inverse = numpy.asarray(gain.linalg.inv(gain.array(a)))
    small(a @ inverse - numpy.eye(n), a, inverse)
    check("np.linalg.slogdet(a)", a, close=True)
    check("np.linalg.det(a / 8)", a, close=True)


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_cholesky(dtype):
    m = matrix(210, 210, dtype)
    a = m @ m.conj().T + numpy.eye(210)
    lower = numpy.asarray(gain.linalg.cholesky(gain.array(numpy.tril(a) + numpy.triu(m, 1))))
    small(lower @ lower.conj().T - a, a)
    assert not numpy.triu(lower, 1).any()
    upper = numpy.asarray(gain.linalg.cholesky(gain.array(numpy.triu(a) + numpy.tril(m, -1)), upper=True))
    small(upper.conj().T @ upper - a, a)
    assert not numpy.tril(upper, -1).any()


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize("shape", [(150, 140), (140, 150), (200, 200), (900, 20), (70, 300), (130, 129)])
def test_qr(shape, dtype):
    a = matrix(*shape, dtype)
    for mode in ("reduced", "complete"):
        check(f"np.linalg.qr(a, mode='{mode}').R", a, close=True)
        q, r = (numpy.asarray(factor) for factor in gain.linalg.qr(gain.array(a), mode=mode))
        small(q @ r - a, a)
        small(q.conj().T @ q - numpy.eye(q.shape[1]), q)
        assert not numpy.tril(r, -1).any()
    check("np.linalg.qr(a, mode='r')", a, close=True)


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize("shape", [(1024, 17), (5003, 5), (9000, 64), (3000, 1)])
def test_tall(shape, dtype):
    a = matrix(*shape, dtype)
    a[:, -1] *= 1e-9
    if shape[0] < 6000:
        check("np.linalg.qr(a).R", a, close=True)
        check("np.linalg.qr(a, mode='r')", a, close=True)
    q, r = (numpy.asarray(factor) for factor in gain.linalg.qr(gain.array(a)))
    small(q @ r - a, a)
    small(q.conj().T @ q - numpy.eye(q.shape[1]), q)
    for b in (a, a.T):
        u, s, vh = (numpy.asarray(factor) for factor in gain.linalg.svd(gain.array(b), full_matrices=False))
        small((u * s) @ vh - b, b)
        small(u.conj().T @ u - numpy.eye(len(s)), u)
        small(s - numpy.linalg.svdvals(b), b)
        check("np.linalg.svdvals(a)", b, close=True)


@pytest.mark.parametrize("dtype", ["float64", "complex128", "float32"])
def test_lstsq(dtype):
    a = matrix(3000, 7, dtype)
    for code in ["np.linalg.lstsq(a[:, :6], a[:, 6])", "np.linalg.lstsq(a[:, :5], a[:, 5:])", "np.linalg.lstsq(a[:, :6], a[:, 6], rcond=0.99)"]:
        check(code, a, close=True)
    a[:, 2] = a[:, 1]
    check("np.linalg.lstsq(a[:, :6], a[:, 6])[:3]", a, close=True)


def test_qr_of_singular_matrices():
    a = matrix(160, 150)
    a[:, 40] = a[:, 39]
    a[:, 100:] = 0
    a[140:] = 0
    for b in (a, a.T, numpy.zeros_like(a), a * 1e-200, a * 1e200):
        q, r = (numpy.asarray(factor) for factor in gain.linalg.qr(gain.array(b)))
        small((q @ r - b) / (abs(b).max() or 1), b / (abs(b).max() or 1) + 1)
        small(q.T @ q - numpy.eye(q.shape[1]), q)


def test_hard_matrices():
    n = 150
    hilbert = 1 / (numpy.arange(n)[:, None] + numpy.arange(n) + 1.0)
    x = numpy.asarray(gain.linalg.solve(gain.array(hilbert), gain.ones(n)))
    small(hilbert @ x - 1, hilbert, x)
    growing = numpy.tril(-numpy.ones((n, n)), -1) + numpy.eye(n)
    growing[:, -1] = 1
    assert float(gain.linalg.slogdet(gain.array(growing))[1]) == pytest.approx((n - 1) * numpy.log(2))
    rotated = numpy.roll(numpy.eye(n), 1, 0)
    assert float(gain.linalg.det(gain.array(rotated))) == -1.0
    same = gain.linalg.inv(gain.array(rotated))
    assert (numpy.asarray(same) == rotated.T).all()


def test_errors():
    a = matrix(150, 150)
    a[:, 70] = 0
    for code in ["np.linalg.inv(a)", "np.linalg.solve(a, a)", "np.linalg.solve(a, a[0])", "np.linalg.det(a)", "np.linalg.slogdet(a)", "np.linalg.inv(a[:, :140])", "np.linalg.solve(a, a[:140])", "np.linalg.solve(a, a[:140, 0])",
                 "np.linalg.cholesky(a)", "np.linalg.cholesky(a[:140])", "np.linalg.det(a[:, 1:])", "np.linalg.cholesky(-np.eye(150), upper=True)"]:
        check(code, a)


def test_dtypes_and_views():
    a = numpy.random.default_rng(3).integers(-9, 10, (300, 280))
    check("np.linalg.slogdet(a[::2, :150])", a, close=True)
    check("np.linalg.inv(a[:140, ::-2].T).dtype", a)
    check("np.linalg.inv(a[:140, ::-2].T)", a.astype("float32"), close=True)
    check("np.linalg.solve(a[:140, ::-2], a[:140, 0].astype('complex64')).dtype", a)
