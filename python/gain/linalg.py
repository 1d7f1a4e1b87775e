"""`numpy.linalg`. docs/linalg.md says which algorithm each function takes and what moves."""

import functools
import math
import operator

import numpy
from numpy.linalg import LinAlgError

from gain import _decompositions, _fallback, _functions, _gain, _stacks
from gain._linalg_products import COMPOSED, outer, trace
from gain._norms import matrix_norm, norm, vector_norm

_theirs = numpy.linalg


def _operands(*given):
    """The operands as gain arrays; None where NumPy should speak: for what it alone understands, and for vectors."""
    arrays = [_functions._array(a) for a in given]
    return None if any(a is None for a in arrays) else arrays


def _on_stack(name, a, **kwargs):
    """A function of one matrix, on small arrays, stacks of matrices, or gathered."""
    function = getattr(_theirs, name)
    arrays = _operands(a)
    if arrays is None or _stacks.is_small(arrays[0]) or arrays[0].ndim < 2:
        return _stacks.on_copies(f"linalg.{name}", function, (a,), kwargs)
    (a,) = arrays
    if a.ndim > 2:
        return _stacks.each(function, [a], **kwargs)
    native = _LARGE.get(name)
    if native is not None and a.size > 0:
        # What NumPy says of the shape and of arguments.
        template = function(numpy.zeros((0, *a.shape), a.dtype), **kwargs)
        found = native(a.astype(_computed(a.dtype)), template, **kwargs)
        if found is not None:
            return found
    return _fallback.call(f"linalg.{name}", function, (a,), kwargs)


def _computed(*dtypes):
    """The dtype in which NumPy factorises: double precision, whatever the precision of the operands."""
    return numpy.complex128 if any(dtype.kind == "c" for dtype in dtypes) else numpy.float64


# The dtype of factors and solutions, by the character of the operand's.
_RESULTS = {**dict.fromkeys("?bhilqBHILQd", numpy.float64), "f": numpy.float32, "F": numpy.complex64, "D": numpy.complex128}
# Rows of the largest matrices that are worked on in registers.
_LARGEST = 8


def _in_registers(function, a, *more):
    """A function of small square matrices, or of stacks of them, that gain-linalg computes in registers; None for other operands."""
    for x in (a, *more):
        if type(x) is not _gain.ndarray or x.dtype.char not in _RESULTS or x.size == 0:
            return None
    shape = a.shape
    if len(shape) < 2 or shape[-1] != shape[-2] or shape[-1] > _LARGEST:
        return None
    operands = (a, *more)
    chars = {x.dtype.char for x in operands}
    if chars == {"d"} or chars == {"D"}:
        found = function(*operands)
        if found is None:
            raise LinAlgError("Singular matrix")
        return found
    kind = _computed(*(x.dtype for x in operands))
    found = function(*(x.astype(kind, copy=False) for x in operands))
    if found is None:
        raise LinAlgError("Singular matrix")
    results = [_RESULTS[char] for char in chars]
    return found.astype(numpy.result_type(*results))


def _large_det(a, template):
    found = _gain._det(a)
    return template.dtype.type(found if template.dtype.kind == "c" else found.real)


def _large_slogdet(a, template):
    sign, logarithm = _gain._slogdet(a)
    kind = template.sign.dtype
    return type(template)(kind.type(sign if kind.kind == "c" else sign.real), template.logabsdet.dtype.type(logarithm))


def _large_inv(a, template):
    found = _gain._inv(a)
    if found is None:
        raise LinAlgError("Singular matrix")
    return found.astype(template.dtype, copy=False)


def _large_cholesky(a, template, upper):
    # The other triangle is the lower one of the adjoint matrix.
    found = _gain._cholesky(a.T.conj() if upper else a)
    if found is None:
        raise LinAlgError("Matrix is not positive definite")
    found = found.astype(template.dtype, copy=False)
    return found.T.conj() if upper else found


def _large_qr(a, template, mode):
    if mode == "raw":
        return None
    q, r = _gain._qr(a, mode == "complete", mode != "r")
    if mode == "r":
        return r.astype(template.dtype, copy=False)
    return type(template)(q.astype(template.Q.dtype, copy=False), r.astype(template.R.dtype, copy=False))


def _large_svd(a, template, full_matrices, compute_uv, hermitian):
    m, n = a.shape
    if m < n:
        found = _large_svd(_decompositions.adjoint(a), template, full_matrices, compute_uv, hermitian)
        if not compute_uv:
            return found
        return type(template)(_decompositions.adjoint(found.Vh), found.S, _decompositions.adjoint(found.U))
    is_tall = m >= 8 * n and n**2 <= _decompositions.SMALL and not (compute_uv and full_matrices)
    if hermitian:
        if not _decompositions.is_spread(a):
            return _by_lapack("svd", a, template, full_matrices=full_matrices, compute_uv=compute_uv, hermitian=True)
        found = _svd_of_hermitian(a, compute_uv)
    elif is_tall:
        found = _svd_of_tall(a, compute_uv)
    elif _decompositions.is_spread(a):
        found = _decompositions.svd(a, full_matrices, compute_uv)
    else:
        return _by_lapack("svd", a, template, full_matrices=full_matrices, compute_uv=compute_uv)
    if not compute_uv:
        return found[1].astype(template.dtype, copy=False)
    return type(template)._make(part.astype(like.dtype, copy=False) for part, like in zip(found, template))


def _svd_of_tall(a, compute_uv):
    """Through QR: the triangular factor is small, and every rank decomposes its copy."""
    q, r = _gain._qr(a, False, compute_uv)
    found = _theirs.svd(numpy.asarray(r), compute_uv=compute_uv)
    if not compute_uv:
        return None, _gain.from_numpy(found), None
    return q @ _gain.from_numpy(found.U), _gain.from_numpy(found.S), _gain.from_numpy(found.Vh)


def _svd_of_hermitian(a, compute_uv):
    """By the eigenvalues, of which the singular values are the sizes."""
    values, vectors = _decompositions.eigh(a, "L", compute_uv)
    values = numpy.asarray(values)
    order = numpy.argsort(-numpy.abs(values), kind="stable")
    s = _gain.from_numpy(numpy.abs(values)[order])
    if not compute_uv:
        return None, s, None
    u = vectors[:, order]
    signs = _gain.from_numpy(numpy.where(values[order] < 0, -1.0, 1.0))
    return u, s, _decompositions.adjoint(u * signs)


def _by_lapack(name, a, template, **kwargs):
    """NumPy's function on every rank's copy of a matrix that is small enough for that, or whole here anyway."""
    found = _stacks.on_copies(f"linalg.{name}", getattr(_theirs, name), (a,), kwargs)
    if not isinstance(template, tuple):
        return found.astype(template.dtype, copy=False)
    return type(template)._make(part.astype(like.dtype, copy=False) for part, like in zip(found, template))


def _large_eigh(a, template, UPLO):
    if not _decompositions.is_spread(a):
        return _by_lapack("eigh", a, template, UPLO=UPLO)
    found = _decompositions.eigh(a, UPLO, True)
    return type(template)._make(part.astype(like.dtype, copy=False) for part, like in zip(found, template))


def _large_eigvalsh(a, template, UPLO):
    if not _decompositions.is_spread(a):
        return _by_lapack("eigvalsh", a, template, UPLO=UPLO)
    return _decompositions.eigh(a, UPLO, False)[0].astype(template.dtype, copy=False)


# Functions of one large matrix that gain-linalg has; they give None where they have no way.
_LARGE = {
    "det": _large_det, "slogdet": _large_slogdet, "inv": _large_inv, "cholesky": _large_cholesky, "qr": _large_qr, "svd": _large_svd,
    "eigh": _large_eigh, "eigvalsh": _large_eigvalsh,
}


def det(a):
    """The determinants of square matrices. Collective. `LinAlgError` if they are not square."""
    found = _in_registers(_gain._det_stack, a)
    return found if found is not None else _on_stack("det", a)


def slogdet(a):
    """Signs and logarithms of the absolute determinants of square matrices. Collective."""
    return _on_stack("slogdet", a)


def inv(a):
    """The inverses of square matrices. Collective. `LinAlgError` if one is singular."""
    found = _in_registers(_gain._inv_stack, a)
    return found if found is not None else _on_stack("inv", a)


def cholesky(a, /, *, upper=False):
    """The triangular factors of Hermitian, positive definite matrices. Collective. `LinAlgError` if one is not positive definite."""
    return _on_stack("cholesky", a, upper=upper)


def qr(a, mode="reduced"):
    """An orthogonal and a triangular factor of matrices, in NumPy's modes. Collective."""
    return _on_stack("qr", a, mode=mode)


def svd(a, full_matrices=True, compute_uv=True, hermitian=False):
    """Singular value decompositions of matrices. Collective."""
    return _on_stack("svd", a, full_matrices=full_matrices, compute_uv=compute_uv, hermitian=hermitian)


def svdvals(x, /):
    """Singular values of matrices, in descending order. Collective."""
    return svd(x, compute_uv=False)


def eigh(a, UPLO="L"):
    """Eigenvalues, ascending, and eigenvectors of Hermitian matrices, of which one triangle is read. Collective."""
    return _on_stack("eigh", a, UPLO=UPLO)


def eigvalsh(a, UPLO="L"):
    """Eigenvalues of Hermitian matrices, ascending. Collective."""
    return _on_stack("eigvalsh", a, UPLO=UPLO)


def eig(a):
    """Eigenvalues and eigenvectors of square matrices. Collective; a single large matrix is gathered."""
    return _on_stack("eig", a)


def eigvals(a):
    """Eigenvalues of square matrices. Collective; a single large matrix is gathered."""
    return _on_stack("eigvals", a)


def solve(a, b):
    """The x of `a @ x = b`, for a vector, a matrix, or stacks. Collective. `LinAlgError` if a matrix is singular."""
    if type(a) is type(b) is _gain.ndarray and _fit(a.shape, b.shape):
        found = _in_registers(_gain._solve_stack, a, b)
        if found is not None:
            return found
    arrays = _operands(a, b)
    is_small = arrays is not None and (all(map(_stacks.is_small, arrays)) or any(x.size == 0 for x in arrays))
    if arrays is None or is_small or arrays[0].ndim < 2 or arrays[1].ndim == 0:
        return _stacks.on_copies("linalg.solve", _theirs.solve, (a, b), {})
    a, b = arrays
    if a.ndim == 2 and b.ndim <= 2:
        return _solve_large(a, b)
    if b.ndim == 1:
        return _stacks.each(_theirs.solve, [a, b._with_axis(1)])[..., 0]
    return _stacks.each(_theirs.solve, [a, b])


def _fit(a, b):
    """Whether matrices of shape `a` have right-hand sides of shape `b`."""
    if len(a) < 2 or len(b) == 0 or b[max(len(b) - 2, 0)] != a[-1]:
        return False
    try:
        numpy.broadcast_shapes(a[:-2], b[:-2])
    except ValueError:
        return False
    return True


def _solve_large(a, b):
    columns = b if b.ndim == 2 else b._with_axis(1)
    # What NumPy says of the shapes.
    template = _theirs.solve(numpy.zeros((0, *a.shape), a.dtype), numpy.zeros(b.shape if b.ndim == 1 else (0, *b.shape), b.dtype))
    if a.size == 0 or b.size == 0:
        return _gain.zeros(b.shape, template.dtype)
    kind = _computed(a.dtype, b.dtype)
    found = _gain._solve(a.astype(kind), columns.astype(kind))
    if found is None:
        raise LinAlgError("Singular matrix")
    found = found.astype(template.dtype, copy=False)
    return found if b.ndim == 2 else found[:, 0]


def lstsq(a, b, rcond=None):
    """The x of least norm that minimises `|a @ x - b|`; residuals, rank and singular values. Collective."""
    arrays = _operands(a, b)
    if arrays is None or all(map(_stacks.is_small, arrays)) or arrays[0].ndim != 2:
        return _stacks.on_copies("linalg.lstsq", _theirs.lstsq, (a, b, rcond), {})
    a, b = arrays
    m, n = a.shape
    columns = b._with_axis(1) if b.ndim == 1 else b
    width = n + columns.shape[-1]
    if b.ndim > 2 or columns.shape[0] != m or m < 2 * width or width**2 > _decompositions.SMALL or a.size == 0 or b.size == 0:
        return _fallback.call("linalg.lstsq", _theirs.lstsq, (a, b, rcond), {})
    # R of both beside one another has the same solutions, residuals and singular values, and is small.
    import gain

    kind = _computed(a.dtype, b.dtype)
    _, r = _gain._qr(gain.concatenate([a.astype(kind), columns.astype(kind)], 1), False, False)
    r = numpy.asarray(r)
    right = r[:, n] if b.ndim == 1 else r[:, n:]
    found = _theirs.lstsq(r[:, :n], right, numpy.finfo(kind).eps * m if rcond is None else rcond)
    template = _theirs.lstsq(numpy.zeros((0, 1), a.dtype), numpy.zeros((0, 1), b.dtype))
    x, residuals, rank, values = (part if like is None else part.astype(like.dtype, copy=False) for part, like in zip(found, (template[0], template[1], None, template[3])))
    return _gain.from_numpy(x), _gain.from_numpy(residuals), rank, _gain.from_numpy(values)


def matrix_rank(A, tol=None, hermitian=False, *, rtol=None):
    """The ranks of matrices: how many singular values are above a tolerance. Collective."""
    arrays = _operands(A)
    if arrays is None or _stacks.is_small(arrays[0]):
        return _stacks.on_copies("linalg.matrix_rank", _theirs.matrix_rank, (A, tol, hermitian), {"rtol": rtol})
    if tol is not None and rtol is not None:
        raise ValueError("`tol` and `rtol` can't be both set.")
    (a,) = arrays
    if a.ndim < 2:
        return int((a != 0).any())
    values = svd(a, compute_uv=False, hermitian=hermitian)
    # The values are few: one for each row or column.
    limit = None if tol is None else numpy.asarray(_whole(tol))[..., None]
    if limit is None:
        relative = max(a.shape[-2:]) * numpy.finfo(values.dtype).eps if rtol is None else numpy.asarray(_whole(rtol))[..., None]
        limit = values.max(axis=-1, keepdims=True, initial=0) * relative
    return (values > limit).astype(numpy.intp).sum(axis=-1)


def _whole(value):
    return numpy.asarray(value) if type(value) is _gain.ndarray else value


def pinv(a, rcond=None, hermitian=False, *, rtol=numpy._NoValue):
    """The Moore-Penrose inverses of matrices, by their singular values. Collective."""
    arrays = _operands(a)
    if arrays is None or _stacks.is_small(arrays[0]) or arrays[0].ndim < 2:
        return _stacks.on_copies("linalg.pinv", _theirs.pinv, (a, rcond, hermitian), {"rtol": rtol})
    (a,) = arrays
    if rcond is not None and rtol is not numpy._NoValue:
        raise ValueError("`rtol` and `rcond` can't be both set.")
    if rcond is None:
        rcond = 1e-15 if rtol is numpy._NoValue else rtol
        if rcond is None:
            rcond = max(a.shape[-2:]) * numpy.finfo(a.dtype).eps
    if a.size == 0:
        return _gain.empty((*a.shape[:-2], a.shape[-1], a.shape[-2]), a.dtype)
    u, s, vh = svd(a, full_matrices=False, hermitian=hermitian)
    cutoff = numpy.asarray(_whole(rcond))[..., None] * s.max(axis=-1, keepdims=True)
    large = s > cutoff
    inverse = _gain.where(large, 1 / _gain.where(large, s, 1), 0).astype(s.dtype)
    return (_mT(vh).conj() * inverse[..., None, :]) @ _mT(u).conj()


def _mT(a):
    return _functions.swapaxes(a, -1, -2)


def cond(x, p=None):
    """The condition numbers of matrices in a norm. Collective."""
    arrays = _operands(x)
    if arrays is None or _stacks.is_small(arrays[0]) or arrays[0].ndim < 2 or arrays[0].size == 0:
        return _stacks.on_copies("linalg.cond", _theirs.cond, (x, p), {})
    (a,) = arrays
    with numpy.errstate(all="ignore"):
        if p is None or p in (2, -2):
            s = svd(a, compute_uv=False)
            found = s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
        elif a.ndim > 2:
            return _stacks.each(_theirs.cond, [a], p=p)
        else:
            try:
                found = norm(a, p, axis=(-2, -1)) * norm(inv(a), p, axis=(-2, -1))
            except LinAlgError as error:
                if "Singular" not in str(error):
                    raise
                kind = a.dtype if a.dtype.kind in "fc" else numpy.dtype(float)
                found = kind.type(math.nan).real
        found = _gain.where(_gain.isnan(found) & ~_gain.isnan(a).any(axis=(-2, -1)), math.inf, found)
    return found[()] if a.ndim == 2 else found


def matrix_power(a, n):
    """Square matrices multiplied with themselves, by repeated squaring. Collective."""
    arrays = _operands(a)
    if arrays is None or _stacks.is_small(arrays[0]) or arrays[0].ndim < 2:
        return _stacks.on_copies("linalg.matrix_power", _theirs.matrix_power, (a, n), {})
    (a,) = arrays
    # What NumPy says of the exponent and the shape.
    _theirs.matrix_power(numpy.zeros((0, *a.shape[-2:]), a.dtype), n)
    n = operator.index(n)
    if n == 0:
        import gain

        return gain.broadcast_to(gain.eye(a.shape[-1], dtype=a.dtype), a.shape).copy()
    if n < 0:
        a, n = inv(a), -n
    if n <= 3:
        return a if n == 1 else a @ a if n == 2 else (a @ a) @ a
    square, found = None, None
    while n > 0:
        square = a if square is None else square @ square
        n, odd = divmod(n, 2)
        if odd:
            found = square if found is None else found @ square
    return found


def tensorinv(a, ind=2):
    """The inverse of an array as a map from its last axes to its first `ind` ones. Collective."""
    arrays = _operands(a)
    if arrays is None or _stacks.is_small(arrays[0]) or ind <= 0:
        return _stacks.on_copies("linalg.tensorinv", _theirs.tensorinv, (a, ind), {})
    (a,) = arrays
    columns = math.prod(a.shape[ind:])
    inverse = inv(_functions.reshape(a, (columns, -1)))
    return _functions.reshape(inverse, a.shape[ind:] + a.shape[:ind])


def tensorsolve(a, b, axes=None):
    """The x of `tensordot(a, x, x.ndim) = b`. Collective."""
    arrays = _operands(a, b)
    if arrays is None or all(map(_stacks.is_small, arrays)):
        return _stacks.on_copies("linalg.tensorsolve", _theirs.tensorsolve, (a, b, axes), {})
    a, b = arrays
    order = list(range(a.ndim))
    for place in axes or ():
        order.remove(place)
        order.append(place)
    a = _functions.transpose(a, order)
    shape = a.shape[b.ndim:]
    n = math.prod(shape)
    if a.size != n**2:
        return _theirs.tensorsolve(_stacks.stand_in(a), _stacks.stand_in(b))
    return _functions.reshape(solve(_functions.reshape(a, (n, n)), _functions.ravel(b)), shape)


def diagonal(x, /, *, offset=0):
    """The diagonals of the matrices in the last two axes."""
    import gain

    return gain.diagonal(x, offset, -2, -1)


def matrix_transpose(x, /):
    """The matrices in the last two axes, transposed."""
    import gain

    return gain.matrix_transpose(x)


def _product(name):
    """A product of the main namespace whose rules NumPy's version here does not change."""

    @functools.wraps(getattr(_theirs, name))
    def product(*args, **kwargs):
        import gain

        return getattr(gain, name)(*args, **kwargs)

    product.__module__ = "gain.linalg"
    return product


matmul, tensordot, vecdot = _product("matmul"), _product("tensordot"), _product("vecdot")
globals().update((_name, _function) for _name, _function in COMPOSED.items() if _name not in globals())

__getattr__, __dir__ = _fallback.namespace("linalg", __name__)
