"""DLPack: arrays of gain to other libraries and back."""

import gain
import numpy
import pytest
from checking import DTYPES, sample


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (5,), (3, 4), (2, 0, 3)])
def test_round_trip(dtype, shape):
    given = sample(shape, dtype)
    found = numpy.from_dlpack(gain.array(given))
    assert type(found) is numpy.ndarray
    numpy.testing.assert_array_equal(found, given, strict=True)
    back = gain.from_dlpack(given)
    assert type(back) is gain.ndarray
    numpy.testing.assert_array_equal(numpy.asarray(back), given, strict=True)


def test_views():
    a = gain.arange(24).reshape(4, 6)
    for view in (a[1], a[:, 0], a[::2, ::-1], a.T):
        numpy.testing.assert_array_equal(numpy.from_dlpack(view), numpy.asarray(view))


def test_an_array_of_gains_is_seen_in_place():
    a = gain.arange(5)
    b = gain.from_dlpack(a)
    b[2] = 9
    assert a.tolist() == [0, 1, 9, 3, 4] and gain.may_share_memory(a, b)
    assert not gain.may_share_memory(a, gain.from_dlpack(a, copy=True))
    a.flags.writeable = False
    assert not gain.from_dlpack(a).flags.writeable


def test_arguments():
    a = gain.arange(5)
    assert a.__dlpack_device__() == (1, 0)
    a.__dlpack__(stream=None, max_version=(1, 0), dl_device=(1, 0), copy=True)
    with pytest.raises(RuntimeError):
        a.__dlpack__(stream=1)
    with pytest.raises(BufferError):
        a.__dlpack__(dl_device=(10, 0))
    with pytest.raises(ValueError, match="gpu"):
        gain.from_dlpack(a, device="gpu")
    with pytest.raises(ValueError, match="copy"):
        gain.from_dlpack(numpy.arange(3), copy=False)
    with pytest.raises(AttributeError):
        gain.from_dlpack([1, 2])
    a.flags.writeable = False
    with pytest.raises(BufferError):
        a.__dlpack__()
    assert not numpy.from_dlpack(a).flags.writeable
