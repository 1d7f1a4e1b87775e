"""NumPy's own Python functions on gain arrays: where a function of NumPy's is a composition of others, its body runs with gain's in their place.

The body is taken from the installed NumPy when it is first called; the names in it that stand for NumPy's functions are bound to gain's,
and the helpers that it calls are treated alike. What has no native form there goes through the fallback and says so.
"""

import functools
import sys
import types

import numpy
from numpy._core._multiarray_umath import _array_converter, _unique_hash

from gain import _creation, _fallback, _gain, _warnings

ndarray = _gain.ndarray

# Functions whose bodies are good programs for distributed arrays: no loops over elements, nothing that only C code has.
NAMES = """
    angle apply_over_axes average bartlett blackman corrcoef cov cross delete ediff1d fix geomspace gradient hamming hanning histogram2d histogramdd i0 insert iscomplex
    isneginf isposinf isreal kaiser mask_indices nan_to_num nanargmax nanargmin nanstd nanvar pad piecewise
    polyadd polyder polyfit polyint polysub polyval real_if_close resize sinc tile trapezoid trim_zeros unwrap
""".split()

_MODULES = {}
_FUNCTIONS = {}


class Converter:
    """What NumPy's `_array_converter` is for its functions: operands as arrays, and results as the operands were."""

    def __init__(self, *given):
        self.arrays = tuple(_creation.asanyarray(item) for item in given)
        self.scalar_input = tuple(not hasattr(item, "ndim") and array.ndim == 0 for item, array in zip(given, self.arrays))
        self.given = given

    def __iter__(self):
        return iter(self.arrays)

    def __getitem__(self, place):
        return self.arrays[place]

    def __len__(self):
        return len(self.arrays)

    def as_arrays(self, *, subok=True, pyscalars="convert"):
        if pyscalars == "convert":
            return self.arrays
        python = (int, float, complex)
        return tuple(item if type(item) in python else array for item, array in zip(self.given, self.arrays))

    def result_type(self, *, extra_dtype=None, ensure_inexact=False):
        python = (int, float, complex)
        dtypes = [item if type(item) in python else array.dtype for item, array in zip(self.given, self.arrays)]
        if extra_dtype is not None:
            dtypes.append(extra_dtype)
        if ensure_inexact:
            dtypes.append(1.0)
        return numpy.result_type(*dtypes)

    def wrap(self, result, /, to_scalar=None):
        scalar = all(self.scalar_input) if to_scalar is None else to_scalar
        return result[()] if scalar and type(result) is ndarray and result.ndim == 0 else result


def _broadcast(*arrays):
    """`numpy.broadcast` of arrays of which the bodies want to know the shape."""
    return numpy.broadcast(*(numpy.broadcast_to(numpy.int8(0), item.shape) if type(item) is ndarray else item for item in arrays))


class _Module:
    """A module of NumPy's as the bodies see it."""

    def __init__(self, module):
        self._module = module

    def __getattr__(self, name):
        found = _bound(getattr(self._module, name))
        setattr(self, name, found)
        return found


def _bound(value):
    """What stands in a body for one of NumPy's objects."""
    if isinstance(value, types.ModuleType):
        if value.__name__.startswith("numpy"):
            return _MODULES.setdefault(value, _Module(value))
        return value
    if value is numpy.ndarray:
        return ndarray
    if value is _array_converter:
        return Converter
    if value is numpy.broadcast:
        return _broadcast
    if value is _unique_hash:
        # Its order is that of a table; what is not implemented there is sorted.
        return lambda *args, **kwargs: NotImplemented
    if isinstance(value, type) or not callable(value):
        return value
    name = getattr(value, "__name__", None)
    if name and getattr(numpy, name, None) is value:
        return getattr(sys.modules["gain"], name)
    for module in ("linalg", "fft"):
        if name and getattr(getattr(numpy, module), name, None) is value:
            return getattr(getattr(sys.modules["gain"], module), name)
    body = getattr(value, "_implementation", value)
    if isinstance(body, types.FunctionType) and body.__module__.startswith("numpy"):
        return _rebound(body)
    return value


def _names(code):
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= _names(constant)
    return found


def _rebound(function):
    """A function of NumPy's with gain's names."""
    if function not in _FUNCTIONS:
        names = dict(function.__globals__)
        made = types.FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
        made.__kwdefaults__ = function.__kwdefaults__
        _FUNCTIONS[function] = made
        # The function may call itself; so it is known before its names are bound.
        if function.__defaults__:
            made.__defaults__ = tuple(map(_bound, function.__defaults__))
        for name in _names(function.__code__) & names.keys():
            names[name] = _bound(names[name])
    return _FUNCTIONS[function]


def _unknown(arguments):
    """Whether there is an array of a dtype that gain has not."""
    for item in arguments:
        if isinstance(item, (numpy.ndarray, numpy.generic)) and not (type(item) is ndarray or _gain.holds(item.dtype)):
            return True
        if type(item) in (list, tuple) and _unknown(item):
            return True
    return False


def borrow(theirs, name=None):
    """The function with NumPy's name, signature and documentation whose body works on gain arrays. Collective."""
    body = getattr(theirs, "_implementation", theirs)
    name = name or theirs.__name__

    @functools.wraps(theirs)
    def function(*args, **kwargs):
        if _unknown(args) or _unknown(kwargs.values()):
            return _fallback.call(name, theirs, args, kwargs)
        with _warnings.told_again():
            return _rebound(body)(*args, **kwargs)

    function._gain_borrowed = name
    return function


def all_borrowed():
    """The functions of `NAMES`."""
    return {name: borrow(getattr(numpy, name)) for name in NAMES}


def method(theirs, name):
    """A method of one of NumPy's classes whose body works on gain arrays."""
    return _rebound(getattr(theirs, name))
