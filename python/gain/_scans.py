"""Running sums and products: NumPy's functions over `accumulate`."""

import operator
import sys

import numpy
from numpy.lib.array_utils import normalize_axis_index

from gain import _creation, _fallback, _functions, _gain, _joining

ndarray = _gain.ndarray


def _along(name, ufunc, a, axis, dtype, out):
    array = _creation.asarray(a)
    native = type(array) is ndarray and (out is None or type(out) is ndarray)
    if native and axis is None:
        array, axis = array.reshape(-1), 0
    if native and array.ndim == 0 and axis in (0, -1):
        array = array.reshape(1)
    if native and type(axis) is int and array.ndim > 0:
        return ufunc.accumulate(array, axis, dtype, out)
    return _fallback.call(name, getattr(numpy, name), (a,), {"axis": axis, "dtype": dtype, "out": out})


def cumsum(a, axis=None, dtype=None, out=None):
    """The sums of the elements so far, of all in C order or along an axis."""
    return _along("cumsum", _gain.add, a, axis, dtype, out)


def cumprod(a, axis=None, dtype=None, out=None):
    """The products of the elements so far, of all in C order or along an axis."""
    return _along("cumprod", _gain.multiply, a, axis, dtype, out)


def _without_nan(a, neutral):
    """The elements with NaN replaced."""
    array = _creation.asarray(a)
    if type(array) is not ndarray or array.dtype.kind not in "fc":
        return a
    return _gain.where(_gain.isnan(array), array.dtype.type(neutral), array)


def nancumsum(a, axis=None, dtype=None, out=None):
    """As `cumsum`; NaN counts as 0."""
    if type(_creation.asarray(a)) is not ndarray:
        return _fallback.call("nancumsum", numpy.nancumsum, (a, axis, dtype, out), {})
    return _along("cumsum", _gain.add, _without_nan(a, 0), axis, dtype, out)


def nancumprod(a, axis=None, dtype=None, out=None):
    """As `cumprod`; NaN counts as 1."""
    if type(_creation.asarray(a)) is not ndarray:
        return _fallback.call("nancumprod", numpy.nancumprod, (a, axis, dtype, out), {})
    return _along("cumprod", _gain.multiply, _without_nan(a, 1), axis, dtype, out)


def _cumulative(name, function, x, axis, dtype, out, include_initial):
    array = _functions.atleast_1d(_creation.asarray(x))
    if type(array) is not ndarray or not (out is None or type(out) is ndarray):
        keywords = {"axis": axis, "dtype": dtype, "out": out, "include_initial": include_initial}
        return _fallback.call(name, getattr(numpy, name), (x,), keywords)
    if axis is None and array.ndim > 1:
        raise ValueError("For arrays which have more than one dimension ``axis`` argument is required.")
    axis = normalize_axis_index(0 if axis is None else operator.index(axis), array.ndim)
    if not include_initial:
        return function(array, axis, dtype, out)
    if out is not None:
        before = (slice(None),) * axis
        out[(*before, 0)] = 0 if name == "cumulative_sum" else 1
        function(array, axis, dtype, out[(*before, slice(1, None))])
        return out
    found = function(array, axis, dtype)
    shape = (*array.shape[:axis], 1, *array.shape[axis + 1:])
    first = _gain.full(shape, 0 if name == "cumulative_sum" else 1, found.dtype)
    return _joining.concatenate([first, found], axis)


def cumulative_sum(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
    """The sums of the elements so far along an axis."""
    return _cumulative("cumulative_sum", cumsum, x, axis, dtype, out, include_initial)


def cumulative_prod(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
    """The products of the elements so far along an axis."""
    return _cumulative("cumulative_prod", cumprod, x, axis, dtype, out, include_initial)


def _sum_method(self, axis=None, dtype=None, out=None):
    # As users call it, for small arrays have a shorter way there.
    return sys.modules["gain"].cumsum(self, axis, dtype) if out is None else cumsum(self, axis, dtype, out)


def _prod_method(self, axis=None, dtype=None, out=None):
    return sys.modules["gain"].cumprod(self, axis, dtype) if out is None else cumprod(self, axis, dtype, out)


def attach():
    """Gives the class its methods of these names."""
    for name, what, text in (("cumsum", _sum_method, cumsum.__doc__), ("cumprod", _prod_method, cumprod.__doc__)):
        what.__name__, what.__doc__ = name, text
        setattr(ndarray, name, what)
