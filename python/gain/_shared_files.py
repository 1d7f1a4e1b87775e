"""Files that all ranks see: nobody reads what another rank is about to make, and nobody makes anew what another still reads."""

import os

import numpy

from gain import _gain

# Functions through the fallback that read a file.
READERS = {"genfromtxt", "fromregex"}

_MODES = {"readonly": "r", "copyonwrite": "c", "readwrite": "r+", "write": "w+"}


def is_name(file):
    """Whether a file is given by its name, so that every rank opens it, and is not an object of the caller's."""
    return isinstance(file, (str, bytes, os.PathLike))


def meet():
    """Waits until all ranks are here: what they did with files before is done. Collective."""
    if _gain.n_ranks() > 1:
        _gain.sync()


def meet_at(file):
    """As `meet`, where the file is given by its name. Collective then."""
    if is_name(file):
        meet()


class memmap(numpy.memmap):
    """NumPy's `memmap`: each rank maps the whole file. A new file is made by the first rank that has its name. Collective where there is a name."""

    def __new__(subtype, filename, dtype=numpy.uint8, mode="r+", offset=0, shape=None, order="C"):
        mode = _MODES.get(mode, mode)
        maker = super().__new__
        if not is_name(filename) or _gain.n_ranks() == 1:
            return maker(subtype, filename, dtype, mode, offset, shape, order)
        meet()
        if mode != "w+":
            return maker(subtype, filename, dtype, mode, offset, shape, order)
        from gain import _files

        made = _files.whole(filename, lambda: maker(subtype, filename, dtype, mode, offset, shape, order))
        if made is None:
            made = maker(subtype, filename, dtype, "r+", offset, shape, order)
            made.mode = mode
        return made


memmap.__module__ = "numpy"
