"""Norms of vectors and matrices: ufuncs and reductions on the arrays where they lie."""

import math
import operator

import numpy
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from gain import _functions, _gain, _stacks

inf = math.inf


def norm(x, ord=None, axis=None, keepdims=False):
    """The norm of an array, of its vectors or of its matrices: all of NumPy's orders. Collective.

    A result of no axes is a NumPy scalar. `ValueError` for orders that vectors or matrices don't have, as NumPy's.
    """
    if ord is None and axis is None and keepdims is False and type(x) is _gain.ndarray:
        found = _gain._length(x)
        if found is not None:
            return found
    a = _functions._array(x)
    if a is None or _stacks.is_small(a):
        return _stacks.on_copies("linalg.norm", numpy.linalg.norm, (x, ord, axis, keepdims), {})
    # NumPy says what is wrong with order and axes.
    numpy.linalg.norm(numpy.ones([min(length, 2) for length in a.shape], a.dtype), ord, axis, keepdims)
    if a.dtype.kind not in "fc":
        a = a.astype(numpy.float64)
    if axis is None:
        if ord is None or (ord in ("f", "fro") and a.ndim == 2) or (ord == 2 and a.ndim == 1):
            return _euclidean(a, tuple(range(a.ndim)), keepdims)
        axis = tuple(range(a.ndim))
    elif not isinstance(axis, tuple):
        axis = (int(axis),)
    if len(axis) == 1:
        return _of_vectors(a, ord, normalize_axis_index(operator.index(axis[0]), a.ndim), keepdims)
    return _of_matrices(a, ord, tuple(normalize_axis_index(operator.index(place), a.ndim) for place in axis), keepdims)


def _euclidean(a, axis, keepdims):
    squares = a.real * a.real + a.imag * a.imag if a.dtype.kind == "c" else a * a
    return _gain.sqrt(squares.sum(axis=axis, keepdims=keepdims))


def _of_vectors(a, ord, axis, keepdims):
    if ord is None or ord == 2:
        return _euclidean(a, axis, keepdims)
    if ord == 0:
        return (a != 0).astype(a.real.dtype).sum(axis=axis, keepdims=keepdims)
    size = _gain.absolute(a)
    if ord == inf:
        return size.max(axis=axis, keepdims=keepdims, initial=0)
    if ord == -inf:
        return size.min(axis=axis, keepdims=keepdims)
    if ord == 1:
        return size.sum(axis=axis, keepdims=keepdims)
    total = (size ** ord).sum(axis=axis, keepdims=keepdims)
    return total ** numpy.reciprocal(ord, dtype=total.dtype)


def _of_matrices(a, ord, axis, keepdims):
    rows, columns = axis
    if ord is None or ord in ("f", "fro"):
        return _euclidean(a, axis, keepdims)
    if ord in (1, -1, inf, -inf):
        summed, chosen = (rows, columns) if ord in (1, -1) else (columns, rows)
        sums = _gain.absolute(a).sum(axis=summed, keepdims=True)
        found = sums.max(axis=chosen, keepdims=True, initial=0) if ord > 0 else sums.min(axis=chosen, keepdims=True)
    else:
        from gain import linalg

        values = linalg.svdvals(_functions.moveaxis(a, axis, (-2, -1)))
        if ord == "nuc":
            found = values.sum(axis=-1)
        else:
            found = values[..., 0 if ord == 2 else -1]
        found = _functions.expand_dims(_gain._operand(found), tuple(sorted(axis)))
    return found if keepdims else _without(found, axis)


def _without(array, axes):
    """The array without these axes of length 1; a NumPy scalar if none is left."""
    return array[tuple(0 if place in axes else slice(None) for place in range(array.ndim))]


def vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    """The norm of an array's elements, or of the vectors along axes. Collective."""
    a = _functions._array(x)
    if a is None or _stacks.is_small(a):
        return _stacks.on_copies("linalg.vector_norm", numpy.linalg.vector_norm, (x,), {"axis": axis, "keepdims": keepdims, "ord": ord})
    axes = tuple(range(a.ndim)) if axis is None else normalize_axis_tuple(axis, a.ndim)
    rest = tuple(place for place in range(a.ndim) if place not in axes)
    vectors = a
    if len(axes) != 1:
        order = axes if axis is None else tuple(place % a.ndim for place in axis)
        shape = (math.prod(a.shape[place] for place in order), *(a.shape[place] for place in rest))
        vectors = _functions.reshape(_functions.transpose(a, order + rest), shape)
        found = norm(vectors, ord, axis=0)
    else:
        found = norm(vectors, ord, axis=axes[0])
    if not keepdims:
        return found
    return _functions.reshape(found, [1 if place in axes else length for place, length in enumerate(a.shape)])


def matrix_norm(x, /, *, keepdims=False, ord="fro"):
    """The norms of the matrices in an array's last two axes. Collective."""
    a = _functions._array(x)
    if a is None or _stacks.is_small(a):
        return _stacks.on_copies("linalg.matrix_norm", numpy.linalg.matrix_norm, (x,), {"keepdims": keepdims, "ord": ord})
    return norm(a, ord, (-2, -1), keepdims)
