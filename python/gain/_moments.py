"""Variance and standard deviation, from sums: NumPy's two passes, so that nothing is gathered."""


import numpy

from gain import _creation, _fallback, _functions, _gain, _warnings

ndarray = _gain.ndarray
_NONE = numpy._NoValue


def var(a, axis=None, dtype=None, out=None, ddof=0, keepdims=_NONE, *, where=_NONE, mean=_NONE, correction=_NONE):
    """The mean of the squared distances from the mean, along axes or of all elements. Collective.

    `where` chooses the elements that count, `mean` is the mean where it is known. The dtype of the work and the result is `dtype`, else the
    elements' own (float64 for integers and booleans).
    """
    if correction is not _NONE:
        if ddof != 0:
            raise ValueError("ddof and correction can't be provided simultaneously.")
        ddof = correction
    array = _creation.asarray(a)
    known = dtype is None or (_gain.holds(dtype) and numpy.dtype(dtype).kind in "fc")
    if type(array) is not ndarray or not known or not (out is None or type(out) is ndarray):
        keywords = {"dtype": dtype, "out": out, "ddof": ddof, "keepdims": keepdims, "where": where, "mean": mean}
        return _fallback.call("var", numpy.var, (a, axis), {name: value for name, value in keywords.items() if value is not _NONE})
    work = numpy.dtype(dtype) if dtype is not None else array.dtype if array.dtype.kind in "fc" else numpy.dtype(float)
    masked = {} if where is _NONE or where is True else {"where": where}
    keepdims = False if keepdims is _NONE else bool(keepdims)
    count = _count(array, axis, masked)
    if _functions.ndim(count) == 0 and ddof >= count or _functions.ndim(count) and bool((count <= ddof).any()):
        _warnings.tell("Degrees of freedom <= 0 for slice", RuntimeWarning)
    if mean is _NONE:
        mean = _gain.true_divide(_gain.sum(array, axis, dtype=work, keepdims=True, **masked), count)
    distance = _gain.subtract(array, mean)
    if array.dtype.kind == "c":
        squares = distance.real * distance.real + distance.imag * distance.imag
        work = numpy.dtype(work.type(0).real.dtype) if dtype is None else work
    else:
        squares = distance * distance
    total = _gain.sum(squares, axis, dtype=work, keepdims=keepdims, **masked)
    degrees = _gain.maximum(count - ddof, 0)
    if not keepdims and _functions.ndim(degrees):
        degrees = _functions.reshape(degrees, numpy.shape(total))
    found = _gain.true_divide(total, degrees)
    if out is not None:
        out[...] = found
        return out
    return found.astype(work) if isinstance(found, ndarray) else work.type(found)


def _count(array, axis, masked):
    """How many elements each result is made of: a number, or an array with the reduced axes kept where a mask chooses."""
    if not masked:
        return _functions.size(array, axis)
    chosen = _functions.broadcast_to(_creation.asarray(masked["where"]), array.shape)
    return _gain.sum(chosen, axis, dtype=numpy.intp, keepdims=True)


def std(a, axis=None, dtype=None, out=None, ddof=0, keepdims=_NONE, *, where=_NONE, mean=_NONE, correction=_NONE):
    """The square root of the variance. Collective."""
    return _gain.sqrt(var(a, axis, dtype, None, ddof, keepdims, where=where, mean=mean, correction=correction), out=out)
