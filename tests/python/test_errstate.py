"""errstate on arrays that every rank holds whole: warnings, exceptions and calls for division by zero, overflow, invalid operations."""

import io
import os
import warnings

import gain
import numpy
import pytest

FAULTS = [
    ("np.array([1.0, 2.0]) / 0", "divide by zero encountered in divide"),
    ("np.array([0.0, 0.0]) / 0.0", "invalid value encountered in divide"),
    ("np.log(np.zeros(3))", "divide by zero encountered in log"),
    ("np.sqrt(np.array([4.0, -1.0]))", "invalid value encountered in sqrt"),
    ("np.exp(np.array([1000.0, 0.0]))", "overflow encountered in exp"),
    ("np.array([1e200, 1.0]) * 1e200", "overflow encountered in multiply"),
    ("np.array([np.inf, 1.0]) - np.inf", "invalid value encountered in subtract"),
    ("np.array([1, 2]) // 0", "divide by zero encountered in floor_divide"),
    ("np.array([1, 2]) % 0", "divide by zero encountered in remainder"),
    ("np.sin(np.array([np.inf]))", "invalid value encountered in sin"),
    ("np.reciprocal(np.zeros(2))", "divide by zero encountered in reciprocal"),
    ("np.zeros(2) ** -1.5", "divide by zero encountered in power"),
]
QUIET = [
    "np.array([np.nan, np.inf, 1.0]) + 1", "np.array([np.inf, -np.inf]) / 2", "np.sqrt(np.array([np.nan, np.inf]))", "np.maximum(np.array([np.nan]), 1)",
    "np.isnan(np.array([np.nan]))", "1 / np.array([np.inf])", "np.exp(np.array([-1000.0]))", "np.array([1, 2]) // 3", "np.array([np.nan]) * 0",
]


def is_spread():
    """A threshold of 0 spreads every array; those are computed later, in fused loops that look at no single value."""
    return os.environ.get("GAIN_THRESHOLD") == "0"


@pytest.mark.parametrize("code, text", FAULTS)
def test_faults(code, text):
    if is_spread():
        return
    for np in (numpy, gain):
        with numpy.errstate(all="warn"), pytest.warns(RuntimeWarning, match=text):
            eval(code, {"np": np})
        with numpy.errstate(all="raise"), pytest.raises(FloatingPointError, match=text):
            eval(code, {"np": np})
        with numpy.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error")
            eval(code, {"np": np})


@pytest.mark.parametrize("code", QUIET)
def test_nothing_is_said(code):
    for np in (numpy, gain):
        with numpy.errstate(all="raise", under="ignore"):
            eval(code, {"np": np})


def test_in_place_and_masked():
    with numpy.errstate(all="raise"):
        a = gain.array([1.0, numpy.nan])
        a += 1
        out = gain.zeros(2)
        gain.divide(gain.array([1.0, 1.0]), gain.array([0.0, 1.0]), out=out, where=gain.array([False, True]))
        if not is_spread():
            with pytest.raises(FloatingPointError):
                b = gain.array([1.0, 2.0])
                b /= 0


def test_calls_and_logs():
    if is_spread():
        return
    seen, log = [], io.StringIO()
    with numpy.errstate(divide="call", call=lambda text, flag: seen.append((text, flag))):
        gain.array([1.0]) / 0
    assert seen == [("divide by zero", 1)]
    log.write = seen.append
    with numpy.errstate(divide="log", call=log):
        gain.array([1.0]) / 0
    assert seen[1].startswith("Warning: divide by zero encountered in divide")
