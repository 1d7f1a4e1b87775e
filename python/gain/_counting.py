"""Counting and filters: each rank its own elements, the small tables whole on all of them."""

import operator

import numpy

from gain import _borrowed, _creation, _fallback, _functions, _gain, _parts, _searching
from gain._searching import spread, table

ndarray = _gain.ndarray


def _gain_array(found):
    return _creation.asarray(found) if isinstance(found, numpy.ndarray) and type(found) is not ndarray else found


def bincount(x, /, weights=None, minlength=0):
    """How often each number occurs, or the sum of its weights. Collective."""
    array = _creation.asarray(x)
    plain = type(array) is ndarray and array.ndim == 1 and array.dtype.kind in "biu" and array.dtype != numpy.uint64 and array.size
    if not plain:
        return _fallback.call("bincount", numpy.bincount, (x, weights, minlength), {}, quiet=not spread(array, weights))
    weights = None if weights is None else _creation.asarray(weights)
    if _parts.is_alone(array) and (weights is None or type(weights) is ndarray and _parts.is_alone(weights)):
        return _creation.asarray(numpy.bincount(array._local(), None if weights is None else weights._local(), minlength))
    minlength = operator.index(minlength)
    if minlength < 0:
        raise ValueError("'minlength' must not be negative")
    least, most = _gain.min(array), _gain.max(array)
    if least < 0:
        raise ValueError("'list' argument must have no negative elements")
    n = max(int(most) + 1, minlength)
    if weights is None:
        return _parts.total(numpy.bincount(array._local(), minlength=n).astype(numpy.int64), array)
    weights = _functions.astype(weights, float)
    if weights.shape != array.shape:
        raise ValueError("The weights and list don't have the same length.")
    sums = _gain.zeros(n)
    _gain.add.at(sums, array, weights)
    return sums


def histogram_bin_edges(a, bins=10, range=None, weights=None):
    """The edges of bins of equal width, of a number that a rule gives, or the given ones. Collective."""
    array = _creation.asarray(a)
    if type(array) is not ndarray or not spread(array, bins):
        return _fallback.call("histogram_bin_edges", numpy.histogram_bin_edges, (a, bins, range, weights), {}, quiet=not spread(array, bins))
    return _gain_array(_edges(_functions.ravel(array), bins, range, weights))


def _edges(array, bins, range, weights=None):
    """The edges as NumPy's array, on every rank."""
    if isinstance(bins, str):
        # NumPy's rules are compositions of statistics of the elements.
        found = _borrowed.borrow(numpy.histogram_bin_edges)(array, bins, range, weights)
        return table(found) if type(found) is ndarray else found
    if range is None and numpy.ndim(bins) == 0 and array.size:
        # The edges depend on the least and the greatest element alone.
        array = numpy.array([_gain.min(array), _gain.max(array)])
    elif type(array) is ndarray:
        array = numpy.empty(0, array.dtype)
    return numpy.histogram_bin_edges(array, table(bins) if type(bins) is ndarray else bins, range)


def histogram(a, bins=10, range=None, density=None, weights=None):
    """How many elements, or what weight of them, lies in each bin. Collective."""
    array = _creation.asarray(a)
    weighed = None if weights is None else _creation.asarray(weights)
    exact = type(array) is ndarray and array.dtype.kind in "biuf" and (weighed is None or type(weighed) is ndarray and weighed.dtype.kind in "biuf")
    if not exact or not spread(array, weights):
        return _fallback.call("histogram", numpy.histogram, (a, bins, range, density, weights), {}, quiet=not spread(array, weights, bins))
    if weighed is not None and weighed.shape != array.shape:
        raise ValueError("weights should have the same shape as a.")
    flat = _functions.ravel(array)
    if weighed is None and _parts.is_alone(flat):
        counts, edges = numpy.histogram(flat._local(), table(bins), range, density)
        return _creation.asarray(counts), _creation.asarray(edges)
    edges = _edges(flat, bins, range, weights)
    if weighed is not None:
        total = _weights_within(flat, _functions.ravel(weighed), edges)
    else:
        given = (len(edges) - 1, (edges[0], edges[-1])) if numpy.ndim(bins) == 0 else (edges, None)
        counts, _ = numpy.histogram(flat._local(), *given)
        total = _parts.total(counts, flat)
    edges = _creation.asarray(edges)
    if density:
        widths = _functions.astype(edges[1:] - edges[:-1], float)
        return total / widths / total.sum(), edges
    return total, edges


def _weights_within(flat, weights, edges):
    """The weights of the elements between two edges each: summed in one order, whatever the ranks."""
    n = len(edges) - 1
    inside = (flat >= edges[0]) & (flat <= edges[-1])
    places = _gain.minimum(_searching.searchsorted(edges, flat, "right") - 1, n - 1)
    # What lies outside has a place of its own, behind the last.
    sums = bincount(_gain.where(inside, places, n), weights, n + 1)[:n]
    return sums if weights.dtype.kind == "f" else sums.astype(weights.dtype if weights.dtype != bool else numpy.intp)


# Short filters are sums of shifted slices, which fuse; longer ones are NumPy's, on each rank's own part and what follows it.
_SHORT = 128


def correlate(a, v, mode="valid"):
    """The cross-correlation of two vectors. Collective."""
    found = None
    x, y = _creation.asarray(a), _creation.asarray(v)
    if type(x) is ndarray and type(y) is ndarray and x.ndim == y.ndim == 1 and x.size and y.size:
        found = _filtered(x, _gain.conjugate(y) if y.dtype.kind == "c" else y, mode)
    if found is None:
        return _fallback.call("correlate", numpy.correlate, (a, v, mode), {}, quiet=not spread(x, y))
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
        return _fallback.call("convolve", numpy.convolve, (a, v, mode), {}, quiet=not spread(x, y))
    return found


def _filtered(x, taps, mode):
    """The sum over taps of shifted vectors; None where that is no good way."""
    n, m = x.size, taps.size
    if not spread(x) or m > n or mode not in ("full", "same", "valid"):
        return None
    if m > _SHORT and (m > n // _gain.n_ranks() or m * _gain.n_ranks() * taps.itemsize > _searching.TABLE):
        return None
    taps = table(taps)
    before, after = {"valid": (0, 0), "full": (m - 1, m - 1), "same": (m // 2, (m - 1) - m // 2)}[mode]
    length = n + before + after - m + 1
    dtype = numpy.result_type(x.dtype, taps.dtype)
    if before or after:
        padded = _creation.zeros_like(x, shape=(n + before + after,), dtype=dtype)
        padded[before:before + n] = x
    else:
        padded = _functions.astype(x, dtype)
    if m > _SHORT:
        return _long_filter(padded, taps.astype(dtype), length)
    # One expression, so that all taps are one loop; of truths it is `or` and `and`, as NumPy's operators are.
    total = padded[:length] * dtype.type(taps[0])
    for place in range(1, m):
        total = total + padded[place:place + length] * dtype.type(taps[place])
    return total


def _long_filter(padded, taps, length):
    """The sums of products with many taps: each rank's own, for which it needs the first elements of the ranks behind it."""
    m = taps.size
    own = _parts.along_first(padded)
    block = own._local()
    heads = numpy.zeros((1, m - 1), padded.dtype)
    heads[0, : min(m - 1, block.size)] = block[: m - 1]
    heads = numpy.asarray(_gain._from_parts(heads)._gather())
    sizes = [max(hi[0] - lo[0], 0) for lo, hi in own._boxes()]
    behind = [heads[rank, : sizes[rank]] for rank in range(_gain.rank() + 1, _gain.n_ranks())]
    lines = numpy.concatenate([block, *behind])[: block.size + m - 1]
    made = numpy.correlate(lines, taps.conj(), "valid") if block.size and lines.size >= m else lines[:0]
    return _gain._from_parts(numpy.ascontiguousarray(made))[:length]
