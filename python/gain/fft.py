"""`numpy.fft` on distributed arrays: lines are transformed where they lie, after a transposition where the axis is cut.

A vector that is spread has no lines to share out: it is gathered. The transforms are NumPy's (pocketfft), so that the results are its bits. All
functions are collective.
"""

import concurrent.futures
import functools
import itertools
import operator
import os

import numpy

from gain import _borrowed, _creation, _fallback, _functions, _gain, _objects, _parts
from gain._fallback import namespace as _namespace

ndarray = _gain.ndarray


_N_THREADS = _gain.info()["threads"]
# Elements that are worth a second thread.
_SHARED = 1 << 16


@functools.cache
def _threads():
    return concurrent.futures.ThreadPoolExecutor(_N_THREADS, "gain-fft")


# A forked child has none of its parent's threads.
os.register_at_fork(after_in_child=_threads.cache_clear)


def _transformed(theirs, block, n, axis, norm, room=numpy.empty):
    """A block's transform along an axis; this rank's threads share out the lines, each of which is NumPy's work.

    `room(shape, dtype)` gives the memory for a large one.
    """
    if block.size < _SHARED:
        return theirs(block, n, axis, norm)
    lens = [1 if place == axis % block.ndim else length for place, length in enumerate(block.shape)]
    cut, n_parts = lens.index(max(lens)), min(_N_THREADS, max(lens))
    line = theirs(block[tuple(slice(None) if length == 1 else slice(1) for length in lens)], n, axis, norm)
    made = room([whole if length == 1 else length for whole, length in zip(line.shape, lens)], line.dtype)

    ends = [lens[cut] * number // n_parts for number in range(n_parts + 1)]
    # All of it where there is one part: then the lines may lie along the axis that is cut.
    parts = [(*(slice(None),) * cut, slice(*pair)) for pair in itertools.pairwise(ends)] if n_parts > 1 else [...]

    def transform(part):
        given = made[part]
        found = theirs(block[part], n, axis, norm, given)
        # NumPy's hfft does not write into what it is given.
        if found is not given:
            given[...] = found

    list(_threads().map(transform, parts) if n_parts > 1 else map(transform, parts))
    return made


def _whole(theirs, block, n, axis, norm):
    """As `_transformed`, of a block that is a whole array: an array of gain's."""
    arrays = []

    def room(shape, dtype):
        arrays.append(_gain.empty(shape, dtype))
        return arrays[0]._local()

    found = _transformed(theirs, block, n, axis, norm, room if _gain.n_ranks() == 1 else numpy.empty)
    return arrays[0] if arrays else _objects.from_numpy(found)


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
            made = _parts.agree(lambda: _transformed(theirs, _parts.rows(own), n, -1, norm))
            return _functions.moveaxis(_gain._from_parts(numpy.ascontiguousarray(made)), -1, axis)
        quiet = _parts.is_whole(array)
        if quiet and type(array) is ndarray and out is None and array.ndim > 0:
            return _whole(theirs, array._local(), n, axis, norm)
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
