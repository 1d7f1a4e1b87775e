"""Triangles, diagonals and grids: compositions of index arrays, selections and assignment, so that no rank makes a whole array."""

import math
import operator

import numpy
from numpy.lib.array_utils import normalize_axis_index

from gain import _creation, _fallback, _flat, _functions, _gain

ndarray = _gain.ndarray


def _length(n):
    """The length of a range up to n, as NumPy has it: none if n is negative, and a last piece of one counts."""
    return max(0, math.ceil(n)) if isinstance(n, (float, numpy.floating)) else max(0, operator.index(n))


def _below(rows, columns, k):
    """Where column - row is at most k."""
    rows, columns = _length(rows), _length(columns)
    return _gain._index_along([1, columns], 1) - _gain._index_along([rows, 1], 0) <= k


def tri(N, M=None, k=0, dtype=float, *, like=None):
    """Ones at and below a diagonal, zeros above it."""
    wanted = numpy.dtype(float if dtype is None else dtype)
    if not _gain.holds(wanted):
        return _fallback.call("tri", numpy.tri, (N, M, k, dtype), {})
    return _below(N, N if M is None else M, math.trunc(k)).astype(wanted, copy=False)


def _triangle(name, m, k, keep_below):
    a = _creation.asarray(m)
    if type(a) is not ndarray:
        return _fallback.call(name, getattr(numpy, name), (m, k), {})
    if a.ndim == 0:
        raise TypeError("tri() missing 1 required positional argument: 'N'")
    rows, columns = a.shape[-2:] if a.ndim > 1 else (a.shape[0], a.shape[0])
    zero = a.dtype.type(0)
    if keep_below:
        return _gain.where(_below(rows, columns, math.trunc(k)), a, zero)
    return _gain.where(_below(rows, columns, math.trunc(k - 1)), zero, a)


def tril(m, k=0):
    """A copy with zeros above a diagonal."""
    return _triangle("tril", m, k, True)


def triu(m, k=0):
    """A copy with zeros below a diagonal."""
    return _triangle("triu", m, k, False)


def _steps(n):
    return _gain._index_along([n], 0)


def diagonal(a, offset=0, axis1=0, axis2=1):
    """The elements of a diagonal in two of the axes, read-only; the diagonal becomes the last axis."""
    a = _creation.asarray(a)
    if type(a) is not ndarray:
        return numpy.diagonal(a, offset, axis1, axis2)
    if a.ndim < 2:
        raise ValueError("diag requires an array of at least two dimensions")
    one, other = (normalize_axis_index(operator.index(axis), a.ndim, name) for axis, name in ((axis1, "axis1"), (axis2, "axis2")))
    if one == other:
        raise ValueError("axis1 and axis2 cannot be the same")
    found = view_of_diagonal(a, operator.index(offset), one, other)
    found._writeable = False
    return found


def view_of_diagonal(a, offset, one, other):
    """The elements of a diagonal in the plane of two axes, along the last axis: a view, or a copy where memory has no step from one to the next."""
    found = a._diagonal(offset, one, other)
    if found is not None:
        return found
    a = a.transpose([axis for axis in range(a.ndim) if axis not in (one, other)] + [one, other])
    down, right = max(-offset, 0), max(offset, 0)
    n = max(min(a.shape[-2] - down, a.shape[-1] - right), 0)
    return a[..., _steps(n) + down, _steps(n) + right]


def diag(v, k=0):
    """The diagonal of a matrix, or a matrix with a vector on its diagonal."""
    v = _creation.asarray(v)
    if type(v) is not ndarray or v.ndim not in (1, 2):
        if type(v) is ndarray:
            raise ValueError("Input must be 1- or 2-d.")
        return _fallback.call("diag", numpy.diag, (v, k), {})
    if v.ndim == 2:
        return diagonal(v, k)
    n = v.shape[0] + abs(k)
    made = _gain.zeros((n, n), v.dtype)
    view_of_diagonal(made, operator.index(k), 0, 1)[...] = v
    return made


def diagflat(v, k=0):
    """A matrix with the flattened argument on its diagonal."""
    return diag(_functions.ravel(_creation.asarray(v)), k)


def fill_diagonal(a, val, wrap=False):
    """Writes values to the main diagonal."""
    if type(a) is not ndarray:
        return _fallback.call("fill_diagonal", numpy.fill_diagonal, (a, val, wrap), {})
    if a.ndim < 2:
        raise ValueError("array must be at least 2-d")
    end = None
    if a.ndim == 2:
        step = a.shape[1] + 1
        if not wrap:
            end = a.shape[1] * a.shape[1]
    else:
        if len(set(a.shape)) > 1:
            raise ValueError("All dimensions of input must be of equal length")
        step = 1 + sum(a.shape[0] ** power for power in range(1, a.ndim))
    _flat.flatiter(a)[:end:step] = val
    return None


def diag_indices(n, ndim=2):
    """The indices of a main diagonal."""
    steps = _steps(_length(n))
    return (steps.astype(float) if isinstance(n, (float, numpy.floating)) else steps,) * ndim


def diag_indices_from(arr):
    """The indices of an array's main diagonal."""
    if not arr.ndim >= 2:
        raise ValueError("input array must be at least 2-d")
    if len(set(arr.shape)) > 1:
        raise ValueError("All dimensions of input must be of equal length")
    return diag_indices(arr.shape[0], arr.ndim)


def tril_indices(n, k=0, m=None):
    """The indices of a lower triangle."""
    return _below(n, n if m is None else m, math.trunc(k)).nonzero()


def triu_indices(n, k=0, m=None):
    """The indices of an upper triangle."""
    return (~_below(n, n if m is None else m, math.trunc(k - 1))).nonzero()


def tril_indices_from(arr, k=0):
    """The indices of a matrix's lower triangle."""
    if arr.ndim != 2:
        raise ValueError("input array must be 2-d")
    return tril_indices(arr.shape[-2], k=k, m=arr.shape[-1])


def triu_indices_from(arr, k=0):
    """The indices of a matrix's upper triangle."""
    if arr.ndim != 2:
        raise ValueError("input array must be 2-d")
    return triu_indices(arr.shape[-2], k=k, m=arr.shape[-1])


def vander(x, N=None, increasing=False):
    """The powers of a vector's elements as columns."""
    x = _creation.asarray(x)
    if type(x) is not ndarray:
        return _fallback.call("vander", numpy.vander, (x, N, increasing), {})
    if x.ndim != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    n = x.shape[0] if N is None else N
    made = _gain.empty((x.shape[0], n), numpy.promote_types(x.dtype, int))
    columns = made if increasing else made[:, ::-1]
    for power in range(n):
        columns[:, power] = 1 if power == 0 else x if power == 1 else columns[:, power - 1] * x
    return made


def meshgrid(*xi, copy=True, sparse=False, indexing="xy"):
    """The coordinates of the points of a grid, an array for each axis."""
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    vectors = [_creation.asarray(x) for x in xi]
    if any(type(x) is not ndarray for x in vectors):
        return _fallback.call("meshgrid", numpy.meshgrid, xi, {"copy": copy, "sparse": sparse, "indexing": indexing})
    n = len(vectors)
    found = []
    for place, x in enumerate(vectors):
        shape = [1] * n
        shape[1 - place if indexing == "xy" and n > 1 and place < 2 else place] = -1
        found.append(_functions.reshape(x, tuple(shape)))
    if not sparse:
        whole = numpy.broadcast_shapes(*(x.shape for x in found))
        found = [_functions.broadcast_to(x, whole) for x in found]
    return tuple(x.copy() if copy else x for x in found)


def logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    """Numbers whose logarithms are evenly spaced."""
    if any(numpy.ndim(bound) or type(bound) is ndarray or isinstance(bound, complex) for bound in (start, stop, base)):
        keywords = {"num": num, "endpoint": endpoint, "base": base, "dtype": dtype, "axis": axis}
        return _fallback.call("logspace", numpy.logspace, (start, stop), keywords)
    powers = _gain.power(base, _creation.linspace(start, stop, num, endpoint, axis=axis))
    return powers if dtype is None else powers.astype(dtype, copy=False)


class Grid:
    """`mgrid` and `ogrid`: the points of a grid by slices, whole or as vectors that broadcast."""

    def __init__(self, theirs, sparse):
        self._theirs = theirs
        self._sparse = sparse

    def __getitem__(self, key):
        if not isinstance(key, tuple) or any(type(bound) is ndarray for part in key for bound in (part.start, part.stop, part.step)):
            return _fallback.call("ogrid" if self._sparse else "mgrid", self._theirs.__getitem__, (key,), {})
        vectors = [_gain.from_numpy(vector) for vector in numpy.ogrid[key]]
        if self._sparse:
            return tuple(vectors)
        whole = numpy.broadcast_shapes(*(vector.shape for vector in vectors))
        made = _gain.empty((len(vectors), *whole), numpy.result_type(*(vector.dtype for vector in vectors)))
        for place, vector in enumerate(vectors):
            made[place] = vector
        return made

    def __len__(self):
        return 0


mgrid, ogrid = Grid(numpy.mgrid, False), Grid(numpy.ogrid, True)


def _diagonal_method(self, offset=0, axis1=0, axis2=1):
    return diagonal(self, offset, axis1, axis2)


_diagonal_method.__name__, _diagonal_method.__doc__ = "diagonal", diagonal.__doc__

METHODS = {"diagonal": _diagonal_method}


class Concatenation:
    """`r_` and `c_`: NumPy's own rules of what stands in the brackets, over gain's functions."""

    def __init__(self, theirs):
        self._theirs = theirs

    def __getitem__(self, key):
        from gain import _borrowed

        return _borrowed.method(type(self._theirs), "__getitem__")(self._theirs, key)

    def __len__(self):
        return 0


r_, c_ = Concatenation(numpy.r_), Concatenation(numpy.c_)
