"""`numpy.lib` behind the gathering fallback."""

import sys
import types

import numpy

from gain import _fallback
from gain._fallback import namespace as _namespace

__getattr__, __dir__ = _namespace("lib", __name__)


def _stride_tricks():
    """`numpy.lib.stride_tricks`: its functions give gain arrays."""
    made = types.ModuleType(__name__ + ".stride_tricks", numpy.lib.stride_tricks.__doc__)
    for name in ("as_strided", "sliding_window_view"):
        setattr(made, name, _fallback.wrap(f"lib.stride_tricks.{name}", getattr(numpy.lib.stride_tricks, name)))
    return made


stride_tricks = sys.modules[__name__ + ".stride_tricks"] = _stride_tricks()
