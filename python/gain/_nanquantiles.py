"""Medians and quantiles that leave NaN out: of the lines as they are sorted, NaN last, each with its own number of elements."""


import numpy
from numpy.lib import _function_base_impl as _theirs
from numpy.lib.array_utils import normalize_axis_tuple

from gain import _creation, _fallback, _functions, _gain, _indexing, _joining, _warnings

ndarray = _gain.ndarray
_NONE = numpy._NoValue


def _lines(array, axis):
    """The elements sorted along the first axis, into which the axes are joined, and how many of each line are no NaN; a warning where none is."""
    axes = tuple(range(array.ndim)) if axis is None else normalize_axis_tuple(axis, array.ndim)
    rest = tuple(place for place in range(array.ndim) if place not in axes)
    moved = _functions.transpose(array, (*axes, *rest))
    moved = _functions.reshape(moved, (-1, *moved.shape[len(axes):]) if moved.size else (0, *moved.shape[len(axes):]))
    lines = _gain._sorted(moved, 0, False)
    counts = _creation.asarray(_gain.sum(_gain.logical_not(_gain.isnan(lines)), 0, dtype=numpy.intp))
    for _ in range(int((counts == 0).sum())):
        _warnings.tell("All-NaN slice encountered", RuntimeWarning)
    return lines, counts, axes


def _at(lines, places):
    """The elements of the sorted lines at one place each."""
    return _indexing.take_along_axis(lines, places[None], 0)[0] if lines.ndim > 1 else lines[places]


def _finished(found, array, axes, keepdims, out, ahead=0):
    """The result in the shape and the place that were asked for; `ahead` axes stand before the lines'."""
    if keepdims:
        shape = [1 if place in axes else n for place, n in enumerate(array.shape)]
        found = _functions.reshape(found, (*found.shape[:ahead], *shape))
    if out is not None:
        out[...] = found
        return out
    return found if found.ndim else found[()]


def nanmedian(a, axis=None, out=None, overwrite_input=False, keepdims=_NONE):
    """The medians along axes, or of all elements, of those that are no NaN. Collective."""
    array = _creation.asarray(a)
    if type(array) is not ndarray or array.dtype.kind == "c" or array.ndim == 0:
        return _fallback.call("nanmedian", numpy.nanmedian, (a, axis, out, overwrite_input), {} if keepdims is _NONE else {"keepdims": keepdims})
    keepdims = keepdims is not _NONE and bool(keepdims)
    if array.dtype.kind != "f" or array.size == 0:
        import gain

        return (gain.nanmean if array.size == 0 else gain.median)(array, axis, out=out, keepdims=keepdims)
    lines, counts, axes = _lines(array, axis)
    last = _gain.maximum(counts - 1, 0)
    low, high = _at(lines, last // 2), _at(lines, _gain.maximum(counts // 2, 0))
    found = _creation.asarray(_gain.where(counts % 2 == 1, low, (low + high) / array.dtype.type(2)))
    return _finished(found, array, axes, keepdims, out)


def nanquantile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=_NONE, *, weights=None):
    """The quantiles along axes, or of all elements, of those that are no NaN, by any of NumPy's methods. Collective."""
    return _quantiles("nanquantile", a, q, 1, axis, out, method, keepdims, weights)


def nanpercentile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=_NONE, *, weights=None):
    """The percentiles along axes, or of all elements, of those that are no NaN, by any of NumPy's methods. Collective."""
    return _quantiles("nanpercentile", a, q, 100, axis, out, method, keepdims, weights)


def _quantiles(name, a, q, whole, axis, out, method, keepdims, weights):
    array = _creation.asarray(a)
    keepdims = keepdims is not _NONE and bool(keepdims)
    if type(array) is not ndarray or array.dtype.kind not in "f" or weights is not None or array.size == 0 or array.ndim == 0:
        keywords = {"axis": axis, "out": out, "method": method, "keepdims": keepdims, "weights": weights}
        if type(array) is ndarray and array.dtype.kind in "biu" and array.size:
            import gain

            return getattr(gain, name.removeprefix("nan"))(array, q, **keywords)
        return _fallback.call(name, getattr(numpy, name), (a, q), keywords)
    # NumPy's own arithmetic: the quantile is a number of the elements' dtype.
    if type(q) in (int, float) and array.dtype.kind == "f":
        q = numpy.asarray(q, dtype=array.dtype)
    q = numpy.true_divide(_creation.asarray(q)._gather() if type(q) is ndarray else q, array.dtype.type(whole) if whole > 1 else 1)
    q = numpy.asanyarray(q)
    if not _theirs._quantile_is_valid(q):
        raise ValueError("Percentiles must be in the range [0, 100]" if whole > 1 else "Quantiles must be in the range [0, 1]")
    if method not in _theirs._QuantileMethods:
        raise ValueError(f"{method!r} is not a valid method. Use one of: {_theirs._QuantileMethods.keys()}")
    lines, counts, axes = _lines(array, axis)
    found = [_quantile(lines, counts, point, method) for point in q.ravel()]
    found = _joining.stack([_creation.asarray(one) for one in found]) if found else _gain.empty((0, *counts.shape), array.dtype)
    found = _functions.reshape(found, (*q.shape, *counts.shape))
    return _finished(found, array, axes, keepdims, out, q.ndim)


def _quantile(lines, counts, point, method):
    """One quantile of each line, interpolated as the method says."""
    rules = _theirs._QuantileMethods[method]
    n = _gain.maximum(counts, 1)
    virtual = _creation.asarray(rules["get_virtual_index"](n.astype(float) if rules["fix_gamma"] is not None else n, point))
    if rules["fix_gamma"] is None or virtual.dtype.kind in "iu":
        places = _gain.minimum(_gain.maximum(virtual, 0), n - 1).astype(numpy.intp)
        return _at(lines, places)
    before = _gain.floor(virtual)
    behind = _gain.minimum(_gain.maximum(before + 1, 0), n - 1).astype(numpy.intp)
    # Beyond the last element, or before the first, there is nothing to interpolate.
    gamma = _gain.subtract(virtual, _gain.where(virtual >= n - 1, -1.0, _gain.where(virtual < 0, 0.0, before)))
    before = _gain.minimum(_gain.maximum(before, 0), n - 1).astype(numpy.intp)
    before, behind = (_gain.where(virtual >= n - 1, n - 1, _gain.where(virtual < 0, 0, places)) for places in (before, behind))
    gamma = _creation.asarray(rules["fix_gamma"](gamma, virtual)).astype(lines.dtype)
    return _lerp(_at(lines, before), _at(lines, behind), gamma)


def _lerp(low, high, gamma):
    """From one value towards another, from the nearer end, as NumPy rounds."""
    distance = _gain.subtract(high, low)
    return _gain.where(gamma >= 0.5, high - distance * (1 - gamma), low + distance * gamma)
