"""The methods of `gain.ufunc`, built from calls, reductions and walks along an axis; the rest by the fallback."""

import functools
import inspect

import numpy

from gain import _creation, _errstate, _fallback, _functions, _gain, _segments, _ufunc_overrides, _warnings

ndarray = _gain.ndarray


def _of_name(name):
    """A reduction that is no function of NumPy's by itself; it gives None when only NumPy has it."""
    return lambda array, axis, keepdims, out=None, dtype=None: _stored(_gain._reduced(name, array, axis, dtype, keepdims), out)


# Ufuncs whose reduction is one of gain's, with the element that changes no result.
_REDUCTIONS = {
    "add": (_gain.sum, 0), "multiply": (_gain.prod, 1), "minimum": (_gain.min, None), "maximum": (_gain.max, None),
    "logical_or": (_gain.any, False), "logical_and": (_gain.all, True), "fmin": (_of_name("fmin"), None), "fmax": (_of_name("fmax"), None),
}

# NumPy's names of reductions and their ufuncs.
_UFUNCS = {"sum": "add", "prod": "multiply", "min": "minimum", "max": "maximum", "any": "logical_or", "all": "logical_and"}

# Ufuncs whose walks along an axis may meet a fault.
_FAULTY = {"add", "subtract", "multiply", "divide", "floor_divide", "remainder", "fmod", "power", "float_power", "hypot", "logaddexp", "logaddexp2"}

# Ufuncs that NumPy reduces over several axes, in whatever order.
_REORDERABLE = {"bitwise_and", "bitwise_or", "bitwise_xor", "logical_xor", "gcd", "lcm", "hypot", "logaddexp", "logaddexp2"}

_NONE = object()

# NumPy's limit.
_MOST_AXES = 64


def named(name):
    """The ufunc of this name, for pickle."""
    return getattr(_gain, name)


def _method(self, name):
    return getattr(getattr(numpy, self.__name__), name)


def _single(out):
    """The one output; tuples of one are taken apart."""
    return out[0] if isinstance(out, tuple) and len(out) == 1 else out


def _operand(array):
    """A gain array of at least one axis, or None."""
    array = _creation.asarray(array)
    return array if type(array) is ndarray and array.ndim > 0 else None


def _axes(axis, ndim):
    """The axes as distinct non-negative numbers, ascending; None for what only NumPy can judge."""
    if axis is None:
        return tuple(range(ndim))
    given = axis if type(axis) is tuple else (axis,)
    if not given or not all(type(place) is int and -ndim <= place < ndim for place in given):
        return None
    axes = sorted({place % ndim for place in given})
    return tuple(axes) if len(axes) == len(given) else None


def _stored(found, out, casting="same_kind"):
    """The result in `out`, if there is one; None when only NumPy knows what to do with that output."""
    if out is None or found is None:
        return found
    if type(out) is not ndarray or out.shape != numpy.shape(found) or not numpy.can_cast(found.dtype, out.dtype, casting):
        return None
    if not out._writeable:
        return None
    out[...] = found
    return out


def reduce(self, array, axis=0, dtype=None, out=None, keepdims=False, initial=_NONE, where=True):
    """The ufunc applied between all elements along axes."""
    out = _single(out)
    before = None if out is None else out.copy() if type(out) is ndarray and out is array else None
    found = _reduced(self, array, axis, dtype, out, keepdims, initial, where)
    if found is not None:
        if where is True and self.__name__ in _FAULTY and self.__name__ not in _REDUCTIONS and type(axis) is int:
            _watch_walk(self, "reduce", array if before is None else before, axis, dtype, found)
        return found
    return NotImplemented


def _watch_walk(self, method, array, axis, dtype, found):
    """Reports what went wrong on the way from element to element: the faults of each running result and the next element."""
    array = _operand(array)
    if array is None or dtype is not None or array.ndim <= axis or array.shape[axis] < 2 or not _errstate.minds(array.size):
        return
    if array.dtype.kind in "fc" and bool(_gain.isfinite(found).all()):
        return
    before = (slice(None),) * (axis % array.ndim)
    running = self._accumulate(array, axis, None)
    if running is not None:
        with _errstate.collected(method):
            self(running[(*before, slice(None, -1))], array[(*before, slice(1, None))])


def _reduced(self, array, axis, dtype, out, keepdims, initial, where):
    """The reduction, or None when only NumPy has it."""
    if type(keepdims) is not bool or not (out is None or type(out) is ndarray):
        return None
    array = _operand(array)
    axes = None if array is None else _axes(axis, array.ndim)
    if axes is None:
        return None
    known = _REDUCTIONS.get(self.__name__)
    if known is None:
        return None if where is not True else _folded(self, array, axes, dtype, out, keepdims, initial)
    reduction, neutral = known
    typed = dtype is None or self.__name__ in ("add", "multiply", "fmin", "fmax")
    if not typed:
        return None
    if where is not True:
        array = _masked(self.__name__, array, where, neutral, initial)
        if array is None:
            return None
    keywords = {} if dtype is None else {"dtype": dtype}
    if initial is _NONE:
        return reduction(array, axis=axes, out=out, keepdims=keepdims, **keywords)
    if initial is None or (array.size == 0 and neutral is None):
        return None
    found = reduction(array, axis=axes, keepdims=keepdims, **keywords)
    if found is None:
        return None
    first = _cast(initial, found.dtype)
    if first is None:
        return None
    # Over nothing the initial value is the result, be it a negative zero.
    return _stored(_creation.full_like(found, first) if array.size == 0 and numpy.ndim(found) else first if array.size == 0 else self(first, found), out)


def _masked(name, array, where, neutral, initial):
    """The array with an element that changes no result where the mask is false; None when only NumPy knows."""
    where = _creation.asarray(where)
    if type(where) is not ndarray or where.dtype != bool or where.ndim > array.ndim:
        return None
    pairs = zip(where.shape[::-1], array.shape[::-1])
    if any(have not in (1, want) for have, want in pairs):
        return None
    if neutral is None:
        # NumPy asks for an initial value here, and says so.
        neutral = None if initial is _NONE else _cast(initial, array.dtype)
        if neutral is None:
            return None
    elif name in ("add", "multiply"):
        neutral = array.dtype.type(neutral)
    else:
        array = array != 0
    return _gain.where(where, array, neutral)


def _cast(value, dtype):
    """A number as an element of the dtype, unless it is of a higher kind."""
    if not isinstance(value, (bool, int, float, complex, numpy.number, numpy.bool)):
        return None
    kinds = "buifc"
    if kinds.index(numpy.result_type(value).kind) > kinds.index(dtype.kind) and not (dtype.kind == "u" and value >= 0):
        return None
    try:
        return dtype.type(value)
    except (OverflowError, TypeError):
        return None


def _folded(self, array, axes, dtype, out, keepdims, initial):
    """The reduction from left to right, axis by axis; None when only NumPy has it."""
    if len(axes) > 1 and self.__name__ not in _REORDERABLE:
        return None
    if initial is None or array.size == 0 or out is not None and dtype is None and out.dtype != array.dtype:
        return None
    found = array
    for place in reversed(axes):
        first = None if initial is _NONE or place != axes[0] else initial
        found = self._fold(found, place, dtype, first)
        if found is None:
            return None
        if keepdims:
            found = _creation.asarray(found)._with_axis(place)
    return _stored(found, out)


def reduction(name, array, keywords):
    """`numpy.<name>` with NumPy's further keywords; NotImplemented when only NumPy has it."""
    if name == "mean":
        return _mean(array, keywords)
    ufunc = getattr(_gain, _UFUNCS[name], None) if name in _UFUNCS else None
    rest = dict(keywords)
    out = _single(rest.pop("out", None))
    initial, where = rest.pop("initial", _NONE), rest.pop("where", True)
    axis, dtype, keepdims = rest.pop("axis", None), rest.pop("dtype", None), rest.pop("keepdims", False)
    if rest or ufunc is None:
        return NotImplemented
    initial = _NONE if initial is numpy._NoValue else initial
    where = True if where is numpy._NoValue else where
    keepdims = False if keepdims is numpy._NoValue else keepdims
    if initial is _NONE and where is True:
        return NotImplemented
    found = _reduced(ufunc, array, axis, dtype, out, keepdims, initial, where)
    return NotImplemented if found is None else found


def _mean(array, keywords):
    """The mean of the elements that a mask chooses."""
    rest = dict(keywords)
    where = _creation.asarray(rest.pop("where", True))
    array = _operand(array)
    if array is None or type(where) is not ndarray or where.dtype != bool or where.ndim > array.ndim:
        return NotImplemented
    if set(rest) - {"axis", "keepdims"}:
        return NotImplemented
    if array.dtype.kind in "biu":
        array = array.astype(float)
    total = reduction("sum", array, {**rest, "where": where})
    if total is NotImplemented:
        return NotImplemented
    chosen = _gain.where(where, _creation.ones_like(array, dtype=numpy.intp), 0)
    count = _gain.sum(chosen, **rest)
    if bool(_gain.any(count == 0)) if isinstance(count, ndarray) else count == 0:
        _warnings.tell("Mean of empty slice", RuntimeWarning)
    with _warnings.told_again():
        return total / count.astype(total.dtype.type(0).real.dtype)


def accumulate(self, array, axis=0, dtype=None, out=None):
    """The results of the ufunc applied between the elements so far, along an axis."""
    target = _single(out)
    found = None
    operand = _operand(array)
    if operand is not None and type(axis) is int and (target is None or type(target) is ndarray):
        wanted = dtype
        if wanted is None and target is not None and target.dtype != operand.dtype:
            # The loop is the one between a running result, which the output holds, and an element.
            wanted = getattr(numpy, self.__name__).resolve_dtypes((target.dtype, operand.dtype, None), casting="unsafe", reduction=True)[1]
        if wanted is None or numpy.can_cast(operand.dtype, wanted, "unsafe"):
            found = _stored(self._accumulate(operand, axis, wanted), target, "unsafe")
    if found is not None:
        if self.__name__ in _FAULTY and target is not array:
            _watch_walk(self, "accumulate", array, axis, dtype, found)
        return found
    return NotImplemented


def reduceat(self, array, indices, axis=0, dtype=None, out=None):
    """Reductions over slices along an axis."""
    target = _single(out)
    operand = _operand(array)
    if operand is not None and self.nin == 2 and (target is None or type(target) is ndarray):
        found = _stored(_segments.reduceat(self.__name__, operand, indices, axis, dtype), target)
        if found is not None:
            return found
    return NotImplemented


def outer(self, A, B, /, **kwargs):
    """The ufunc between all pairs of elements of two arrays."""
    if self.nin != 2:
        raise ValueError("outer product only supported for binary functions")
    left, right = _creation.asarray(A), _creation.asarray(B)
    if type(left) is not ndarray or type(right) is not ndarray:
        return NotImplemented
    if left.ndim + right.ndim > _MOST_AXES:
        raise ValueError(
            f"maximum supported dimension for an ndarray is {_MOST_AXES}, but `{self.__name__}.outer()` result would have {left.ndim + right.ndim}."
        )
    for _ in range(right.ndim):
        left = left._with_axis(left.ndim)
    return self(left, right, **kwargs)


def at(self, a, indices, b=None, /):
    """The ufunc in place on the elements at some indices, repeated ones as often as they come."""
    if type(a) is ndarray and a.ndim > 0 and b is not None and a._writeable and self.nin == 2:
        minds = self.__name__ in _FAULTY and _errstate.minds(a.size)
        old = a.copy() if minds else None
        if self._at_any(a, indices, b):
            if minds:
                _watch_at(self, a, old, indices, b)
            return None
    return NotImplemented


def _at_any(self, a, indices, b):
    """`at` by any index; whether it was done."""
    given = indices if type(indices) is tuple else (indices,)
    if len(given) == a.ndim and all(_is_index(index) for index in given):
        return self._at(a, given, b)
    return a.size > 0 and self._at_places(a, indices, b)


def _watch_at(self, a, old, indices, b):
    """Reports what went wrong: the faults of the first turn of each element, and elements that are infinite after the last."""
    if self.__name__ in ("add", "subtract") and a.dtype.kind in "fc" and bool(_gain.isfinite(a).all()):
        # What these once made infinite stays so.
        return
    b = _creation.asarray(b)
    with _errstate.collected("at") as note:
        self(old[indices], b)
        if a.dtype.kind in "fc" and bool(_gain.isfinite(b).all()) and bool((_gain.isfinite(old) & _gain.isinf(a)).any()):
            note("overflow", 2)


def _at_places(self, a, indices, b):
    """`at` by any index: the places that it names, as numbers in C order. Whether it was done."""
    places = _creation.asarray(_functions.reshape(_creation.arange(a.size), a.shape)[indices])
    if type(places) is not ndarray or places.size == 0:
        return False
    values = b
    if type(b) not in (int, float, complex):
        b = _creation.asarray(b)
        if type(b) is not ndarray:
            return False
        values = _functions.ravel(_functions.broadcast_to(b, places.shape))
    flat = _functions.ravel(a).copy()
    if not self._at(flat, (_functions.ravel(places),), values):
        return False
    a[...] = _functions.reshape(flat, a.shape)
    return True


def _is_index(index):
    """Whether it is an array of integers, or a list that becomes one."""
    if isinstance(index, (ndarray, numpy.ndarray)):
        return index.dtype.kind in "iu" and index.ndim > 0
    return type(index) is list and len(index) > 0


def resolve_dtypes(self, dtypes, **kwargs):
    """The dtypes that the operands are cast to."""
    return _method(self, "resolve_dtypes")(dtypes, **kwargs)


_gain.ufunc.__doc__ = property(lambda self: self._doc)
_gain.ufunc.__signature__ = property(lambda self: inspect.signature(getattr(numpy, self.__name__)))


def _asking(method):
    """The method as users call it: operands whose class has an `__array_ufunc__` decide, and what is not native is NumPy's."""
    name = method.__name__

    @functools.wraps(method)
    def ask(self, *args, **kwargs):
        found = NotImplemented
        if not _ufunc_overrides.are_silent(args, kwargs):
            found = _ufunc_overrides.ask(self, name, args, kwargs)
        elif not any(map(_ufunc_overrides.is_special, args[:2])):
            found = method(self, *args, **kwargs)
        if found is not NotImplemented:
            return found
        return _fallback.call("ufunc.at" if name == "at" else f"{self.__name__}.{name}", _method(self, name), args, kwargs)

    return ask


for _function in (reduce, accumulate, reduceat, outer, at):
    setattr(_gain.ufunc, _function.__name__, _asking(_function))
for _function in (_at_any, _at_places, resolve_dtypes):
    setattr(_gain.ufunc, _function.__name__, _function)
