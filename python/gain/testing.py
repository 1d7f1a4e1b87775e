"""`numpy.testing`: gain arrays are gathered for its comparisons, without a warning."""

from gain._fallback import namespace as _namespace

__getattr__, __dir__ = _namespace("testing", __name__, quiet=True)
