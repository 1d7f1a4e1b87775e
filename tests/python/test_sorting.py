"""Sorting and what follows from it, against NumPy: every dtype, NaN, ties, all-equal keys, empty arrays and axes."""

import warnings

import numpy as np
import pytest

import gain
from checking import check


def made(shape, dtype, kind):
    """Elements with NaN (0), with many ties (1), all equal (2)."""
    rng = np.random.default_rng([kind, *shape, ord(dtype)])
    if dtype == "?":
        return rng.random(shape) > 0.5
    if np.dtype(dtype).kind in "iu":
        return rng.integers(0, [100, 3, 1][kind], shape).astype(dtype)
    values = rng.standard_normal(shape)
    if kind:
        values = np.round(values) if kind == 1 else values * 0 + 1
    if np.dtype(dtype).kind == "c":
        values = values + 1j * np.round(rng.standard_normal(shape), 0 if kind else 3)
    values = np.asarray(values).astype(dtype)
    if kind == 0 and values.size > 3:
        values.ravel()[::7] = np.nan
    return values


def outcome(code, module, operands):
    operands = {name: gain.asarray(array) if module is gain else array for name, array in operands.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return eval(code, {"np": module, **operands})
        except Exception as error:  # noqa: BLE001
            return error


def same(code, close=False, **operands):
    wanted, found = outcome(code, np, operands), outcome(code, gain, operands)
    if isinstance(wanted, Exception) or isinstance(found, Exception):
        assert (type(found), str(found)) == (type(wanted), str(wanted)), code
        return
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    found = found if isinstance(found, tuple) else (found,)
    assert len(found) == len(wanted)
    for one, other in zip(wanted, found):
        one, other = np.asarray(one), np.asarray(other)
        assert one.shape == other.shape and one.dtype == other.dtype, code
        if close:
            np.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-14, err_msg=code)
        else:
            np.testing.assert_array_equal(other, one, err_msg=code)


@pytest.mark.parametrize("dtype", "?bBhHiIlLfdFD")
def test_every_dtype(dtype):
    for kind in (0, 1, 2):
        for shape in [(1000,), (40, 50), (3, 4, 50), (1,), (2,), (0,), (0, 3), (1, 300), (300, 1)]:
            a = made(shape, dtype, kind)
            same("np.sort(a)", a=a)
            same("np.argsort(a, kind='stable')", a=a)
            if len(shape) > 1:
                same("np.sort(a, axis=0)", a=a)
                same("np.argsort(a, axis=0, stable=True)", a=a)
                same("np.sort(a, axis=None)", a=a)
    a = made((500,), dtype, 1)
    same("np.unique(a)", a=a)
    same("np.unique(a, return_index=True, return_inverse=True, return_counts=True)", a=a)
    same("[a := a.copy(), a.sort(), a][2]", a=a)


CODES = [
    "np.median(x)", "np.median(x, axis=0)", "np.median(x, axis=1, keepdims=True)", "np.median(x, axis=(0, 1))", "np.percentile(x, 30)",
    "np.percentile(x, [10, 50, 90])", "np.percentile(x, [10, 50], axis=0)", "np.quantile(x, .3, method='lower')",
    "np.quantile(x, .3, method='nearest')", "np.quantile(v, .25, method='weibull')", "np.unique(i)", "np.intersect1d(i, j)", "np.union1d(i, j)",
    "np.setdiff1d(i, j)", "np.setxor1d(i, j)", "np.lexsort((i, i % 7))", "np.unique_counts(i)", "np.unique_inverse(i)", "np.unique_all(i)",
    "np.intersect1d(i, j, return_indices=True)", "np.sort_complex(i)", "np.sort_complex(np.array(1j))", "np.argsort(j % 3)", "np.argsort(x // 1, axis=0)[::-1]", "np.partition(v, 70)", "np.argpartition(i, 70)", "np.argsort(i % 4, kind='heapsort')", "np.argsort(np.array(2.), axis=1)", "np.correlate(v > 0, v[:4] > 0, 'full')", "np.sort(x, axis=5)", "np.sort(np.array(3))", "np.partition(v, 5)[5]",
    "np.partition(v, 2000)", "np.argpartition(v, 7)[7]", "np.searchsorted(np.sort(v), x)", "np.searchsorted(np.sort(v), .5, side='right')",
    "np.insert(x, [1, 3], [1., 2.], axis=1)", "np.sort(x[::-1, ::2])", "np.sort(x.T, axis=0)", "np.digitize(x, np.sort(v))", "np.bincount(i)",
    "np.bincount(i, minlength=90)", "np.bincount(i, minlength=-1)", "np.histogram(x, 20)", "np.histogram(x, bins=[-1., 0, 1, 2])", "np.histogram(x, 5, range=(-1, 1))",
    "np.histogram(i, 5)", "np.histogram(x, 5, density=True)", "np.histogram_bin_edges(v, 7)", "np.isin(i, [1, 2, 3], invert=True)",
    "np.interp(x, np.sort(v), v)", "np.interp(.5, np.sort(v), v)", "np.interp(v[::-1], np.sort(v), v)", "np.searchsorted(np.sort(v), v[::-1])", "np.digitize(x[::-1, ::-1], np.sort(v))", "np.correlate(v, v[:5])", "np.correlate(v, v[:4], 'same')",
    "np.convolve(v, v[:5])", "np.convolve(v[:4], v, 'valid')", "np.convolve([1, 2, 3], [0, 1, .5])", "np.repeat(x, 3)", "np.repeat(x, 2, axis=0)",
    "np.repeat(v[:3], [1, 0, 2])", "np.repeat(x, [1, 2])", "np.tile(x, (2, 3))", "np.bincount(i, weights=v[:200])",
    "np.searchsorted(v, x, sorter=np.argsort(v))", "np.searchsorted(v, x, sorter=[0, 1])", "np.searchsorted(v[:3], x, sorter=[0, 1, 3])",
    "np.searchsorted(v[:3], x, sorter=[0, -1, 2])", "np.searchsorted(v[:3], x, sorter=[0., 1., 2.])",
]


@pytest.mark.parametrize("code", CODES)
def test_what_follows(code):
    rng = np.random.default_rng(4)
    x, v = rng.standard_normal((30, 40)), rng.standard_normal(999)
    i, j = rng.integers(0, 50, 200), rng.integers(20, 80, 300)
    exact = not any(word in code for word in ("median", "percentile", "quantile", "interp", "conv", "corr", "weights", "density"))
    same(code, close=not exact, x=x, v=v, i=i, j=j)


def test_nothing_is_gathered():
    a = gain.asarray(np.random.default_rng(1).standard_normal(20_000))
    b = gain.asarray(np.arange(20_000) % 321)
    with warnings.catch_warnings():
        warnings.simplefilter("error", gain.FallbackWarning)
        assert bool((gain.sort(a)[1:] >= gain.sort(a)[:-1]).all())
        gain.argsort(a), gain.unique(b, return_inverse=True), gain.median(a), gain.percentile(a, [5, 95]), gain.histogram(a, 9)
        gain.bincount(b), gain.searchsorted(gain.arange(5), a), gain.isin(b, [1, 2]), gain.intersect1d(b, b), gain.lexsort((a, b))


def test_keys_on_one_rank():
    """All large keys on the last rank at first, one value on all: the parts stay even."""
    n = 30_000
    for values in (np.arange(n)[::-1], np.zeros(n), np.where(np.arange(n) < n // 2, 5.0, np.nan)):
        found = gain.sort(gain.asarray(values))
        np.testing.assert_array_equal(np.asarray(found), np.sort(values))
        lens = [int(np.prod([b.stop - b.start for b in box])) for box in gain.distribution(found)]
        assert max(lens) - min(lens) <= 1024 or gain.n_ranks() == 1 or found._is_replicated


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint64", "int8", "bool"])
def test_lookups_of_many(dtype):
    rng = np.random.default_rng(3)
    for n in [0, 1, 2, 100, 6000]:
        values = rng.integers(0, 2 if dtype == "bool" else 100, 6000).astype(dtype)
        table = np.sort(rng.integers(0, 2 if dtype == "bool" else 90, n).astype(dtype))
        if table.dtype.kind == "f" and n > 2:
            table[-2:] = values[::9] = np.nan
        for side in ["left", "right"]:
            check(f"np.searchsorted(a, b, '{side}')", table, values)
        check("np.isin(b, a[:3]), np.isin(b, a, invert=True)", table, values)
        if dtype != "bool":
            check("np.digitize(b, a[:50]), np.digitize(b, a[:50][::-1], right=True)", table[: n // 2], values)


@pytest.mark.parametrize("code", [
    "np.digitize(a, [0.0, 1.0, np.nan])", "np.digitize(a, [np.nan, 0.0, 1.0])", "np.digitize(a, [2.0, 1.0, np.nan])", "np.digitize(a, [1j, 2.0])", "np.digitize(a * 1j, [1.0, 2.0])",
    "np.digitize(a, [1.0, 3.0, 2.0])", "np.isin(a, [1.0, 2.0], kind='other')", "np.isin(a, [1.0, 2.0], kind='table')", "np.isin(a, [np.nan, 1.0])",
])
def test_lookups_that_are_special(code):
    check(code, np.linspace(-1, 3, 6001))


def test_interpolation_between_points():
    rng = np.random.default_rng(4)
    for n in [1, 2, 5, 3000]:
        at, values = np.sort(rng.random(n)), rng.random(n)
        x = rng.random(6000) * 1.2 - 0.1
        x[:n], x[5::50] = at, np.nan
        if n > 100:
            at[7], values[30], values[60] = at[8], np.inf, np.nan
        check("np.interp(a, b, c), np.interp(a, b, c, left=-1), np.interp(a, b, c, -2.0, 7)", x, at, values)
    check("np.interp(a, [0.5, 0.1], [1.0, 2.0]), np.interp(a, [0, 1], [1, 2], period=0.5)", x)
    check("np.interp(a, [], [])", x, error=ValueError)
