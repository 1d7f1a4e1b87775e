"""`reduceat`: reductions over slices of an axis, each slice on the rank that has its elements.

An axis that no rank shares with another is NumPy's matter on every rank's own part. A vector is cut where slices begin; where slices
overlap or run backwards, the elements of all of them are first put behind one another.
"""

import numpy

from gain import _creation, _errstate, _functions, _gain, _parts

ndarray = _gain.ndarray


def reduceat(name, array, indices, axis, dtype):
    """The reductions of a gain array, or None for what only NumPy knows (its errors too). Collective."""
    theirs = getattr(numpy, name).reduceat
    places = numpy.asarray(indices)
    if places.ndim != 1 or places.size == 0 or places.dtype.kind not in "iu" or type(axis) is not int or not -array.ndim <= axis < array.ndim:
        return None
    axis %= array.ndim
    places = places.astype(numpy.intp)
    if places.min() < 0 or places.max() >= array.shape[axis]:
        return None
    probe = theirs(numpy.ones(1, array.dtype), [0], dtype=dtype)
    if not _gain.holds(probe.dtype):
        return None

    def reduced(block, starts, along):
        return theirs(block, starts, along, dtype) if starts.size else numpy.empty(0, probe.dtype)

    with _errstate.collected("reduceat"):
        if _parts.is_whole(array):
            return _creation.asarray(reduced(_parts.whole(array), places, axis))
        if array.ndim == 1:
            return _of_vector(array, places, lambda block, starts: reduced(block, starts, 0))
        return _across(array, axis, lambda block, along: theirs(block, places, along, dtype))


def _across(array, axis, reduce_block):
    """Of an array with further axes: it is cut along the longest of those, so that each rank has whole lines."""
    others = [place for place in range(array.ndim) if place != axis]
    cut = max(others, key=lambda place: array.shape[place])
    turned = _parts.along_first(_functions.moveaxis(array, cut, 0))
    along = axis + 1 if axis < cut else axis
    found = _gain._from_parts(numpy.ascontiguousarray(reduce_block(_parts.rows(turned), along)))
    return _functions.moveaxis(found, 0, cut)


def _of_vector(array, places, reduce_block):
    ends = numpy.append(places[1:], array.shape[0])
    if (places >= ends).any():
        # NumPy takes the one element where the next slice begins no later.
        ends = numpy.maximum(ends, places + 1)
        lengths = ends - places
        starts = numpy.cumsum(lengths) - lengths
        array = array[numpy.arange(lengths.sum()) - numpy.repeat(starts - places, lengths)]
    else:
        array, starts = array[places[0] :], places - places[0]
    # Each rank begins with the first slice that starts in its even share.
    ranks, n = _gain.n_ranks(), array.shape[0]
    first = numpy.searchsorted(starts, [n * rank // ranks for rank in range(ranks)] + [n])
    first[0] = 0
    cuts = numpy.append(starts, n)[first]
    if _parts.is_whole(array):
        return _creation.asarray(reduce_block(_parts.whole(array), starts))
    block = array._redistributed([cuts.tolist()])._local()
    rank = _gain.rank()
    mine = starts[first[rank] : first[rank + 1]] - cuts[rank]
    return _gain._from_parts(reduce_block(block, mine))
