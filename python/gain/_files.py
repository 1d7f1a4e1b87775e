"""Files in parallel: each rank writes and reads its own part of one file, whose bytes are those that NumPy writes.

A name that is the same file on every rank is one file. Where the ranks' names differ (a folder for temporary files of each its own), or where their
nodes have different files of that name, one rank of each file writes it whole. A file object is each rank's own: it gets everything, block by block.
"""

import io
import os
import socket
import tempfile
import zipfile

import numpy
from numpy.lib import format as npy

from gain import _creation, _fallback, _functions, _gain, _parts, _shared_files

ndarray = _gain.ndarray

# Bytes of a block where everything passes through every rank.
_BLOCK = 1 << 24


def _names(*names):
    """Every rank's node and paths. Collective."""
    here = "\0".join((socket.gethostname(), *(os.path.abspath(os.fsdecode(name)) for name in names))).encode()
    return [item.decode().split("\0") for item in (_gain.all_gather(here) if _gain.n_ranks() > 1 else [here])]


def first_with(*names):
    """The first rank for which these names are the same files as for this one. Collective."""
    everyone = _names(*names)
    return everyone.index(everyone[_gain.rank()])


def _make_one(name, size):
    """Whether all ranks see the file that rank 0 makes, `size` bytes long. Collective."""
    names = _names(name)
    if len({path for _, path in names}) > 1:
        return False

    def make():
        if _gain.rank() == 0:
            with open(name, "wb") as file:
                file.truncate(size)

    _parts.agree(make)
    try:
        seen = os.stat(name)
        seen = f"{seen.st_ino} {seen.st_size}".encode()
    except OSError:
        seen = b""
    return len(set(_gain.all_gather(seen))) == 1


def write(name, parts):
    """Writes a file of the ranks' parts, each a list of bytes-like objects, one behind the other. Collective."""
    if _gain.n_ranks() == 1:
        with open(name, "wb") as file:
            file.writelines(parts)
        return
    sizes = [int(size) for size in _gain.all_gather(str(sum(memoryview(part).nbytes for part in parts)).encode())]
    if _make_one(name, sum(sizes)):

        def place():
            with open(name, "r+b") as file:
                file.seek(sum(sizes[: _gain.rank()]))
                file.writelines(parts)

        _parts.agree(place)
        return
    content = b"".join(_gain.all_gather(b"".join(bytes(part) for part in parts)))
    whole(name, lambda: _put(name, content))


def _put(name, content):
    with open(name, "wb") as file:
        file.write(content)


def whole(name, action):
    """What `action()` gives, which writes a whole file, on one rank for each file; None elsewhere. Collective."""
    alone = first_with(name) == _gain.rank()
    return _parts.agree(lambda: action() if alone else None)


def _own_rows(array):
    """This rank's part of the elements in C order; the first rank's is all where every rank has them. Collective."""
    if array.ndim == 0 or _parts.is_whole(array):
        content = array._gather()
        return content if _gain.rank() == 0 else content.ravel()[:0]
    return _parts.rows(_parts.along_first(array))


def blocks(array):
    """The elements in C order, a block after the other, on every rank. Collective."""
    if array.ndim == 0 or array.nbytes <= _BLOCK:
        yield array._gather()
        return
    step = max(1, _BLOCK * array.shape[0] // array.nbytes)
    for start in range(0, array.shape[0], step):
        yield array[start:start + step]._gather()


def _header(array):
    """The head of a file in NumPy's format, and the array whose elements follow in C order."""
    by_columns = array.flags.fnc
    text = io.BytesIO()
    npy.write_array_header_1_0(text, {"shape": array.shape, "fortran_order": by_columns, "descr": npy.dtype_to_descr(array.dtype)})
    return text.getvalue(), array.T if by_columns else array


def save(file, arr, allow_pickle=True):
    """Writes an array in NumPy's format; a name gets `.npy` where it has no such end. Collective."""
    array = _creation.asanyarray(arr)
    if type(array) is not ndarray:
        _fallback.call("save", numpy.save, (file, array), {"allow_pickle": allow_pickle})
        return
    head, array = _header(array)
    if _shared_files.is_name(file):
        name = os.fspath(file)
        name = name if name.endswith((b".npy" if isinstance(name, bytes) else ".npy")) else name + (b".npy" if isinstance(name, bytes) else ".npy")
        rows = numpy.ascontiguousarray(_own_rows(array))
        write(name, [head if _gain.rank() == 0 else b"", rows.ravel().data])
        return
    file.write(head)
    for block in blocks(array):
        file.write(block.tobytes())


def _save_archive(file, args, kwds, compressed, allow_pickle):
    """An archive of arrays in NumPy's format: one rank writes it, to which the blocks come one by one."""
    arrays = dict(kwds)
    for place, value in enumerate(args):
        key = f"arr_{place}"
        if key in arrays:
            raise ValueError(f"Cannot use un-named variables and keyword {key}")
        arrays[key] = value
    arrays = {key: _creation.asanyarray(value) for key, value in arrays.items()}
    if not _shared_files.is_name(file):
        _fill(file, arrays, compressed, allow_pickle)
        return
    name = os.fspath(file)
    name = name if name.endswith(".npz") else name + ".npz"
    alone = first_with(name) == _gain.rank()
    # All ranks bring the blocks; those that do not write send them to nothing.
    target = _Target(_parts.agree(lambda: open(name, "wb", buffering=0) if alone else None))
    try:
        _fill(target, arrays, compressed, allow_pickle)
    finally:
        target.close()
    _parts.agree(target.complain)


class _Target(io.RawIOBase):
    """What one rank writes while all of them work together, so that an error has to wait for the end; without a file it only counts."""

    def __init__(self, file):
        self._file, self._at, self._error = file, 0, None

    def writable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return self._at

    def seek(self, place, whence=os.SEEK_SET):
        self._at = place if whence == os.SEEK_SET else self._at + place
        if self._file is not None:
            self._file.seek(self._at)
        return self._at

    def write(self, data):
        data = memoryview(data).cast("B")
        self._at += data.nbytes
        try:
            rest = data if self._file is not None and self._error is None else data[:0]
            while rest.nbytes:
                rest = rest[self._file.write(rest):]
        except OSError as error:
            self._error = error
        return data.nbytes

    def close(self):
        if self._file is not None:
            self._file.close()
        super().close()

    def complain(self):
        if self._error is not None:
            raise self._error


def _fill(file, arrays, compressed, allow_pickle):
    kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, mode="w", compression=kind, allowZip64=True) as archive:
        for key, value in arrays.items():
            with archive.open(key + ".npy", "w", force_zip64=True) as member:
                if type(value) is not ndarray:
                    npy.write_array(member, numpy.asanyarray(value), allow_pickle=allow_pickle)
                    continue
                head, array = _header(value)
                member.write(head)
                for block in blocks(array):
                    member.write(block.tobytes())


def savez(file, *args, allow_pickle=True, **kwds):
    """Writes arrays into one archive without compression; a name gets `.npz` where it has no such end. Collective."""
    _save_archive(file, args, kwds, False, allow_pickle)


def savez_compressed(file, *args, allow_pickle=True, **kwds):
    """Writes arrays into one compressed archive; a name gets `.npz` where it has no such end. Collective."""
    _save_archive(file, args, kwds, True, allow_pickle)


def savetxt(fname, X, fmt="%.18e", delimiter=" ", newline="\n", header="", footer="", comments="# ", encoding=None):
    """Writes a vector or a matrix as text, a line for each row. Collective."""
    array = _creation.asarray(X)
    layout = {"fmt": fmt, "delimiter": delimiter, "newline": newline, "comments": comments, "encoding": encoding}
    packed = _shared_files.is_name(fname) and os.fsdecode(fname).endswith((".gz", ".bz2", ".xz"))
    if type(array) is not ndarray or array.ndim not in (1, 2) or not _shared_files.is_name(fname) or packed:
        _fallback.call("savetxt", numpy.savetxt, (fname, array), {**layout, "header": header, "footer": footer}, quiet=_parts.is_whole(array))
        return
    rows = _own_rows(array)
    rows = rows.reshape(0, *array.shape[1:]) if rows.size == 0 and _gain.rank() else rows
    last = _gain.rank() == _gain.n_ranks() - 1

    def text():
        made = io.BytesIO()
        numpy.savetxt(made, rows, header=header if _gain.rank() == 0 else "", footer=footer if last else "", **layout)
        return made.getvalue()

    write(fname, [_parts.agree(text)])


def tofile(self, fid, /, sep="", format="%s"):
    """Writes the elements in C order as bytes, or as text with `sep` between them. Collective."""
    if not _shared_files.is_name(fid):
        # Whoever opens the file may empty it: nobody writes before all have opened it, nobody reads before all have written.
        _shared_files.meet()
        _fallback.method(self, "tofile", (fid, sep, format), {})
        _shared_files.meet()
        return
    rows = numpy.ascontiguousarray(_own_rows(self)).ravel()
    if not sep:
        write(fid, [rows.data])
        return
    with tempfile.TemporaryFile() as file:
        rows.tofile(file, sep, format)
        file.seek(0)
        text = file.read()
    before = any(int(size) for size in _gain.all_gather(str(rows.size).encode())[: _gain.rank()]) if _gain.n_ranks() > 1 else False
    write(fid, [(sep.encode() if before and rows.size else b"") + text])
