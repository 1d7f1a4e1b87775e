"""errstate: warnings, exceptions and calls for division by zero, overflow, underflow and invalid operations, on every rank alike."""

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
    ("np.array([-128, 3], dtype='i1') // np.array([-1, 1], dtype='i1')", "overflow encountered in floor_divide"),
    ("np.divmod(np.array([5, 3]), 0)", "divide by zero encountered in divmod"),
    ("divmod(np.array([5.0, 3.0]), 0)", "divide by zero encountered in divmod"),
    ("np.array([1e-200, 1.0]) * np.array([[1e-200], [1.0]])", "underflow encountered in multiply"),
    ("np.exp(np.array([0.0, -800.0], dtype='f8'))", "underflow encountered in exp"),
    ("1 / np.arange(-3, 4).reshape(7, 1)", "divide by zero encountered in divide"),
    ("np.ldexp(np.ones(3), 2000)", "overflow encountered in ldexp"),
    ("np.divmod(np.array([4.0]), 2e-308)", "encountered in divmod"),
    ("np.ones(5000, int) // 0", "divide by zero encountered in floor_divide"),
    ("np.sum(np.array([1e308, 1e308]))", "overflow encountered in reduce"),
    ("np.sum(np.array([np.inf, -np.inf, 1.0]))", "invalid value encountered in reduce"),
    ("np.full((70_000,), 1, 'f2').sum()", "overflow encountered in reduce"),
    ("np.array([1.0, np.nan]).astype(int)", "invalid value encountered in cast"),
    ("np.array([[3e9, 1.0]] * 3).T.astype('i2')", "invalid value encountered in cast"),
    ("np.add(np.array([1.0, -1e19]), 1, dtype=int, casting='unsafe')", "invalid value encountered in cast"),
    ("np.array([1, 2], dtype='f2') + 100_000", "overflow encountered in cast"),
]
QUIET = [
    "np.array([np.nan, np.inf, 1.0]) + 1", "np.array([np.inf, -np.inf]) / 2", "np.sqrt(np.array([np.nan, np.inf]))", "np.maximum(np.array([np.nan]), 1)",
    "np.isnan(np.array([np.nan]))", "1 / np.array([np.inf])", "np.exp(np.array([-1000.0]))", "np.array([1, 2]) // 3", "np.array([np.nan]) * 0",
    "np.sum(np.array([1.0, np.inf, np.nan]))", "np.array([300.0, -3.5]).astype('u1')", "np.array([1e19]).astype('u8')", "np.array([1], 'f4') + np.inf", "np.arange(5000) // -1",
]


def is_spread():
    """A threshold of 0 spreads every array."""
    return os.environ.get("GAIN_THRESHOLD") == "0"


@pytest.mark.parametrize("code, text", FAULTS)
def test_faults(code, text):
    for np in (numpy, gain):
        large = "70_000" in code
        if np is numpy or not (is_spread() and text.endswith(("multiply", "subtract")) or large):
            # Warnings of sums and products come only where every rank has all elements, and none of large arrays.
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
        with pytest.raises(FloatingPointError, match="divide by zero encountered in divide"):
            b = gain.array([1.0, 2.0])
            b /= 0
        with pytest.raises(FloatingPointError):
            gain.divide(gain.array([1.0, 1.0]), gain.array([0.0, 1.0]), out=out, where=gain.array([True, False]))


def test_calls_and_logs():
    seen, log = [], io.StringIO()
    with numpy.errstate(divide="call", call=lambda text, flag: seen.append((text, flag))):
        gain.array([1.0]) / 0
    assert seen == [("divide by zero", 1)]
    log.write = seen.append
    with numpy.errstate(divide="log", call=log):
        gain.array([1.0]) / 0
    assert seen[1].startswith("Warning: divide by zero encountered in divide")


@pytest.mark.parametrize("n", [5, 100_000])
def test_one_element_is_enough(n):
    """Of a spread array one rank has it; all raise, at the statement."""
    a = gain.arange(n, dtype="float64")
    with numpy.errstate(divide="raise"):
        with pytest.raises(FloatingPointError, match="divide by zero encountered in divide"):
            1 / a[::-1]
        with pytest.raises(FloatingPointError, match="divide by zero encountered in log"):
            gain.log(a.reshape(-1, 1), out=gain.zeros((n, 1)))
        with pytest.raises(FloatingPointError, match="divide by zero encountered in floor_divide"):
            gain.arange(n) // gain.arange(n)
        assert (1 / (a + 1)).sum() > 0


def test_setting_is_asked_at_each_call():
    a = gain.zeros(3)
    old = numpy.seterr(all="ignore")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            1 / a
        gain.seterr(divide="raise")
        with pytest.raises(FloatingPointError):
            1 / a
        gain.seterr(divide="warn")
        with pytest.warns(RuntimeWarning):
            1 / a
    finally:
        numpy.seterr(**old)


def test_real_parts_of_complex_numbers_are_taken_with_a_warning():
    for np in (numpy, gain):
        z = np.array([1j, 2])
        for kind in ("float32", int):
            with pytest.warns(numpy.exceptions.ComplexWarning, match="discards the imaginary part"):
                z.astype(kind)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            z.astype(bool), z.astype("complex64"), z.real.astype(int), np.abs(z), np.linalg.norm(z)


@pytest.mark.parametrize("n", [100, 10_000, 100_000])
def test_what_raises_is_looked_for_at_any_size(n):
    with gain.errstate(divide="raise"), pytest.raises(FloatingPointError, match="divide by zero"):
        gain.ones(n) / gain.zeros(n)
