"""Attributes and methods of `gain.ndarray`, text, pickles and Python's protocols."""

import copy
import pickle

import gain
import numpy
import pytest
from checking import DTYPES, check, sample

ATTRIBUTES = "a.shape, a.dtype, a.ndim, a.size, a.itemsize, a.nbytes, a.strides"


@pytest.mark.parametrize("view", ["a", "a.T", "a[1:]", "a[::-2]", "a[:, None]", "a[0]", "a[..., 0]"])
def test_attributes(view):
    for dtype in DTYPES:
        check(f"a = {view}; {ATTRIBUTES}", sample((4, 6), dtype))
    check(f"a = {view}; a.flags.c_contiguous, a.flags.f_contiguous, a.flags.owndata, a.flags.writeable, a.flags['C']", sample((4, 6)))
    check(f"a = {view}; a.base is None", sample((4, 6)))
    check(f"a = {view}; repr(a.flags)", sample((4, 6)))


def test_real_and_imag():
    check("a.real, a.imag, a.conj(), np.conj(a), a.conjugate()", sample(5))
    check("a.real, a.imag, a.conj(), np.real(a), np.imag(a)", sample(5, "complex128"))
    check("a.real = 3; a.imag = b; a", sample(5, "complex128"), sample(5))
    check("a.imag = 1; a", sample(5), error=TypeError)
    check("np.iscomplexobj(a), np.isrealobj(a)", sample(2, "complex64"))


@pytest.mark.parametrize("code", [
    "a.reshape(4, 3)", "a.reshape((2, -1))", "a.reshape(-1)", "a.reshape(3, 4, 1)", "a.reshape(5)", "a.reshape(-1, -1)", "a.reshape(-1, 5)", "a.T.reshape(12)",
    "a.reshape(3, 4, order='F')", "np.reshape(a, (2, 6))", "a.ravel()", "a.T.ravel()", "a.flatten()", "np.ravel(a)", "a.transpose()", "a.transpose(1, 0)", "a.transpose((1, 0))",
    "a.transpose(0)", "a.transpose(0, 0)", "a.transpose(0, 2)", "np.transpose(a, (1, 0))", "a.swapaxes(0, 1)", "a.swapaxes(0, 3)", "np.moveaxis(a, 0, -1)", "np.rollaxis(a, 1)",
    "a[None].squeeze()", "a[None].squeeze(0)", "a[None].squeeze(1)", "np.expand_dims(a, 0)", "np.expand_dims(a, (0, 3))", "np.squeeze(a[:, None])",
    "np.broadcast_to(a, (2, 3, 4))", "np.broadcast_to(a, (2, 4))", "np.broadcast_to(a, 3)", "np.broadcast_arrays(a, [1, 2, 3, 4])", "np.atleast_1d(3)", "np.atleast_2d(a[0])", "np.atleast_3d(a)",
    "np.flip(a)", "np.flip(a, 0)", "np.flipud(a)", "np.fliplr(a)", "np.rot90(a)", "np.rot90(a, 2)", "np.rot90(a, -1)", "np.split(a, 3)", "np.split(a, [1, 2])", "np.split(a, 2)", "np.array_split(a, 2)",
    "np.hsplit(a, 2)", "np.vsplit(a, 3)", "np.unstack(a)", "a.clip(-1, 1)", "np.clip(a, None, 2)", "np.clip(a, b[0], 3)", "a.round()", "a.round(1)", "np.round(a, -1)",
    "a.tolist()", "a.item(3)", "a.item(1, 2)", "a.item()", "a[0, 0].item()", "a.copy()", "a.view()", "a.fill(2); a", "a.astype(int)", "a.astype('S3')", "a.astype(int, casting='safe')",
    "a.dot(b.T)", "a.dot(b[0])", "a[0].dot(b[0])", "a @ b[0]", "a[:, 0] @ a", "a @ b.T", "np.dot(a, 2)", "a @ b", "np.dot(2, 3)", "a.dot(3)", "np.matmul(a, b.T)",
    "a.sort(); a", "a.sort(0); a", "np.sort(a)", "a.argsort()", "a.repeat(2)", "a.take([0, 5])", "a.nonzero()", "a.cumsum()", "a.trace()", "a.diagonal()", "a.tobytes()", "a.searchsorted([1])", "a.put([0, 1], 9); a",
    "a.flat[3]", "a.flat[2] = 7; a", "a.flat = 1; a", "list(a.flat)", "len(a)", "len(a[0, 0])", "list(a[0])", "[row.sum() for row in a]", "list(np.array(1))", "np.ndim(a), np.shape(a), np.size(a), np.size(a, 1)",
    "a.nonsense", "np.nonsense", "a.mT", "np.matrix_transpose(a)", "a.device", "np.copyto(a, 1); a", "np.copyto(a, b, where=b > 0); a", "np.copyto(a, b[0]); a", "np.copyto(a, 1, where=[True, False])", "np.copyto([1], 1)",
    "np.copyto(a.astype(int), b); a", "np.astype(a, int)", "np.permute_dims(a)", "hash(a)", "a.__contains__(100.0)", "format(a[0, 0], '.2f')", "format(np.array(2.5), '.3f')", "format(a, '.2f')",
])
def test_methods(code):
    text = code not in ("a.nonsense", "np.nonsense", "hash(a)", "a @ b", "a.dot(3)")
    close = "dot" in code or "@" in code or "matmul" in code
    check(code, sample((3, 4)), sample((3, 4), seed=1), text=text, close=close)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (5,), (3, 4), (2, 3, 2), (0, 3), (1200,), (40, 40), (3, 2000), (11, 11, 11)])
@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "int8", "bool", "complex128"])
def test_text(shape, dtype):
    check("repr(a)", sample(shape, dtype))
    check("str(a)", sample(shape, dtype))


def test_text_options():
    for code in ["np.set_printoptions(threshold=5)", "np.set_printoptions(edgeitems=1, threshold=5)", "np.set_printoptions(precision=2, linewidth=40, threshold=8)"]:
        for shape in [(4,), (30,), (7, 8), (2, 3, 9)]:
            a = sample(shape) / 3
            with numpy.printoptions():
                exec(code, {"np": numpy})
                assert repr(gain.array(a)) == repr(a)
                assert str(gain.array(a)) == str(a)
                assert repr(gain.array(a.astype("int16"))) == repr(a.astype("int16"))


def test_text_of_large_arrays_fetches_edges_only():
    a = gain.zeros((3000, 3000))
    gain.sync()
    before = gain._gain.counters()["bytes_sent"]
    assert repr(a) == repr(numpy.zeros((3000, 3000)))
    assert str(a) == str(numpy.zeros((3000, 3000)))
    assert gain._gain.counters()["bytes_sent"] - before < 20_000


def test_pickles_and_copies():
    for dtype in DTYPES:
        a = gain.array(sample((3, 4), dtype))[::-1, 1:]
        for other in [pickle.loads(pickle.dumps(a)), copy.copy(a), copy.deepcopy(a), a.copy()]:
            assert isinstance(other, gain.ndarray) and other.dtype == a.dtype and other.tolist() == a.tolist()
            other[...] = 0
        assert a.tolist() == sample((3, 4), dtype)[::-1, 1:].tolist()
    assert pickle.loads(pickle.dumps(gain.add)) is gain.add


def test_conversion_to_numpy():
    a = gain.arange(6.0).reshape(2, 3)
    theirs = numpy.asarray(a)
    assert type(theirs) is numpy.ndarray and theirs.tolist() == a.tolist()
    theirs[0, 0] = 9
    # NumPy's array shares the memory where this rank has all of it.
    assert a[0, 0] == (9 if gain.n_ranks() == 1 or a._is_replicated else 0)
    copied = numpy.array(a, dtype=int)
    copied[...] = 5
    assert copied.dtype == int and a[0, 1] == 1


def test_iteration_writes_through():
    a = gain.zeros((3, 2))
    for number, row in enumerate(a):
        row[:] = number
    assert a.tolist() == [[0, 0], [1, 1], [2, 2]]
    assert all(type(item) is numpy.float64 for item in a[0])


def test_old_name():
    import ga.gain as old

    assert old is gain
    from ga import gain as again

    assert again is gain


def test_local_part():
    for shape in [(5,), (300, 200)]:
        whole = sample(shape)
        a = gain.array(whole)
        low, high = a._local_box()
        part = gain.local(a)
        assert type(part) is numpy.ndarray
        assert part.tolist() == whole[tuple(slice(*ends) for ends in zip(low, high))].tolist()


@pytest.mark.parametrize("dtype", ["int16", "complex128", "bool"])
def test_flat_as_numpys(dtype):
    given = sample((3, 4), dtype)
    found = numpy.asarray(gain.array(given).flat)
    assert found.dtype == given.dtype and (found == given.ravel()).all()


def test_ravel_lies_side_by_side():
    check("b = a[::2].ravel(); b[0] = 9; a, b, b.strides, b.flags.owndata", sample(7))
    check("b = a[:, :1].ravel(order='K'); b[0] = 9; a, b", sample((4, 3)))


REFUSALS = [
    ("a[(None,) * 70]", IndexError),
    ("a.device = 'x'; a", AttributeError),
    ("del a.flat[0]; a", TypeError),
    ("a.reshape((1,) * 32 + a.shape).flat", RuntimeError),
    ("a.partition(1, axis=None)", TypeError),
    ("np.put(a[:0], 1, 1, mode='wrap')", IndexError),
    ("np.arange(0, np.inf)", ValueError),
    ("np.empty((2**40, 2**40))", ValueError),
    ("np.array(a, ndmax=0, dtype='int8')", ValueError),
]


@pytest.mark.parametrize("words, kind", REFUSALS)
def test_refusals(words, kind):
    check(words, sample(5), error=kind)
    with pytest.raises(AttributeError):
        gain.arange(3).flat.index = 1


def test_none_is_a_choice():
    found = gain.where(gain.array([True, False]), None, 1)
    assert found.tolist() == [None, 1] and gain.where(True, None, None).tolist() is None


def test_numbers_with_fields_are_numpys():
    assert gain.zeros(2, numpy.dtype(("i4", [("low", "i2"), ("high", "i2")]))).dtype.names == ("low", "high")
