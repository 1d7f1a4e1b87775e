"""Files, buffers and iterators become arrays of which each rank reads its own part."""

import io
import pathlib

import gain
import numpy
import pytest
from checking import same

RANK = gain.rank()


@pytest.fixture
def folder(tmp_path_factory):
    """One folder for all ranks."""
    mine = str(tmp_path_factory.mktemp("reading")).encode()
    return pathlib.Path(gain._gain.broadcast(mine).decode())


def _write(path, content):
    if RANK == 0:
        path.write_bytes(content)
    gain.sync()
    return path


@pytest.mark.parametrize("dtype", ["float64", "int16", "complex64", ">i4", "S3", "bool"])
def test_fromfile(folder, dtype):
    content = numpy.arange(1000).astype(dtype)
    path = _write(folder / "numbers", content.tobytes() + b"x")
    size = content.itemsize
    for options in ({}, {"count": 7}, {"offset": 3 * size}, {"count": 0}, {"count": 5000}, {"offset": size, "count": 501}):
        same(numpy.fromfile(path, dtype, **options), gain.fromfile(path, dtype, **options))
        same(numpy.fromfile(str(path), dtype, **options), gain.fromfile(str(path), dtype, **options))
    with open(path, "rb") as theirs, open(path, "rb") as mine:
        for options in ({"count": 300}, {"count": 10, "offset": 2 * size}, {}):
            same(numpy.fromfile(theirs, dtype, **options), gain.fromfile(mine, dtype, **options))
            assert theirs.tell() == mine.tell()
    with pytest.raises(FileNotFoundError):
        gain.fromfile(folder / "missing", dtype)
    text = _write(folder / "text", b"1, 2, 3.5")
    same(numpy.fromfile(text, sep=","), gain.fromfile(text, sep=","))


def test_each_rank_reads_its_own_part(folder):
    path = _write(folder / "numbers", numpy.arange(100_000.0).tobytes())
    a = gain.fromfile(path)
    same(numpy.arange(100_000.0), a)
    if not a._is_replicated and gain.n_ranks() > 1:
        assert gain.local(a).nbytes <= 100_000 * 8 // gain.n_ranks() + 8


def test_frombuffer():
    for buffer in (bytes(range(64)), bytearray(range(64)), numpy.arange(8.0)):
        for options in ({}, {"dtype": "int16"}, {"dtype": "u1", "count": 3, "offset": 2}):
            same(numpy.frombuffer(buffer, **options), gain.frombuffer(buffer, **options))
            assert numpy.frombuffer(buffer, **options).flags.writeable == gain.frombuffer(buffer, **options).flags.writeable
    same(numpy.frombuffer(numpy.arange(8.0)), gain.frombuffer(gain.arange(8.0)))
    with pytest.raises(ValueError, match="buffer size must be a multiple of element size"):
        gain.frombuffer(b"123")


def test_fromiter():
    for count in (-1, 20, 50):
        same(numpy.fromiter((i * i for i in range(50)), float, count), gain.fromiter((i * i for i in range(50)), float, count))
    items, mine = iter(range(50)), iter(range(50))
    numpy.fromiter(items, int, 20)
    gain.fromiter(mine, int, 20)
    assert next(items) == next(mine)
    with pytest.raises(ValueError, match="iterator too short: Expected 90 but iterator had only 5 items."):
        gain.fromiter(range(5), int, 90)


@pytest.mark.filterwarnings("ignore:Input line 1 contained no data")
@pytest.mark.parametrize("options", [
    {}, {"skiprows": 1000}, {"usecols": 1}, {"usecols": (2, 0)}, {"unpack": True}, {"ndmin": 2}, {"dtype": "float32"}, {"max_rows": 5}, {"comments": "%"},
    {"usecols": 0, "ndmin": 2}, {"converters": {0: lambda text: 2 * float(text)}}, {"usecols": (0, 1), "unpack": True, "ndmin": 1},
])
def test_loadtxt(folder, options):
    rows = numpy.random.default_rng(1).random((4000, 3)).round(6)
    text = io.BytesIO()
    numpy.savetxt(text, rows, header="three columns\n of numbers")
    head = b"% a comment\n" if options.get("comments") == "%" else b""
    content = head + (text.getvalue().split(b"\n", 2)[2] if head else text.getvalue())
    path = _write(folder / "table", content + b"\n\n")
    same(numpy.loadtxt(path, **options), gain.loadtxt(path, **options))
    same(numpy.loadtxt(io.BytesIO(content), **options), gain.loadtxt(io.BytesIO(content), **options))


def test_loadtxt_says_what_is_wrong(folder):
    lines = [b"%d %d" % (i, i) for i in range(20_000)]
    lines[15_000] = b"1 two"
    path = _write(folder / "wrong", b"\n".join(lines))
    with pytest.raises(ValueError) as theirs:
        numpy.loadtxt(path)
    with pytest.raises(ValueError) as mine:
        gain.loadtxt(path)
    assert str(mine.value) == str(theirs.value)
    lines[15_000] = b"1 2 3"
    path = _write(folder / "ragged", b"\n".join(lines))
    with pytest.raises(ValueError) as theirs:
        numpy.loadtxt(path)
    with pytest.raises(ValueError) as mine:
        gain.loadtxt(path)
    assert str(mine.value) == str(theirs.value)
