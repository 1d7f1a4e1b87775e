"""Arrays read from files, buffers and iterators: of a large one each rank reads and keeps its own part alone.

A file is one that all ranks see under its name. What only NumPy understands (other dtypes, streams, text by `sep=`) every rank reads whole.
"""

import io
import operator
import os
import warnings

import numpy

from gain import _gain, _parts, _shared_files, _warnings

# Bytes of text from which on the ranks share the parsing.
SHARED = 1 << 16


def _own_share(n):
    """This rank's part of `n` things, as even as can be."""
    rank, ranks = _gain.rank(), _gain.n_ranks()
    return n * rank // ranks, n * (rank + 1) // ranks


def _is_shared(n):
    """Whether an array of so many elements is spread over the ranks."""
    return _gain.n_ranks() > 1 and not _gain._is_small(n)


def fromfile(file, dtype=float, count=-1, sep="", offset=0, *, like=None):
    """The numbers in a binary file. Collective: each rank reads its own part of a file that is given by name or has a descriptor."""
    # All have written before one reads, and all have read before one opens the file to write it anew.
    _shared_files.meet()
    found = _read(file, dtype, count, sep, offset)
    _shared_files.meet()
    return found


def _read(file, dtype, count, sep, offset):
    """What `fromfile` gives."""
    wanted = numpy.dtype(float if dtype is None else dtype)
    if sep or not _gain.holds(wanted) or wanted.subdtype is not None or not wanted.isnative:
        return _gain.from_numpy(numpy.fromfile(file, dtype, count, sep, offset))
    named = _shared_files.is_name(file)
    if not named and not _can_seek(file):
        return _gain.from_numpy(numpy.fromfile(file, dtype, count, sep, offset))
    start = operator.index(offset) + (0 if named else file.tell())
    total = (os.stat(file).st_size if named else os.fstat(file.fileno()).st_size) - start
    there = max(total, 0) // wanted.itemsize
    n = there if count < 0 else min(operator.index(count), there)
    if start < 0 or not _is_shared(n):
        return _gain.from_numpy(numpy.fromfile(file, dtype, count, sep, offset))
    first, last = _own_share(n)
    name = file if named else file.fileno()
    part = numpy.empty(last - first, wanted)
    with open(name, "rb", closefd=named) as source:
        source.seek(start + first * wanted.itemsize)
        got = source.readinto(memoryview(part).cast("B"))
    if not named:
        file.seek(start + n * wanted.itemsize)
    if got != part.nbytes:
        raise OSError(f"{part.nbytes} bytes were there to be read, and only {got} came")
    return _gain._from_parts(part)


def _can_seek(file):
    """Whether a file object stands for a file of known length, the same on every rank."""
    try:
        file.fileno()
        return file.seekable()
    except (AttributeError, OSError, ValueError):
        return False


def frombuffer(buffer, dtype=float, count=-1, offset=0, *, like=None):
    """The numbers in a buffer, as a copy that is read-only where the buffer is. Collective; every rank has the same buffer."""
    seen = numpy.frombuffer(buffer, dtype, count, offset)
    made = _gain.from_numpy(seen)
    if type(made) is _gain.ndarray and not seen.flags.writeable:
        # Like the buffer, it can never be written.
        made = made._broadcast(made.shape)
    return made


def fromiter(iter, dtype, count=-1, *, like=None):
    """The elements that an iterable gives. Collective; every rank's gives the same, and each keeps its own part of them when `count` is known."""
    wanted = numpy.dtype(dtype)
    if count < 0 or not _gain.holds(wanted) or not _is_shared(count):
        return _gain.from_numpy(numpy.fromiter(iter, dtype, count))
    first, last = _own_share(count)
    items = _Counted(iter, count)
    for _ in range(first):
        items.skip()
    part = numpy.fromiter(items.some(last - first), dtype, last - first)
    for _ in range(count - last):
        items.skip()
    return _gain._from_parts(part)


class _Counted:
    """An iterator that says, as NumPy does, that it was too short."""

    def __init__(self, items, wanted):
        self._items, self._wanted, self._had = iter(items), wanted, 0

    def skip(self):
        """Passes over one element and gives it."""
        try:
            item = next(self._items)
        except StopIteration:
            raise ValueError(f"iterator too short: Expected {self._wanted} but iterator had only {self._had} items.") from None
        self._had += 1
        return item

    def some(self, n):
        """The next `n` elements."""
        return (self.skip() for _ in range(n))


def loadtxt(fname, dtype=float, comments="#", delimiter=None, converters=None, skiprows=0, usecols=None, unpack=False, ndmin=0,
            encoding=None, max_rows=None, *, quotechar=None, like=None):
    """The numbers in a text file. Collective: of a large plain file that is given by name each rank parses its own lines."""
    _shared_files.meet_at(fname)
    options = {"dtype": dtype, "comments": comments, "delimiter": delimiter, "converters": converters, "usecols": usecols,
               "encoding": encoding, "quotechar": quotechar}
    rest = {"skiprows": skiprows, "unpack": unpack, "ndmin": ndmin, "max_rows": max_rows}
    part = None
    if max_rows is None and ndmin in (0, 1, 2) and quotechar is None and _is_plain(fname, encoding, dtype):
        part = _own_lines(fname, skiprows, options)
    if part is None:
        with _warnings.told_again():
            made = numpy.loadtxt(fname, **options, **rest)
        if type(made) is list:
            return [_gain.from_numpy(column) for column in made]
        return _gain.from_numpy(made) if type(made) is numpy.ndarray else made
    found = _gain._from_parts(part)
    found = found if ndmin == 2 else found.squeeze()
    return found.T if unpack else found


def _is_plain(fname, encoding, dtype):
    """Whether a file's lines end where its bytes say so, and are worth sharing."""
    if _gain.n_ranks() == 1 or not _shared_files.is_name(fname) or not _gain.holds(dtype):
        return False
    name = os.fspath(fname)
    if not isinstance(name, str) or name.endswith((".gz", ".bz2", ".xz", ".lzma")) or not os.path.isfile(name):
        return False
    if encoding is not None and encoding.lower().replace("-", "") not in ("utf8", "latin1", "ascii"):
        return False
    return os.path.getsize(name) >= SHARED


def _own_lines(fname, skiprows, options):
    """This rank's lines as rows of numbers; None on every rank where one of them can not read its own: NumPy then says what is wrong."""
    with open(fname, "rb") as file:
        for _ in range(skiprows):
            file.readline()
        start = file.tell()
        first, last = (start + place for place in _own_share(os.fstat(file.fileno()).st_size - start))
        lines = io.BytesIO(_between(file, start, first, last))
    columns, rows = -1, None
    try:
        with warnings.catch_warnings():
            # A rank without lines is nothing to warn of.
            warnings.simplefilter("ignore", UserWarning)
            rows = numpy.loadtxt(lines, ndmin=2, **options)
        columns = rows.shape[1] if rows.size else 0
    except ValueError:
        pass
    widths = set(_parts.all_numbers(columns))
    if -1 in widths or len(widths - {0}) != 1:
        return None
    return rows if columns else numpy.empty((0, max(widths)), rows.dtype)


def _between(file, start, first, last):
    """The lines that begin at `first` or later and before `last`."""
    ends = []
    for place in (first, last):
        file.seek(max(place - 1, start))
        if place > start:
            # The line to which the byte before belongs is another's.
            file.readline()
        ends.append(file.tell())
    file.seek(ends[0])
    return file.read(ends[1] - ends[0])
