"""`numpy.polynomial` behind the gathering fallback."""

from gain._fallback import namespace as _namespace

__getattr__, __dir__ = _namespace("polynomial", __name__)
