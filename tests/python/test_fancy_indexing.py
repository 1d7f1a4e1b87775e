"""Indexing by arrays and masks: placement, order, errors, and that nothing is gathered."""

import warnings

import gain
import numpy
import pytest
from checking import check, sample

INDICES = [
    "[0, 2]", "[0, 2], [1, 1]", "a > 0", "a[:, 0] > 0", ":, a[0] > 0", "a[:, 0] > 0, 1", "a[:, 0] > 0, 1:3", "[[0, 1], [2, 3]]", ":, [0, 2]",
    "[2, 0], 1:", "np.array([1, 1])", "True", "False", "np.array(True)", "np.array(2)", "np.array(2), 1:3", "np.array([], int)", "[]", "[0], None",
    "None, [0, 1]", "np.arange(3)[:, None], [0, 1]", "..., [0, -1]", "[0, 1], ..., [0, 1]", "0, [1, 2]", "[1, 2], 0", "None, [1, 2], None, 0",
    "np.ix_([0, 2], [1, 3, 3])", "[-1, -5, 4], ::-1", "np.array([0, 1], np.uint8)", "([0, 1],)", "range(3)", "True, [0, 1]", "[0, 1], True",
    "np.zeros((0, 3), int)", "a[a > 0].astype(int) % 4", "[0, 1, 0, 1]", "::2, [3, 1, 0]", "(0, 2), (1, 1)",
]


@pytest.mark.parametrize("index", INDICES)
def test_two_axes(index):
    for array in [sample((5, 4)), sample((5, 4), "int16"), sample((5, 4), "complex128")]:
        check(f"a[{index}]", array)
        check(f"a[{index}] = 3; a", array)
        check(f"a[{index}] += 1; a", array)
        check(f"b = a[2:4]; a[{index}] = 3; b", array)
        check(f"b = a.T[::-1].T; b[{index}] = 7; a", array)
        check(f"a[{index}] = a[{index}] * 2; a", array)


@pytest.mark.parametrize("index", [
    "[0, 1], :, [0, 1]", ":, [0, 1], [1, 2]", "[[0], [1]], [0, 2]", "0, :, [1, 0]", ":, 0, [1, 0]", "[1, 0], 0", "[0, 1], None, [0, 1]",
    "a > 0", "a[0] > 0", ":, a[0] > 0", "a[:, :, 0] > 0", "a[:, 0, 0] > 0, :, [0, 1]", "..., [0, 1, 1], :", "None, ..., [2, 0]", "[0], [1], [2]",
    "[0, 1], [0, 1], ..., [0, 1]", "0, ..., [0, 1]", "[0, 1], 1:, 2", "::-1, [1, 2, 1], ::2",
])
def test_three_axes(index):
    array = sample((6, 5, 3), "int32")
    check(f"a[{index}]", array)
    check(f"b = a.transpose(2, 0, 1)[::-1].transpose(1, 2, 0); b[{index}]", array)
    check(f"a[{index}] = -1; a", array)
    check(f"a[{index}] = a[{index}][..., ::-1]; a", array)
    check(f"a[{index}] = np.arange(a[{index}].size).reshape(a[{index}].shape); a", array)


@pytest.mark.parametrize("index", [
    "[0, 5]", "[0, -6]", "[0, 1], [0, 4]", "[[0, 1, 2]], [[0, 1]]", "[0, 1], [0, 1], [0, 1]", "[True, False]", "a[:3] > 0", ":, a > 0",
    "[0.5, 1]", "'x'", "['x']", "[0, 1], 9", "np.array([1.0])", "[[1, 2], [3]]",
])
def test_errors(index):
    check(f"a[{index}]", sample((5, 4)))
    check(f"a[{index}] = 1; a", sample((5, 4)))


@pytest.mark.parametrize("code", [
    "a[[0, 1]] = [1, 2, 3]; a", "a[[0, 1]] = b; a", "a[a > 0] = [1, 2]; a", "a[a > 0] = b; a", "a[:, [0, 1]] = [1, 2]; a", "a[[0, 1], [0, 1]] = [[1, 2]]; a",
    "a[[0, 0, 0], [1, 1, 1]] = [5, 6, 7]; a", "a[[0, 0], :] = b[:2]; a", "a[[4, 4, 1]] = b[:3]; a", "a[a > 0] = 1j; a", "a[[0]] = float('nan'); a",
    "a[[0, 1]] = '3'; a", "a[a[:, 0] > 0] = b[0]; a", "a[[0, 1]] = a[[1, 0]]; a", "a[[1, 0]] = a[:2]; a", "a.flags.writeable = False; a[[0]] = 1; a",
    "a[[]] = 5; a", "a[[]] = [[1, 2, 3, 4]]; a", "a[a > 0] = a[a > 0][::-1]; a", "i = a[0] * 0; a[i.astype(int)] = 3; a",
])
def test_values(code):
    check(code, sample((5, 4)), sample((5, 4), seed=1))
    check(code, sample((5, 4), "int64"), sample((5, 4), "float32", seed=1))


@pytest.mark.parametrize("code", [
    "a.nonzero()", "np.nonzero(a > 0)", "np.where(a > 0)", "np.argwhere(a > 0)", "np.flatnonzero(a)", "np.argwhere(a[0, 0] > 9)", "np.extract(a > 0, a)",
    "np.compress([True, False, True], a, axis=0)", "a.compress([0, 1, 1], axis=1)", "np.compress([0, 1, 0, 1], a)", "np.take(a, [1, 2])",
    "np.take(a, [[0, 1], [2, 2]], axis=1)", "np.take(a, 2)", "np.take(a, 1, axis=0)", "a.take([0, -1], axis=0)", "np.take(a, [7, -9], axis=1, mode='wrap')",
    "np.take(a, [7, -9], mode='clip')", "np.take(a, [99])", "np.take(a, [0.5])", "np.put(a, [0, -1, 3], [1, 2]); a", "a.put([0, 1, 0], [1, 2, 3]); a",
    "np.put(a, [99], 1); a", "np.put(a, [99, -99], 1, mode='wrap'); a", "np.put(a, [99, -99], 1, mode='clip'); a", "np.place(a, a > 0, [1, 2, 3]); a",
    "np.putmask(a, a > 0, a * 2); a", "np.putmask(a, a > 0, [1, 2, 3]); a", "np.putmask(a, a > 0, np.float64(2.5)); a", "np.putmask(a, a > 0, 2.5); a", "np.take_along_axis(a, np.argsort(a, 1), 1)",
    "np.take_along_axis(a, np.array([[0, 1, 2, 3]]), 0)", "np.put_along_axis(a, np.array([[0, 1, 2, 0]]), 9, 0); a", "np.take_along_axis(a, np.array([1, 2]), None)",
    "np.select([a > 3, a > 0], [a * 2, a * 3], -1)", "np.select([a > 3], [a])", "np.choose((a > 0).astype(int), [a, a * 2])",
    "np.choose([0, 1, 2, 3], [[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23], [30, 31, 32, 33]])", "np.choose([0, 9], [1, 2])", "(a > 0).astype(int).choose(a, 2)", "np.choose([0], [1000, np.array([1], np.uint8)], mode='wrap')",
    "np.choose([0, 9], [1, 2], mode='clip')", "np.ix_([True, False, True], [0, 1])", "np.unravel_index(np.array([3, 7]), (5, 4))",
    "np.place(a, a > 99, []); a", "np.place(a, a > 0, []); a", "np.compress([[True]], a)", "a[0, 0].nonzero()",
])
def test_functions(code):
    check(code, sample((5, 4)))
    check(code, sample((5, 4), "int16"))


def test_large_arrays_stay_spread():
    rng = numpy.random.default_rng(1)
    rows = rng.integers(-30_000, 30_000, 50_000)
    check("a[b]", sample(30_000), rows)
    check("a[b]", sample((30_000, 3)), rows)
    check("a[b, b % 3]", sample((30_000, 3)), rows)
    check("a[b] = np.arange(50000); a", sample(30_000), rows)
    check("a[a > 0]", sample((300, 200)))
    check("a[a > 0] = a[a > 0] * 2; a", sample((300, 200)))
    check("a[:, [1, 5, 1]]", sample((20_000, 8)))
    check("a[[1, 0]]", sample((3, 40_000)))
    check("a[[1, 0]] = a[[0, 2]]; a", sample((3, 40_000)))
    check("a[a[:, 0] > 0]", sample((20_000, 4)))
    check("a.T[a.T > 5]", sample((300, 200)))


def test_nothing_is_gathered():
    with warnings.catch_warnings():
        warnings.simplefilter("error", gain.FallbackWarning)
        a = gain.array(sample((500, 60)))
        i = gain.array(numpy.arange(500) % 7)
        for result in [a[i], a[i, i], a[a > 0], a[:, a[0] > 0], a[[1, 2]], a[..., [0]], gain.take(a, i), a.nonzero(), gain.where(a > 0)]:
            assert result is not None
        a[i] = 1
        a[a > 0] = a[a > 0]
        gain.put(a, i, i)
        gain.putmask(a, a > 0, i)


@pytest.mark.parametrize("index", [
    "i", "-1 - i", "np.sort(i)", "np.sort(i)[::-1]", "np.repeat(i[:300], 200)", "i.reshape(200, 300)", "np.arange(60000) // 7 * 3", "i.astype('int16') % 30000",
])
def test_many_elements(index):
    # More than a near cache holds and than one block of entries, in orders that owners change with often, seldom and never.
    i = numpy.random.default_rng(5).integers(0, 60000, 60000)
    for dtype in ["float64", "uint8", "complex128"]:
        array = numpy.arange(60000).astype(dtype)
        check(f"i = b; a[{index}]", array, i)
        check(f"i = b; k = {index}; a[k] = np.arange(k.size).reshape(k.shape); a", array, i)
    rows = numpy.arange(120000.0).reshape(-1, 2)
    check(f"i = b; k = {index}; a[k], a[k, k % 2], a[k % 9, 1]", rows, i)
    check("b[30000] = 60000; a[b]", numpy.arange(60000.0), i, error=IndexError)
