"""`numpy.lib.stride_tricks`: windows that slide over an array, and arrays by shape and strides.

A window that overlaps the next one has elements in common with it, which no view of gain's has: windows are copies, and read-only as NumPy's are.
"""

import operator

import numpy
from numpy.lib.array_utils import normalize_axis_tuple
from numpy.lib.stride_tricks import as_strided as _as_strided
from numpy.lib.stride_tricks import sliding_window_view as _sliding_window_view

from gain import _creation, _fallback, _functions, _gain

ndarray = _gain.ndarray

# Windows up to this length are copied slice by slice, longer ones gathered by index.
SLICES = 256


def sliding_window_view(x, window_shape, axis=None, *, subok=False, writeable=False):
    """All windows of a shape, along axes behind those of the array: a read-only copy. Collective."""
    a = _creation.asarray(x)
    window = tuple(window_shape) if numpy.iterable(window_shape) else (window_shape,)
    window = tuple(operator.index(n) for n in window)
    if type(a) is not ndarray or writeable:
        return _fallback.call("lib.stride_tricks.sliding_window_view", _sliding_window_view, (a, window, axis), {"subok": subok, "writeable": writeable})
    if any(n < 0 for n in window):
        raise ValueError("`window_shape` cannot contain negative values")
    if axis is None:
        axes = tuple(range(a.ndim))
        if len(window) != a.ndim:
            raise ValueError(
                f"Since axis is `None`, must provide window_shape for all dimensions of `x`; got {len(window)} window_shape elements and `x.ndim`"
                f" is {a.ndim}."
            )
    else:
        axes = normalize_axis_tuple(axis, a.ndim, allow_duplicate=True)
        if len(window) != len(axes):
            raise ValueError(
                f"Must provide matching length window_shape and axis; got {len(window)} window_shape elements and {len(axes)} axes elements."
            )
    lens = list(a.shape)
    for place, length in zip(axes, window):
        if lens[place] < length:
            raise ValueError("window shape cannot be larger than input array shape")
        lens[place] -= length - 1
    for place, length in zip(axes, window):
        a = _slid(a, place, length)
    found = a[...]
    found._writeable = False
    return found


def _slid(a, axis, length):
    """The windows of a length along one axis, along a new last axis."""
    n = a.shape[axis] - length + 1
    before = (slice(None),) * axis
    if length > SLICES:
        places = _gain._index_along([n, 1], 0) + _gain._index_along([1, length], 1)
        return _functions.moveaxis(a[(*before, places)], axis + 1, -1)
    made = _gain.empty((*a.shape[:axis], n, *a.shape[axis + 1:], length), a.dtype)
    for place in range(length):
        made[..., place] = a[(*before, slice(place, place + n))]
    return made


def _in_memory(x):
    """The elements of a view on this rank, with the strides they have and all that lies around them. Collective."""
    whole, first = x._underlying()
    return numpy.ndarray(x.shape, x.dtype, whole._gather(), first * x.itemsize, x.strides)


def as_strided(x, shape=None, strides=None, subok=False, writeable=True):
    """The elements that lie at strides from the first: a copy, by NumPy on every rank. Collective."""
    if type(x) is ndarray and x.base is not None and x.size:
        x = _in_memory(x)
    return _fallback.call("lib.stride_tricks.as_strided", _as_strided, (x, shape, strides), {"subok": subok, "writeable": writeable})
