"""NumPy's own functions on gain's (`gain._borrowed`, `gain.linalg`): NumPy's results, with nothing gathered."""

import warnings

import numpy as np
import pytest

import gain

RNG = np.random.default_rng(0)
A, B = RNG.standard_normal((30, 40)), RNG.standard_normal((30, 40))
C = A.copy()
C[RNG.random(A.shape) < 0.2] = np.nan
C[3] = np.nan
OPERANDS = {"a": A, "b": B, "c": C, "e": A + 1j * B}
SQUARE = {"a": A, "b": A[:20, :20] @ A[:20, :20].T + 20 * np.eye(20)}


def outcome(code, module, operands):
    operands = {name: gain.asarray(array) if module is gain else array for name, array in operands.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", gain.FallbackWarning)
        try:
            return eval(code, {"np": module, **operands})
        except Exception as error:  # noqa: BLE001
            return error


def alike(found, wanted):
    if isinstance(wanted, (tuple, list)):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted):
            alike(one, other)
        return
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.shape == wanted.shape and found.dtype == wanted.dtype
    np.testing.assert_allclose(found, wanted, rtol=1e-7, atol=1e-9)


def same(code, operands):
    wanted, found = outcome(code, np, operands), outcome(code, gain, operands)
    if isinstance(wanted, Exception) or isinstance(found, Exception):
        assert (type(found), str(found)) == (type(wanted), str(wanted))
        return
    alike(found, wanted)


CODES = [
    "np.angle(e)", "np.angle(a,True)", "np.average(a)", "np.average(a,axis=0)", "np.average(a,axis=1,weights=abs(b))",
    "np.average(a,axis=1,weights=abs(b),returned=True)", "np.average(a,axis=0,weights=abs(b[:,0]))", "np.cov(a)", "np.cov(a,b)",
    "np.cov(a,rowvar=False)", "np.cov(a,ddof=0)", "np.corrcoef(a)", "np.corrcoef(a,b)", "np.cross(a[:,:3],b[:,:3])",
    "np.cross(a[:,:2],b[:,:2])", "np.delete(a,3)", "np.delete(a,3,0)", "np.delete(a,[1,5,7],1)", "np.delete(a,slice(2,8,2),0)",
    "np.ediff1d(a)", "np.ediff1d(a,to_end=[1.,2.])", "np.fix(a)", "np.gradient(a)", "np.gradient(a,2.)", "np.gradient(a,axis=0)",
    "np.gradient(a[0],b[0].cumsum()**2)", "np.gradient(a,edge_order=2)", "np.i0(a)", "np.insert(a,2,5.)", "np.insert(a,2,5.,axis=0)",
    "np.insert(a,[1,3],[1.,2.],axis=1)", "np.insert(a,1,b[0],axis=0)", "np.iscomplex(e)", "np.isreal(e)", "np.isneginf(a/0)",
    "np.isposinf(a/0)", "np.nan_to_num(c)", "np.nan_to_num(c,nan=5.)", "np.nanargmax(c[:3])", "np.nanargmax(a,0)", "np.nanargmin(a,1)",
    "np.nanmax(c)", "np.nanmax(c,0)", "np.nanmax(c,1)", "np.nanmin(c,axis=1)", "np.nanmean(c)", "np.nanmean(c,0)",
    "np.nanmean(c,1,keepdims=True)", "np.nansum(c)", "np.nansum(c,1)", "np.nanprod(c,0)", "np.nanstd(c)", "np.nanstd(c,0,ddof=1)",
    "np.nanvar(c,1)", "np.nanvar(c)", "np.pad(a,2)", "np.pad(a,((1,2),(0,3)),constant_values=7)", "np.pad(a,3,'edge')",
    "np.pad(a,3,'reflect')", "np.pad(a,3,'symmetric')", "np.pad(a,3,'wrap')", "np.pad(a,3,'linear_ramp')", "np.pad(a,3,'mean')",
    "np.pad(a,3,'maximum')", "np.pad(a,3,'empty').shape", "np.piecewise(a,[a<0,a>=0],[-1,1])",
    "np.piecewise(a,[a<0,a>=0],[lambda x:-x,lambda x:x*2])", "np.polyval([1.,2.,3.],a)", "np.polyadd(a[0],b[0,:5])",
    "np.polymul(a[0,:5],b[0,:6])", "np.polyder([1.,2.,3.,4.])", "np.polyint([1.,2.,3.])", "np.real_if_close(e)",
    "np.real_if_close(e.real+0j)", "np.resize(a,(7,11))", "np.resize(a,(50,60))", "np.sinc(a)", "np.tile(a,2)", "np.tile(a,(2,3))",
    "np.tile(a[0],(2,1,2))", "np.trapezoid(a)", "np.trapezoid(a,dx=.1,axis=0)", "np.trapezoid(a[0],b[0])",
    "np.trim_zeros(np.array([0,0,1,2,0]))", "np.unwrap(a*10)", "np.unwrap(a[0]*10)", "np.kaiser(20,5.)", "np.hanning(20)",
    "np.bartlett(12)", "np.blackman(12)", "np.hamming(7)", "np.geomspace(1,1000,4)", "np.mask_indices(4,np.triu)",
    "np.apply_over_axes(np.sum,a,[0])",
]

LINALG = [
    "np.linalg.norm(a)", "np.linalg.norm(a,axis=0)", "np.linalg.norm(a,1)", "np.linalg.norm(a,np.inf)", "np.linalg.norm(a,'fro')",
    "np.linalg.norm(a,axis=1,keepdims=True)", "np.linalg.norm(a[0])", "np.linalg.norm(a[0],1)", "np.linalg.norm(a[0],np.inf)",
    "np.linalg.norm(a[0],3)", "np.linalg.norm(a,ord=1,axis=1)", "np.linalg.vector_norm(a)", "np.linalg.vector_norm(a,axis=0)",
    "np.linalg.matrix_norm(a)", "np.linalg.trace(b)", "np.linalg.diagonal(b)", "np.linalg.matrix_transpose(a)",
    "np.linalg.matrix_power(b,3)", "np.linalg.multi_dot([a, a.T, a])", "np.linalg.cross(a[:,:3],a[:,3:6])",
]


@pytest.mark.parametrize("code", CODES)
def test_borrowed(code):
    same(code, OPERANDS)


@pytest.mark.parametrize("code", LINALG)
def test_linalg(code):
    same(code, SQUARE)


def close(found, wanted):
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.shape == wanted.shape and found.dtype == wanted.dtype
    np.testing.assert_allclose(found, wanted, rtol=1e-7, atol=1e-8)


def test_stacks_of_matrices():
    rng = np.random.default_rng(1)
    s, b = rng.standard_normal((60, 5, 5)), rng.standard_normal((60, 5, 2))
    p = s @ np.swapaxes(s, -1, -2) + 5 * np.eye(5)
    ours, theirs = gain.linalg, np.linalg
    x, y, q = gain.asarray(s), gain.asarray(p), gain.asarray(b)
    with warnings.catch_warnings():
        warnings.simplefilter("error", gain.FallbackWarning)
        for name in ("det", "inv", "svdvals", "pinv", "matrix_rank", "cond"):
            close(getattr(ours, name)(x), getattr(theirs, name)(s))
        for name in ("cholesky", "eigvalsh"):
            close(getattr(ours, name)(y), getattr(theirs, name)(p))
        close(ours.solve(x, q), theirs.solve(s, b))
        close(ours.solve(x, gain.asarray(b[0])), theirs.solve(s, b[0]))
        close(ours.slogdet(x).logabsdet, theirs.slogdet(s).logabsdet)
        found = ours.qr(x)
        close(found.Q @ found.R, s)
        found = ours.svd(x)
        close((found.U * found.S[:, None, :]) @ found.Vh, s)
        found = ours.eigh(y)
        close(y @ found.eigenvectors, np.asarray(found.eigenvectors * found.eigenvalues[:, None, :]))
        assert type(found).__name__ == "EighResult"


def test_singular_on_one_rank_is_an_error_on_all():
    s = np.random.default_rng(1).standard_normal((60, 5, 5))
    s[50] = 0
    for call in (lambda a: gain.linalg.inv(a), lambda a: gain.linalg.solve(a, a)):
        with pytest.raises(np.linalg.LinAlgError, match="Singular"):
            call(gain.asarray(s))


def test_tall_matrices():
    rng = np.random.default_rng(2)
    t, y = rng.standard_normal((5000, 6)), rng.standard_normal(5000)
    a, b = gain.asarray(t), gain.asarray(y)
    q, r = gain.linalg.qr(a)
    close(q @ r, t)
    close(q.T @ q, np.eye(6))
    close(gain.linalg.svdvals(a), np.linalg.svdvals(t))
    u, s, vh = gain.linalg.svd(a, full_matrices=False)
    close((u * s) @ vh, t)
    found, wanted = gain.linalg.lstsq(a, b), np.linalg.lstsq(t, y)
    for one, other in zip(found, wanted):
        close(one, other)


@pytest.mark.parametrize("name", ["inv", "det", "cholesky", "eigh", "eig", "svd", "qr", "matrix_rank"])
def test_errors_are_numpys(name):
    for bad in (np.ones((3, 4)), np.ones(3)):
        wanted, found = (outcome(f"np.linalg.{name}(a)", module, {"a": bad}) for module in (np, gain))
        if isinstance(wanted, Exception):
            assert (type(found), str(found)) == (type(wanted), str(wanted))
