"""`apply_along_axis`: a function of one line after the other.

A function of NumPy's runs on the lines where they lie. Any other may itself use gain's arrays, which takes all ranks: it runs on all of them for
all lines, which are brought block by block, so that no rank ever has the whole array.
"""

import operator

import numpy
from numpy.lib.array_utils import normalize_axis_index

from gain import _creation, _fallback, _functions, _gain, _parts

ndarray = _gain.ndarray

# Elements that are brought at a time.
_BLOCK = 1 << 20


def apply_along_axis(func1d, axis, arr, *args, **kwargs):
    """The results of a function of each line along an axis, in the place of that axis. Collective."""
    array = arr if isinstance(arr, numpy.ndarray) and type(arr) is not numpy.ndarray else _creation.asarray(arr)
    if type(array) is not ndarray or array.ndim == 0:
        return _fallback.call("apply_along_axis", numpy.apply_along_axis, (func1d, axis, arr, *args), kwargs)
    axis = normalize_axis_index(operator.index(axis), array.ndim)
    theirs = _of_numpy(func1d)
    if array.size == 0 or theirs is not None and _parts.is_whole(array):
        taken = _fallback.Gathering(False)
        if array.size == 0 and array.shape[axis] != array.size:
            raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
        made = numpy.apply_along_axis(taken.take(func1d), axis, taken.take(array), *taken.take(args), **taken.keywords(kwargs))
        return taken.spread(made)
    n = array.shape[axis]
    moved = _functions.moveaxis(array, axis, -1)
    outer = moved.shape[:-1]
    lines = _functions.reshape(moved, (-1, n))
    if theirs is not None and not any(isinstance(item, ndarray) for item in (*args, *kwargs.values())):
        found = _where_they_lie(theirs, lines, args, kwargs)
    else:
        found = _block_by_block(func1d, lines, args, kwargs)
        if found is None:
            return _fallback.call("apply_along_axis", numpy.apply_along_axis, (func1d, axis, arr, *args), kwargs)
    shape = found.shape[1:]
    found = _functions.reshape(found, (*outer, *shape))
    places = range(len(outer), found.ndim)
    return _functions.moveaxis(found, tuple(places), tuple(range(axis, axis + len(shape)))) if shape else found


def _of_numpy(function):
    """NumPy's function for one of NumPy's or gain's public functions; None for any other."""
    name = getattr(function, "__name__", "")
    theirs = getattr(numpy, name, None)
    if theirs is None or name not in numpy.__all__:
        return None
    import gain

    return theirs if function is theirs or function is getattr(gain, name, None) else None


def _results(function, lines, args, kwargs):
    """The results for lines of NumPy's, as one array: one along the first axis for each line."""
    made = [numpy.asanyarray(function(line, *args, **kwargs)) for line in lines]
    return numpy.stack(made)


def _where_they_lie(function, lines, args, kwargs):
    """Each rank its own lines; ranks without lines learn from the first line what the results look like."""
    own = _parts.rows(_parts.along_first(lines))
    first = _results(function, lines[:1]._gather(), args, kwargs)
    made = _parts.agree(lambda: _results(function, own, args, kwargs) if len(own) else first[:0])
    return _gain._from_parts(numpy.ascontiguousarray(made.astype(first.dtype, copy=False)))


def _block_by_block(function, lines, args, kwargs):
    """All lines on every rank, a block at a time, and of the results only this rank's share."""
    n_lines, n = lines.shape
    step = max(1, _BLOCK // max(n, 1))
    found = None
    for start in range(0, n_lines, step):
        block = lines[start:start + step]._gather()
        results = [function(_creation.asarray(line), *args, **kwargs) for line in block]
        if any(isinstance(result, numpy.ndarray) and type(result) not in (ndarray, numpy.ndarray) for result in results):
            # Masked arrays and their like have rules of their own.
            return None
        if found is None:
            # As the first result is, so are all.
            first = _as_numpy(results[0])
            found = (_gain.empty if _gain.holds(first.dtype) else numpy.empty)((n_lines, *first.shape), first.dtype)
        made = numpy.empty((len(results), *first.shape), first.dtype)
        for place, result in enumerate(results):
            made[place] = _as_numpy(result)
        found[start:start + step] = made
    return found


def _as_numpy(result):
    return result._gather() if type(result) is ndarray else numpy.asanyarray(result)
