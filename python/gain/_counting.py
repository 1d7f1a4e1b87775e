"""Counting and looking up: each rank its own elements, the small tables whole on all of them."""

import operator

import numpy

from gain import _creation, _fallback, _functions, _gain, _parts

ndarray = _gain.ndarray


def _spread(*arrays):
    """Whether one of them is spread over the ranks."""
    return any(not _parts.is_whole(array) for array in arrays)


def _gathered(array):
    """A table on every rank. Collective."""
    return array._gather() if type(array) is ndarray else array


def interp(x, xp, fp, left=None, right=None, period=None):
    """Linear interpolation between the points `(xp, fp)`, which become whole on every rank; `x` stays where it is. Collective."""
    where = _creation.asarray(x)
    if type(where) is not ndarray or not numpy.ndim(where):
        return _fallback.call("interp", numpy.interp, (x, xp, fp, left, right, period), {}, quiet=not _spread(where, xp, fp))
    xp, fp = _gathered(xp), _gathered(fp)
    return _parts.per_element(lambda own: numpy.interp(own, xp, fp, left, right, period), where)


def _gain_array(found):
    return _creation.asarray(found) if isinstance(found, numpy.ndarray) and type(found) is not ndarray else found


def digitize(x, bins, right=False):
    """In which of the intervals between `bins`, whole on every rank, each element lies. Collective."""
    where = _creation.asarray(x)
    if type(where) is not ndarray or not numpy.ndim(where):
        return _fallback.call("digitize", numpy.digitize, (x, bins, right), {}, quiet=not _spread(where, bins))
    bins = _gathered(bins)
    return _parts.per_element(lambda own: numpy.digitize(own, bins, right), where)


def searchsorted(a, v, side="left", sorter=None):
    """Where elements of `v` would stand in the sorted `a`, which becomes whole on every rank. Collective."""
    where = _creation.asarray(v)
    if type(where) is not ndarray or not numpy.ndim(where):
        return _fallback.call("searchsorted", numpy.searchsorted, (a, v, side, sorter), {}, quiet=not _spread(a, where, sorter))
    table, sorter = _gathered(a), _gathered(sorter)
    return _parts.per_element(lambda own: numpy.searchsorted(table, own, side, sorter), where)


def bincount(x, /, weights=None, minlength=0):
    """How often each number occurs, or the sum of its weights. Collective."""
    array = _creation.asarray(x)
    plain = type(array) is ndarray and array.ndim == 1 and array.dtype.kind in "biu" and array.dtype != numpy.uint64 and array.size
    if not plain:
        return _fallback.call("bincount", numpy.bincount, (x, weights, minlength), {}, quiet=not _spread(array, weights))
    if weights is None and _parts.is_alone(array):
        return _creation.asarray(numpy.bincount(array._local(), minlength=minlength))
    least, most = _gain.min(array), _gain.max(array)
    if least < 0:
        raise ValueError("'list' argument must have no negative elements")
    n = max(int(most) + 1, operator.index(minlength))
    if weights is None:
        return _parts.total(numpy.bincount(array._local(), minlength=n).astype(numpy.int64), array)
    weights = _functions.astype(_creation.asarray(weights), float)
    if weights.shape != array.shape:
        raise ValueError("The weights and list don't have the same length.")
    if _parts.is_whole(array) and _parts.is_whole(weights):
        return _creation.asarray(numpy.bincount(array._local(), weights._local(), n))
    sums = _gain.zeros(n)
    _gain.add.at(sums, array, weights)
    return sums


def histogram_bin_edges(a, bins=10, range=None, weights=None):
    """The edges of bins of equal width, or the given ones. Collective."""
    array = _creation.asarray(a)
    if type(array) is not ndarray or _parts.is_whole(array) or isinstance(bins, str):
        return _fallback.call("histogram_bin_edges", numpy.histogram_bin_edges, (a, bins, range, weights), {}, quiet=not _spread(array, bins))
    return _gain_array(_edges(array, bins, range))


def _edges(array, bins, range):
    """The edges as NumPy's array, on every rank."""
    if range is None and numpy.ndim(bins) == 0 and array.size:
        # The edges depend on the least and the greatest element alone.
        array = numpy.array([_gain.min(array), _gain.max(array)])
    elif type(array) is ndarray:
        array = numpy.empty(0, array.dtype)
    return numpy.histogram_bin_edges(array, _gathered(bins), range)


def histogram(a, bins=10, range=None, density=None, weights=None):
    """How many elements, or what weight of them, lies in each bin. Collective."""
    array = _creation.asarray(a)
    exact = type(array) is ndarray and array.dtype.kind in "biuf" and weights is None and not isinstance(bins, str)
    if not exact:
        return _fallback.call(
            "histogram", numpy.histogram, (a, bins, range, density, weights), {}, quiet=not _spread(array, weights, bins)
        )
    flat = _functions.ravel(array)
    if _parts.is_alone(flat):
        counts, edges = numpy.histogram(flat._local(), _gathered(bins), range, density)
        return _creation.asarray(counts), _creation.asarray(edges)
    edges = _edges(flat, bins, range)
    if numpy.ndim(bins) == 0:
        bins, range = operator.index(bins), (edges[0], edges[-1])
    else:
        bins, range = edges, None
    counts, _ = numpy.histogram(flat._local(), bins, range)
    total = _parts.total(counts, flat)
    edges = _creation.asarray(edges)
    if density:
        widths = _functions.astype(edges[1:] - edges[:-1], float)
        return total / widths / total.sum(), edges
    return total, edges


def isin(element, test_elements, assume_unique=False, invert=False, *, kind=None):
    """Whether each element is among `test_elements`, which become whole on every rank. Collective."""
    where = _creation.asarray(element)
    if type(where) is not ndarray or not where.ndim:
        return _fallback.call(
            "isin", numpy.isin, (element, test_elements, assume_unique, invert), {"kind": kind}, quiet=not _spread(where, test_elements)
        )
    table = _gathered(test_elements)
    return _parts.per_element(lambda own: numpy.isin(own, table, assume_unique, invert, kind=kind), where)


# Short filters are sums of shifted slices, which fuse; longer ones are NumPy's.
_SHORT = 128


def correlate(a, v, mode="valid"):
    """The cross-correlation of two vectors. Collective."""
    found = None
    x, y = _creation.asarray(a), _creation.asarray(v)
    if type(x) is ndarray and type(y) is ndarray and x.ndim == y.ndim == 1 and x.size and y.size:
        found = _filtered(x, _gain.conjugate(y), mode)
    if found is None:
        return _fallback.call("correlate", numpy.correlate, (a, v, mode), {}, quiet=not _spread(x, y))
    return found


def convolve(a, v, mode="full"):
    """The linear convolution of two vectors. Collective."""
    x, y = (_functions.atleast_1d(_creation.asarray(item)) for item in (a, v))
    found = None
    if type(x) is ndarray and type(y) is ndarray and x.ndim == y.ndim == 1 and x.size and y.size:
        if y.size > x.size:
            x, y = y, x
        found = _filtered(x, y[::-1], mode)
    if found is None:
        return _fallback.call("convolve", numpy.convolve, (a, v, mode), {}, quiet=not _spread(x, y))
    return found


def _filtered(x, taps, mode):
    """The sum over taps of shifted vectors; None where that is no good way."""
    n, m = x.size, taps.size
    if not _spread(x) or m > _SHORT or m > n or mode not in ("full", "same", "valid"):
        return None
    taps = _gathered(taps)
    before, after = {"valid": (0, 0), "full": (m - 1, m - 1), "same": (m // 2, (m - 1) - m // 2)}[mode]
    length = n + before + after - m + 1
    dtype = numpy.result_type(x.dtype, taps.dtype)
    if dtype.kind == "b":
        return None
    if before or after:
        padded = _creation.zeros_like(x, shape=(n + before + after,), dtype=dtype)
        padded[before:before + n] = x
    else:
        padded = _functions.astype(x, dtype)
    # One expression, so that all taps are one loop.
    total = padded[:length] * dtype.type(taps[0])
    for place in range(1, m):
        total = total + padded[place:place + length] * dtype.type(taps[place])
    return total
