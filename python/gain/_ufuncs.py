"""The methods of `gain.ufunc`: reductions and outer products by native operations, the rest by the fallback."""

import numpy

from gain import _creation, _fallback, _gain

# Ufuncs whose reduction is one of gain's.
_REDUCTIONS = {
    "add": _gain.sum, "multiply": _gain.prod, "minimum": _gain.min, "maximum": _gain.max, "logical_or": _gain.any,
    "logical_and": _gain.all,
}


def _method(self, name):
    return getattr(getattr(numpy, self.__name__), name)


def reduce(self, array, axis=0, dtype=None, out=None, keepdims=False, **kwargs):
    """The ufunc applied between all elements along axes."""
    reduction = _REDUCTIONS.get(self.__name__)
    if isinstance(out, tuple) and len(out) == 1:
        out = out[0]
    native = reduction is not None and not kwargs and (out is None or type(out) is _gain.ndarray)
    if native and (dtype is None or reduction in (_gain.sum, _gain.prod)):
        array = _creation.asarray(array)
        if type(array) is _gain.ndarray and array.ndim > 0:
            typed = {} if dtype is None else {"dtype": dtype}
            return reduction(array, axis=axis, out=out, keepdims=bool(keepdims), **typed)
    keywords = {"axis": axis, "dtype": dtype, "out": out, "keepdims": keepdims, **kwargs}
    return _fallback.call(f"{self.__name__}.reduce", _method(self, "reduce"), (array,), keywords)


def accumulate(self, array, axis=0, dtype=None, out=None):
    """The results of the ufunc applied between the elements so far, along an axis."""
    keywords = {"axis": axis, "dtype": dtype, "out": out}
    return _fallback.call(f"{self.__name__}.accumulate", _method(self, "accumulate"), (array,), keywords)


def reduceat(self, array, indices, axis=0, dtype=None, out=None):
    """Reductions over slices along an axis."""
    keywords = {"axis": axis, "dtype": dtype, "out": out}
    return _fallback.call(f"{self.__name__}.reduceat", _method(self, "reduceat"), (array, indices), keywords)


def outer(self, A, B, /, **kwargs):
    """The ufunc between all pairs of elements of two arrays."""
    left, right = _creation.asarray(A), _creation.asarray(B)
    if self.nin != 2:
        raise ValueError("outer product only supported for binary functions")
    if type(left) is not _gain.ndarray or type(right) is not _gain.ndarray:
        return _fallback.call(f"{self.__name__}.outer", _method(self, "outer"), (left, right), kwargs)
    for _ in range(right.ndim):
        left = left._with_axis(left.ndim)
    return self(left, right, **kwargs)


def at(self, a, indices, b=None, /):
    """The ufunc in place on the elements at some indices, repeated ones as often as they come."""
    rest = () if b is None else (b,)
    _fallback.call("ufunc.at", _method(self, "at"), (a, indices, *rest), {})


def resolve_dtypes(self, dtypes, **kwargs):
    """The dtypes that the operands are cast to."""
    return _method(self, "resolve_dtypes")(dtypes, **kwargs)


_gain.ufunc.__doc__ = property(lambda self: self._doc)
for _function in (reduce, accumulate, reduceat, outer, at, resolve_dtypes):
    setattr(_gain.ufunc, _function.__name__, _function)
for _function in (accumulate, reduceat, at):
    _function._gain_fallback = f"ufunc.{_function.__name__}"
