"""Functions that make arrays, composed of the native ones."""

import builtins
import math
import operator

import numpy
from numpy.lib.array_utils import normalize_axis_index

from gain import _fallback, _gain, _objects, _overrides

ndarray = _gain.ndarray
_INTEGERS = numpy.dtype(numpy.int64)


# NumPy's largest number of axes.
MAX_DIMS = 64
_COPY_MODES = {numpy._CopyMode.ALWAYS: True, numpy._CopyMode.IF_NEEDED: None, numpy._CopyMode.NEVER: False}


def array(object, dtype=None, *, copy=True, order="K", subok=False, ndmin=0, ndmax=MAX_DIMS, like=None):
    """An array of an object's elements, spread over the ranks. NumPy's array if gain has no such dtype."""
    if isinstance(copy, numpy._CopyMode):
        copy = _COPY_MODES[copy]
    if subok and _overrides.is_numpys((object,)):
        return numpy.array(object, dtype, copy=copy, order=order, subok=True, ndmin=ndmin)
    if type(object) is ndarray:
        found = object
        if ndmax != MAX_DIMS:
            # What NumPy has to say of the bounds, it says here.
            numpy.array(0, ndmin=ndmin, ndmax=ndmax)
            if object.ndim > ndmax and dtype is not None and numpy.dtype(dtype) != object.dtype:
                raise ValueError("object too deep for desired array")
        if dtype is not None and numpy.dtype(dtype) != object.dtype:
            if copy is False:
                raise ValueError("Unable to avoid copy while creating an array as requested.")
            found = object.astype(dtype, order=order)
        elif copy:
            found = copy_in(object, order)
        elif order in ("C", "F") and not _lies_in(object, order):
            if copy is False:
                raise ValueError("Unable to avoid copy while creating an array as requested.")
            found = copy_in(object, order)
        return _with_ndim(found, ndmin) if ndmin else found
    if type(object) is not list and type(object) in _fallback.SPREAD and order == "K" and not ndmin and ndmax == MAX_DIMS:
        # Dates: integers and a unit.
        wanted = object.dtype if dtype is None else numpy.dtype(dtype)
        if copy is False and wanted != object.dtype:
            raise ValueError("Unable to avoid copy while creating an array as requested.")
        return object.astype(wanted, copy=bool(copy))
    if type(object) is list and order == "K" and not ndmin and ndmax == MAX_DIMS and ndarray not in map(type, object):
        return _objects.from_numpy(_objects.as_numpy(lambda found: numpy.array(found, dtype, copy=copy), object))
    if hasattr(type(object), "_as_array"):
        return array(object._as_array(), dtype, order=order, ndmin=ndmin)
    if ndmax == MAX_DIMS and type(object) in (list, tuple) and object and builtins.any(type(item) is ndarray for item in object):
        stacked = _stacked(object, dtype)
        if stacked is not None:
            return array(stacked, order=order, copy=None if order in (None, "K", "A", "C") else copy, ndmin=ndmin)
    more = {"ndmax": ndmax} if ndmax != MAX_DIMS else {}
    made = _objects.as_numpy(lambda found: numpy.array(found, dtype, copy=copy, order=order, ndmin=ndmin, **more), object)
    return _objects.from_numpy(made)


def _stacked(items, dtype):
    """The array of a list of gain arrays and their like, of one shape, with nothing gathered; None where only NumPy can say what it is."""
    shapes = {item.shape for item in items if type(item) is ndarray}
    if len(shapes) != 1 or shapes == {()}:
        return None
    parts = [asarray(item) for item in items]
    if not builtins.all(type(part) is ndarray and part.shape in shapes for part in parts):
        return None
    wanted = numpy.result_type(*(part.dtype for part in parts)) if dtype is None else numpy.dtype(dtype)
    if not _gain.holds(wanted):
        return None
    made = _gain.empty((len(parts), *parts[0].shape), wanted)
    for place, part in enumerate(parts):
        made[place] = part
    return made


_ORDERS = {"c": "C", "f": "F", "a": "A", "k": "K"}


def _order(order):
    """An order's name in capitals; ValueError for what is none."""
    if order is None:
        return "K"
    if not isinstance(order, str):
        raise TypeError(f"order must be str, not {type(order).__name__}")
    known = _ORDERS.get(order.lower())
    if known is None:
        raise ValueError(f"order must be one of 'C', 'F', 'A', or 'K' (got '{order}')")
    return known


def _lies_in(a, order):
    return a.flags.f_contiguous if order == "F" else a.flags.c_contiguous


def copy_in(a, order):
    """A copy of a gain array in one of NumPy's memory orders."""
    order = _order(order)
    if a.ndim < 2 or order == "C":
        return a.copy()
    if order == "A":
        order = "F" if a.flags.fnc else "C"
    if order == "F":
        axes = range(a.ndim - 1, -1, -1)
    elif order == "K":
        axes = a._axes_in_memory()
    else:
        return a.copy()
    return a._copy_ordered(list(axes))


def asfortranarray(a, dtype=None, *, like=None):
    """An array whose first axis is the innermost in memory."""
    found = asarray(a, dtype)
    if type(found) is not ndarray:
        return numpy.asfortranarray(found)
    return found if found.flags.f_contiguous else copy_in(found, "F")


def require(a, dtype=None, requirements=None, *, like=None):
    """An array that meets requirements on its memory."""
    wanted = {numpy._core._asarray.POSSIBLE_FLAGS[name.upper()] for name in requirements or ()}
    order = "A"
    if wanted >= {"C", "F"}:
        raise ValueError('Cannot specify both "C" and "F" order')
    if "F" in wanted:
        order = "F"
    elif "C" in wanted:
        order = "C"
    found = asarray(a, dtype, order if order != "A" else None)
    if type(found) is not ndarray:
        return numpy.require(a, dtype, requirements)
    if ("W" in wanted and not found._writeable) or ("O" in wanted and not found._owns_data):
        found = copy_in(found, order)
    return found


def _with_ndim(found, ndmin):
    while found.ndim < ndmin:
        found = found._with_axis(0)
    return found


def asarray(a, dtype=None, order=None, *, device=None, copy=None, like=None):
    """The argument itself if it is an array of this dtype, else an array of its elements."""
    if type(a) is ndarray and dtype is None and copy is None and order is None and device is None:
        return a
    _check_device(device)
    return array(a, dtype, copy=copy, order=_order(order))


def asanyarray(a, dtype=None, order=None, *, device=None, copy=None, like=None):
    """As `asarray`; an array of a class derived from NumPy's stays what it is."""
    if _overrides.is_numpys((a,)):
        return numpy.asanyarray(a, dtype, order, copy=copy)
    return asarray(a, dtype, order, device=device, copy=copy)


def asarray_chkfinite(a, dtype=None, order=None):
    """As `asarray`; ValueError for infinite elements and NaN. Collective."""
    found = asarray(a, dtype, order)
    if type(found) is not ndarray:
        return numpy.asarray_chkfinite(found)
    if found.dtype.kind in "fc" and not bool(_gain.all(_gain.isfinite(found))):
        raise ValueError("array must not contain infs or NaNs")
    return found


def ascontiguousarray(a, dtype=None, *, like=None):
    """An array of at least one dimension whose elements lie in C order."""
    found = asarray(a, dtype)
    if type(found) is not ndarray:
        return numpy.ascontiguousarray(found)
    if found.ndim == 0:
        return found._with_axis(0)
    return found if found.flags.c_contiguous else found.copy()


def copy(a, order="K", subok=False):
    """A copy of the array."""
    return array(a, order=order, copy=True)


def _check_device(device):
    if device not in (None, "cpu"):
        raise ValueError(f'Device not understood. Only "cpu" is allowed, but received: {device}')


def _like(name, prototype, dtype, shape, order, device, subok, *fill):
    _check_device(device)
    given, maker = prototype, getattr(_gain, name)
    prototype = asarray(given)
    is_derived = subok and isinstance(given, numpy.ndarray) and type(given) not in (ndarray, numpy.ndarray)
    if is_derived or type(prototype) is not ndarray:
        made = getattr(numpy, f"{name}_like")(given if is_derived else prototype, *fill, dtype=dtype, order=order, subok=subok, shape=shape)
        return asarray(made) if type(made) is numpy.ndarray else made
    same = shape is None
    if same:
        shape = prototype.shape
    wanted = prototype.dtype if dtype is None else dtype
    order = _order(order)
    if order == "C" or numpy.size(shape) < 2:
        return maker(shape, *fill, wanted)
    if order == "K":
        # Memory like the prototype's is that of arrays with as many axes.
        if not same and numpy.size(shape) != prototype.ndim:
            order = "C"
        elif not prototype.flags.c_contiguous and not prototype.flags.f_contiguous:
            return _with_axes_as(maker, prototype, shape, fill, wanted)
    fortran = order == "F" or (order != "C" and prototype.flags.f_contiguous and not prototype.flags.c_contiguous)
    return maker(shape, *fill, wanted, order="F" if fortran else "C")


def _with_axes_as(maker, prototype, shape, fill, wanted):
    axes = prototype._axes_in_memory()
    made = maker([shape[axis] for axis in axes], *fill, wanted)
    if type(made) is not ndarray:
        return maker(shape, *fill, wanted)
    return made._into_order([axes.index(axis) for axis in range(prototype.ndim)])


def empty_like(prototype, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """A new array of the prototype's shape and dtype, whose content is not set."""
    return _like("empty", prototype, dtype, shape, order, device, subok)


def zeros_like(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """A new array of zeros with the argument's shape and dtype."""
    return _like("zeros", a, dtype, shape, order, device, subok)


def ones_like(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """A new array of ones with the argument's shape and dtype."""
    return _like("ones", a, dtype, shape, order, device, subok)


def full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """A new array with the argument's shape and dtype, all of whose elements are `fill_value`."""
    return _like("full", a, dtype, shape, order, device, subok, fill_value)


def _number(value):
    """A number that gain's dtypes hold, or None."""
    if type(value) in (int, float, complex):
        return value
    kind = getattr(value, "dtype", None)
    if kind is not None and getattr(value, "ndim", 1) == 0 and _gain.holds(kind):
        return value[()] if hasattr(value, "__getitem__") else value
    return None


def arange(start_or_stop=None, /, stop=None, step=1, dtype=None, *, start=None, device=None, like=None):
    """Numbers from `start` (0) up to but without `stop`, by `step`."""
    _check_device(device)
    if start_or_stop is None:
        start_or_stop = 0 if start is None else start
        if stop is None:
            raise TypeError("arange() requires stop to be specified.")
    elif start is not None:
        raise TypeError("argument for arange() given by name ('start') and position (position 0)")
    start, end = (0, start_or_stop) if stop is None else (start_or_stop, stop)
    if type(start) is type(end) is type(step) is int and dtype is None and step and builtins.max(builtins.abs(start), builtins.abs(end)) < 2**62:
        return _gain._arange(start, step, len(range(start, end, step)), _INTEGERS)
    given = [start_or_stop] if stop is None else [start_or_stop, stop]
    named = {"dtype": dtype} if type(step) is int and step == 1 else {"dtype": dtype, "step": step}
    start, end, step = (_number(value) for value in (start, end, 1 if step is None else step))
    if start is None or end is None or step is None or builtins.any(isinstance(n, complex) for n in (start, end, step)):
        return _fallback.call("arange", numpy.arange, given, named)
    if not step:
        raise ZeroDivisionError("division by zero")
    span = (end - start) / step
    if math.isnan(span):
        raise ValueError("arange: cannot compute length")
    if builtins.abs(span) > 2**63:
        raise ValueError("Maximum allowed size exceeded")
    wanted = numpy.dtype(dtype) if dtype is not None else numpy.arange(start, start, step).dtype
    wanted = numpy.result_type(wanted, numpy.arange(end, end, step).dtype) if dtype is None else wanted
    if not _gain.holds(wanted) or wanted == bool:
        return _fallback.call("arange", numpy.arange, (start, end, step), {"dtype": dtype})
    length = builtins.max(0, math.ceil(span))
    first = wanted.type(start)
    if wanted == numpy.float16:
        # Its second element is rounded on its way.
        step = numpy.float64(step)
        first = numpy.float64(start)
    elif wanted.kind in "fc":
        # NumPy computes the second element and goes on by the difference.
        step = wanted.type(start + step) - first
    elif wanted.kind == "i":
        step = wanted.type(numpy.int64(start + step).astype(wanted) - first)
    else:
        # Modulo the dtype's range: a negative step too.
        step = wanted.type(int(step) % 2 ** (8 * wanted.itemsize))
    return _gain._arange(first, step, length, wanted)


def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None):
    """`num` evenly spaced numbers from `start` to `stop`."""
    num = operator.index(num)
    if num < 0:
        raise ValueError(f"Number of samples, {num}, must be non-negative.")
    first, last = _number(start), _number(stop)
    wanted = numpy.dtype(float if dtype is None else dtype)
    if axis not in (0, -1) and first is not None and last is not None:
        normalize_axis_index(axis, 1, "destination")
    simple = first is not None and last is not None and not builtins.any(isinstance(n, complex) for n in (first, last))
    if simple and dtype is None:
        simple = numpy.result_type(first, last, float(num)) == numpy.float64
    if not simple or wanted != numpy.float64:
        keywords = {"endpoint": endpoint, "retstep": retstep, "dtype": dtype, "axis": axis}
        from gain import _borrowed

        return _borrowed.borrow(numpy.linspace)(start, stop, num, **keywords)
    made = _gain._linspace(float(first), float(last), num, bool(endpoint), wanted)
    if not retstep:
        return made
    parts = num - 1 if endpoint else num
    return made, numpy.float64(float(last) - float(first)) / parts if parts > 0 else numpy.float64(numpy.nan)


def eye(N, M=None, k=0, dtype=float, order="C", *, device=None, like=None):
    """A 2-D array with ones on a diagonal and zeros elsewhere."""
    wanted = numpy.dtype(float if dtype is None else dtype)
    if not _gain.holds(wanted):
        return numpy.eye(N, M, k, dtype)
    rows = operator.index(N)
    columns = rows if M is None else operator.index(M)
    if rows < 0 or columns < 0:
        raise ValueError("negative dimensions are not allowed")
    made = _gain._eye(rows, columns, min(max(operator.index(k), -rows), columns), wanted)
    return copy_in(made, "F") if order == "F" else made


def identity(n, dtype=None, *, like=None):
    """The n x n identity matrix."""
    return eye(n, dtype=dtype)


def indices(dimensions, dtype=int, sparse=False):
    """The indices of a grid, one array for each axis, stacked."""
    dimensions = tuple(dimensions)
    n_axes = len(dimensions)
    if sparse:
        return tuple(
            _gain._index_along([n if other == axis else 1 for other in range(n_axes)], axis).astype(dtype)
            for axis, n in enumerate(dimensions)
        )
    made = _gain.empty((n_axes, *dimensions), dtype)
    for axis in range(n_axes):
        made[axis] = _gain._index_along(dimensions, axis)
    return made


def fromfunction(function, shape, *, dtype=float, like=None, **kwargs):
    """The function's value for the index arrays of a grid."""
    shape = tuple(shape)
    arrays = [_gain._index_along(shape, axis).astype(dtype) for axis in range(len(shape))]
    return function(*arrays, **kwargs)
