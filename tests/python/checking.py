"""`check`: an expression evaluated with NumPy and with gain must give the same value, dtype, shape and class of result."""

import contextlib
import warnings

import gain
import numpy

DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
    "complex64", "complex128",
]
REAL = [dtype for dtype in DTYPES if not dtype.startswith("complex")]
INTEGERS = [dtype for dtype in DTYPES if "int" in dtype]
FLOATS = ["float16", "float32", "float64"]


def sample(shape, dtype="float64", seed=0):
    """A NumPy array of small values of both signs, the same on every rank."""
    return numpy.asarray(_sample(shape, dtype, seed))


def _sample(shape, dtype, seed):
    rng = numpy.random.default_rng([seed, *(shape if isinstance(shape, tuple) else (shape,))])
    dtype = numpy.dtype(dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(dtype)
    if dtype.kind == "u":
        return rng.integers(0, 9, shape).astype(dtype)
    if dtype.kind == "i":
        return rng.integers(-9, 10, shape).astype(dtype)
    if dtype.kind == "c":
        return (rng.integers(-9, 10, shape) / 4 + 1j * rng.integers(-9, 10, shape) / 8).astype(dtype)
    return (rng.integers(-99, 100, shape) / 8).astype(dtype)


def same(expected, found, close=False):
    """Asserts that gain's result is NumPy's: class, dtype, shape, bits (or, for `close`, nearly the value)."""
    if isinstance(expected, (tuple, list)):
        assert type(found) is type(expected) or isinstance(found, tuple), (type(expected), type(found))
        assert len(found) == len(expected)
        for one, other in zip(expected, found):
            same(one, other, close)
        return
    if isinstance(expected, numpy.ndarray):
        assert isinstance(found, gain.ndarray) or not gain._gain.holds(expected.dtype), (type(found), expected)
        assert found.dtype == expected.dtype, (found.dtype, expected.dtype)
        assert found.shape == expected.shape, (found.shape, expected.shape)
        found = numpy.asarray(found)
    else:
        assert type(found) is type(expected), (type(found), type(expected), found, expected)
        if not isinstance(expected, numpy.generic):
            assert found == expected or found is expected or (found != found and expected != expected), (found, expected)
            return
    if close:
        rtol, atol = 1e-12, 1e-13
        if expected.dtype in (numpy.float32, numpy.complex64):
            rtol, atol = 2e-5, 1e-6
        elif expected.dtype == numpy.float16:
            rtol, atol = 5e-3, 1e-3
        numpy.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)
    else:
        numpy.testing.assert_array_equal(found, expected, strict=True)
        if expected.dtype.kind == "f":
            numpy.testing.assert_array_equal(numpy.signbit(found), numpy.signbit(expected))


@contextlib.contextmanager
def quiet():
    """No floating-point warnings, which gain does not report yet, and none of the fallback, which has tests of its own."""
    with numpy.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("ignore", gain.FallbackWarning)
        warnings.simplefilter("ignore", numpy.exceptions.ComplexWarning)
        yield


def _run(code, np, arrays):
    names = {"np": np, **{name: value.copy() for name, value in zip("abcdefg", arrays)}}
    if np is gain:
        names.update((name, gain.array(value)) for name, value in zip("abcdefg", arrays))
    statements, _, result = code.rpartition(";")
    try:
        with quiet():
            exec(statements.strip(), names)
            return eval(result.strip(), names), names
    except Exception as error:
        return error, names


def check(code, *arrays, close=False, text=True, error=None):
    """Runs `code` (statements and a last expression, parted by ";") with NumPy and with gain on arrays named a, b, c ...

    Results must be the same, and so must the arrays afterwards; an exception must be of NumPy's class and, unless `text` is False, have
    NumPy's words. `error` names the class that is expected to be raised.
    """
    expected, theirs = _run(code, numpy, arrays)
    found, mine = _run(code, gain, arrays)
    if isinstance(expected, Exception):
        assert isinstance(found, Exception), f"{code}: NumPy raises {expected!r}, gain gives {found!r}"
        assert isinstance(found, error or _public(type(expected))), f"{code}: {expected!r} against {found!r}"
        if text:
            assert str(found) == str(expected), code
        return
    assert error is None, f"{code}: NumPy raises nothing"
    if isinstance(found, Exception):
        raise AssertionError(f"{code}: NumPy gives {expected!r}") from found
    try:
        same(expected, found, close)
        for name in "abcdefg"[: len(arrays)]:
            same(theirs[name], mine[name], close)
    except AssertionError as difference:
        raise AssertionError(f"{code} on {[value.dtype.name + str(value.shape) for value in arrays]}: {difference}") from difference


def _public(kind):
    """The built-in base of one of NumPy's private exception classes."""
    if issubclass(kind, numpy.exceptions.AxisError):
        return numpy.exceptions.AxisError
    return next(base for base in kind.__mro__ if base.__module__ in ("builtins", "numpy.exceptions"))
