"""Functions of matrices in stacks: NumPy's results and errors, on matrices that stay on their ranks."""

import warnings

import gain
import numpy
import pytest
from checking import check, sample

FUNCTIONS = [
    "np.linalg.det(a)", "np.linalg.slogdet(a)", "np.linalg.inv(a)", "np.linalg.solve(a, a)", "np.linalg.solve(a, a[..., :1])", "np.linalg.solve(a, a[0, ..., 0])", "np.linalg.solve(a[0], a)",
    "np.linalg.qr(a)", "np.linalg.qr(a, mode='r')", "np.linalg.qr(a, mode='complete')", "np.linalg.qr(a, mode='raw')", "np.linalg.svd(a)", "np.linalg.svd(a, full_matrices=False)", "np.linalg.svd(a, compute_uv=False)", "np.linalg.svdvals(a)",
    "np.linalg.eigh(a)", "np.linalg.eigvalsh(a, UPLO='U')", "np.linalg.eig(a)", "np.linalg.eigvals(a)", "np.linalg.matrix_rank(a)", "np.linalg.matrix_rank(a, tol=1.5)", "np.linalg.cond(a)", "np.linalg.cond(a, 1)", "np.linalg.cond(a, -2)",
    "np.linalg.matrix_power(a, 0)", "np.linalg.matrix_power(a, -1)", "np.linalg.pinv(a)", "np.linalg.pinv(a, rcond=0.01)", "np.linalg.eigh(a, UPLO='X')", "np.linalg.qr(a, mode='x')", "np.linalg.cholesky(a)", "np.linalg.matrix_power(a, 1.5)",
    "np.linalg.svd(a, hermitian=True, compute_uv=False)", "np.linalg.diagonal(a)", "np.linalg.matrix_transpose(a)", "np.linalg.tensorinv(a[:4], ind=1)", "np.linalg.inv(a[..., :2])", "np.linalg.det(a[0, 0])", "np.linalg.cholesky(a @ np.swapaxes(a, -1, -2))",
    "np.linalg.cholesky(a @ np.swapaxes(a, -1, -2), upper=True)",
]


def well(shape, dtype="float64"):
    """Matrices that are far from singular."""
    return (sample(shape, dtype).astype(dtype) + 40 * numpy.eye(shape[-1])).astype(dtype)


@pytest.mark.parametrize("code", FUNCTIONS)
def test_values(code):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gain.FallbackWarning)
        check(code, well((3, 4, 4)), close=True)
        check(code, well((1100, 4, 4)), close=True)


@pytest.mark.parametrize("dtype", ["int32", "float32", "complex64", "complex128", "bool"])
def test_dtypes(dtype):
    for code in ["np.linalg.det(a)", "np.linalg.inv(a)", "np.linalg.svdvals(a)", "np.linalg.slogdet(a)", "np.linalg.eigvals(a)"]:
        for shape in [(2, 3, 3, 3), (30, 70, 3, 3)]:
            check(code, well(shape, dtype) if dtype != "bool" else sample((1, 1), "bool") | numpy.broadcast_to(numpy.eye(3) > 0, shape), close=True)


def test_eigenvalues_are_complex_where_one_matrix_has_such():
    a = numpy.tile(numpy.eye(4), (1200, 1, 1))
    a[700, 0, 1], a[700, 1, 0] = 1, -1
    check("np.linalg.eigvals(a)", a)
    check("np.linalg.eigvals(a[:600])", a)


def test_one_singular_matrix_is_an_error_on_every_rank():
    for place in (0, 1500, 1999):
        a = well((2000, 4, 4))
        a[place] = 0
        check("np.linalg.inv(a)", a)
        check("np.linalg.solve(a, a)", a)
        check("np.linalg.cond(a, 1)", a, close=True)


def test_nothing_is_gathered():
    a = gain.array(well((2000, 4, 4)))
    with warnings.catch_warnings():
        warnings.simplefilter("error", gain.FallbackWarning)
        for name in ["det", "slogdet", "inv", "qr", "svd", "svdvals", "eigh", "eigvalsh", "eig", "eigvals", "matrix_rank", "cond"]:
            getattr(gain.linalg, name)(a)
        gain.linalg.solve(a, a)
