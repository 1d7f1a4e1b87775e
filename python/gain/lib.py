"""`numpy.lib`: `stride_tricks` on gain's arrays, `format` with files that all ranks see; all else behind the gathering fallback."""

import importlib
import sys
import types

from gain import _fallback, _ufunc_overrides
from gain import _format as format
from gain import _stride_tricks as stride_tricks

_find, __dir__ = _fallback.namespace("lib", __name__)

__all__ = ["format", "stride_tricks"]


def __getattr__(name):
    try:
        return _find(name)
    except AttributeError:
        if name.startswith("__"):
            raise
    try:
        # A submodule that NumPy does not import by itself.
        return importlib.import_module(f"numpy.lib.{name}")
    except ModuleNotFoundError:
        raise AttributeError(f"module 'numpy.lib' has no attribute '{name}'") from None


mixins = types.ModuleType(f"{__name__}.mixins", "`numpy.lib.mixins`.")
mixins.NDArrayOperatorsMixin = _ufunc_overrides.NDArrayOperatorsMixin
sys.modules[mixins.__name__] = mixins
sys.modules[__name__ + ".stride_tricks"] = stride_tricks
sys.modules[__name__ + ".format"] = format
