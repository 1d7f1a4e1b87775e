"""Files that the ranks write and read together: NumPy's bytes, NumPy's arrays, NumPy's errors on all ranks."""

import io
import pathlib
import tempfile
import warnings

import gain
import measuring
import numpy
import pytest
from checking import DTYPES, sample

SHAPES = [(), (0,), (1,), (7,), (5, 4), (0, 3), (3, 0), (2, 3, 4), (1, 50)]


@pytest.fixture
def folder():
    """A folder that all ranks share."""
    with measuring.folder() as found:
        yield found


def bytes_of(path):
    """A file's content, after all ranks have written theirs."""
    gain.sync()
    content = pathlib.Path(path).read_bytes()
    gain.sync()
    return content


def saved(array):
    """What NumPy writes."""
    file = io.BytesIO()
    numpy.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_save_and_load(folder, dtype, shape):
    given = sample(shape, dtype)
    path = folder / "array.npy"
    gain.save(path, gain.array(given))
    assert bytes_of(path) == saved(given)
    found = gain.load(path)
    assert type(found) is gain.ndarray
    numpy.testing.assert_array_equal(numpy.asarray(found), given, strict=True)


@pytest.mark.parametrize("view", ["a.T", "a[::2]", "a[:, ::-1]", "np.asfortranarray(a)", "np.broadcast_to(a[0], (3, 6))", "a[None]"])
def test_views(folder, view):
    given = sample((7, 6))
    path = str(folder / "view")
    gain.save(path, eval(view, {"np": gain, "a": gain.array(given)}))
    assert bytes_of(path + ".npy") == saved(eval(view, {"np": numpy, "a": given}))
    numpy.testing.assert_array_equal(numpy.asarray(gain.load(path + ".npy")), eval(view, {"np": numpy, "a": given}))


def test_file_objects():
    given = sample((40, 5))
    file = io.BytesIO()
    gain.save(file, gain.array(given))
    gain.save(file, gain.array(given[0]))
    assert file.getvalue() == saved(given) + saved(given[0])
    file.seek(0)
    assert [gain.load(file).shape for _ in range(2)] == [(40, 5), (5,)]


@pytest.mark.parametrize("save", ["savez", "savez_compressed"])
def test_archives(folder, save):
    a, b = sample((9, 4)), sample((3,), "int8")
    path = folder / "many.npz"
    getattr(gain, save)(path, gain.array(a), b=gain.array(b), c=gain.array(a).T, text=numpy.array("text"))
    gain.sync()
    with numpy.load(path) as theirs, gain.load(path) as ours:
        assert sorted(theirs.files) == sorted(ours.files) == ["arr_0", "b", "c", "text"]
        for name, wanted in (("arr_0", a), ("b", b), ("c", a.T)):
            numpy.testing.assert_array_equal(theirs[name], wanted, strict=True)
            assert type(ours[name]) is gain.ndarray
            numpy.testing.assert_array_equal(numpy.asarray(ours[name]), wanted, strict=True)
        assert str(ours["text"]) == "text" and "b" in ours and len(ours) == 4
        with pytest.raises(KeyError):
            ours["no such"]
    gain.sync()
    with pytest.raises(ValueError, match="arr_0"):
        getattr(gain, save)(path, gain.array(a), arr_0=a)


@pytest.mark.parametrize("shape", [(7,), (5, 4), (1, 3), (0, 3), (1,)])
@pytest.mark.parametrize("keywords", [{}, {"fmt": "%d", "delimiter": ","}, {"header": "one\ntwo", "footer": "end", "comments": "%"}, {"newline": "\r\n", "fmt": "%.3e"}], ids=str)
def test_text(folder, shape, keywords):
    given = sample(shape)
    path, theirs = folder / "text", folder / f"theirs{gain.rank()}"
    numpy.savetxt(theirs, given, **keywords)
    gain.savetxt(path, gain.array(given), **keywords)
    assert bytes_of(path) == theirs.read_bytes()


@pytest.mark.parametrize("dtype", ["float64", "int8", "complex64"])
@pytest.mark.parametrize("keywords", [{}, {"sep": " "}, {"sep": ", ", "format": "%s"}], ids=str)
@pytest.mark.parametrize("shape", [(7,), (5, 4), (0,), (1,)])
def test_tofile(folder, dtype, keywords, shape):
    given = sample(shape, dtype)
    path, theirs = str(folder / "raw"), str(folder / f"theirs{gain.rank()}")
    given.tofile(theirs, **keywords)
    gain.array(given).tofile(path, **keywords)
    assert bytes_of(path) == pathlib.Path(theirs).read_bytes()
    gain.array(given.T).T.tofile(path, **keywords)
    assert bytes_of(path) == pathlib.Path(theirs).read_bytes()


def test_each_rank_its_own_folder():
    with tempfile.TemporaryDirectory() as own:
        for make in (gain.memmap, gain.lib.format.open_memmap):
            made = make(pathlib.Path(own, "map"), mode="w+", dtype="f4", shape=(3,))
            made[:] = 5
            assert made.sum() == 15
        path = pathlib.Path(own, "array.npy")
        given = sample((11, 3))
        gain.save(path, gain.array(given))
        assert path.read_bytes() == saved(given)
        numpy.testing.assert_array_equal(numpy.asarray(gain.load(path)), given)
        gain.savetxt(path, gain.array(given))
        numpy.testing.assert_allclose(numpy.loadtxt(path), given)
        gain.array(given).tofile(path)
        assert path.stat().st_size == given.nbytes
        gain.savez(path, a=gain.array(given))
        numpy.testing.assert_array_equal(numpy.asarray(gain.load(f"{path}.npz")["a"]), given)
        gain.sync()


def test_one_rank_writes_and_all_warn(folder):
    given = numpy.zeros(1, [("x" * 70_000, "i4")])
    for _ in range(2):
        with pytest.warns(UserWarning, match="format 2.0"):
            gain.save(folder / "fields.npy", given)
    with pytest.warns(UserWarning, match="format 2.0"):
        gain.lib.format.open_memmap(folder / "map.npy", "w+", dtype=given.dtype, shape=(3,))
    gain.sync()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="format 2.0"):
            gain.save(folder / "fields.npy", given)


def test_maps(folder):
    path = folder / "map.npy"
    gain.save(path, gain.arange(20.0))
    gain.sync()
    found = gain.load(path, mmap_mode="r")
    assert type(found) is numpy.memmap and found[3] == 3.0
    assert gain.sum(found) == 190.0
    gain.sync()


def test_a_map_with_a_header_is_made_once(folder):
    name = str(folder / "map.npy")
    made = gain.lib.format.open_memmap(name, "w+", dtype=numpy.int32, shape=(7, 5))
    made[...] = numpy.arange(35).reshape(7, 5)
    made.flush()
    gain.sync()
    assert gain.load(name).tolist() == numpy.arange(35).reshape(7, 5).tolist()
    with pytest.raises(ValueError):
        gain.lib.format.open_memmap(name, "w+", dtype=object, shape=(7, 5))


@pytest.mark.parametrize("shape", [(6, 5), (2, 3, 4)])
def test_columns_stay_columns_in_file_objects(shape):
    given = gain.asfortranarray(numpy.arange(numpy.prod(shape)).reshape(shape))
    file = io.BytesIO()
    gain.save(file, given)
    file.seek(0)
    found = gain.load(file)
    assert found.flags.fnc and found.tolist() == given.tolist()


def test_errors(folder):
    with pytest.raises(FileNotFoundError):
        gain.load(folder / "no such file")
    with pytest.raises(FileNotFoundError):
        gain.save(folder / "no" / "such" / "folder", gain.arange(3))
    path = folder / "objects.npy"
    gain.save(path, numpy.array([{}, 1], dtype=object))
    gain.sync()
    with pytest.raises(ValueError, match="allow_pickle=False"):
        gain.load(path)
    assert gain.load(path, allow_pickle=True)[1] == 1
    with pytest.raises(ValueError):
        gain.save(folder / "other.npy", numpy.array([{}], dtype=object), allow_pickle=False)
    with pytest.raises(ValueError):
        gain.savetxt(path, gain.zeros((2, 2, 2)))
    with pytest.raises(ValueError, match="wrong number of % formats"):
        gain.savetxt(path, gain.zeros((4, 2)), fmt="%d %s %s")
    gain.sync()
    if gain.rank() == 0:
        path.write_bytes(saved(numpy.arange(99))[:-40])
    gain.sync()
    with pytest.raises(ValueError, match="not fully written"):
        gain.load(path)


def test_genfromtxt():
    text = "a,b\n1,2\n,4\n"
    found = gain.genfromtxt(io.StringIO(text), delimiter=",", skip_header=1, filling_values=7)
    assert type(found) is gain.ndarray and found.tolist() == [[1, 2], [7, 4]]


def test_a_file_that_every_rank_empties(folder):
    given = gain.arange(50.0)
    for places in range(8):
        with open(folder / "numbers", "wb") as file:
            given.tofile(file)
        with open(folder / "numbers", "rb") as file:
            assert gain.fromfile(file, offset=8 * places).tolist() == list(range(places, 50))
