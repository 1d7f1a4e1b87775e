"""Joining, shifting and comparing arrays, natively: no gathering, NumPy's results."""

import warnings

import gain
import pytest
from checking import check, sample


@pytest.mark.parametrize("code", [
    "np.concatenate([a, b])", "np.concatenate((a, b), axis=1)", "np.concatenate([a, b], axis=None)", "np.concatenate([a, b], axis=-1)", "np.concatenate([a, [[1, 2, 3, 4]]])", "np.concatenate([a, b[:, :2]])",
    "np.concatenate([a, b[0]])", "np.concatenate([])", "np.concatenate([a, b], axis=2)", "np.concatenate([a, b], dtype='float32')", "np.concatenate([a, b], dtype=int)", "np.concatenate(a)", "np.concatenate([1, 2])",
    "np.stack([a, b])", "np.stack([a, b], axis=-1)", "np.stack([a, b[0]])", "np.stack([])", "np.stack([1, 2])", "np.vstack([a, b])", "np.vstack([a[0], b[0]])", "np.hstack([a, b])", "np.hstack([a[0], b[0]])", "np.hstack([1, a[0]])",
    "np.dstack([a, b])", "np.column_stack([a[0], b[0]])", "np.append(a, 1)", "np.append(a, b, 0)", "np.roll(a, 1)", "np.roll(a, -5)", "np.roll(a, 1, axis=0)", "np.roll(a, (1, 2), axis=(0, 1))", "np.roll(a, 2, axis=(0, 1))", "np.roll(a, (1, 2, -4), axis=(0, 1, 0))", "np.roll(a, 0, axis=1)", "np.roll(a[:, :0], 1, 1)",
    "np.diff(a)", "np.diff(a, 2)", "np.diff(a, axis=0)", "np.diff(a > 0)", "np.diff(a, prepend=0)", "np.diff(a, 0)", "np.diff(a, -1)", "np.count_nonzero(a)", "np.count_nonzero(a, axis=0)", "np.count_nonzero(a > 0, 1, keepdims=True)",
    "np.array_equal(a, a)", "np.array_equal(a, b)", "np.array_equal(a, a[0])", "np.array_equal(a, a + np.nan, equal_nan=True)", "np.array_equiv(a, a[0])", "np.isclose(a, b)", "np.isclose(a, a * (1 + 1e-6))", "np.isclose([np.nan, np.inf, 1.0], [np.nan, np.inf, np.inf])",
    "np.isclose([np.nan], [np.nan], equal_nan=True)", "np.allclose(a, a)", "np.allclose(a, b)", "np.allclose(a, a[0])", "np.isclose([1, 2], [1, 3])", "np.outer(a, b)", "np.outer([1, 2], 3)", "np.result_type(a, 1)", "np.result_type(a, 'i2')", "np.can_cast(a.dtype, 'f4')",
    "np.repeat(a, np.array([1, 2], 'u8'), axis=0)", "np.repeat(a, np.array([1, 0, 2], 'u4'), axis=0)",
])
def test_values(code):
    check(code, sample((3, 4)), sample((3, 4), seed=1))
    check(code, sample((3, 4), "int16"), sample((3, 4), seed=1))


def test_large():
    for code in ["np.concatenate([a, b])", "np.concatenate([a, b], 1)", "np.stack([a, b], 1)", "np.roll(a, 7, 0)", "np.roll(a, -3, 1)", "np.diff(a, axis=0)", "np.outer(a[0], b[:, 0])", "np.append(a, b)"]:
        check(code, sample((150, 200)), sample((150, 200), seed=1))


def test_nothing_is_gathered():
    a, b = gain.ones((150, 200)), gain.zeros((150, 200))
    with warnings.catch_warnings():
        warnings.simplefilter("error", gain.FallbackWarning)
        gain.concatenate([a, b])
        gain.stack([a, b])
        gain.vstack([a, b])
        gain.roll(a, 3, 0)
        gain.diff(a, axis=0)
        assert gain.allclose(a, b + 1) and not gain.array_equal(a, b) and gain.count_nonzero(a) == 30_000
