"""Products: every dtype, shape and view against NumPy, with nothing gathered."""

import hashlib
import warnings

import numpy as np
import pytest

import gain

rng = np.random.default_rng(5)


@pytest.fixture(autouse=True)
def nothing_is_gathered():
    with warnings.catch_warnings():
        warnings.simplefilter("error", gain.FallbackWarning)
        yield


def made(shape, dtype="d"):
    if dtype == "?":
        return rng.random(shape) > 0.5
    if np.dtype(dtype).kind in "iu":
        return rng.integers(0, 100, shape).astype(dtype)
    if np.dtype(dtype).kind == "c":
        return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(dtype)
    return rng.standard_normal(shape).astype(dtype)


def same(function, *arrays):
    """The same values, dtype and shape, or the same error."""
    try:
        wanted = function(np, *arrays)
    except Exception as error:  # noqa: BLE001
        wanted = error
    try:
        found = function(gain, *(gain.asarray(array) for array in arrays))
    except Exception as error:  # noqa: BLE001
        found = error
    if isinstance(wanted, Exception) or isinstance(found, Exception):
        assert type(found) is type(wanted) and str(found) == str(wanted)
        return
    found = np.asarray(found)
    assert found.shape == np.shape(wanted) and found.dtype == wanted.dtype
    if found.dtype.kind in "fc":
        tolerance = 1e-4 if found.dtype.char in "fF" else 1e-11
        np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance * 100)
    else:
        np.testing.assert_array_equal(found, wanted)


SHAPES = [
    (1, 1, 1), (2, 3, 4), (7, 5, 1), (1, 9, 3), (0, 3, 2), (3, 0, 2), (3, 4, 0), (97, 513, 101), (130, 1100, 61), (3, 5000, 4),
    (1, 5000, 1), (5, 9001, 7),
]


@pytest.mark.parametrize("dtype", "dfDF?bBhHiIlL")
def test_matrices(dtype):
    for m, k, n in SHAPES:
        same(lambda np, a, b: a @ b, made((m, k), dtype), made((k, n), dtype))


def test_views_and_mixtures():
    x, y = made((300, 200)), made((300, 150))
    same(lambda np, x, y: x.T @ y, x, y)
    same(lambda np, x, y: x @ x.T, x, y)
    same(lambda np, x, y: x.T[::2] @ y[:, ::3], x, y)
    same(lambda np, x, y: x[::-1].T @ y, x, y)
    same(lambda np, x, y: x.T @ y, x, y.astype("f"))
    same(lambda np, x, y: x[:, 0] @ y, x, y)
    same(lambda np, x, y: y.T @ x[:, 1], x, y)
    ours = gain.asarray(x)
    for found in (ours.T @ y, x.T @ gain.asarray(y)):
        assert type(found) is gain.ndarray
        np.testing.assert_allclose(np.asarray(found), x.T @ y)


@pytest.mark.parametrize("dtype", "dfDi")
def test_stacks(dtype):
    shapes = [
        ((4, 3, 5), (4, 5, 2)), ((10, 1, 3, 4), (6, 4, 2)), ((7, 3, 4), (4, 5)), ((3, 4), (5, 4, 6)), ((200, 4, 4), (200, 4, 4)),
        ((2, 30, 40), (2, 40, 50)), ((0, 3, 4), (0, 4, 5)), ((3,), (5, 3, 4)), ((5, 4, 3), (3,)),
    ]
    for left, right in shapes:
        same(lambda np, a, b: a @ b, made(left, dtype), made(right, dtype))


def test_errors_are_numpys():
    for left, right in [((2, 3), (4, 5)), ((3,), (4, 5)), ((2, 3, 4), (3, 4, 5)), ((), (3,)), ((2, 1, 3, 4), (3, 5, 4, 6))]:
        same(lambda np, a, b: a @ b, made(left), made(right))
    for left, right in [((2, 3), (4, 5)), ((3,), (4,)), ((2, 3, 4), (3, 3))]:
        same(lambda np, a, b: np.dot(a, b), made(left), made(right))


def test_dot_and_its_kin():
    a, b, c, t, u = made((40, 50)), made((50, 30)), made((50,)), made((6, 7, 8)), made((8, 7, 5))
    for function in (
        lambda np, a, b: np.dot(a, b), lambda np, a, b: a.dot(b), lambda np, a, b: np.tensordot(a, b, 1),
        lambda np, a, b: np.inner(a, b.T), lambda np, a, b: np.matmul(a, b, axes=[(0, 1), (0, 1), (0, 1)]),
    ):
        same(function, a, b)
    same(lambda np, a, b: np.tensordot(a, b), t, made((7, 8, 3)))
    same(lambda np, a, b: np.tensordot(a, b, ([1, 2], [1, 0])), t, u)
    same(lambda np, a, b: np.tensordot(a, b, 0), a[0, :3], a[1, :4])
    same(lambda np, a, b: np.dot(a, b), t, made((3, 8, 4)))
    same(lambda np, a, b: np.dot(a, b), t, made((8,)))
    same(lambda np, a, b: np.inner(a, b), t, made((3, 8)))
    same(lambda np, a, b: np.vdot(a, b), made((4, 5), "D"), made((4, 5), "D"))
    same(lambda np, a, b: np.vecdot(a, b), made((4, 5), "D"), a[:4, :5])
    same(lambda np, a, b: np.vecdot(a, b, axis=0), a, a)
    same(lambda np, a, b: np.matvec(a, b), t, made((6, 8)))
    same(lambda np, a, b: np.vecmat(a, b), made((7,), "D"), t)
    same(lambda np, a, b: np.outer(a, b), c, a)
    same(lambda np, a, b: np.kron(a, b), a[:3, :4], c[:5])
    same(lambda np, a: np.trace(a, 1, 0, 2), t)
    same(lambda np, a: a.trace(), made((12, 12), "i"))
    same(lambda np, a: np.matmul(a, a.T, dtype="f4"), made((4, 5), "i"))


def test_outputs():
    def into(function):
        def body(np, a, b):
            out = np.zeros((40, 30))
            assert function(np)(a, b, out=out) is out
            return out

        return body

    a, b = made((40, 50)), made((50, 30))
    same(into(lambda np: np.matmul), a, b)
    same(into(lambda np: np.dot), a, b)

    def in_place(np, a, b):
        a = a.copy()
        a @= b
        return a

    same(in_place, a, made((50, 50)))


SUMS = {
    "ij,jk->ik": "AB", "ij,jk": "AB", "ij->ji": "A", "ii": "S", "ii->i": "S", "ij->": "A", "ij->j": "A", "ij,ij->": "AA", "ij,ij->i": "AA",
    "ij,j->i": "AV", "i,ij->j": "WA", "i,j->ij": "VW", "ij,jk,kl->il": "ABC", "abc,cbd->ad": "TU", "abc,cbd": "TU", "...j,j": "AV",
    "...ij,...jk->...ik": "XY", "bij,bjk->bik": "XY", "bij,bkj->bik": "XX", "i,i,i->": "VVV", "ij,i,j->": "AWV", "iij->ij": "P", "i...->...": "A",
    "ij,kj->ik": "AA",
}


@pytest.mark.parametrize("text", SUMS)
def test_einsum(text):
    known = {
        "A": made((40, 50)), "B": made((50, 30)), "C": made((30, 20)), "V": made((50,)), "W": made((40,)), "S": made((12, 12)),
        "T": made((6, 7, 8)), "U": made((8, 7, 5)), "X": made((3, 4, 5)), "Y": made((3, 5, 6)), "P": made((4, 4, 3)),
    }
    operands = [known[name] for name in SUMS[text]]
    same(lambda np, *operands: np.einsum(text, *operands), *operands)
    same(lambda np, *operands: np.einsum(text, *operands, optimize=True), *operands)


def test_einsum_with_the_subscripts_of_another_call():
    for dtype in "dfi?":
        a, b = made((5, 5), dtype), made((5, 5), dtype)
        same(lambda np, a, b: np.einsum("ij,jk->ik", a, b), a, b)
        same(lambda np, a, b: np.einsum("ij,ij->i", a, b), a, b)
        same(lambda np, a: np.einsum("ij->", a), a)
    path = ["einsum_path", (0, 2), (0, 1)]
    same(lambda np, a, b: np.einsum("ij,jk,kl->il", a, b, a, optimize=path), made((5, 5)), made((5, 5)))
    for module in np, gain:
        a = module.zeros((3, 3))
        module.einsum("ii->i", a)[1] = 5
        module.einsum("ij", a)[0, 2] = 6
        assert a.tolist() == [[0, 0, 6], [0, 5, 0], [0, 0, 0]]


def test_einsum_of_lists_and_integers():
    same(lambda np, a, b: np.einsum(a, [0, 1], b, [1, 2], [0, 2]), made((4, 5)), made((5, 6)))
    same(lambda np, a: np.einsum("ij,ij->i", a, a), made((5, 6), "i"))


def test_arguments_of_gufuncs():
    a, b = made((4, 5, 6)), made((4, 5, 6))
    for call in [
        lambda np, a, b: np.vecdot(a, b, axis=0), lambda np, a, b: np.vecdot(a, b, axis=1, keepdims=True), lambda np, a, b: np.vecdot(a, b, keepdims=True),
        lambda np, a, b: np.vecdot(a, b, axes=[1, 1]), lambda np, a, b: np.vecdot(a, b, axes=[0, 0, ()]), lambda np, a, b: np.vecdot(a, b, axes=[0, 0, 1], keepdims=True),
        lambda np, a, b: np.matmul(a, b, axes=[(1, 2), (2, 1), (0, 1)]), lambda np, a, b: np.matmul(a, b, axis=1), lambda np, a, b: np.matmul(a, b),
        lambda np, a, b: np.matvec(a, b[:, 0], axes=[(0, 2), 1, 0]), lambda np, a, b: np.matvec(a, b[:, 0]), lambda np, a, b: np.vecmat(a[:, :, 0], b),
        lambda np, a, b: np.vecmat(a[:, :, 0], b, axes=[1, (1, 2), 0]), lambda np, a, b: np.vecdot(a, b[:3]), lambda np, a, b: np.vecdot(a, b, dtype="f4"),
    ]:
        same(call, a, b)
    assert gain.matmul.signature == np.matmul.signature and gain.vecdot.nin == 2

    class Holder:
        product, make = gain.matmul, gain.array

    assert Holder().product(Holder().make([1.0, 2.0]), gain.ones(2)) == 3.0


def test_arguments_of_einsum():
    a, b = made((7, 9)), made((9, 4))
    for call in [
        lambda np, a, b: np.einsum("ij,jk->ik", a, b, dtype="f8", casting="safe"), lambda np, a, b: np.einsum("ij,jk", a, b, order="F").flags.f_contiguous * np.ones(1),
        lambda np, a, b: np.einsum("ij,jk->ik", a, b, out=np.zeros((7, 4))), lambda np, a, b: np.einsum("ij,ij->i", a, a), lambda np, a, b: np.einsum("ji,ji->i", a, a),
        lambda np, a, b: np.einsum(a, [0, 1], b, [1, 2]), lambda np, a, b: np.einsum("ij,jk,kl->il", a, b, b.T, optimize=True),
    ]:
        same(call, a, b)


def test_bits_of_rows_and_vectors_do_not_depend_on_ranks():
    exact = np.random.default_rng(3)
    a, v = exact.standard_normal((1009, 37)), exact.standard_normal(40_009)
    ours, vector = gain.asarray(a), gain.asarray(v)
    found = [gain.vecdot(ours, ours), gain.vecdot(ours.T, ours.T), gain.linalg.norm(vector), vector @ vector, vector[::-3] @ vector[::-3]]
    digest = hashlib.sha256(b"".join(np.asarray(item).tobytes() for item in found))
    assert digest.hexdigest()[:16] == "cb19aa98aa7ceeec"
