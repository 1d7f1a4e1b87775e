"""Triangles, diagonals and grids are NumPy's, and nothing is gathered for them."""

import warnings

import gain
import numpy
import pytest
from checking import check, sample


@pytest.mark.parametrize("code", [
    "np.tri(3)", "np.tri(3, 5, 1)", "np.tri(4, 2, -1, int)", "np.tril(a)", "np.triu(a, 1)", "np.tril(a, -2)", "np.triu(a[0])", "np.tril(a[None, :, :], 1)",
    "np.diag(a)", "np.diag(a, 1)", "np.diag(a, -2)", "np.diag(a[0])", "np.diag(a[0], 2)", "np.diag(a[0], -1)", "np.diag(a, 9)", "np.diagflat(a[:2, :2], 1)",
    "np.diagonal(a)", "a.diagonal(1)", "np.diagonal(a[None] * a[:2, None, None], 0, 1, 2)", "a.diagonal().flags.writeable", "np.diag(a[0, 0])", "np.diagonal(a[0])",
    "np.fill_diagonal(a, 7); a", "np.fill_diagonal(a, [1, 2]); a", "np.fill_diagonal(a.T, 3, wrap=True); a", "np.fill_diagonal(a[0], 3); a", "np.diag_indices(3)",
    "np.tril_indices(4)", "np.triu_indices(3, 1, 5)", "np.tril_indices_from(a, 1)", "np.triu_indices_from(a)", "a[np.tril_indices_from(a)] = 0; a",
    "np.vander(a[0])", "np.vander(a[0], 3, increasing=True)", "np.vander([1, 2, 3], 0)", "np.meshgrid(a[0], a[:, 0])", "np.meshgrid(a[0], a[:, 0], indexing='ij')",
    "np.meshgrid(a[0], [1, 2], [3, 4, 5], sparse=True)", "np.meshgrid(a[0])", "np.meshgrid(a[0], a[1], indexing='x')", "np.mgrid[0:3, 1:4]", "np.mgrid[0:1:5j, 0:2]",
    "np.ogrid[0:3, 1:4:2]", "np.mgrid[0:4]", "np.mgrid[0:1:0.25, 0:2:3j, 1:2]", "np.meshgrid()", "np.diag_indices_from(a[:4])",
    "np.tri(-1)", "np.tri(2.5)", "np.tri(3, -4)", "np.tri(5, k=-2.5)", "np.tril_indices(4, -2.5)", "np.tril_indices(-3)", "np.triu_indices(4, m=3.5)", "np.tril(a, -1.5)", "np.triu(a, 2.5)",
    "np.diagonal(a, axis1=0.5)", "np.eye(3, k=2**63)", "np.eye(3, k=-2**70)",
    "np.diag_indices(-1)", "np.diag_indices(2.5, 3)", "np.eye(-1)", "np.eye(3, -1)", "np.logspace(0, 1, 5, axis=1)", "np.linspace(0, 1, 5, axis=3)",
])
def test_same(code):
    check(code, sample((5, 4)))
    check(code, sample((5, 4), "int32"))


def test_logspace():
    check("np.logspace(0, 3, 7)", close=True)
    check("np.logspace(0, 3, 7, base=2, dtype='f4')", close=True)


def test_nothing_is_gathered():
    with warnings.catch_warnings():
        warnings.simplefilter("error", gain.FallbackWarning)
        a = gain.array(sample((50, 50)))
        numpy.asarray(gain.tril(a) + gain.triu(a, 1) + gain.diag(gain.diag(a)) + gain.tri(50) + gain.mgrid[0:50, 0:50][0] + gain.meshgrid(a[0], a[1])[0])
        gain.fill_diagonal(a, 1)
