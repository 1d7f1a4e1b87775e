"""`numpy.lib` behind the gathering fallback."""

from gain._fallback import namespace as _namespace

__getattr__, __dir__ = _namespace("lib", __name__)
