"""Reductions that leave NaN out: gain's own, of elements among which something neutral stands for NaN. The choice is fused with the reduction."""

import numpy

from gain import _borrowed, _creation, _gain, _warnings

ndarray = _gain.ndarray
_NONE = numpy._NoValue
# What is not an array of numbers of gain's, or asks for more, goes NumPy's way.
_THEIRS = {name: _borrowed.borrow(getattr(numpy, name)) for name in ("nanmax", "nanmean", "nanmin", "nanprod", "nansum")}


def _numbers(a):
    """The operand as an array of gain's own class; None for others."""
    array = _creation.asanyarray(a)
    return array if type(array) is ndarray else None


def _given(**keywords):
    return {name: value for name, value in keywords.items() if value is not _NONE}


def _extreme(name, ufunc, a, axis, out, keywords):
    array = _numbers(a)
    if array is None:
        return _THEIRS[name](a, axis, out, **keywords)
    found = ufunc.reduce(array, axis, None, out, **keywords)
    if array.dtype.kind in "fc" and (bool(_gain.any(_gain.isnan(found))) if isinstance(found, ndarray) else found != found):
        _warnings.tell("All-NaN slice encountered", RuntimeWarning)
    return found


def nanmax(a, axis=None, out=None, keepdims=_NONE, initial=_NONE, where=_NONE):
    """The largest element along axes, or of all, that is no NaN; NaN and a warning where there is none. Collective."""
    return _extreme("nanmax", _gain.fmax, a, axis, out, _given(keepdims=keepdims, initial=initial, where=where))


def nanmin(a, axis=None, out=None, keepdims=_NONE, initial=_NONE, where=_NONE):
    """The smallest element along axes, or of all, that is no NaN; NaN and a warning where there is none. Collective."""
    return _extreme("nanmin", _gain.fmin, a, axis, out, _given(keepdims=keepdims, initial=initial, where=where))


def _reduced(name, reduce, neutral, a, axis, dtype, out, keywords):
    """A reduction in which `neutral` stands for NaN."""
    array = _numbers(a)
    if array is None:
        return _THEIRS[name](a, axis, dtype, out, **keywords)
    if array.dtype.kind in "fc":
        array = _gain.where(_gain.isnan(array), array.dtype.type(neutral), array)
    return reduce(array, axis, dtype, out, **keywords)


def nansum(a, axis=None, dtype=None, out=None, keepdims=_NONE, initial=_NONE, where=_NONE):
    """The sum along axes, or of all elements, in which NaN counts as zero. Collective."""
    return _reduced("nansum", _gain.sum, 0, a, axis, dtype, out, _given(keepdims=keepdims, initial=initial, where=where))


def nanprod(a, axis=None, dtype=None, out=None, keepdims=_NONE, initial=_NONE, where=_NONE):
    """The product along axes, or of all elements, in which NaN counts as one. Collective."""
    return _reduced("nanprod", _gain.prod, 1, a, axis, dtype, out, _given(keepdims=keepdims, initial=initial, where=where))


def nanmean(a, axis=None, dtype=None, out=None, keepdims=_NONE, *, where=_NONE):
    """The mean along axes, or of all elements, of those that are no NaN; NaN and a warning where there are none. Collective."""
    keywords = _given(keepdims=keepdims, where=where)
    array = _numbers(a)
    if array is None or out is not None or dtype is not None:
        return _THEIRS["nanmean"](a, axis, dtype, out, **keywords)
    if array.dtype.kind not in "fc":
        return _gain.mean(array, axis, **keywords)
    is_nan = _gain.isnan(array)
    count = _gain.sum(_gain.logical_not(is_nan), axis, numpy.intp, **keywords)
    total = _gain.sum(_gain.where(is_nan, array.dtype.type(0), array), axis, **keywords)
    with numpy.errstate(invalid="ignore", divide="ignore"):
        found = _gain.true_divide(total, count, dtype=array.dtype, casting="unsafe")
    if bool(_gain.any(count == 0)) if isinstance(count, ndarray) else count == 0:
        _warnings.tell("Mean of empty slice", RuntimeWarning)
    return found
