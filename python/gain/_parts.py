"""Functions that each rank applies to its own elements."""

import pickle
import warnings

import numpy

from gain import _creation, _functions, _gain, _warnings

ndarray = _gain.ndarray


def is_whole(array):
    """Whether every rank has all of an array: small gain arrays, and everything that is none."""
    return type(array) is not ndarray or array._is_replicated


def is_alone(array):
    """Whether this rank has all of an array, be it that there is no other rank."""
    return _gain.n_ranks() == 1 or is_whole(array)


def whole(array):
    """An array that every rank has, as NumPy's."""
    return array._local() if type(array) is ndarray else array


def total(counts, array):
    """The sum of the ranks' counts of their own elements of an array. Collective."""
    if is_whole(array):
        return _creation.asarray(counts)
    return _gain.sum(_gain._from_parts(counts.reshape(1, -1)), axis=0)


def per_element(function, array):
    """`function` of the elements of an array, each rank's own as a vector; the results have the array's shape. Collective."""
    if type(array) is not ndarray:
        return _creation.asarray(function(array.ravel()).reshape(array.shape))
    flat = _functions.ravel(array)
    if is_whole(array):
        return _creation.asarray(function(flat._local()).reshape(array.shape))
    # The ranks' results come in their order, so the elements have to: those of a reversed view do not.
    return _functions.reshape(_gain._from_parts(function(along_first(flat)._local())), array.shape)


def agree(action):
    """`action()` on every rank. What it warns of or raises on one, all warn of and raise: elsewhere the first such rank's. Collective."""
    if _gain.n_ranks() == 1:
        return action()
    result = error = None
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            result = action()
        except Exception as caught:
            error = caught
    warned = [item.message for item in seen]
    told = [pickle.loads(other) for other in _gain.all_gather(_packed(warned, error))]
    said = {(type(warning), str(warning)): warning for others, _ in told for warning in others}
    for warning in said.values():
        _warnings.tell(warning, None)
    for error in (error, *(other for _, other in told)):
        if error is not None:
            raise error
    return result


def _packed(warned, error):
    """The bytes of warnings and of an exception or None; of what can not be carried, those of its text."""
    return pickle.dumps(([portable(warning, RuntimeWarning) for warning in warned], error and portable(error, RuntimeError)))


def portable(error, otherwise):
    """An exception or a warning that can be carried to other ranks: itself, or its text in a class that can."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return otherwise(f"{type(error).__name__}: {error}")
    return error


def rows(array):
    """This rank's part of an array cut along its first axis alone, with the lengths of the other axes where it has none of it."""
    block = array._local()
    return block if block.size else numpy.empty((0, *array.shape[1:]), array.dtype)


def along_first(array):
    """An array whose parts are cut along the first axis alone, each rank's in order of the ranks. Collective."""
    boxes = array._boxes()
    end = 0
    for lo, hi in boxes:
        empty = any(a >= b for a, b in zip(lo, hi))
        if not empty and (lo[0] != end or any(a != 0 or b != n for a, b, n in zip(lo[1:], hi[1:], array.shape[1:]))):
            return array._redistributed(even_cuts(array.shape))
        end = end if empty else hi[0]
    return array if end == array.shape[0] else array._redistributed(even_cuts(array.shape))


def even_cuts(shape):
    """Even blocks along the first axis."""
    n, ranks = shape[0], _gain.n_ranks()
    return [[n * rank // ranks for rank in range(ranks + 1)], *([0, length] for length in shape[1:])]


def like(array, other):
    """`array` cut along the first axis as `other`, which is cut along it alone. Collective."""
    points, end = [0], 0
    for lo, hi in other._boxes():
        end = max(end, hi[0] if all(a < b for a, b in zip(lo, hi)) else end)
        points.append(end)
    return array._redistributed([points, *([0, length] for length in array.shape[1:])])


def all_numbers(number):
    """Every rank's integer, in order. Collective."""
    if _gain.n_ranks() == 1:
        return [number]
    return _gain._from_parts(numpy.array([[number]]))._gather().ravel().tolist()
