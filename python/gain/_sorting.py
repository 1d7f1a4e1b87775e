"""Sorting, and what is defined by it. Which order equal elements are in, and those of a part, NumPy leaves open.

Programs print it all the same, so on arrays of up to `NUMPYS` elements it is NumPy's, wherever they lie. On larger ones indices are those of a
stable sort, and partitions are sorted: the same on any number of ranks.
"""

import functools
import operator

import numpy
from numpy.lib.array_utils import normalize_axis_index

from gain import _borrowed, _creation, _fallback, _functions, _gain, _parts

ndarray = _gain.ndarray

# Arrays of up to so many elements are put in order by NumPy: every rank can have all of them, and a message costs more than the work.
NUMPYS = 4096

_KINDS = {"quicksort", "mergesort", "heapsort", "stable", "q", "m", "h", "s", "Q", "M", "H", "S"}


def _plain(kind, order, stable):
    return order is None and (kind is None or kind in _KINDS) and (stable is None or kind is None)


def _array(a):
    array = _creation.asarray(a)
    return array if type(array) is ndarray else None


def sort(a, axis=-1, kind=None, order=None, *, stable=None, descending=False):
    """A sorted copy, along an axis or (None) of all elements. NaN comes last; `descending` (the array API's) is the reverse. Collective."""
    array = _array(a)
    if array is None or not _plain(kind, order, stable):
        return _fallback.call("sort", numpy.sort, (a, axis, kind, order), {"stable": stable})
    if axis is None:
        array, axis = _functions.ravel(array), -1
    normalize_axis_index(operator.index(axis), array.ndim)
    found = _gain._sorted(array, axis, False)
    return _functions.flip(found, axis).copy() if descending else found


def argsort(a, axis=-1, kind=None, order=None, *, stable=None, descending=False):
    """The indices that sort along an axis, or (None) all elements; equal elements stay in order, also `descending`. Collective."""
    array = _array(a)
    if array is None or not _plain(kind, order, stable):
        return _fallback.call("argsort", numpy.argsort, (a, axis, kind, order), {"stable": stable})
    if array.ndim == 0 or axis is None:
        array, axis = _functions.ravel(array), -1 if axis is None else axis
    normalize_axis_index(operator.index(axis), array.ndim)
    if descending:
        # Sorted from behind and turned round: equal elements are in order again.
        found = _gain._sorted(_functions.flip(array, axis), axis, True)
        return array.shape[axis] - 1 - _functions.flip(found, axis)
    if array.size <= NUMPYS:
        return _gain.from_numpy(array._gather().argsort(axis, kind, stable=stable))
    return _gain._sorted(array, axis, True)


def _sort(self, axis=-1, kind=None, order=None, *, stable=None):
    """Sorts this array in place along an axis. NaN comes last."""
    if not _plain(kind, order, stable):
        return _fallback.method(self, "sort", (axis, kind, order), {"stable": stable})
    normalize_axis_index(operator.index(axis), self.ndim)
    self[...] = _gain._sorted(self, axis, False)
    return None


def _argsort(self, axis=-1, kind=None, order=None, *, stable=None):
    """The indices that sort this array along an axis."""
    return argsort(self, axis, kind, order, stable=stable)


def _places(kth, n):
    """Raises for places outside the axis."""
    places = numpy.asarray(kth)
    if places.dtype.kind not in "iu":
        raise TypeError("Partition index must be integer")
    for place in places.ravel() if n else ():
        if not -n <= place < n:
            raise ValueError(f"kth(={place}) out of bounds ({n})")


def partition(a, kth, axis=-1, kind="introselect", order=None):
    """A copy in which the elements at `kth` are where sorting would put them, smaller ones before and larger ones behind. Collective."""
    array = _array(a)
    if array is None or order is not None or kind != "introselect":
        return _fallback.call("partition", numpy.partition, (a, kth, axis, kind, order), {})
    if axis is None:
        array, axis = _functions.ravel(array), -1
    axis = normalize_axis_index(operator.index(axis), array.ndim)
    _places(kth, array.shape[axis])
    if array.size <= NUMPYS:
        found = array._gather()
        found.partition(numpy.asarray(kth), axis)
        return _gain.from_numpy(found)
    return _gain._sorted(array, axis, False)


def argpartition(a, kth, axis=-1, kind="introselect", order=None):
    """The indices of a partition along an axis. Collective."""
    array = _array(a)
    if array is None or order is not None or kind != "introselect":
        return _fallback.call("argpartition", numpy.argpartition, (a, kth, axis, kind, order), {})
    if axis is None:
        array, axis = _functions.ravel(array), -1
    axis = normalize_axis_index(operator.index(axis), array.ndim)
    _places(kth, array.shape[axis])
    if array.size <= NUMPYS:
        return _gain.from_numpy(array._gather().argpartition(numpy.asarray(kth), axis))
    return _gain._sorted(array, axis, True)


def _partition(self, kth, axis=-1, kind="introselect", order=None):
    """Partitions this array in place."""
    self[...] = partition(self, kth, operator.index(axis), kind, order)


def _argpartition(self, kth, axis=-1, kind="introselect", order=None):
    """The indices of a partition along an axis."""
    return argpartition(self, kth, axis, kind, order)


def lexsort(keys, axis=-1):
    """The indices that sort along an axis by several keys, the last one first. Collective."""
    given = [_array(key) for key in keys]
    if any(key is None for key in given):
        return _fallback.call("lexsort", numpy.lexsort, (keys, axis), {})
    if not given:
        raise TypeError("need sequence of keys with len > 0 in lexsort")
    if len({key.shape for key in given}) != 1:
        raise ValueError("all keys need to be the same shape")
    if given[0].ndim == 0:
        return numpy.intp(0)
    axis = normalize_axis_index(operator.index(axis), given[0].ndim)
    indices = None
    for key in given:
        order = _gain._sorted(key if indices is None else _chosen(key, indices, axis), axis, True)
        indices = order if indices is None else _chosen(indices, order, axis)
    return indices


def _chosen(array, indices, axis):
    """The elements of each line at indices."""
    from gain import _indexing

    return array[indices] if array.ndim == 1 else _indexing.take_along_axis(array, indices, axis)


def sort_complex(a):
    """The elements as complex numbers, sorted by real and imaginary parts. Collective."""
    array = _array(a)
    if array is None:
        return _fallback.call("sort_complex", numpy.sort_complex, (a,), {})
    found = sort(array)
    if found.dtype.kind == "c":
        return found
    return _functions.astype(found, "F" if found.dtype.char in "bhBH" else "D")


# NumPy's bodies that need nothing but sorting, selecting and counting.
_COMPOSED = """
    intersect1d median percentile quantile setdiff1d setxor1d union1d unique unique_all unique_counts unique_inverse unique_values
""".split()


def _alone(native, theirs, n_operands):
    """The native function; of all elements that one rank has alone, NumPy's, which selects where the native one sorts."""

    @functools.wraps(native)
    def function(a, *args, **kwargs):
        plain = len(args) == n_operands and kwargs.keys() <= {"method"} and all(type(arg) is not ndarray for arg in args)
        if plain and type(a) is ndarray and a.size and a.dtype.kind in "biuf" and _parts.is_alone(a):
            found = theirs(a._local(), *args, **kwargs)
            return _creation.asarray(found) if isinstance(found, numpy.ndarray) else found
        return native(a, *args, **kwargs)

    return function


def functions():
    """What goes into the namespace."""
    found = {name: _borrowed.borrow(getattr(numpy, name)) for name in _COMPOSED}
    for name, n_operands in (("median", 0), ("percentile", 1), ("quantile", 1)):
        found[name] = _alone(found[name], getattr(numpy, name), n_operands)
    for function in (sort, argsort, partition, argpartition, lexsort, sort_complex):
        found[function.__name__] = function
    return found


def attach():
    """Gives the class its methods."""
    ndarray.sort, ndarray.argsort, ndarray.partition, ndarray.argpartition = _sort, _argsort, _partition, _argpartition
    for name in ("sort", "argsort", "partition", "argpartition"):
        getattr(ndarray, name).__name__ = name
