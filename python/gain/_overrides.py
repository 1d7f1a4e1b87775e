"""Other classes' `__array_function__`: they are asked before a function of gain's runs on their objects, and by `like=` (NEP 18, NEP 35).

A class is asked with gain's function first, which is what a program that says `import gain as np` registers; then with NumPy's, which is
what a library registers. Classes derived from `numpy.ndarray` are NumPy's own matter (masked arrays, matrices, units): a function that has one among
its operands is NumPy's. A `memmap` is not: it is an array like any other.
"""

import functools
import inspect
import sys
import types

import numpy

from gain import _fallback, _gain

ndarray = _gain.ndarray

# {class: who speaks for its objects}, for classes that were met: themselves, NumPy, or nobody.
_THEMSELVES, _NUMPY = 1, 2
_SPEAKS = {kind: False for kind in (ndarray, numpy.ndarray, int, float, complex, bool, str, bytes, type(None), list, tuple, dict, type, slice)}

# Functions of arrays in lists: what lies in their first arguments is asked too.
_OF_LISTS = {
    "block", "bmat", "choose", "column_stack", "concat", "concatenate", "dstack", "histogram2d", "histogramdd", "hstack", "lexsort", "linalg.multi_dot", "select",
    "stack", "vstack",
}

# Functions that make arrays: they have `like=`, and no operands that could speak.
CREATORS = {
    "arange", "array", "asanyarray", "asarray", "ascontiguousarray", "asfortranarray", "empty", "eye", "frombuffer", "fromfile", "fromfunction", "fromiter",
    "fromstring", "full", "genfromtxt", "identity", "loadtxt", "ones", "require", "tri", "zeros",
}


def _speaks(kind):
    if issubclass(kind, numpy.ndarray):
        known = False if issubclass(kind, numpy.memmap) else _NUMPY
    else:
        known = _THEMSELVES if getattr(kind, "__array_function__", None) is not None else False
    _SPEAKS[kind] = known
    return known


def _speaker(item):
    kind = type(item)
    speaks = _SPEAKS.get(kind)
    return _speaks(kind) if speaks is None else speaks


def is_numpys(items):
    """Whether there is an array of a class derived from NumPy's among the objects."""
    return any(_speaker(item) == _NUMPY for item in items)


def speakers(items):
    """Those of the objects that speak for themselves, in NumPy's order: one of each class, from the left, derived classes first."""
    found = []
    for item in items:
        kind = type(item)
        if _speaker(item) == _THEMSELVES and all(type(other) is not kind for other in found):
            place = next((n for n, other in enumerate(found) if issubclass(kind, type(other))), len(found))
            found.insert(place, item)
    return found


def _operands(name, args, kwargs):
    operands = [*args, *kwargs.values()]
    if name in _OF_LISTS:
        # The bins of histogram2d are for both axes only where they are two.
        pairs = name == "histogram2d"
        operands += [item for given in operands if type(given) in (list, tuple) and not (pairs and len(given) != 2) for item in given]
    return operands


def _are_silent(items):
    """Whether a list or tuple holds no object for which another than gain speaks."""
    return type(items) in (list, tuple) and not any(_SPEAKS.get(kind, True) for kind in set(map(type, items)))


def ask(name, public, args, kwargs):
    """What an operand's class makes of the call; NotImplemented where none speaks, or none will."""
    operands = _operands(name, args, kwargs)
    asked = speakers(operands)
    if not asked:
        return NotImplemented
    kinds = dict.fromkeys(type(item) for item in asked)
    if any(type(item) is ndarray for item in operands):
        kinds[ndarray] = None
    for item in asked:
        found = type(item).__array_function__(item, public, tuple(kinds), args, kwargs)
        if found is not NotImplemented:
            return found
    return NotImplemented


def seen(name, function):
    """What users know a function as: perhaps an object in its place (`gain._gain.Builtin`)."""
    return getattr(sys.modules["gain"], name, function)


def public(name, function):
    """The function as users see it: other classes are asked before it runs."""
    theirs = getattr(numpy, name)

    @functools.wraps(function)
    def called(*args, **kwargs):
        for item in args:
            if _SPEAKS.get(type(item), True):
                break
        else:
            if not kwargs and (name not in _OF_LISTS or not args or _are_silent(args[0])):
                return function(*args)
        operands = _operands(name, args, kwargs)
        if speakers(operands):
            found = ask(name, seen(name, called), args, kwargs)
            # NumPy asks with its own function, and knows what to say where nobody answers.
            return found if found is not NotImplemented else _fallback.call(name, theirs, args, kwargs)
        if is_numpys(operands):
            return _fallback.call(name, theirs, args, kwargs)
        return function(*args, **kwargs)

    called.__module__ = "gain"
    return called


def creator(name, function):
    """A function that makes arrays, with `like=`: an object whose class is asked to make them in gain's stead."""

    @functools.wraps(function)
    def called(*args, like=None, **kwargs):
        if like is None or type(like) is ndarray or type(like) is numpy.ndarray:
            return function(*args, **kwargs)
        return made_like(name, seen(name, called), like, args, kwargs)

    called.__module__ = "gain"
    return called


def made_like(name, public, like, args, kwargs):
    """What the class of `like` makes of the call. TypeError where it speaks for no arrays, or not for this function."""
    kind = type(like)
    if getattr(kind, "__array_function__", None) is None:
        raise TypeError("The `like` argument must be an array-like that implements the `__array_function__` protocol.")
    if kind is ndarray or kind is numpy.ndarray:
        return public(*args, **kwargs)
    if issubclass(kind, numpy.ndarray):
        return getattr(numpy, name)(*args, like=like, **kwargs)
    _check_arguments(getattr(numpy, name), args, kwargs)
    found = kind.__array_function__(like, public, (kind,), args, kwargs)
    if found is not NotImplemented:
        return found
    raise TypeError(f"no implementation found for 'numpy.{name}' on types that implement __array_function__: [{kind!r}]")


def _check_arguments(function, args, kwargs):
    """TypeError for arguments that a function does not have; some of NumPy's say nothing of theirs."""
    try:
        signature = inspect.signature(function)
    except ValueError:
        return
    signature.bind(*args, **kwargs)


def _is_dispatched(name):
    return hasattr(getattr(numpy, name, None), "_implementation")


def face(name, function):
    """What users see of a function written in Python that has this name in NumPy's main namespace."""
    if not isinstance(function, types.FunctionType):
        return function
    if name in CREATORS:
        return creator(name, function)
    return public(name, function) if _is_dispatched(name) else function


def attach(namespace):
    """Puts the functions of a namespace in their public form."""
    for name in numpy.__all__:
        if name in namespace:
            namespace[name] = face(name, namespace[name])


def of_fallback(name, args, kwargs):
    """What other classes make of a call that NumPy is about to get; NotImplemented where none speaks."""
    ours = getattr(sys.modules["gain"], name, None)
    if name in CREATORS and kwargs.get("like") is not None:
        rest = {key: value for key, value in kwargs.items() if key != "like"}
        return made_like(name, ours, kwargs["like"], args, rest)
    return ask(name, ours, args, kwargs) if _is_dispatched(name) else NotImplemented
