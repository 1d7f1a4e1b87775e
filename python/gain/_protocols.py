"""How NumPy meets gain arrays: conversion, ufuncs and functions of NumPy's that are given one."""

import sys

import numpy

from gain import _fallback, _gain

ndarray = _gain.ndarray


def _array(self, dtype=None, copy=None):
    """The elements as a NumPy array of this rank's own. Collective."""
    if copy is False:
        raise ValueError("Unable to avoid copy while creating an array as requested.")
    content = self._gather()
    return content if dtype is None else content.astype(dtype, copy=False)


def _array_ufunc(self, ufunc, method, *inputs, **kwargs):
    """NumPy's ufunc was given a gain array: gain's ufunc of that name does it."""
    out = kwargs.get("out", ())
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


def _array_function(self, function, types, args, kwargs):
    """NumPy's function was given a gain array: gain's function of that name does it."""
    gain = sys.modules["gain"]
    module = getattr(function, "__module__", "") or ""
    if module == "numpy.testing" or module.startswith("numpy.testing."):
        return getattr(gain.testing, function.__name__)(*args, **kwargs)
    name = function.__name__
    path = [part for part in module.split(".")[1:] if not part.startswith("_")]
    if not path and getattr(numpy, name, None) is function:
        ours = getattr(gain, name)
        if ours is not function:
            return ours(*args, **kwargs)
    return _fallback.call(".".join([*path, name]), function, args, kwargs)


def _array_namespace(self, *, api_version=None):
    return sys.modules["gain"]


def _array_wrap(self, array, context=None, return_scalar=False, /):
    """An array that a function made of this one, as this class."""
    found = sys.modules["gain"].asarray(array)
    return found[()] if return_scalar and found.ndim == 0 else found


def attach():
    """Gives the class NumPy's protocols."""
    ndarray.__array__ = _array
    ndarray.__array_ufunc__ = _array_ufunc
    ndarray.__array_function__ = _array_function
    ndarray.__array_namespace__ = _array_namespace
    ndarray.__array_wrap__ = _array_wrap
    ndarray.__array_priority__ = 1000.0
