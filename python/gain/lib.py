"""`numpy.lib`: `stride_tricks` on gain's arrays; all else behind the gathering fallback."""

import sys

from gain import _stride_tricks as stride_tricks
from gain._fallback import namespace as _namespace

__getattr__, __dir__ = _namespace("lib", __name__)

__all__ = ["stride_tricks"]

sys.modules[__name__ + ".stride_tricks"] = stride_tricks
