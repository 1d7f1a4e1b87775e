"""Other classes' `__array_ufunc__` (NEP 13) is given gain's ufuncs where the class is written for gain: it compares them with `np.add`.

A class is written for gain if it derives from gain's `ndarray` or `NDArrayOperatorsMixin`, or if its module has imported gain. Classes
of other packages meet NumPy's ufuncs, which NumPy's own dispatch gives them. A class whose `__array_ufunc__` is None takes no part in
ufuncs, and its own operators come first.
"""

import functools
import sys

import numpy
from numpy._core._internal import array_ufunc_errmsg_formatter

from gain import _fallback, _gain

# NumPy's ufuncs of Python's operators, by the operators' names.
OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide", "mod": "remainder", "pow": "power",
    "matmul": "matmul", "and_": "bitwise_and", "or_": "bitwise_or", "xor": "bitwise_xor", "lshift": "left_shift", "rshift": "right_shift",
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal", "divmod": "divmod",
}

# What a class has to say about ufuncs: nothing; something that NumPy's dispatch asks for; something in gain's terms; that it takes no part.
SILENT, SPEAKS, KNOWS_GAIN, REFUSES = range(4)

# {class: one of these}, for classes that were met.
_SAYS = {kind: SILENT for kind in (_gain.ndarray, numpy.ndarray, int, float, complex, bool, str, bytes, type(None), list, tuple)}


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


def says(kind):
    """What a class has to say about ufuncs."""
    known = _SAYS.get(kind)
    if known is None:
        known = _SAYS[kind] = _look_at(kind)
    return known


def _look_at(kind):
    if issubclass(kind, (numpy.generic, _gain.ndarray)) and getattr(kind, "__array_ufunc__", None) is numpy.ndarray.__array_ufunc__:
        return SILENT
    if issubclass(kind, numpy.generic) or not hasattr(kind, "__array_ufunc__"):
        return SILENT
    method = kind.__array_ufunc__
    if method is None:
        return REFUSES
    return KNOWS_GAIN if hasattr(method, "_gain_sees") or _knows_gain(getattr(method, "__globals__", {})) else SPEAKS


def _knows_gain(names):
    gain = sys.modules["gain"]
    return any(value is gain for value in names.values())


def _given(args, kwargs):
    """What a call was given that might speak: its arguments, its outputs, its mask."""
    out = kwargs.get("out")
    return [*args, *(out if isinstance(out, tuple) else (out,)), kwargs.get("where")]


def are_silent(args, kwargs):
    """Whether no class of what a call was given has anything to say."""
    return not any(says(type(item)) for item in (_given(args, kwargs) if kwargs else args))


def is_special(operand):
    """Whether an operand makes the result an array of its own class: NumPy knows how."""
    kind = type(operand)
    return says(kind) == SILENT and kind not in (_gain.ndarray, numpy.ndarray) and hasattr(kind, "__array_wrap__") and not issubclass(kind, numpy.generic)


def ask(ufunc, method, args, kwargs):
    """What an operand's class makes of a call of gain's ufunc; NotImplemented where none is written for gain, so that NumPy asks them.

    TypeError where none will, or where one takes no part.
    """
    asked, answers = [], set()
    for item in _given(args, kwargs):
        kind = type(item)
        answer = says(kind)
        if answer == REFUSES:
            raise TypeError(f"operand '{kind.__name__}' does not support ufuncs (__array_ufunc__=None)")
        if answer and all(type(other) is not kind for other in asked):
            # One of each class, from the left, derived classes first.
            place = next((n for n, other in enumerate(asked) if issubclass(kind, type(other))), len(asked))
            asked.insert(place, item)
            answers.add(answer)
    if KNOWS_GAIN not in answers:
        return NotImplemented
    theirs = ufunc._function if isinstance(ufunc, _fallback.FallbackUfunc) else getattr(numpy, ufunc.__name__)
    inputs, kwargs = _in_order(getattr(theirs, method), args, kwargs)
    for item in asked:
        answer = functools.partial(type(item).__array_ufunc__, item, ufunc if says(type(item)) == KNOWS_GAIN else theirs, method)
        # What is derived from NumPy's class works on NumPy's arrays.
        gathers = isinstance(item, numpy.ndarray)
        found = _fallback.call(ufunc.__name__, answer, inputs, kwargs) if gathers else answer(*inputs, **kwargs)
        if found is not NotImplemented:
            return found
    raise TypeError(array_ufunc_errmsg_formatter(None, ufunc, method, *inputs, **kwargs))


class _StandIn:
    """An operand of a call whose arguments NumPy only puts in order."""

    def __init__(self, item):
        self.item = item

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return inputs, kwargs


def _in_order(function, args, kwargs):
    """The inputs and keywords that NumPy would hand to an `__array_ufunc__`. Its errors for wrong ones."""
    hidden = {name: tuple(map(_hidden, value)) if isinstance(value, tuple) else _hidden(value) for name, value in kwargs.items()}
    inputs, named = function(*map(_hidden, args), **hidden)
    shown = {name: tuple(map(_shown, value)) if isinstance(value, tuple) else _shown(value) for name, value in named.items()}
    return tuple(map(_shown, inputs)), shown


def _hidden(item):
    return _StandIn(item) if type(item) is _gain.ndarray or says(type(item)) else item


def _shown(item):
    return item.item if type(item) is _StandIn else item


def defers(left, right):
    """Whether an operator of gain's array on the left leaves the answer to the right operand's class, as NumPy's does."""
    kind = type(right)
    if type(left) is not _gain.ndarray or issubclass(kind, (_gain.ndarray, numpy.generic, int, float, complex, str, bytes, list, tuple)):
        return False
    if hasattr(kind, "__array_ufunc__"):
        return kind.__array_ufunc__ is None
    # That of NumPy's arrays is 0.
    return getattr(right, "__array_priority__", 0.0) > 0.0


class NDArrayOperatorsMixin(numpy.lib.mixins.NDArrayOperatorsMixin):
    """Python's operators by the class's own `__array_ufunc__`."""

    __slots__ = ()

    def __init_subclass__(cls, **keywords):
        super().__init_subclass__(**keywords)
        if "__array_ufunc__" in vars(cls):
            cls.__array_ufunc__ = translating(vars(cls)["__array_ufunc__"])
