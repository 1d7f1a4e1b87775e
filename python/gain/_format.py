"""`numpy.lib.format`, but that a file which is mapped is made once for all ranks."""

import functools
import sys

from numpy.lib import format as _npy

from gain import _files, _gain, _shared_files


@functools.wraps(_npy.open_memmap)
def open_memmap(filename, mode="r+", *args, **kwargs):
    if _gain.n_ranks() == 1:
        return _npy.open_memmap(filename, mode, *args, **kwargs)
    _shared_files.meet_at(filename)
    if "w" not in mode:
        return _npy.open_memmap(filename, mode, *args, **kwargs)
    made = _files.whole(filename, lambda: _npy.open_memmap(filename, mode, *args, **kwargs))
    # A rank has written the header, which is to be trusted.
    return _npy.open_memmap(filename, "r+", max_header_size=sys.maxsize) if made is None else made


def __getattr__(name):
    return getattr(_npy, name)


def __dir__():
    return dir(_npy)
