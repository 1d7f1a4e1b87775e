"""Objects whose `__array__` gives a gain array, which NumPy's own functions refuse to take."""

import sys

import numpy

from gain import _gain

# NumPy's words for it.
REFUSAL = "__array__ method not producing an array"


def told(operand):
    """What an object's own `__array__` gives if that is a gain array, else None."""
    if isinstance(operand, type | numpy.ndarray | numpy.generic | _gain.ndarray) or not hasattr(operand, "__array__"):
        return None
    found = operand.__array__()
    return found if type(found) is _gain.ndarray else None


class Wrapping:
    """Stands before NumPy for such an object that makes results its own: what it gives, and its `__array_wrap__` in gain's terms."""

    def __init__(self, operand, content):
        self.operand, self.content = operand, content
        if hasattr(operand, "__array_priority__"):
            self.__array_priority__ = operand.__array_priority__

    def __array__(self, dtype=None, copy=None):
        return numpy.array(self.content, dtype=dtype, copy=copy)

    def __array_wrap__(self, array, context=None, return_scalar=False):
        if context is not None:
            ufunc, operands, output = context
            context = getattr(sys.modules["gain"], ufunc.__name__, ufunc), tuple(item.operand if type(item) is Wrapping else item for item in operands), output
        return self.operand.__array_wrap__(_gain.from_numpy(array), context, return_scalar)


def _gathered(operand):
    if type(operand) in (list, tuple):
        return type(operand)(_gathered(item) for item in operand)
    found = told(operand)
    return operand if found is None else found._gather()


def as_numpy(convert, operand):
    """`convert(operand)` by a function of NumPy's, also if such objects lie in the operand. Collective then."""
    try:
        return convert(operand)
    except ValueError as error:
        if REFUSAL not in str(error):
            raise
        return convert(_gathered(operand))


def from_numpy(found):
    """A gain array of a NumPy array's elements, of dates too; NumPy's own if gain has no such dtype. Collective."""
    made = _gain.from_numpy(found)
    if type(made) is numpy.ndarray and made.dtype.kind in "mM" and made.dtype.isnative and made.ndim:
        from gain import _dates

        return _dates.Dates(_gain.from_numpy(made.view(_dates.INT64)), made.dtype)
    return made
