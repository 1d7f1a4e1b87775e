"""Joining, shifting and comparing whole arrays: compositions of creation, slices and assignment, so that nothing is gathered."""

import builtins
import operator

import numpy
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from gain import _creation, _fallback, _functions, _gain, _parts, _warnings

ndarray = _gain.ndarray


def _arrays(given):
    """The operands as gain arrays; None if one has a dtype that gain has not."""
    arrays = [_creation.asarray(a) for a in given]
    return arrays if builtins.all(type(a) is ndarray for a in arrays) else None


def concatenate(arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """The arrays after one another along an axis."""
    parts = None if isinstance(arrays, numpy.ndarray) else _arrays(arrays)
    if not parts or not (out is None or type(out) is ndarray and dtype is None) or builtins.any(part.ndim == 0 for part in parts):
        return _fallback.call("concatenate", numpy.concatenate, (arrays, axis, out), {"dtype": dtype, "casting": casting})
    if axis is None:
        parts, axis = [_functions.ravel(part) for part in parts], 0
    axis = normalize_axis_index(operator.index(axis), parts[0].ndim)
    first = parts[0]
    for place, part in enumerate(parts):
        if part.ndim != first.ndim:
            raise ValueError(
                "all the input arrays must have same number of dimensions, but the "
                f"array at index 0 has {first.ndim} dimension(s) and the array at index {place} has {part.ndim} dimension(s)"
            )
        for other, (n, m) in enumerate(zip(first.shape, part.shape)):
            if other != axis and n != m:
                raise ValueError(
                    "all the input array dimensions except for the concatenation axis must match exactly, but along dimension "
                    f"{other}, the array at index 0 has size {n} and the array at index {place} has size {m}"
                )
    wanted = out.dtype if out is not None else numpy.result_type(*(part.dtype for part in parts)) if dtype is None else numpy.dtype(dtype)
    if not _gain.holds(wanted) or not builtins.all(numpy.can_cast(part.dtype, wanted, casting) for part in parts):
        return _fallback.call("concatenate", numpy.concatenate, (arrays, axis, out), {"dtype": dtype, "casting": casting})
    shape = list(first.shape)
    shape[axis] = builtins.sum(part.shape[axis] for part in parts)
    if out is None:
        joined = _gain.empty(shape, wanted, order="F" if len(shape) > 1 and _is_fortran(parts) else "C")
    elif out.shape != tuple(shape):
        raise ValueError("Output array is the wrong shape")
    else:
        joined = out
        # What is read must not be written first.
        parts = [part.copy() if _functions.shares_memory(part, out) else part for part in parts]
    before = (slice(None),) * axis
    start = 0
    for part in parts:
        stop = start + part.shape[axis]
        joined[(*before, slice(start, stop))] = part
        start = stop
    return joined


concat = concatenate


def stack(arrays, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """The arrays after one another along a new axis."""
    parts = _arrays(_sequence(arrays))
    if not parts:
        return _fallback.call("stack", numpy.stack, (arrays, axis, out), {"dtype": dtype, "casting": casting})
    if len({part.shape for part in parts}) != 1:
        raise ValueError("all input arrays must have the same shape")
    place = normalize_axis_index(operator.index(axis), parts[0].ndim + 1)
    return concatenate([part._with_axis(place) for part in parts], place, out, dtype=dtype, casting=casting)


def _sequence(arrays):
    """The arrays; TypeError for an iterator, which could be read but once."""
    if not hasattr(arrays, "__getitem__"):
        raise TypeError('arrays to stack must be passed as a "sequence" type such as list or tuple.')
    return arrays


def _joined(name, arrays, prepare, axis, keywords):
    parts = _arrays(_sequence(arrays))
    if not parts:
        return _fallback.call(name, getattr(numpy, name), (arrays,), keywords)
    parts = [prepare(part) for part in parts]
    return concatenate(parts, axis(parts), **keywords)


def vstack(tup, *, dtype=None, casting="same_kind"):
    """The arrays below one another."""
    return _joined("vstack", tup, _functions.atleast_2d, lambda parts: 0, {"dtype": dtype, "casting": casting})


def row_stack(tup, *, dtype=None, casting="same_kind"):
    """NumPy's old name of `vstack`."""
    _warnings.tell("`row_stack` alias is deprecated. Use `np.vstack` directly.", DeprecationWarning)
    return vstack(tup, dtype=dtype, casting=casting)


def hstack(tup, *, dtype=None, casting="same_kind"):
    """The arrays beside one another."""
    keywords = {"dtype": dtype, "casting": casting}
    return _joined("hstack", tup, _functions.atleast_1d, lambda parts: 0 if parts[0].ndim == 1 else 1, keywords)


def dstack(tup):
    """The arrays behind one another."""
    return _joined("dstack", tup, _functions.atleast_3d, lambda parts: 2, {})


def column_stack(tup):
    """Vectors as the columns of a matrix."""
    return _joined("column_stack", tup, lambda a: a if a.ndim > 1 else _functions.atleast_2d(a).T, lambda parts: 1, {})


def append(arr, values, axis=None):
    """A copy of the array with values at its end."""
    if axis is None:
        arr, values, axis = _creation.asarray(arr), _creation.asarray(values), 0
        if type(arr) is not ndarray or type(values) is not ndarray:
            return _fallback.call("append", numpy.append, (arr, values), {})
        arr, values = _functions.ravel(arr), _functions.ravel(values)
    return concatenate((arr, values), axis)


def roll(a, shift, axis=None):
    """The elements moved along axes, those that leave at one end come in at the other."""
    a = _creation.asarray(a)
    if type(a) is not ndarray:
        return numpy.roll(a, shift, axis)
    if axis is None:
        return _functions.reshape(roll(_functions.ravel(a), shift, 0), a.shape)
    turns = {}
    if type(shift) is type(axis) is int:
        pairs = [(shift, normalize_axis_index(axis, a.ndim))]
    else:
        pairs = numpy.broadcast(shift, normalize_axis_tuple(axis, a.ndim, allow_duplicate=True))
        if pairs.ndim > 1:
            raise ValueError("'shift' and 'axis' should be scalars or 1D sequences")
    for distance, place in pairs:
        turns[place] = turns.get(place, 0) + int(distance)
    rolled = _creation.empty_like(a)
    # Each part of the array has one place, whatever the number of axes: nothing is moved twice.
    places = [((), ())]
    for place in range(builtins.max(turns, default=-1) + 1):
        n = a.shape[place]
        cut = turns.get(place, 0) % n if n else 0
        moves = ((slice(cut, None), slice(0, n - cut)), (slice(0, cut), slice(n - cut, None))) if cut else (_WHOLE,)
        places = [((*to, there), (*since, here)) for to, since in places for there, here in moves]
    for to, since in places:
        rolled[to] = a[since]
    return rolled


_WHOLE = (slice(None), slice(None))


def diff(a, n=1, axis=-1, prepend=numpy._NoValue, append=numpy._NoValue):
    """The differences of neighbours along an axis, n times."""
    if n == 0:
        return a
    if n < 0:
        raise ValueError("order must be non-negative but got " + repr(n))
    a = _creation.asarray(a)
    if type(a) is not ndarray or a.ndim == 0:
        keywords = {name: value for name, value in (("prepend", prepend), ("append", append)) if value is not numpy._NoValue}
        return _fallback.call("diff", numpy.diff, (a, n, axis), keywords)
    axis = normalize_axis_index(axis, a.ndim)
    # The array API says None where there is none.
    ends = [None if end is None or end is numpy._NoValue else _end(end, a, axis) for end in (prepend, append)]
    if builtins.any(end is not None for end in ends):
        a = concatenate([part for part in (ends[0], a, ends[1]) if part is not None], axis)
    before = (slice(None),) * axis
    difference = _gain.not_equal if a.dtype == bool else _gain.subtract
    for _ in range(n):
        a = difference(a[(*before, slice(1, None))], a[(*before, slice(None, -1))])
    return a


def _end(value, a, axis):
    """What stands before or behind the elements; a number stands beside each line."""
    value = _creation.asarray(value)
    if value.ndim == 0:
        value = _functions.broadcast_to(value, (*a.shape[:axis], 1, *a.shape[axis + 1:]))
    return value


def count_nonzero(a, axis=None, *, keepdims=False):
    """How many elements are not zero, of all or along axes."""
    a = _creation.asarray(a)
    if type(a) is not ndarray:
        return numpy.count_nonzero(a, axis, keepdims=keepdims)
    if a.ndim == 0:
        return numpy.count_nonzero(a._gather(), axis, keepdims=keepdims)
    if axis is None and not keepdims and _parts.is_alone(a):
        return numpy.count_nonzero(a._local())
    counted = (a != 0).sum(axis, dtype=numpy.intp, keepdims=bool(keepdims))
    # NumPy's kind of integer for a count of all elements differs between its versions.
    return type(numpy.count_nonzero(_TWO))(counted) if isinstance(counted, numpy.generic) and axis is None else counted


_TWO = numpy.ones(2)


def array_equal(a1, a2, equal_nan=False):
    """Whether shapes and all elements are equal; NaN is equal to NaN where `equal_nan` says so."""
    try:
        one, other = _creation.asarray(a1), _creation.asarray(a2)
    except Exception:
        return False
    if type(one) is not ndarray or type(other) is not ndarray:
        return _fallback.call("array_equal", numpy.array_equal, (a1, a2), {"equal_nan": equal_nan})
    if one.shape != other.shape:
        return False
    alike = one == other
    if equal_nan and one.dtype.kind in "fc" and other.dtype.kind in "fc":
        alike = alike | (_gain.isnan(one) & _gain.isnan(other))
    return bool(alike.all())


def array_equiv(a1, a2):
    """Whether shapes broadcast and all elements are equal."""
    one, other = _creation.asarray(a1), _creation.asarray(a2)
    if type(one) is not ndarray or type(other) is not ndarray:
        return _fallback.call("array_equiv", numpy.array_equiv, (a1, a2), {})
    try:
        numpy.broadcast_shapes(one.shape, other.shape)
    except ValueError:
        return False
    return bool((one == other).all())


def isclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Where elements differ by no more than a tolerance: absolute, and relative to those of b. Infinite ones are close to their equals."""
    numbers = (int, float, complex)
    x, y, relative, absolute = (item if isinstance(item, numbers) else _creation.asarray(item) for item in (a, b, rtol, atol))
    if not builtins.all(isinstance(item, numbers) or type(item) is ndarray for item in (x, y, relative, absolute)):
        return _fallback.call("isclose", numpy.isclose, (a, b, rtol, atol, equal_nan), {})
    if isinstance(y, ndarray):
        if y.dtype.kind != "m":
            # The least integer has no absolute value, and integers could not be infinite.
            y = y.astype(numpy.result_type(y.dtype, 1.0), copy=False)
    elif isinstance(y, int):
        y = float(y)
    _judge_tolerances(absolute, relative)
    with numpy.errstate(invalid="ignore"):
        near = _gain.less_equal(abs(x - y), absolute + relative * abs(y)) & _gain.isfinite(y) | (x == y)
        if equal_nan:
            near = near | (_gain.isnan(x) & _gain.isnan(y))
    return near[()] if isinstance(near, ndarray) and near.ndim == 0 else near


def _judge_tolerances(absolute, relative):
    """NumPy's warning, or error, for tolerances that are not finite."""
    if builtins.all(bool(_functions.astype(_creation.asarray(_gain.isfinite(item)), bool).all()) for item in (absolute, relative)):
        return
    text = f"One of rtol or atol is not valid, atol: {absolute}, rtol: {relative}"
    how = numpy.geterr()["invalid"]
    if how == "warn":
        _warnings.tell(text, RuntimeWarning)
    elif how == "raise":
        raise FloatingPointError(text)
    elif how == "print":
        print(text)


def allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether all elements differ by no more than a tolerance."""
    return bool(_functions.astype(_creation.asarray(isclose(a, b, rtol, atol, equal_nan)), bool).all())


def result_type(*arrays_and_dtypes):
    """The dtype that operands have together."""
    return numpy.result_type(*(item.dtype if type(item) is ndarray else item for item in arrays_and_dtypes))


def can_cast(from_, to, casting="safe"):
    """Whether a rule lets one dtype become another."""
    return numpy.can_cast(from_.dtype if type(from_) is ndarray else from_, to, casting)


def repeat(a, repeats, axis=None):
    """Each element, or each slice along an axis, several times. Collective."""
    array = _creation.asarray(a)
    counts = repeats if type(repeats) is ndarray else numpy.asarray(repeats)
    if type(array) is not ndarray or not numpy.can_cast(counts.dtype, numpy.intp) or counts.ndim > 1:
        return _fallback.call("repeat", numpy.repeat, (a, repeats, axis), {})
    if array.size and counts.size and bool((counts < 0).any()):
        raise ValueError("repeats may not contain negative values.")
    if axis is None:
        array, axis = _functions.ravel(array), 0
    if array.ndim == 0:
        array = _functions.reshape(array, 1)
    axis = normalize_axis_index(operator.index(axis), array.ndim)
    n = array.shape[axis]
    if counts.size == 1:
        times = max(0, int(counts.reshape(())[()]))
        wide = _functions.expand_dims(array, axis + 1)
        wide = _functions.broadcast_to(wide, (*array.shape[:axis + 1], times, *array.shape[axis + 1:]))
        return _functions.reshape(wide.copy(), (*array.shape[:axis], n * times, *array.shape[axis + 1:]))
    if counts.size != n:
        raise ValueError(f"operands could not be broadcast together with shape ({n},) ({counts.size},)")
    from gain import _indexing

    return _indexing.take(array, _repeated_places(counts), axis)


def _repeated_places(counts):
    """Each index of the counts as often as it says."""
    if type(counts) is not ndarray or counts._is_replicated:
        counts = counts._local() if type(counts) is ndarray else counts
        return numpy.repeat(numpy.arange(counts.size), counts)
    counts = counts.astype(numpy.intp)
    total = int(counts.sum())
    # The place where an index begins is marked, as often as indices begin there; the marks are summed.
    marks = _gain.zeros(total + 1, numpy.intp)
    _gain.add.at(marks, _gain.add.accumulate(counts) - counts, 1)
    return _gain.add.accumulate(marks[:-1]) - 1


def block(arrays):
    """Arrays put together from nested lists of blocks: the innermost lists along the last axis, the next ones along the axis before it. Collective."""
    depth = _depth(arrays)
    parts = _leaves(arrays)
    known = [_creation.asarray(part) for part in parts]
    if not builtins.all(type(part) is ndarray for part in known):
        return _fallback.call("block", numpy.block, (arrays,), {})
    n_axes = builtins.max(depth, *(part.ndim for part in known))
    joined = _blocks(arrays, depth, n_axes)
    return joined.copy() if depth == 0 else joined


def _is_fortran(parts):
    """Whether NumPy's result lies by columns: its parts all do, and not all by rows too."""
    return builtins.all(part.flags.f_contiguous for part in parts) and not builtins.all(part.flags.c_contiguous for part in parts)


def _depth(arrays, index=()):
    """How deep the lists are nested; ValueError where they do not agree or one is empty, TypeError for a tuple."""
    deep, empty = _depths(arrays, index)
    if empty is not None:
        raise ValueError(f"List at {_path(empty)} cannot be empty")
    return deep


def _path(index):
    return "arrays" + "".join(f"[{place}]" for place in index)


def _depths(arrays, index):
    """The depth, and the place of the first empty list."""
    if type(arrays) is tuple:
        raise TypeError(
            f"{_path(index)} is a tuple. Only lists can be used to arrange blocks, and np.block does not allow implicit conversion from tuple to ndarray."
        )
    if type(arrays) is not list:
        return 0, None
    if not arrays:
        return 1, index
    found = [_depths(part, (*index, place)) for place, part in enumerate(arrays)]
    for place, (depth, _) in enumerate(found):
        if depth != found[0][0]:
            first, other = len(index) + found[0][0] + 1, len(index) + depth + 1
            raise ValueError(
                f"List depths are mismatched. First element was at depth {first}, but there is an element at depth {other} ({_path((*index, place))})"
            )
    return found[0][0] + 1, next((empty for _, empty in found if empty is not None), None)


def _leaves(arrays):
    return [leaf for part in arrays for leaf in _leaves(part)] if type(arrays) is list else [arrays]


def _blocks(arrays, depth, n_axes):
    if depth == 0:
        return _creation.array(arrays, ndmin=n_axes, copy=False if type(arrays) is ndarray else None)
    return concatenate([_blocks(part, depth - 1, n_axes) for part in arrays], -depth)


def polymul(a1, a2):
    """The product of two polynomials, given by their coefficients from the highest power down. Collective."""
    if isinstance(a1, numpy.poly1d) or isinstance(a2, numpy.poly1d):
        return _fallback.call("polymul", numpy.polymul, (a1, a2), {})
    from gain import _counting

    return _counting.convolve(_coefficients(a1), _coefficients(a2))


def _coefficients(a):
    """Coefficients without zeros in front."""
    array = _functions.atleast_1d(_creation.asarray(a))
    if array.ndim > 1:
        raise ValueError("Polynomial must be 1d only.")
    places = (array != 0).nonzero()[0]
    return array[int(places[0]):] if places.size else _gain.zeros(1, array.dtype)
