"""`numpy.fft` on distributed arrays: lines are transformed where they lie, after a transposition where the axis is cut.

A vector that is spread has no lines to share out: it is gathered. The transforms are NumPy's (pocketfft), so that the results are its bits. All
functions are collective.
"""

import operator

import numpy

from gain import _borrowed, _creation, _fallback, _functions, _gain, _parts
from gain._fallback import namespace as _namespace

ndarray = _gain.ndarray


def _has_lines(array, axis):
    """Whether an array is spread and has other axes than this one."""
    return not array._is_replicated and array.ndim > 1 and array.size > 0 and -array.ndim <= operator.index(axis) < array.ndim


def _line(name):
    """A transform along one axis."""
    theirs = getattr(numpy.fft, name)

    def function(a, n=None, axis=-1, norm=None, out=None):
        array = _creation.asarray(a)
        if type(array) is ndarray and out is None and _has_lines(array, axis):
            moved = _functions.moveaxis(array, axis, -1)
            own = _parts.along_first(moved)
            made = _parts.agree(lambda: theirs(_parts.rows(own), n, -1, norm))
            return _functions.moveaxis(_gain._from_parts(numpy.ascontiguousarray(made)), -1, axis)
        quiet = _parts.is_whole(array)
        return _fallback.call(f"fft.{name}", theirs, (a, n, axis, norm), {} if out is None else {"out": out}, quiet=quiet)

    function.__name__ = function.__qualname__ = name
    function.__module__ = "gain.fft"
    function.__doc__ = f"`numpy.fft.{name}` along one axis. Collective."
    return function


for _name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
    globals()[_name] = _line(_name)

# Compositions of those, and of shifts and ranges.
_COMPOSED = ("fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn", "fftshift", "ifftshift")
globals().update((_name, _borrowed.borrow(getattr(numpy.fft, _name), "fft." + _name)) for _name in _COMPOSED)

_fftfreq, _rfftfreq = (_borrowed.borrow(getattr(numpy.fft, _name), "fft." + _name) for _name in ("fftfreq", "rfftfreq"))


def fftfreq(n, d=1.0, device=None, *, dtype=None):
    """The frequencies of a transform of n samples at distance d; `dtype` is the array API's."""
    found = _fftfreq(n, d, device)
    return found if dtype is None else _functions.astype(found, dtype)


def rfftfreq(n, d=1.0, device=None, *, dtype=None):
    """The frequencies of a real transform of n samples at distance d; `dtype` is the array API's."""
    found = _rfftfreq(n, d, device)
    return found if dtype is None else _functions.astype(found, dtype)


__getattr__, __dir__ = _namespace("fft", __name__)
