"""A matrix times a vector: every layout and cut against NumPy, the same bits on any ranks, and the bytes that travel."""

import hashlib
import warnings

import numpy as np
import pytest

import gain


@pytest.fixture(autouse=True)
def nothing_is_gathered():
    with warnings.catch_warnings():
        warnings.simplefilter("error", gain.FallbackWarning)
        yield


def made(shape, dtype, seed):
    rng = np.random.default_rng(seed)
    real = rng.standard_normal(shape)
    return (real + 1j * rng.standard_normal(shape) if np.dtype(dtype).kind == "c" else real).astype(dtype)


SHAPES = [(1, 1), (3, 1), (1, 7), (5, 33), (700, 3), (700, 16), (1, 3000), (97, 513), (513, 97), (1031, 1029), (2, 40000), (40000, 2), (17, 5003)]


@pytest.mark.parametrize("dtype", "fdFD")
@pytest.mark.parametrize("shape", SHAPES)
def test_values(shape, dtype):
    a, x, y = made(shape, dtype, 1), made(shape[1], dtype, 2), made(shape[0], dtype, 3)
    ours, right, left = gain.asarray(a), gain.asarray(x), gain.asarray(y)
    tolerance = 1e-3 if dtype in "fF" else 1e-11
    for found, wanted in [
        (ours @ right, a @ x), (left @ ours, y @ a), (ours.T @ left, a.T @ y), (right @ ours.T, x @ a.T), (ours.dot(right), a.dot(x)),
        (ours[::-2] @ right, a[::-2] @ x), (ours[:, ::-2] @ right[::-2], a[:, ::-2] @ x[::-2]), (ours[::2].T @ left[::2], a[::2].T @ y[::2]),
        (left[1:] @ ours[1:], y[1:] @ a[1:]),
    ]:
        assert type(found) is gain.ndarray and found.dtype == wanted.dtype and found.shape == wanted.shape
        np.testing.assert_allclose(np.asarray(found), wanted, rtol=tolerance, atol=tolerance * 100)


def test_bits_do_not_depend_on_ranks():
    a, x, y = (gain.asarray(item) for item in (made((1031, 1029), "d", 1), made(1029, "d", 2), made(1031, "d", 3)))
    digest = hashlib.sha256()
    for found in (a @ x, y @ a, a.T @ y, a[:, ::-1] @ x, a[::3].T @ y[::3], a[5:, 3:] @ x[3:], a.astype("F") @ x.astype("F")):
        digest.update(np.asarray(found).tobytes())
    assert digest.hexdigest()[:16] == "2b38440278b8c9b4"


def test_the_matrix_stays_where_it_lies():
    if gain.n_ranks() == 1:
        return
    a, x = gain.asarray(made((4096, 64), "d", 1)), gain.asarray(made(4096, "d", 2))
    gain.sync()
    a.T @ x
    before = gain._gain.counters()["bytes_sent"]
    gain.sync()
    found = a.T @ x
    gain.sync()
    sent = gain._gain.counters()["bytes_sent"] - before
    # Nodes of 64 sums, a few for each rank; the matrix has 2 MiB.
    assert sent < 64 * 8 * 40 * gain.n_ranks(), sent
    assert found.shape == (64,)


@pytest.mark.parametrize("dtype", "fdFD")
@pytest.mark.parametrize("n", [1, 15, 511, 513, 3000])
def test_bits_do_not_depend_on_distances_in_memory(dtype, n):
    a, b = gain.asarray(made((n, 7), dtype, n)), gain.asarray(made(5 * n, dtype, n + 1))
    for x, y in [(a[:, 2], b[::5]), (b[::-5], a[::-1, 3]), (a[:, 0], a[:, 0])]:
        assert np.dot(gain.array(x), gain.array(y)).tobytes() == np.dot(x, y).tobytes()
    rows = a[:, ::3]
    assert (rows.T @ b[::5]).tobytes() == (gain.array(rows.T, order="K") @ b[::5]).tobytes()
