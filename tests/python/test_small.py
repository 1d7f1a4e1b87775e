"""Small arrays, whose functions are NumPy's: values, dtypes and errors; and the same functions where every array is spread."""

import gain
import numpy
import pytest
from checking import check, sample

CALLS = """
    np.append(a, [1.0, 2.0]); np.concatenate([a, b]); np.concatenate((a, a), axis=None); np.stack([a, b], 1); np.vstack([a, b]); np.column_stack([a, b])
    np.tile(a, 3); np.tile(a, (2, 2)); np.repeat(a, 2); np.repeat(a, np.arange(7)); np.roll(a, 2); np.roll(a, -1)
    np.unique(b); np.unique(b, return_counts=True); np.union1d(a, b); np.setdiff1d(b, [1.0]); np.isin(b, a)
    np.searchsorted(np.sort(a), b); np.searchsorted(np.sort(a), 0.5); np.digitize(b, [0.0, 1.0]); np.bincount(np.array([1, 2, 2, 5]))
    np.histogram(a, 4); np.histogram(a, 4, (0, 1)); np.interp(b, np.arange(5.0), np.arange(5.0) ** 2); np.median(a); np.percentile(a, [5, 50])
    np.meshgrid(a, b); np.nonzero(a > 0); np.flatnonzero(a > 0); np.argwhere(a > 0); np.count_nonzero(a > 0)
    np.outer(a, b); np.kron(a, b); np.pad(a, 2); np.insert(a, 1, 5.0); np.delete(a, [0, 2]); np.lexsort((a, b))
    np.partition(a, 3); np.argpartition(a, (1, -1)); np.packbits(a > 0); np.unravel_index(np.arange(7), (2, 4)); np.unravel_index(np.arange(7), 3); np.block([[a], [b]]); np.block(a)
    np.ravel_multi_index((np.arange(3), np.arange(3)), (4, 5)); np.ravel_multi_index(np.array([[1, 2], [3, 9]]), (4, 5), mode='clip'); np.packbits(a); np.partition(a, 9)
    np.cumsum(a); np.cumprod(a, axis=0); np.diff(a); np.gradient(a); np.take(a, [1, -1]); np.take(a, 9); np.vander(a, 3); np.polyval(a, 2.0)
    np.select([a > 0, a < 0], [a, -a]); np.cross(a[:3], b[:3]); np.tril(np.outer(a, b)); np.concatenate([a, np.outer(a, b)]); np.repeat(a, -1); np.searchsorted(a, b, side='middle'); np.roll(a, 1, axis=3)
"""


@pytest.mark.parametrize("call", [call.strip() for line in CALLS.strip().splitlines() for call in line.split(";")])
def test_calls(call):
    check(f"b = a * 2; {call}", sample(7), text=False)


def test_results_own_their_elements():
    a = gain.asarray([1.0, 2.0, 3.0])
    joined = gain.concatenate([a])
    joined[0] = 9.0
    assert a[0] == 1.0 and type(joined) is gain.ndarray
    assert type(gain.meshgrid(a, a)[0]) is gain.ndarray


def test_an_operand_that_is_written_is_gains():
    a, out = gain.asarray([1.0, 2.0]), gain.zeros(4)
    assert gain.concatenate([a, a], out=out) is out
    assert out.tolist() == [1.0, 2.0, 1.0, 2.0]
    for function, operands in [(gain.concatenate, ([a + 1, a], 0)), (gain.outer, (a, a + 1))]:
        out = gain.zeros(numpy.shape(function(*operands)))
        assert function(*operands, out) is out
        assert out.tolist() == function(*operands).tolist()


def test_elements_are_written_at_once():
    a = gain.zeros((2, 3), dtype="int32")
    a[1, -1] = 7
    a[0, 0] = 2.5
    a[0, 1] = gain.float64(3.0)
    assert a.tolist() == [[2, 3, 0], [0, 0, 7]]
    with pytest.raises(IndexError):
        a[2, 0] = 1
    with pytest.raises(OverflowError):
        a[0, 0] = 2**40
    a.flags.writeable = False
    with pytest.raises(ValueError):
        a[0, 0] = 1


def test_reshape_in_one_step():
    for shape in ["6", "(2, 3)", "(-1, 2)", "-1", "(2, -1, 3)", "(4, 2)", "(-1, -1)", "(0, -1)", "2.0"]:
        check(f"a.reshape({shape})", sample(6), text=False)
        check(f"np.reshape(a[::2], {shape})", sample(12), text=False)


def test_results_that_would_be_large_are_spread():
    a = gain.tile(gain.arange(100), 1000)
    assert a.size == 100_000 and int(a.sum()) == 4950 * 1000


def test_numbers():
    for n in [1, 7, 4096, 5000]:
        assert gain.arange(n).tolist() == list(range(n))
        numpy.testing.assert_array_equal(numpy.asarray(gain.arange(0.5, n, 0.5)), numpy.arange(0.5, n, 0.5))
        numpy.testing.assert_array_equal(numpy.asarray(gain.linspace(0, 1, n)), numpy.linspace(0, 1, n))
    numpy.testing.assert_array_equal(numpy.asarray(gain.indices((3, 4))), numpy.indices((3, 4)))
