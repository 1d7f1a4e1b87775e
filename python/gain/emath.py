"""`numpy.emath` behind the gathering fallback."""

import sys as _sys

import numpy as _numpy

from gain import _fallback


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    found = _fallback.face(f"emath.{name}", getattr(_numpy.emath, name))
    setattr(_sys.modules[__name__], name, found)
    return found


def __dir__():
    return dir(_numpy.emath)
