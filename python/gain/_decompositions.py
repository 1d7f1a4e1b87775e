"""Eigenvalues and singular values of one large matrix that no rank holds. docs/linalg.md says what was weighed."""

import math

import numpy
from numpy.linalg import LinAlgError

from gain import _functions, _gain

# A matrix of this many elements is small enough for every rank to hold a copy: LAPACK decomposes it there.
SMALL = 1 << 18


def is_spread(a):
    """Whether a matrix is worth an algorithm that spreads it: there are other ranks, and it is not small."""
    return _gain.n_ranks() > 1 and a.size > SMALL


def adjoint(a):
    """The conjugate transpose of a matrix."""
    transposed = _functions.transpose(a)
    return _gain.conjugate(transposed) if a.dtype.kind == "c" else transposed


def eigh(a, UPLO, with_vectors):
    """Eigenvalues, ascending, and eigenvectors if wanted of a matrix of f64 or c128 of which one triangle is read. Collective."""
    import gain

    triangle, rest = (gain.tril(a), gain.tril(a, -1)) if UPLO.upper() == "L" else (gain.triu(a), gain.triu(a, 1))
    found = _gain._eigh(triangle + adjoint(rest), with_vectors)
    if found is None:
        raise LinAlgError("Eigenvalues did not converge")
    return found


def svd(a, full, with_vectors):
    """U, the singular values in descending order and V^H of a matrix of f64 or c128 with at least as many rows as columns. Collective.

    Of a matrix that is not square those of R in `a = Q R`.
    """
    import gain

    m, n = a.shape
    if m == n:
        return _svd_of_square(a, with_vectors)
    q, r = _gain._qr(a, full and with_vectors, with_vectors)
    u, s, vh = _svd_of_square(r[:n], with_vectors)
    if with_vectors:
        u = q[:, :n] @ u
        u = gain.concatenate([u, q[:, n:]], 1) if full else u
    return u, s, vh


def _svd_of_square(a, with_vectors):
    """By the polar decomposition `a = X H` and the eigenvalues of H.

    Nakatsukasa and Higham, SIAM J. Sci. Comput. 35, 2013: backward stable for every matrix. Products, QR and solutions are all it
    takes, so that it is spread as these are.
    """
    if not bool(_gain.all(_gain.isfinite(a))):
        raise LinAlgError("SVD did not converge")
    x = polar(a)
    h = adjoint(x) @ a
    values, vectors = _gain._eigh((h + adjoint(h)) * 0.5, with_vectors)
    order = numpy.argsort(-numpy.abs(numpy.asarray(values)), kind="stable")
    s = _gain.from_numpy(numpy.abs(numpy.asarray(values))[order])
    if not with_vectors:
        return None, s, None
    v = vectors[:, order]
    # Directions that the matrix maps to nothing have no image in X: reflections find what is missing, and keep the others up to sign.
    u, r = _gain._qr(x @ v, False, True)
    u = u * _gain.from_numpy(numpy.where(numpy.asarray(r.diagonal()).real < 0, -1.0, 1.0))
    return u, s, adjoint(v)


def polar(a):
    """The unitary factor of a square matrix. Collective.

    QDWH (Nakatsukasa, Bai and Gygi, SIAM J. Matrix Anal. Appl. 31, 2010): dynamically weighted Halley's iteration, by QR while the
    matrix may be near to singular and by a positive definite system then. Six steps, since no singular value is told from zero
    that is less than the unit roundoff times the largest one.
    """
    import gain

    n = a.shape[0]
    size = _gain.absolute(a)
    # At least the largest singular value.
    bound = math.sqrt(float(size.sum(axis=0).max()) * float(size.sum(axis=1).max()))
    one = gain.eye(n, dtype=a.dtype)
    if bound == 0:
        return one
    x = a / bound
    least = float(numpy.finfo(numpy.float64).eps)
    while abs(least - 1) > 1e-15:
        square = least * least
        d = (4 * (1 - square) / (square * square)) ** (1 / 3)
        root = math.sqrt(1 + d)
        weight = root + math.sqrt(8 - 4 * d + 8 * (2 - square) / (square * root)) / 2
        b = (weight - 1) ** 2 / 4
        c = weight + b - 1
        least = min(1.0, least * (weight + b * square) / (1 + c * square))
        if c > 100:
            q, _ = _gain._qr(gain.concatenate([x * math.sqrt(c), one]), False, True)
            x = x * (b / c) + (q[:n] @ adjoint(q[n:])) * ((weight - b / c) / math.sqrt(c))
        else:
            across = adjoint(x)
            turned = _gain._solve(one + (across @ x) * c, across)
            x = x * (b / c) + adjoint(turned) * (weight - b / c)
    return x
