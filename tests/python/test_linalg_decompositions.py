"""Eigenvalues and singular values of one large matrix, spread over the ranks: textbook bounds and hard matrices."""

import warnings

import gain
import numpy
import pytest
from gain import _decompositions

EPS = numpy.finfo(float).eps


@pytest.fixture(autouse=True)
def spread(monkeypatch):
    """All matrices count as large, and nothing is gathered."""
    monkeypatch.setattr(_decompositions, "is_spread", lambda a: True)
    with warnings.catch_warnings():
        warnings.simplefilter("error", gain.FallbackWarning)
        yield


def matrix(m, n, dtype="float64"):
    rng = numpy.random.default_rng([m, n])
    found = rng.standard_normal((m, n))
    return found + 1j * rng.standard_normal((m, n)) if dtype == "complex128" else found


def hermitian(n, dtype="float64"):
    a = matrix(n, n, dtype)
    return a + a.conj().T


def with_values(values, dtype="float64"):
    """A Hermitian matrix with these eigenvalues."""
    q = numpy.linalg.qr(matrix(len(values), len(values), dtype)).Q
    return (q * values) @ q.conj().T


def orthonormal(q, n):
    assert numpy.linalg.norm(q.conj().T @ q - numpy.eye(q.shape[1])) <= 20 * EPS * n


def check_eigh(a):
    n, size = len(a), numpy.linalg.norm(a) or 1
    values, vectors = (numpy.asarray(part) for part in gain.linalg.eigh(gain.array(a)))
    assert vectors.dtype == a.dtype and (numpy.diff(values) >= 0).all()
    orthonormal(vectors, n + 1)
    assert numpy.linalg.norm(a @ vectors - vectors * values) <= 40 * EPS * size * numpy.sqrt(n)
    assert abs(values - numpy.linalg.eigvalsh(a)).max() <= 40 * EPS * size
    alone = numpy.asarray(gain.linalg.eigvalsh(gain.array(a)))
    assert abs(values - alone).max() <= 40 * EPS * size


def check_svd(a, full=False):
    (m, n), size = a.shape, numpy.linalg.norm(a) or 1
    u, s, vh = (numpy.asarray(part) for part in gain.linalg.svd(gain.array(a), full_matrices=full))
    assert u.shape == (m, m if full else min(m, n)) and vh.shape == (n if full else min(m, n), n)
    assert (numpy.diff(s) <= 0).all() and (s >= 0).all()
    orthonormal(u, m + 1)
    orthonormal(vh.conj().T, n + 1)
    least = min(m, n)
    assert numpy.linalg.norm((u[:, :least] * s) @ vh[:least] - a) <= 60 * EPS * size * numpy.sqrt(least)
    assert abs(s - numpy.linalg.svdvals(a)).max() <= 60 * EPS * size


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize("n", [1, 2, 3, 31, 64, 65, 129, 200])
def test_eigh(n, dtype):
    check_eigh(hermitian(n, dtype))


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_eigh_of_hard_matrices(dtype):
    n = 150
    check_eigh(numpy.zeros((n, n), dtype))
    check_eigh(numpy.eye(n, dtype=dtype))
    check_eigh(with_values(numpy.repeat([1.0, 1.0 + 1e-14, -3.0], n // 3), dtype))
    check_eigh(with_values(10.0 ** -numpy.linspace(0, 30, n), dtype))
    check_eigh(hermitian(n, dtype) * 1e150)
    check_eigh(hermitian(n, dtype) * 1e-150)


def test_eigh_of_known_matrices():
    n = 140
    check_eigh(numpy.diag(numpy.arange(n, dtype=float)))
    check_eigh(2 * numpy.eye(n) - numpy.eye(n, k=1) - numpy.eye(n, k=-1))
    # Wilkinson's: pairs of eigenvalues that are equal to working precision.
    check_eigh(numpy.diag(abs(numpy.arange(n) - n // 2).astype(float)) + numpy.eye(n, k=1) + numpy.eye(n, k=-1))


def test_one_triangle_is_read():
    a, noise = hermitian(100), matrix(100, 100)
    wanted = numpy.linalg.eigvalsh(a)
    for uplo, given in [("L", numpy.tril(a) + numpy.triu(noise, 1)), ("U", numpy.triu(a) + numpy.tril(noise, -1))]:
        assert numpy.allclose(gain.linalg.eigvalsh(gain.array(given), UPLO=uplo), wanted)
        assert numpy.allclose(gain.linalg.eigh(gain.array(given), UPLO=uplo).eigenvalues, wanted)


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (65, 65), (130, 130), (140, 70), (70, 140)])
def test_svd(shape, dtype):
    check_svd(matrix(*shape, dtype))
    check_svd(matrix(*shape, dtype), full=True)


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_svd_of_hard_matrices(dtype):
    n = 100
    check_svd(numpy.zeros((n, n), dtype))
    singular = matrix(n, n, dtype)
    singular[:, 30:60] = 0
    check_svd(singular)
    check_svd(numpy.outer(singular[0], singular[1]))
    left, right = (numpy.linalg.qr(matrix(n, n + k, dtype)).Q for k in range(2))
    check_svd((left * 10.0 ** -numpy.linspace(0, 25, n)) @ right)
    check_svd(with_values(numpy.linspace(-1, 1, n), dtype))
    check_svd(matrix(n, n, dtype) * 1e100)


def test_what_is_made_of_them():
    a = matrix(120, 120)
    a[:, 7] = a[:, 8]
    b = gain.array(a)
    assert gain.linalg.matrix_rank(b) == 119
    assert float(gain.linalg.norm(b, 2)) == pytest.approx(numpy.linalg.norm(a, 2))
    assert float(gain.linalg.norm(b, "nuc")) == pytest.approx(numpy.linalg.norm(a, "nuc"))
    assert numpy.allclose(gain.linalg.pinv(b), numpy.linalg.pinv(a), atol=1e-9)
    assert float(gain.linalg.cond(gain.array(a + 20 * numpy.eye(120)))) == pytest.approx(numpy.linalg.cond(a + 20 * numpy.eye(120)))
    assert numpy.allclose(gain.linalg.svdvals(b), numpy.linalg.svdvals(a))
    u, s, vh = gain.linalg.svd(gain.array(a + a.T), hermitian=True)
    assert numpy.allclose((u * s) @ vh, a + a.T)


def test_numbers_that_are_not_finite_are_an_error_on_every_rank():
    a = numpy.eye(80)
    a[3, 3] = numpy.nan
    calls = [lambda: _decompositions.eigh(gain.array(a), "L", True), lambda: _decompositions.eigh(gain.array(a), "L", False), lambda: gain.linalg.svd(gain.array(a))]
    for call in calls:
        with pytest.raises(numpy.linalg.LinAlgError, match="did not converge"):
            call()
