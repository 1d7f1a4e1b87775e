"""What a use of a function (tests/python/uses.py) gives on NumPy's and on gain's arrays, and how many elements of spread arrays it gathers."""

import contextlib
import functools
import pathlib
import tempfile

import gain
import numpy
from checking import quiet

from gain import _along, _files, _searching

# Fewer elements are a table: every rank may have them. The operands have more than 16384, which are spread by default.
TABLE = 5000


@functools.cache
def operands():
    """The operands by name, as NumPy's; not to be written."""
    rng = numpy.random.default_rng(7)
    x, y = rng.standard_normal((2, 150, 140)).round(3)
    v, w = rng.standard_normal((2, 20000)).round(4)
    e = x.copy()
    e[rng.random(x.shape) < 0.1] = numpy.nan
    found = {"x": x, "y": y, "v": v, "w": w, "e": e, "s": numpy.sort(v), "o": numpy.zeros_like(x), "t": x.reshape(4, 75, 70) * 2}
    found |= {"f": y.astype(numpy.float32), "n": rng.integers(1, 10, x.shape), "b": x > 0.2, "z": x + 1j * y, "k": rng.integers(0, 100, 20000)}
    found["u"] = found["k"].astype(numpy.uint8)
    return found


def files(folder):
    """Paths of files to be read and, alone, `path`, to be written."""
    found = {"path_of_bytes": "bytes", "path_of_text": "text", "path_of_array": "array.npy", "path_of_arrays": "arrays.npz"}
    found = {name: str(folder / file) for name, file in found.items()}
    given = operands()
    if gain.rank() == 0:
        given["v"].tofile(found["path_of_bytes"])
        numpy.savetxt(found["path_of_text"], given["k"], fmt="%d")
        numpy.save(found["path_of_array"], given["x"])
        numpy.savez(found["path_of_arrays"], x=given["x"], v=given["v"])
    gain.sync()
    return found


@contextlib.contextmanager
def folder():
    """A folder that all ranks share."""
    name = tempfile.mkdtemp(prefix="gain-uses-") if gain.rank() == 0 else ""
    name = pathlib.Path(gain._gain.broadcast(name.encode()).decode())
    try:
        yield name
    finally:
        gain.sync()
        if gain.rank() == 0:
            for file in name.iterdir():
                file.unlink()
            name.rmdir()


@contextlib.contextmanager
def counted():
    """A list of the sizes of what is gathered meanwhile: spread arrays that are no tables. What may be a table, or a block, is made as small."""
    sizes = []
    gather = gain.ndarray._gather
    limits = _searching.TABLE, _along._BLOCK, _files._BLOCK
    _searching.TABLE, _along._BLOCK, _files._BLOCK = 8 * TABLE, TABLE // 2, 4 * TABLE

    def counting(array):
        if not array._is_replicated and array.size >= TABLE:
            sizes.append(array.size)
        return gather(array)

    gain.ndarray._gather = counting
    try:
        yield sizes
    finally:
        gain.ndarray._gather = gather
        _searching.TABLE, _along._BLOCK, _files._BLOCK = limits


def value(use, module, names):
    """The value of a use."""
    given = {name: gain.array(item) if module is gain else item.copy() for name, item in operands().items()}
    statement, _, expression = use.rpartition(";") if use.startswith("=") else ("", "", use)
    scope = {"np": module, **given, **names}
    with quiet():
        exec(statement.removeprefix("=").strip(), scope)
        return eval(expression.strip(), scope)
