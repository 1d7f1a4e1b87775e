"""What NumPy's errstate asks for when a call meets a division by zero, an overflow or an invalid operation."""

import sys
import warnings

import numpy

from gain import _fallback

# By NumPy's bits.
_FAULTS = ((1, "divide", "divide by zero"), (2, "over", "overflow"), (4, "under", "underflow"), (8, "invalid", "invalid value"))


def report(faults, name):
    """Ignores, warns, raises, calls, prints or logs, for each fault as its setting says."""
    modes = numpy.geterr()
    for bit, setting, text in _FAULTS:
        if faults & bit:
            _report(modes[setting], text, faults, f"{text} encountered in {name}")


def _report(mode, text, faults, message):
    if mode == "warn":
        filename, line, module = _fallback.user_frame()
        registry = getattr(sys.modules.get(module), "__warningregistry__", None)
        warnings.warn_explicit(message, RuntimeWarning, filename, line, module, registry)
    elif mode == "raise":
        raise FloatingPointError(message)
    elif mode == "print":
        print(f"Warning: {message}", file=sys.stderr)
    elif mode == "call":
        handler = numpy.geterrcall()
        if handler is None:
            raise NameError(f"python callback specified for {message} but no function found.")
        handler(text, faults)
    elif mode == "log":
        numpy.geterrcall().write(f"Warning: {message}\n")
