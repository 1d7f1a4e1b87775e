"""NumPy's functions that read and write by indices and masks: compositions of `a[...]`, so that nothing is gathered."""

import builtins
import operator

import numpy
from numpy.lib.array_utils import normalize_axis_index

from gain import _creation, _fallback, _functions, _gain

ndarray = _gain.ndarray

_MODES = {"raise": "raise", "wrap": "wrap", "clip": "clip", 0: "clip", 1: "wrap", 2: "raise", "r": "raise", "w": "wrap", "c": "clip"}


def _arrays(*operands):
    """The operands as gain arrays; None if one has a dtype that gain has not."""
    found = [_creation.asarray(operand) for operand in operands]
    return found if builtins.all(type(a) is ndarray for a in found) else None


def _integers(indices):
    """Indices as a gain array; TypeError in NumPy's words for what is no integer."""
    found = _creation.asarray(indices)
    if type(found) is ndarray and not isinstance(indices, (ndarray, numpy.ndarray, numpy.generic)) and found.dtype.kind in "biuf":
        found = found.astype(numpy.intp)
    if type(found) is not ndarray or not numpy.can_cast(found.dtype, numpy.intp, "same_kind"):
        raise TypeError(
            f"Cannot cast array data from {numpy.asarray(found).dtype!r} to {numpy.dtype(numpy.intp)!r} according to the rule 'safe'"
        )
    return found if found.dtype == numpy.intp else found.astype(numpy.intp)


def _within(indices, n, mode):
    """Indices brought into 0..n as a mode says; those of "raise" are judged when they are used."""
    mode = _MODES.get(mode)
    if mode is None:
        raise ValueError("clipmode must be one of 'clip', 'raise', or 'wrap'")
    if mode == "wrap":
        return _gain.remainder(indices, n)
    if mode == "clip":
        return _functions.clip(indices, 0, n - 1)
    return indices


def _finished(result, out):
    """The result, in `out` if there is one."""
    if out is None:
        return result
    if type(out) is not ndarray:
        out[...] = result
    elif out.shape != result.shape:
        raise ValueError("output array does not match result of ndarray.take")
    else:
        out._assign(result)
    return out


def take(a, indices, axis=None, out=None, mode="raise"):
    """The elements at some indices along an axis, or of the flattened array."""
    a = _creation.asarray(a)
    if type(a) is not ndarray:
        return _fallback.call("take", numpy.take, (a, indices, axis, out, mode), {})
    if axis is None:
        a, axis = _functions.ravel(a), 0
    else:
        if isinstance(axis, (bool, numpy.bool_)):
            raise TypeError("an integer is required for the axis")
        axis = normalize_axis_index(operator.index(axis), builtins.max(a.ndim, 1))
        a = a if a.ndim else _functions.reshape(a, (1,))
    indices = _integers(indices)
    n = a.shape[axis]
    if n == 0 and indices.size:
        raise IndexError("cannot do a non-empty take from an empty axes.")
    indices = _within(indices, n, mode) if n else indices
    if indices.ndim == 0:
        found = a[(slice(None),) * axis + (int(indices),)]
        found = found if out is None and a.ndim == 1 else _creation.array(found)
    else:
        found = a[(slice(None),) * axis + (indices,)]
    return _finished(found, out)


def _unravelled(flat, shape):
    """The indices along each axis of the elements at places in C order."""
    found = []
    for n in reversed(shape):
        found.append(_gain.remainder(flat, n))
        flat = _gain.floor_divide(flat, n)
    return tuple(reversed(found))


def unravel_index(indices, shape, order="C"):
    """The indices along each axis of elements that are given by their places in the flattened array."""
    if type(indices) is not ndarray or order not in ("C", "F"):
        return _fallback.call("unravel_index", numpy.unravel_index, (indices, shape), {"order": order})
    dims = (operator.index(shape),) if numpy.ndim(shape) == 0 else tuple(operator.index(n) for n in shape)
    size = 1
    for n in dims:
        size *= n
    if indices.dtype.kind not in "iu":
        raise TypeError("only int indices permitted")
    _judge(indices, size, "index {} is out of bounds for array with size {}", negative=False)
    return _unravelled(indices, dims) if order == "C" else _unravelled(indices, dims[::-1])[::-1]


def _judge(indices, n, text, negative=True):
    """IndexError or ValueError when an index is not within n, alike on every rank."""
    if indices.size == 0:
        return
    least, most = int(indices.min()), int(indices.max())
    lowest = -n if negative else 0
    if least < lowest or most >= n:
        bad = ((indices < lowest) | (indices >= n)).nonzero()[0] if indices.ndim else None
        found = least if bad is None else int(_functions.ravel(indices)[int(bad[0])]) if indices.ndim == 1 else (most if most >= n else least)
        raise (IndexError if negative else ValueError)(text.format(found, n))


def _write_flat(a, places, values):
    """`a.flat[places] = values`, with places that may count from the end."""
    if a.ndim != 1:
        _judge(places, a.size, "index {} is out of bounds for axis 0 with size {}")
        places = _unravelled(_gain.remainder(places, a.size), a.shape) if a.ndim and a.size else ()
        if not a.ndim:
            a[()] = values[-1] if getattr(values, "ndim", 0) else values
            return
    a[places] = values


def _repeated(values, n):
    """The first n of the values, begun again as often as needed."""
    values = _functions.ravel(values)
    if values.size == n or values.size == 1:
        return values
    if values.size > n:
        return values[:n]
    return values[_gain.remainder(_gain._index_along([n], 0), values.size)]


def put(a, ind, v, mode="raise"):
    """Writes values to the elements at some places of the flattened array."""
    if type(a) is not ndarray:
        try:
            function = a.put
        except AttributeError as error:
            raise TypeError(f"argument 1 must be numpy.ndarray, not {type(a).__name__}") from error
        return function(ind, v, mode=mode)
    values = _creation.asarray(v)
    if type(values) is not ndarray:
        return _fallback.call("put", numpy.put, (a, ind, v), {"mode": mode})
    if not a._writeable:
        raise ValueError("assignment destination is read-only")
    places = _functions.ravel(_integers(ind))
    if places.size and a.size == 0:
        raise IndexError("cannot replace elements of an empty array")
    if places.size == 0 or values.size == 0:
        return None
    _write_flat(a, _within(places, a.size, mode), _repeated(values, places.size))
    return None


def place(arr, mask, vals):
    """Writes values, one after the other and begun again as often as needed, where a mask is true."""
    operands = _arrays(mask, vals) if type(arr) is ndarray else None
    if operands is None:
        return _fallback.call("place", numpy.place, (arr, mask, vals), {})
    mask, values = operands
    if mask.size != arr.size:
        raise ValueError("place: mask and data must be the same size")
    places = flatnonzero(mask)
    if places.size == 0:
        return None
    if values.size == 0:
        raise ValueError("Cannot insert from an empty array!")
    _write_flat(arr, places, _repeated(values.astype(arr.dtype), places.size))
    return None


def putmask(a, /, mask, values):
    """Writes the values at the same places, or begun again as often as needed, where a mask is true."""
    given = values
    operands = _arrays(mask, values) if type(a) is ndarray else None
    if operands is None:
        return _fallback.call("putmask", numpy.putmask, (a, mask, values), {})
    mask, values = operands
    if mask.size != a.size:
        raise ValueError("putmask: mask and data must be the same size")
    if isinstance(given, (ndarray, numpy.ndarray)) and not numpy.can_cast(values.dtype, a.dtype, "safe"):
        raise TypeError(f"Cannot cast array data from {values.dtype!r} to {a.dtype!r} according to the rule 'safe'")
    places = flatnonzero(mask)
    if places.size == 0 or values.size == 0:
        return None
    values = _functions.ravel(values)
    chosen = values if values.size == 1 else values[_gain.remainder(places, values.size)]
    _write_flat(a, places, chosen.astype(a.dtype, copy=False))
    return None


def nonzero(a):
    """The indices of the elements that are not zero, an array for each axis."""
    a = _creation.asarray(a)
    if type(a) is not ndarray:
        return _fallback.call("nonzero", numpy.nonzero, (a,), {})
    return a.nonzero()


def flatnonzero(a):
    """The places in the flattened array of the elements that are not zero."""
    a = _creation.asarray(a)
    if type(a) is not ndarray:
        return _fallback.call("flatnonzero", numpy.flatnonzero, (a,), {})
    if a.ndim == 0:
        a = _functions.reshape(a, (1,))
    columns = a.nonzero()
    places = columns[0]
    for n, column in zip(a.shape[1:], columns[1:]):
        places = places * n + column
    return places


def argwhere(a):
    """The indices of the elements that are not zero, a row for each."""
    a = _creation.asarray(a)
    if type(a) is not ndarray:
        return _fallback.call("argwhere", numpy.argwhere, (a,), {})
    if a.ndim == 0:
        return argwhere(_functions.reshape(a, (1,)))[:, :0]
    return a._argwhere()


def compress(condition, a, axis=None, out=None):
    """The slices along an axis, or the elements of the flattened array, where a condition holds."""
    operands = _arrays(condition, a)
    if operands is None:
        return _fallback.call("compress", numpy.compress, (condition, a, axis, out), {})
    condition, a = operands
    if condition.ndim != 1:
        raise ValueError("condition must be a 1-d array")
    return take(a, condition.nonzero()[0], axis, out)


def extract(condition, arr):
    """The elements where a condition holds, in C order."""
    operands = _arrays(condition, arr)
    if operands is None:
        return _fallback.call("extract", numpy.extract, (condition, arr), {})
    condition, arr = operands
    if condition.shape == arr.shape and arr.ndim:
        return arr[condition if condition.dtype == bool else condition != 0]
    return take(_functions.ravel(arr), flatnonzero(condition))


def _along(arr, indices, axis):
    """The index expression that follows `indices` along one axis and all other axes in step."""
    if not numpy.issubdtype(indices.dtype, numpy.integer):
        raise IndexError("`indices` must be an integer array")
    if arr.ndim != indices.ndim:
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    expression = []
    for place, n in enumerate(arr.shape):
        if place == axis:
            expression.append(indices)
        else:
            shape = [1] * arr.ndim
            shape[place] = n
            expression.append(_gain._index_along(shape, place))
    return tuple(expression)


def take_along_axis(arr, indices, axis=-1):
    """The elements at indices along an axis, the other axes in step with those of the indices."""
    operands = _arrays(arr, indices)
    if operands is None:
        return _fallback.call("take_along_axis", numpy.take_along_axis, (arr, indices, axis), {})
    arr, indices = operands
    if axis is None:
        if indices.ndim != 1:
            raise ValueError("when axis=None, `indices` must have a single dimension.")
        arr, axis = _functions.ravel(arr), 0
    else:
        axis = normalize_axis_index(axis, arr.ndim)
    return arr[_along(arr, indices, axis)]


def put_along_axis(arr, indices, values, axis):
    """Writes values at indices along an axis, the other axes in step with those of the indices."""
    indices = _creation.asarray(indices)
    if type(arr) is not ndarray or type(indices) is not ndarray:
        return _fallback.call("put_along_axis", numpy.put_along_axis, (arr, indices, values, axis), {})
    if axis is None:
        if indices.ndim != 1:
            raise ValueError("when axis=None, `indices` must have a single dimension.")
        _write_flat(arr, indices, values)
        return None
    axis = normalize_axis_index(axis, arr.ndim)
    arr[_along(arr, indices, axis)] = values
    return None


def _common_type(given, arrays):
    """The dtype of several arrays together; Python's numbers take that of the others."""
    weak = (int, float, complex)
    return numpy.result_type(*(one if type(one) in weak else array.dtype for one, array in zip(given, arrays)))


def choose(a, choices, out=None, mode="raise"):
    """Elements of several arrays, each of the array that an index names."""
    operands = _arrays(a, *choices)
    if operands is None or operands[0].dtype.kind not in "biu":
        return _fallback.call("choose", numpy.choose, (a, choices, out, mode), {})
    a, *options = operands
    n = len(options)
    if _MODES.get(mode) == "raise":
        if a.size and (int(a.min()) < 0 or int(a.max()) >= n):
            raise ValueError("invalid entry in choice array")
    else:
        a = _within(a.astype(numpy.intp), n, mode)
    kind = _common_type(choices, options)
    shape = numpy.broadcast_shapes(a.shape, *(option.shape for option in options))
    chosen = _functions.broadcast_to(options[0], shape).astype(kind)
    for number, option in enumerate(options[1:], 1):
        chosen = _gain.where(a == number, option.astype(kind, copy=False), chosen)
    return chosen if out is None else _finished(chosen.astype(out.dtype), out)


def select(condlist, choicelist, default=0):
    """Elements of several arrays, each of the first whose condition holds."""
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if len(condlist) == 0:
        raise ValueError("select with an empty condition list is not possible")
    conditions, options = _arrays(*condlist), _arrays(*choicelist, default)
    if conditions is None or options is None:
        return _fallback.call("select", numpy.select, (condlist, choicelist, default), {})
    for number, condition in enumerate(conditions):
        if condition.dtype != bool:
            raise TypeError(f"invalid entry {number} in condlist: should be boolean ndarray")
    kind = _common_type([*choicelist, default], options)
    shape = numpy.broadcast_shapes(*(array.shape for array in [*conditions, *options]))
    chosen = _functions.broadcast_to(options[-1].astype(kind), shape)
    for condition, option in reversed(list(zip(conditions, options))):
        chosen = _gain.where(condition, option.astype(kind), chosen)
    return chosen


def ix_(*args):
    """Index arrays that together name the open mesh of some vectors."""
    found = []
    for place, vector in enumerate(args):
        given, vector = vector, _creation.asarray(vector)
        if type(vector) is not ndarray:
            return _fallback.call("ix_", numpy.ix_, args, {})
        if vector.ndim != 1:
            raise ValueError("Cross index must be 1 dimensional")
        if vector.size == 0 and not isinstance(given, (ndarray, numpy.ndarray)):
            vector = vector.astype(numpy.intp)
        if vector.dtype == bool:
            (vector,) = vector.nonzero()
        found.append(vector[(None,) * place + (slice(None),) + (None,) * (len(args) - place - 1)])
    return tuple(found)


def _method(function, first=1):
    """A method of arrays that is one of these functions with the array at another place of its arguments."""
    if first == 1:

        def method(self, condition, axis=None, out=None):
            return function(condition, self, axis, out)
    else:

        def method(self, *args, **kwargs):
            return function(self, *args, **kwargs)

    method.__name__, method.__doc__ = function.__name__, function.__doc__
    return method


def _choose(self, *choices, out=None, mode="raise"):
    return choose(self, choices[0] if len(choices) == 1 else choices, out, mode)


_choose.__name__, _choose.__doc__ = "choose", choose.__doc__


def resize(self, *new_shape, refcheck=True):
    """Gives the array another shape in place, cutting its elements off or adding zeros."""
    operator.index(refcheck)
    if not new_shape or new_shape == (None,):
        return
    shape = new_shape[0] if len(new_shape) == 1 and not hasattr(new_shape[0], "__index__") else new_shape
    shape = tuple(operator.index(n) for n in shape)
    if builtins.any(n < 0 for n in shape):
        raise ValueError("negative dimensions are not allowed")
    size = 1
    for n in shape:
        size *= n
    if size == self.size:
        self._become(_functions.reshape(self, shape))
        return
    if not self._owns_data:
        raise ValueError("cannot resize this array: it does not own its data")
    flat = _gain.zeros(size, self.dtype)
    kept = builtins.min(size, self.size)
    if kept:
        flat[:kept] = _functions.ravel(self)[:kept]
    self._become(_functions.reshape(flat, shape))


METHODS = {
    "resize": resize, "take": _method(take, 0), "put": _method(put, 0), "choose": _choose, "compress": _method(compress),
}
