"""DLPack: a rank's array to another library and back.

What leaves is the whole array, on every rank that asks: the memory itself where every rank holds all of it and it can be lent, else a copy. What
comes in is copied, and must be equal on all ranks; an array of gain's own is seen in place.
"""

import numpy

from gain import _fallback, _gain

ndarray = _gain.ndarray

# DLPack's number of a CPU, and of the only one.
_CPU = (1, 0)


def device(self, /):
    """DLPack's device: the CPU. Local."""
    return _CPU


def export(self, /, *, stream=None, max_version=None, dl_device=None, copy=None):
    """A DLPack capsule of the elements. Collective unless every rank holds them all.

    BufferError where they can't be had as asked: read-only elements without a version that says so, or no copy of a spread array.
    """
    if stream is not None:
        raise RuntimeError("NumPy only supports stream=None.")
    content = self._memory() if copy is not True else None
    if content is None:
        if copy is False:
            # NumPy reads the flag as a truth value, and says what it misses.
            raise BufferError("the memory of an array that is spread over ranks can not be lent: DLPack needs a copy of it")
        content = self._gather()
        content.flags.writeable = copy is True or self._writeable
    return content.__dlpack__(stream=stream, max_version=max_version, dl_device=dl_device, copy=copy)


def from_dlpack(x, /, *, device=None, copy=None):
    """An array of another library's elements, by DLPack. A gain array is seen in place unless `copy` is true; all others are copied. Collective."""
    if type(x) is ndarray:
        if device not in (None, "cpu"):
            raise ValueError(f'Device not understood. Only "cpu" is allowed, but received: {device}')
        return x.copy() if copy else x[...]
    found = numpy.from_dlpack(_fallback.Gathering(False).take(x), device=device, copy=copy)
    made = _gain.from_numpy(found)
    if copy is False and type(made) is ndarray:
        raise ValueError("Unable to avoid copy while creating an array as requested.")
    if type(made) is ndarray:
        made._writeable = found.flags.writeable
    return made
