"""How NumPy and other libraries meet gain arrays: conversion, ufuncs and functions of NumPy's that are given one, the array API."""

import sys

import numpy

from gain import _dlpack, _fallback, _gain, _ufunc_overrides

ndarray = _gain.ndarray


def _array(self, dtype=None, copy=None):
    """The elements as a NumPy array of this rank's own. Collective."""
    if copy is False:
        raise ValueError("Unable to avoid copy while creating an array as requested.")
    content = self._gather()
    return content if dtype is None else content.astype(dtype, copy=False)


def _array_ufunc(self, ufunc, method, *inputs, **kwargs):
    """NumPy's ufunc was given a gain array: gain's ufunc of that name does it. NotImplemented where another class should speak."""
    getattr(ufunc, method)
    out = kwargs.get("out", ())
    if any(_ufunc_overrides.says(type(item)) == _ufunc_overrides.KNOWS_GAIN for item in (*inputs, *out)):
        return NotImplemented
    ours = getattr(sys.modules["gain"], ufunc.__name__, None) if getattr(numpy, ufunc.__name__, None) is ufunc else None
    if ours is None or any(item is not None and type(item) is not ndarray for item in out):
        return _through_numpy(ufunc, method, inputs, kwargs)
    if len(out) == 1 and method != "__call__":
        kwargs["out"] = out[0]
    return getattr(ours, method)(*inputs, **kwargs)


def _through_numpy(ufunc, method, inputs, kwargs):
    """An output that is NumPy's own array is filled by NumPy."""
    name = ufunc.__name__ if method == "__call__" else "ufunc.at" if method == "at" else f"{ufunc.__name__}.{method}"
    gathering = _fallback.Gathering(method == "at")
    out = kwargs.get("out", ())
    result = getattr(ufunc, method)(*gathering.take(inputs), **gathering.keywords(kwargs))
    gathering.write_back()
    gathering.warn(name)
    if any(result is item for item in out):
        return result
    return gathering.spread(result)


def _array_function(self, func, types, args, kwargs):
    """NumPy's function was given a gain array: gain's function of that name does it. NotImplemented where another class should speak."""
    if not isinstance(args, tuple):
        raise TypeError("args must be a tuple.")
    if not isinstance(kwargs, dict):
        raise TypeError("kwargs must be a dict.")
    if any(_is_foreign(kind) for kind in types):
        return NotImplemented
    gain = sys.modules["gain"]
    module = getattr(func, "__module__", "") or ""
    if module == "numpy.testing" or module.startswith("numpy.testing."):
        return getattr(gain.testing, func.__name__)(*args, **kwargs)
    name = getattr(func, "__name__", "?")
    path = [part for part in module.split(".")[1:] if not part.startswith("_")]
    ours = _follow(gain, [*path, name]) if _follow(numpy, [*path, name]) is func else None
    if ours is not None and ours is not func:
        return ours(*args, **kwargs)
    return _fallback.call(".".join([*path, name]), func, args, kwargs)


def _follow(found, path):
    """What a dotted path leads to; None where it ends."""
    for part in path:
        found = getattr(found, part, None)
    return found


def _is_foreign(kind):
    """Whether a class has its own idea of NumPy's functions."""
    return kind is not ndarray and hasattr(kind, "__array_function__") and not issubclass(kind, numpy.ndarray)


# The versions of the Python array API standard that gain's namespace has the names of.
_VERSIONS = ("2021.12", "2022.12", "2023.12", "2024.12")


def _array_namespace(self, /, *, api_version=None):
    """The namespace of the Python array API standard: the package itself."""
    if api_version is not None and not isinstance(api_version, str):
        raise TypeError(f"api_version must be str or None, not {type(api_version).__name__}")
    if api_version is not None and api_version not in _VERSIONS:
        raise ValueError(f'Version "{api_version}" of the Array API Standard is not supported.')
    return sys.modules["gain"]


def _array_wrap(self, array, context=None, return_scalar=False, /):
    """An array that a function made of this one, as this class."""
    found = sys.modules["gain"].asarray(array)
    return found[()] if return_scalar and found.ndim == 0 else found


def attach():
    """Gives the class NumPy's protocols."""
    ndarray.__array__ = _array
    ours = {getattr(numpy, name): found for name in _gain._UFUNC_NAMES if isinstance(found := getattr(_gain, name), _gain.ufunc)}
    ndarray.__array_ufunc__ = _gain.Builtin(_array_ufunc, True, "array_ufunc", ours)
    ndarray.__array_function__ = _array_function
    ndarray.__array_namespace__ = _array_namespace
    ndarray.__array_wrap__ = _array_wrap
    ndarray.__array_priority__ = 1000.0
    ndarray.__dlpack__ = _dlpack.export
    ndarray.__dlpack_device__ = _dlpack.device
