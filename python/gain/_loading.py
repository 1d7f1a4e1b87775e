"""Reading NumPy's files: each rank its own part of the array, from the same file or its own copy of it."""

import os
import sys

import numpy
from numpy.lib import format as npy
from numpy.lib.npyio import NpzFile as _NpzFile

from gain import _fallback, _files, _gain, _parts, _shared_files

# Bytes that are skipped at a time in what can only be read from the start.
_SKIP = 1 << 22


def load(file, mmap_mode=None, allow_pickle=False, fix_imports=True, encoding="ASCII", *, max_header_size=10000):
    """An array, or an archive of arrays, that NumPy wrote. Collective.

    With `mmap_mode` it is NumPy's own: a map of the file. Pickled objects are NumPy's too.
    """
    keywords = {"mmap_mode": mmap_mode, "allow_pickle": allow_pickle, "fix_imports": fix_imports, "encoding": encoding, "max_header_size": max_header_size}
    _shared_files.meet_at(file)
    if mmap_mode is None and _shared_files.is_name(file):
        found = _parts.agree(lambda: _part_of_file(os.fspath(file), allow_pickle, max_header_size))
        if found is not None:
            return _joined(*found)
    loaded = numpy.load(file, **keywords)
    if type(loaded) is _NpzFile:
        loaded.__class__ = NpzFile
        return loaded
    return _fallback.Gathering(False).spread(loaded)


def _joined(rows, shape, by_columns):
    """The array of the ranks' rows. Collective."""
    if not shape:
        return _gain.from_numpy(rows)
    made = _gain._from_parts(rows)
    return made.T if by_columns else made


def _part_of_file(name, allow_pickle, max_header_size):
    """This rank's rows of a file in NumPy's format with elements that gain has, the shape, and whether it is by columns; else None."""
    with open(name, "rb") as file:
        return _part(file, allow_pickle, max_header_size)


def _part(file, allow_pickle, max_header_size):
    if file.read(len(npy.MAGIC_PREFIX)) != npy.MAGIC_PREFIX:
        return None
    file.seek(-len(npy.MAGIC_PREFIX), 1)
    read_header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(npy.read_magic(file))
    if read_header is None:
        return None
    # NumPy trusts a file whose objects it may load.
    shape, by_columns, dtype = read_header(file, max_header_size=sys.maxsize if allow_pickle else max_header_size)
    if dtype.hasobject or not _gain.holds(dtype):
        return None
    rest = (shape[::-1] if by_columns else shape)[1:]
    n = (shape[::-1] if by_columns else shape)[0] if shape else 1
    width = int(numpy.prod(rest, dtype=numpy.int64)) * dtype.itemsize
    rank, ranks = _gain.rank(), _gain.n_ranks()
    first, end = (n * rank // ranks, n * (rank + 1) // ranks) if shape else (0, 1)
    _skip(file, first * width)
    content = file.read((end - first) * width)
    if len(content) < (end - first) * width:
        raise ValueError(f"Failed to read all data for array. Expected {shape} = {n * width // dtype.itemsize} elements, could only read {len(content) // dtype.itemsize} elements. (file seems not fully written?)")
    rows = numpy.frombuffer(content, dtype).reshape((end - first, *rest) if shape else ())
    return rows, shape, by_columns


def _skip(file, n_bytes):
    """Goes on by so many bytes."""
    try:
        file.seek(n_bytes, os.SEEK_CUR)
    except (OSError, AttributeError):
        while n_bytes > 0:
            n_bytes -= len(file.read(min(n_bytes, _SKIP))) or n_bytes


class NpzFile(_NpzFile):
    """NumPy's archive of arrays, which gives gain arrays: each rank reads its own part of a member."""

    def __getitem__(self, key):
        name = next((name for name in (key, f"{key}.npy") if self.zip is not None and name in self.zip.namelist()), None)
        if name is None:
            return super().__getitem__(key)

        def part():
            with self.zip.open(name) as member:
                return _part(member, self.allow_pickle, self.max_header_size)

        found = _parts.agree(part)
        if found is not None:
            return _joined(*found)
        return _fallback.Gathering(False).spread(super().__getitem__(key))
