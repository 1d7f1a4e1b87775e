"""Joining, shifting and comparing whole arrays: compositions of creation, slices and assignment, so that nothing is gathered."""

import builtins
import operator

import numpy
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from gain import _creation, _fallback, _functions, _gain, _parts

ndarray = _gain.ndarray


def _arrays(given):
    """The operands as gain arrays; None if one has a dtype that gain has not."""
    arrays = [_creation.asarray(a) for a in given]
    return arrays if builtins.all(type(a) is ndarray for a in arrays) else None


def concatenate(arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """The arrays after one another along an axis."""
    parts = None if isinstance(arrays, numpy.ndarray) else _arrays(arrays)
    if not parts or out is not None or builtins.any(part.ndim == 0 for part in parts):
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
    wanted = numpy.result_type(*(part.dtype for part in parts)) if dtype is None else numpy.dtype(dtype)
    if not _gain.holds(wanted) or not builtins.all(numpy.can_cast(part.dtype, wanted, casting) for part in parts):
        return _fallback.call("concatenate", numpy.concatenate, (arrays, axis), {"dtype": dtype, "casting": casting})
    shape = list(first.shape)
    shape[axis] = builtins.sum(part.shape[axis] for part in parts)
    joined = _gain.empty(shape, wanted)
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
    parts = _arrays(arrays)
    if not parts or out is not None:
        return _fallback.call("stack", numpy.stack, (arrays, axis, out), {"dtype": dtype, "casting": casting})
    if len({part.shape for part in parts}) != 1:
        raise ValueError("all input arrays must have the same shape")
    place = normalize_axis_index(operator.index(axis), parts[0].ndim + 1)
    return concatenate([part._with_axis(place) for part in parts], place, dtype=dtype, casting=casting)


def _joined(name, arrays, prepare, axis, keywords):
    parts = _arrays(arrays)
    if not parts:
        return _fallback.call(name, getattr(numpy, name), (arrays,), keywords)
    parts = [prepare(part) for part in parts]
    return concatenate(parts, axis(parts), **keywords)


def vstack(tup, *, dtype=None, casting="same_kind"):
    """The arrays below one another."""
    return _joined("vstack", tup, _functions.atleast_2d, lambda parts: 0, {"dtype": dtype, "casting": casting})


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
    axes = normalize_axis_tuple(axis, a.ndim, allow_duplicate=True)
    shifts = numpy.broadcast_to(shift, len(axes)).tolist() if numpy.ndim(shift) == 0 else list(shift)
    if len(shifts) != len(axes):
        axes = tuple(axes) * len(shifts) if len(axes) == 1 else axes
    for place, distance in zip(axes, shifts):
        n = a.shape[place]
        distance = distance % n if n else 0
        rolled = _creation.empty_like(a)
        before = (slice(None),) * place
        rolled[(*before, slice(distance, None))] = a[(*before, slice(0, n - distance))]
        rolled[(*before, slice(0, distance))] = a[(*before, slice(n - distance, None))]
        a = rolled
    return a if axes else a.copy()


def diff(a, n=1, axis=-1, prepend=numpy._NoValue, append=numpy._NoValue):
    """The differences of neighbours along an axis, n times."""
    # The array API's way to say that there is none.
    prepend = numpy._NoValue if prepend is None else prepend
    append = numpy._NoValue if append is None else append
    a = _creation.asarray(a)
    if type(a) is not ndarray or prepend is not numpy._NoValue or append is not numpy._NoValue or n < 0 or a.ndim == 0:
        keywords = {name: value for name, value in (("prepend", prepend), ("append", append)) if value is not numpy._NoValue}
        return _fallback.call("diff", numpy.diff, (a, n, axis), keywords)
    before = (slice(None),) * normalize_axis_index(axis, a.ndim)
    difference = _gain.not_equal if a.dtype == bool else _gain.subtract
    for _ in range(n):
        a = difference(a[(*before, slice(1, None))], a[(*before, slice(None, -1))])
    return a


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
    """Whether shapes and all elements are equal."""
    one, other = _creation.asarray(a1), _creation.asarray(a2)
    if equal_nan or type(one) is not ndarray or type(other) is not ndarray:
        return _fallback.call("array_equal", numpy.array_equal, (a1, a2), {"equal_nan": equal_nan})
    return one.shape == other.shape and bool((one == other).all())


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
    """Where elements differ by no more than a tolerance: absolute, and relative to those of b."""
    x, y = _creation.asarray(a), _creation.asarray(b)
    numbers = type(x) is ndarray and type(y) is ndarray and x.dtype.kind in "fc" and y.dtype.kind == "f"
    if not numbers or builtins.any(numpy.ndim(t) for t in (rtol, atol)):
        return _fallback.call("isclose", numpy.isclose, (a, b, rtol, atol, equal_nan), {})
    near = _gain.less_equal(abs(x - y), atol + rtol * abs(y)) & _gain.isfinite(y) | (x == y)
    if equal_nan:
        near = near | (_gain.isnan(x) & _gain.isnan(y))
    return near


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
    counts = numpy.asarray(repeats)
    plain = type(array) is ndarray and counts.dtype.kind in "biu" and counts.ndim <= 1 and (counts >= 0).all()
    if not plain:
        return _fallback.call("repeat", numpy.repeat, (a, repeats, axis), {})
    if axis is None:
        array, axis = _functions.ravel(array), 0
    if array.ndim == 0:
        array = _functions.reshape(array, 1)
    axis = normalize_axis_index(operator.index(axis), array.ndim)
    n = array.shape[axis]
    if counts.size == 1:
        times = int(counts.reshape(())[()])
        wide = _functions.expand_dims(array, axis + 1)
        wide = _functions.broadcast_to(wide, (*array.shape[:axis + 1], times, *array.shape[axis + 1:]))
        return _functions.reshape(wide.copy(), (*array.shape[:axis], n * times, *array.shape[axis + 1:]))
    if counts.size != n:
        raise ValueError(f"operands could not be broadcast together with shape ({n},) ({counts.size},)")
    from gain import _indexing

    return _indexing.take(array, numpy.repeat(numpy.arange(n), counts), axis)
