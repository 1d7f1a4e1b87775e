"""Windows that slide over arrays, arrays by strides, and what iterates over elements with their indices."""

import gain
import numpy
import pytest
from checking import check, sample

WINDOWS = "np.lib.stride_tricks.sliding_window_view"


@pytest.mark.parametrize("arguments", [
    "(2, 3)", "2, 1", "3, axis=0", "(2, 2), (0, 0)", "(2, 1), (1, 0)", "(5, 4)", "(1, 1)", "4, -1", "(6, 1)", "2", "-1, 0", "(2, 2), 1", "2, 5", "0, 0", "(2, 2), (0, 3)",
])
def test_windows(arguments):
    check(f"b = {WINDOWS}(a, {arguments}); b, b.flags.writeable, b.sum(-1)", sample((5, 4)))
    check(f"{WINDOWS}(a.T[::-1], {arguments})", sample((5, 5), "int16"))


def test_long_windows():
    check(f"{WINDOWS}(a, 300)[::7].mean(-1), {WINDOWS}(a, 3).mean(-1)", sample(1000), close=True)
    assert type(numpy.lib.stride_tricks.sliding_window_view(gain.arange(5), 2)) is gain.ndarray
    with pytest.raises(ValueError, match="read-only"):
        gain.lib.stride_tricks.sliding_window_view(gain.arange(5), 2)[0] = 1


def test_strides():
    check("np.lib.stride_tricks.as_strided(a, (3, 2), (16, 8))", sample(9))
    for view in ("a[::2, 1::2]", "a.T", "a[::-1]", "a[1:, 3]", "a[2:].T[1:, :1]", "a.view('u4')[:, 1::2]"):
        # Between the elements of a view lie those of the array that it was cut from.
        check(f"b = {view}; np.lib.stride_tricks.as_strided(b, (2, 2), (b.strides[0], 8))", sample((5, 6)))


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2), (70, 80)])
def test_enumeration(shape):
    check("[pair for pair in np.ndenumerate(a)]", sample(shape))
    check("list(np.ndindex(*a.shape))", sample(shape))
    assert isinstance(gain.ndenumerate(gain.zeros(shape)), numpy.ndenumerate)


def test_a_class_of_numpys_is_kept():
    class Own(numpy.ndarray):
        pass

    own = numpy.arange(4).view(Own)
    kept = gain.lib.stride_tricks.as_strided(own, (2,), (16,), subok=True), *gain.broadcast_arrays(own, own[:1], subok=True), gain.broadcast_to(own, (2, 4), subok=True)
    assert all(type(found) is Own for found in kept)
    assert type(gain.broadcast_to(own, (2, 4))) is gain.ndarray
