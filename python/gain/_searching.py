"""Looking up elements in tables.

A table of up to `TABLE` bytes is copied to every rank, and the elements stay where they are. A larger one stays where it is: elements and table are
sorted together, and an element's place among all less its place among the elements is its place in the table.
"""

import functools
import math
import operator

import numpy

from gain import _creation, _fallback, _functions, _gain, _joining, _parts

ndarray = _gain.ndarray

# Bytes of a table that every rank may have.
TABLE = 1 << 26

# Fewer elements than this, on this rank, are left to NumPy.
_LITTLE = 4096

# Up to so many elements are compared one by one.
_FEW = 16


def is_table(array):
    """Whether every rank may have all of an array."""
    return _parts.is_whole(array) or array.nbytes <= TABLE


def table(array):
    """A table on every rank, as NumPy's array. Collective."""
    return array._gather() if type(array) is ndarray else array


def spread(*arrays):
    """Whether one of them is spread over the ranks."""
    return any(not _parts.is_whole(array) for array in arrays)


def _is_little(*arrays):
    """Whether NumPy's own loop is done before ours has begun: few elements, all on this rank."""
    return not spread(*arrays) and all(numpy.size(array) < _LITTLE for array in arrays)


def searchsorted(a, v, side="left", sorter=None):
    """Where elements of `v` would stand in the sorted `a`. Collective."""
    where, given = _creation.asarray(v), _creation.asarray(a)
    known = type(where) is ndarray and type(given) is ndarray and given.ndim == 1 and side in ("left", "right")
    if not known or _is_little(where, given, sorter) or where.dtype.kind == "c":
        return _fallback.call("searchsorted", numpy.searchsorted, (a, v, side, sorter), {}, quiet=not spread(given, where, sorter))
    if sorter is not None:
        sorter = _creation.asarray(sorter)
        if sorter.dtype.kind not in "iu":
            raise TypeError("sorter must only contain integers")
        if sorter.shape != given.shape:
            raise ValueError("sorter.size must equal a.size")
        if sorter.size and (int(sorter.min()) < 0 or int(sorter.max()) >= sorter.size):
            raise ValueError("Sorter index out of range.")
        given = given[sorter]
    if numpy.ndim(where) == 0:
        return numpy.intp(_count(given, where[()] if type(v) is ndarray else v, side))
    common = numpy.result_type(given.dtype, where.dtype)
    if is_table(given):
        content = table(given)
        return _parts.per_element(lambda own: _places(content, own, common, side), where)
    if is_table(where):
        # Each rank counts those of its own part that stand before.
        content = numpy.asarray(table(where)).ravel()
        counts = numpy.searchsorted(given._local().astype(common, copy=False), content, side).astype(numpy.intp)
        return _functions.reshape(_parts.total(counts, given), where.shape)
    return _functions.reshape(_merged(given.astype(common), _functions.ravel(where).astype(common), side), where.shape)


def _places(table, elements, common, side):
    """Where vectors' elements would stand in a table, both on this rank."""
    if common.kind not in "biuf" or common.itemsize > 8:
        return numpy.searchsorted(table, elements, side)
    # The widest of the kind has all their values, in the same order.
    wide = common if common == "uint64" else numpy.dtype("float64" if common.kind == "f" else "int64")
    table, elements = (numpy.ascontiguousarray(item, wide) for item in (table, elements))
    return _gain._places(table, elements, side == "right")


def _count(given, value, side):
    """How many elements of a sorted vector stand before a number."""
    if value != value:
        return (given == given).sum() if side == "left" else given.size
    before = _gain.less(given, value) if side == "left" else _gain.less_equal(given, value)
    return before.sum()


def _merged(given, elements, side):
    """Places by a sort of both: a stable one puts those that come first before their equals."""
    n = elements.size
    both = _joining.concatenate([elements, given] if side == "left" else [given, elements])
    places = _ranked(both)
    among = _ranked(elements)
    return (places[:n] if side == "left" else places[-n:]) - among


def _ranked(array):
    """Where sorting puts each element of a vector."""
    order = _gain._sorted(array, 0, True)
    places = _gain.empty(array.size, numpy.intp)
    places[order] = _gain._index_along([array.size], 0)
    return places


def digitize(x, bins, right=False):
    """In which of the intervals between `bins` each element lies. Collective."""
    where = _creation.asarray(x)
    edges = _creation.asarray(bins)
    if type(where) is not ndarray or not numpy.ndim(where) or type(edges) is not ndarray or edges.ndim != 1 or _is_little(where, edges):
        return _fallback.call("digitize", numpy.digitize, (x, bins, right), {}, quiet=not spread(where, edges))
    if is_table(edges):
        content = table(edges)
        if "c" in (where.dtype.kind, content.dtype.kind) or not _is_ordered(content):
            # NumPy complains, or knows what it makes of NaN among the bins.
            return _parts.per_element(lambda own: numpy.digitize(own, content, right), where)
    if bool((edges[1:] >= edges[:-1]).all()):
        return searchsorted(edges, where, "left" if right else "right")
    if bool((edges[1:] <= edges[:-1]).all()):
        return edges.size - searchsorted(edges[::-1], where, "left" if right else "right")
    raise ValueError("bins must be monotonically increasing or decreasing")


def _is_ordered(table):
    """Whether the elements of a table on this rank, none of them NaN, ascend or descend."""
    return bool((table[1:] >= table[:-1]).all() or (table[1:] <= table[:-1]).all()) and not numpy.isnan(table).any()


def isin(element, test_elements, assume_unique=False, invert=False, *, kind=None):
    """Whether each element is among `test_elements`. Collective."""
    where, tests = _creation.asarray(element), _creation.asarray(test_elements)
    known = type(where) is ndarray and where.ndim and type(tests) is ndarray
    if not known or _is_little(where, tests):
        arguments = (element, test_elements, assume_unique, invert)
        return _fallback.call("isin", numpy.isin, arguments, {"kind": kind}, quiet=not spread(where, tests))
    if is_table(tests):
        content = table(tests)
        if kind is None and 0 < content.size <= _FEW:
            # One expression, so that all comparisons are one loop.
            found = functools.reduce(operator.or_, [where == value for value in content.ravel()])
            return _gain.logical_not(found) if invert else found
        return _parts.per_element(lambda own: numpy.isin(own, content, assume_unique, invert, kind=kind), where)
    common = numpy.result_type(where.dtype, tests.dtype)
    ordered = _gain._sorted(_functions.ravel(tests).astype(common), 0, False)
    places = _gain.minimum(searchsorted(ordered, where.astype(common)), ordered.size - 1)
    found = ordered[places] == where
    return _gain.logical_not(found) if invert else found


def interp(x, xp, fp, left=None, right=None, period=None):
    """Linear interpolation between the points `(xp, fp)`. Collective."""
    where, points, values = _creation.asarray(x), _creation.asarray(xp), _creation.asarray(fp)
    known = type(where) is ndarray and numpy.ndim(where) and type(points) is ndarray and type(values) is ndarray
    if not known or _is_little(where, points, values):
        return _fallback.call("interp", numpy.interp, (x, xp, fp, left, right, period), {}, quiet=not spread(where, points, values))
    if is_table(points) and is_table(values):
        points, values = table(points), table(values)
        function = _between(points, values, left, right) if period is None else None
        return _parts.per_element(function or (lambda own: numpy.interp(own, points, values, left, right, period)), where)
    if period is not None or points.ndim != 1 or values.ndim != 1 or points.size != values.size or values.dtype.kind == "c":
        return _fallback.call("interp", numpy.interp, (x, xp, fp, left, right, period), {})
    return _interpolated(where.astype(float), points.astype(float), values.astype(float), left, right)


def _between(points, values, left, right):
    """Interpolation between points on this rank; None where NumPy has to complain, or where what it gives depends on how it searches."""
    real = points.dtype.kind in "biuf" and values.dtype.kind in "biuf" and {type(left), type(right)} <= {float, int, type(None)}
    if not real or points.shape != values.shape or points.ndim != 1 or not points.size or not (points[1:] >= points[:-1]).all():
        return None
    points, values = (numpy.ascontiguousarray(item, float) for item in (points, values))
    ends = [float(values[place] if end is None else end) for place, end in ((0, left), (-1, right))]
    return lambda own: _gain._interpolated(numpy.ascontiguousarray(own, float), points, values, *ends)


def _interpolated(x, points, values, left, right):
    """NumPy's formula: by the slope from the left point, else from the right one, and a point's own value where neither is a number."""
    n = points.size
    place = searchsorted(points, x, "right") - 1
    inner = _gain.minimum(_gain.maximum(place, 0), n - 2)
    x0, x1, y0, y1 = points[inner], points[inner + 1], values[inner], values[inner + 1]
    slope = (y1 - y0) / (x1 - x0)
    found = slope * (x - x0) + y0
    other = _gain.where(_gain.isnan(slope * (x - x1) + y1) & (y0 == y1), y0, slope * (x - x1) + y1)
    found = _gain.where(_gain.isnan(found), other, found)
    found = _gain.where(x == points[_gain.maximum(place, 0)], values[_gain.maximum(place, 0)], found)
    found = _gain.where(place < 0, values[0] if left is None else left, found)
    return _gain.where(_gain.isnan(x), x, _gain.where(x > points[n - 1], values[n - 1] if right is None else right, found))


def ravel_multi_index(multi_index, dims, mode="raise", order="C"):
    """Places in the flattened array of elements that are given by their indices along each axis. Collective."""
    given = [_creation.asarray(item) for item in multi_index] if type(multi_index) in (tuple, list) else None
    if type(multi_index) is ndarray:
        given = [multi_index[place] for place in range(multi_index.shape[0])]
    if given is None or not any(type(item) is ndarray and item.ndim for item in given):
        return _fallback.Gathering(False).spread(numpy.ravel_multi_index(_fallback.Gathering(False).take(multi_index), dims, mode, order))
    dims = (operator.index(dims),) if numpy.ndim(dims) == 0 else tuple(operator.index(n) for n in dims)
    order = "C" if order is None else _creation._order(order)
    if order not in ("C", "F"):
        raise ValueError("only 'C' or 'F' order is permitted")
    modes = (mode,) * len(dims) if isinstance(mode, str) else tuple(mode)
    if len(given) != len(dims) or len(modes) != len(dims):
        raise ValueError(f"parameter multi_index must be a sequence of length {len(dims)}")
    if math.prod(dims) > numpy.iinfo(numpy.intp).max:
        raise ValueError("invalid dims: array size defined by dims is larger than the maximum possible size.")
    for how in modes:
        if how not in ("raise", "wrap", "clip"):
            raise ValueError(f"clipmode must be one of 'clip', 'raise', or 'wrap' (got '{how}')")
    for item, original in zip(given, multi_index):
        if item.dtype.kind not in "iu":
            inferred = type(original) in (list, tuple) and not item.size
            words = "indices must be integral: the provided empty sequence was inferred as float. Wrap it with 'np.array(indices, dtype=np.intp)'"
            raise TypeError(words if inferred else "only int indices permitted")
    has_places = 0 not in numpy.broadcast_shapes(*(item.shape for item in given))
    if 0 in dims and has_places:
        raise ValueError("cannot unravel if shape has zero entries (is empty).")
    places, step = 0, 1
    for item, n, how in _by_axis(given, dims, modes, order):
        if how == "raise" and has_places and bool(((item < 0) | (item >= n)).any()):
            raise ValueError("invalid entry in coordinates array")
        item = _gain.remainder(item, n) if how == "wrap" else _functions.clip(item, 0, n - 1) if how == "clip" else item
        places, step = places + item.astype(numpy.intp) * step, step * n
    return places


def _by_axis(given, dims, modes, order):
    """Index, length and mode of each axis, the innermost first."""
    axes = list(zip(given, dims, modes))
    return axes[::-1] if order == "C" else axes
