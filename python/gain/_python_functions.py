"""Python functions of elements, `vectorize` and `frompyfunc`: each rank calls the function for its own elements.

What the function raises on one rank is raised on all. Objects, which gain's arrays don't hold, are exchanged, and every rank has them all in
one of NumPy's arrays. The function must not call gain: the ranks call it at different times, and not equally often.
"""

import pickle

import numpy

from gain import _creation, _fallback, _functions, _gain, _parts

ndarray = _gain.ndarray


def _spread(args):
    """The operands as gain arrays of one shape, if one is spread over the ranks; else None."""
    if not any(type(arg) is ndarray and not arg._is_replicated for arg in args):
        return None
    arrays = [_creation.asarray(arg) for arg in args]
    if not all(type(array) is ndarray for array in arrays):
        return None
    shape = numpy.broadcast_shapes(*(array.shape for array in arrays))
    wide = [_functions.broadcast_to(array, shape) for array in arrays]
    return wide if wide[0].size else None


def _locals(wide):
    """Every operand's elements of the same rows, as a vector each. Collective."""
    flat = [_parts.along_first(_functions.ravel(array)) for array in wide]
    return [flat[0]._local()] + [_parts.like(array, flat[0])._local() for array in flat[1:]]


def _everybodys(value):
    """Every rank's value, in order of the ranks. Collective."""
    return [pickle.loads(other) for other in _gain.all_gather(pickle.dumps(value))] if _gain.n_ranks() > 1 else [value]


class vectorize(numpy.vectorize):
    """NumPy's; on spread arrays each rank calls the function for its own elements."""

    def __call__(self, *args, **kwargs):
        """The function's value for each element."""
        found = None if kwargs or self.excluded or self.signature is not None else self._on_parts(args)
        return _fallback.call("vectorize", super().__call__, args, kwargs) if found is None else found

    def _on_parts(self, args):
        wide = _spread(args) if hasattr(self, "pyfunc") and self.pyfunc is not numpy._NoValue else None
        if wide is None:
            return None
        codes = self.otypes
        if not codes:
            outputs = self.pyfunc(*(array[(0,) * array.ndim] for array in wide))
            outputs = outputs if isinstance(outputs, tuple) else (outputs,)
            codes = "".join(numpy.asarray(output).dtype.char for output in outputs)
        if not all(_gain.holds(numpy.dtype(code)) for code in codes):
            return None
        parts = _locals(wide)
        plain = numpy.vectorize(self.pyfunc, otypes=codes)
        found = _parts.agree(lambda: plain(*parts))
        blocks = found if isinstance(found, tuple) else (found,)
        results = tuple(_functions.reshape(_gain._from_parts(block), wide[0].shape) for block in blocks)
        return results if isinstance(found, tuple) else results[0]


class PythonUfunc(_fallback.FallbackUfunc):
    """What `frompyfunc` gives: one of NumPy's ufuncs of objects; on spread arrays each rank calls the function for its own elements."""

    def __init__(self, function):
        super().__init__(function)
        self._gain_fallback = None

    def __call__(self, *args, **kwargs):
        wide = _spread(args) if not kwargs and len(args) == self.nin else None
        if wide is None:
            return super().__call__(*args, **kwargs)
        parts = _locals(wide)
        mine = _parts.agree(lambda: self._function(*parts))
        mine = mine if isinstance(mine, tuple) else (mine,)
        theirs = _everybodys([part.tolist() for part in mine])
        results = []
        for place in range(self.nout):
            whole = numpy.empty(wide[0].size, object)
            whole[:] = [element for lists in theirs for element in lists[place]]
            results.append(whole.reshape(wide[0].shape))
        return tuple(results) if self.nout > 1 else results[0]


def frompyfunc(func, /, nin, nout, **kwargs):
    """A ufunc that calls a Python function and gives objects."""
    return PythonUfunc(numpy.frompyfunc(func, nin, nout, **kwargs))
