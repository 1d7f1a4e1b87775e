"""Classes derived from `ndarray`, questions about what is one, and files that all ranks read after one wrote them."""

import os
import tempfile

import gain as np
import numpy
import pytest


class Named(np.ndarray):
    """The recipe of NumPy's documentation."""

    def __new__(cls, data, name=None):
        made = np.asarray(data).view(cls)
        made.name = name
        return made

    def __array_finalize__(self, source):
        self.name = getattr(source, "name", None)

    def norm(self):
        return float(np.sqrt((self * self).sum()))


def test_a_derived_class_is_numpys():
    """And works as its author wrote it."""
    v = Named([3.0, 4.0], "v")
    assert issubclass(Named, np.ndarray) and issubclass(Named, numpy.ndarray)
    assert isinstance(v, Named) and isinstance(v, np.ndarray)
    assert v.norm() == 5.0 and (v * 2).name == "v" and type(v[:1]) is Named
    v[0] = 0.0
    assert v.norm() == 4.0


def test_a_derived_class_makes_its_objects():
    class Sized(np.ndarray):
        def __new__(cls, n):
            return np.ndarray.__new__(cls, (n,), float)

    v = Sized(3)
    assert type(v) is Sized and type(np.zeros_like(v)) is Sized and type(np.zeros_like(v, subok=False)) is np.ndarray
    assert type(np.add.outer(v, [1, 2])) is Sized and type(np.vecdot(v.reshape(1, 3), v)) is Sized and type(np.ndarray.__new__(np.ndarray, 3)) is np.ndarray


def test_what_is_an_array():
    """Arrays of gain's and of NumPy's are; lists and numbers are not."""
    a = np.ones(3)
    assert type(a) is np.ndarray and isinstance(a, np.ndarray)
    assert isinstance(np.array(["a"]), np.ndarray) and isinstance(numpy.ones(2), np.ndarray)
    assert not isinstance([1], np.ndarray) and not isinstance(1.0, np.ndarray) and not isinstance(a[0], np.ndarray)
    assert type(a.view(np.ndarray)) is np.ndarray and type(a.view(numpy.matrix)) is numpy.matrix


def test_shared_memory():
    """The same array, overlapping and disjoint views."""
    a = np.zeros((4, 6))
    assert np.shares_memory(a, a) and np.shares_memory(a, a[1:]) and np.may_share_memory(a[:2], a[1:])
    assert not np.shares_memory(a[:2], a[2:]) and not np.shares_memory(a[:, ::2], a[:, 1::2]) and not np.shares_memory(a, a.copy())


def test_files_are_there_for_all_ranks():
    """Whoever reads after the call finds the whole file; an error is every rank's."""
    name = np._gain.broadcast(tempfile.mkdtemp().encode()).decode()
    for k in range(20):
        path = os.path.join(name, f"{k}.npz")
        np.savez(path, x=np.arange(1000.0), y=np.ones((30, 40)))
        assert np.load(path)["x"][999] == 999.0
    with pytest.raises(FileNotFoundError):
        np.savez(os.path.join(name, "none", "a.npz"), x=np.arange(3))


def test_the_constructor():
    made = np.ndarray((2, 3), dtype="i4")
    assert type(made) is np.ndarray and made.shape == (2, 3) and made.dtype == numpy.int32
    memory = numpy.arange(4.0)
    shown = np.ndarray((2,), float, memory, 8)
    shown[0] = 7
    assert type(shown) is numpy.ndarray and memory[1] == 7


def test_none_is_a_value():
    assert np.full(2, None).dtype == object and np.any(None) == numpy.any(None)


@pytest.mark.parametrize("code", [
    "np.median(m)", "np.sort(m)", "np.diff(m)", "np.clip(m, 0, 2)", "np.concatenate([m, m])", "np.isclose(m, x)", "np.std(m, axis=0)", "np.moveaxis(m, 0, 1)",
    "np.asanyarray(m)", "np.array(m, subok=True)", "np.copy(m, subok=True)", "np.average(m, weights=x)",
])
def test_masked_arrays_keep_their_masks(code):
    """A function that is given an array of a class derived from NumPy's is NumPy's."""
    m = numpy.ma.array(numpy.arange(6.0).reshape(2, 3), mask=[[0, 1, 0], [0, 0, 1]])
    expected = eval(code, {"np": numpy, "m": m, "x": numpy.ones((2, 3))})
    found = eval(code, {"np": np, "m": m, "x": np.ones((2, 3))})
    assert type(found) is type(expected) and (numpy.ma.getmaskarray(found) == numpy.ma.getmaskarray(expected)).all()
    numpy.testing.assert_array_equal(found, expected)
