"""Other classes' `__array_ufunc__` (NEP 13) is given gain's ufuncs where the class is written for gain: it compares them with `np.add`.

A class is written for gain if it derives from gain's `ndarray` or `NDArrayOperatorsMixin`, or if its module has imported gain. Classes
of other packages meet NumPy's ufuncs, which NumPy's own dispatch gives them.
"""

import functools
import sys

import numpy

from gain import _gain

# NumPy's ufuncs of Python's operators, by the operators' names.
OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide", "mod": "remainder", "pow": "power",
    "matmul": "matmul", "and_": "bitwise_and", "or_": "bitwise_or", "xor": "bitwise_xor", "lshift": "left_shift", "rshift": "right_shift",
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal",
}

# {class: whether it is written for gain and has an `__array_ufunc__` of its own}, for classes that were met.
_SPEAKS = {kind: False for kind in (_gain.ndarray, numpy.ndarray, int, float, complex, bool, str, bytes, type(None), list, tuple)}


def ours(ufunc):
    """gain's ufunc in place of NumPy's; what has no public name stays."""
    name = getattr(ufunc, "__name__", "")
    return getattr(sys.modules["gain"], name) if isinstance(ufunc, numpy.ufunc) and getattr(numpy, name, None) is ufunc else ufunc


def translating(method):
    """An `__array_ufunc__` that sees gain's ufuncs whoever calls it."""
    if not callable(method) or hasattr(method, "_gain_sees"):
        return method

    @functools.wraps(method)
    def sees(self, ufunc, name, *inputs, **kwargs):
        return method(self, ours(ufunc), name, *inputs, **kwargs)

    sees._gain_sees = True
    return sees


def _speaks(kind):
    method = getattr(kind, "__array_ufunc__", None)
    known = method is not None and not issubclass(kind, numpy.generic) and method is not numpy.ndarray.__array_ufunc__
    known = known and (hasattr(method, "_gain_sees") or _knows_gain(getattr(method, "__globals__", {})))
    _SPEAKS[kind] = known
    return known


def _knows_gain(names):
    gain = sys.modules["gain"]
    return any(value is gain for value in names.values())


def ask(ufunc, operands, kwargs):
    """What an operand's class makes of a call of gain's ufunc; NotImplemented where none is written for gain, or none will."""
    outputs = operands[ufunc.nin :]
    if outputs or "out" in kwargs:
        # NumPy hands outputs over as a tuple, however they were given.
        given = kwargs.get("out", outputs)
        operands, kwargs = operands[: ufunc.nin], {**kwargs, "out": given if isinstance(given, tuple) else (given,)}
    asked = []
    for item in (*operands, *kwargs.get("out", ())):
        kind = type(item)
        speaks = _SPEAKS.get(kind)
        if _speaks(kind) if speaks is None else speaks:
            place = next((n for n, other in enumerate(asked) if issubclass(kind, type(other))), len(asked))
            asked.insert(place, item)
    for item in asked:
        found = type(item).__array_ufunc__(item, ufunc, "__call__", *operands, **kwargs)
        if found is not NotImplemented:
            return found
    return NotImplemented


class NDArrayOperatorsMixin(numpy.lib.mixins.NDArrayOperatorsMixin):
    """Python's operators by the class's own `__array_ufunc__`."""

    __slots__ = ()

    def __init_subclass__(cls, **keywords):
        super().__init_subclass__(**keywords)
        if "__array_ufunc__" in vars(cls):
            cls.__array_ufunc__ = translating(vars(cls)["__array_ufunc__"])
