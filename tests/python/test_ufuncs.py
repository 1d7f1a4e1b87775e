"""Ufunc objects: keywords, attributes, reduce and its kin, and NumPy's ufuncs on gain arrays."""

import gain
import numpy
import pytest
from checking import check, sample


def test_out_where_dtype_casting():
    check("c = np.zeros(5); np.add(a, b, out=c); c", sample(5), sample(5, seed=1))
    check("c = np.zeros(5); np.add(a, b, c); c", sample(5), sample(5, seed=1))
    check("c = np.zeros(5); np.add(a, b, out=(c,)); c", sample(5), sample(5, seed=1))
    check("c = np.zeros(5); np.add(a, b, out=c, where=a > 0); c", sample(5), sample(5, seed=1))
    check("np.add(a, 1, dtype='float32')", sample(5))
    check("np.add(a, b, dtype='float64')", sample(5, "int8"), sample(5, "int16"))
    check("np.add(a, b, dtype=int)", sample(5), sample(5), error=TypeError, text=False)
    check("np.add(a, b, dtype=int, casting='unsafe')", sample(5), sample(5))
    check("c = np.zeros(4); np.add(a, b, out=c); c", sample(5), sample(5), error=ValueError)
    check("c = np.zeros(5, int); np.add(a, b, out=c); c", sample(5), sample(5), error=TypeError)
    check("np.add(a)", sample(5), error=TypeError)
    check("np.add(a, a, nonsense=1)", sample(5), error=TypeError)


def test_result_is_out():
    a, out = gain.arange(5.0), gain.zeros(5)
    assert gain.add(a, 1, out=out) is out
    assert numpy.add(a, 1, out=out) is out
    assert a.sum(out=(total := gain.zeros(()))) is total
    theirs = numpy.zeros(5)
    assert numpy.add(a, 1, out=theirs) is theirs
    assert theirs.tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", gain._gain._UFUNC_NAMES)
def test_attributes(name):
    mine, theirs = getattr(gain, name), getattr(numpy, name)
    assert isinstance(mine, gain.ufunc)
    assert (mine.__name__, mine.nin, mine.nout, mine.nargs) == (theirs.__name__, theirs.nin, theirs.nout, theirs.nargs)
    assert mine.identity == theirs.identity
    assert repr(mine) == repr(theirs)
    assert mine.__doc__.startswith(mine.__name__ + "(")
    assert set(mine.types) <= set(theirs.types)


def test_methods():
    check("np.add.reduce(a)", sample((3, 4)), close=True)
    check("np.add.reduce(a, axis=None)", sample((3, 4)), close=True)
    check("np.add.reduce(a, axis=(0, 1), keepdims=True)", sample((3, 4)), close=True)
    check("np.multiply.reduce(a, axis=1)", sample((3, 4), "int32"))
    check("np.maximum.reduce(a)", sample((3, 4)))
    check("np.logical_and.reduce(a)", sample((3, 4), "bool"))
    check("np.subtract.reduce(a)", sample((3, 4)))
    check("np.add.accumulate(a)", sample(9, "int64"))
    check("np.add.reduceat(a, [0, 3, 5])", sample(9, "int64"))
    check("np.multiply.outer(a, b)", sample(3), sample((2, 2)))
    check("np.add.at(a, [0, 0, 2], 1); a", sample(4))
    check("np.add.reduce([1, 2, 3])")


def test_numpys_ufuncs_give_gain_arrays():
    a = gain.arange(4.0)
    for result in [numpy.add(a, 1), numpy.ones(4) * a, numpy.float64(2) * a, a * numpy.ones(4), numpy.sqrt(a), numpy.add.outer(a, a)]:
        assert isinstance(result, gain.ndarray)
    assert isinstance(numpy.add.reduce(a), numpy.float64)
    theirs = numpy.ones(4)
    theirs += a
    assert type(theirs) is numpy.ndarray and theirs.tolist() == [1, 2, 3, 4]


def test_other_operands():
    check("a + [1, 2, 3]", sample(3))
    check("[1.5, 2, 3] * a", sample(3, "int8"))
    check("(1, 2, 3) - a", sample(3))
    check("np.add([1, 2], [3, 4])")
    check("np.add(1, 2)")
    check("np.sqrt(2)")
    check("a == None", sample(3))
    check("a == 'x'", sample(3))
    check("a + None", sample(3), error=TypeError)
    check("a + 'x'", sample(3), error=TypeError, text=False)


def test_foreign_dtypes_go_through_numpy():
    long = gain.arange(4, dtype="longdouble")
    assert type(long) is numpy.ndarray and long.dtype == numpy.longdouble
    assert type(gain.arange(4) + numpy.arange(4, dtype=object)) is numpy.ndarray
    assert type(gain.array(["a", "b"])) is numpy.ndarray
    assert gain.ones(3).astype("longdouble").dtype == numpy.longdouble


@pytest.mark.parametrize("casting", ["no", "equiv", "safe", "same_kind", "unsafe"])
def test_casting_rules(casting):
    """Of arrays, NumPy's scalars and Python's numbers, alone and in pairs, with and without a dtype."""
    arrays = [sample(3, dtype) for dtype in ("i4", "f4", "c8")]
    for dtype in (None, "'f4'", "'i8'", "'c16'", "'f2'"):
        more = f"casting='{casting}'" + (f", dtype={dtype}" if dtype else "")
        for x in ("a", "b", "c", "2", "2.5", "2j", "np.float32(2)"):
            check(f"np.negative({x}, {more})", *arrays)
            for y in ("b", "2", "2.5", "2j"):
                check(f"np.add({x}, {y}, {more})", *arrays)
                check(f"np.ldexp({x}, {y}, {more})", *arrays)


@pytest.mark.parametrize("code", [
    "np.add(a, 1, sig='dd->d', signature='dd->d')", "np.add(a, 1, signature='%^->#')", "np.add(a, 1, ...)", "np.add(a, 1, out=(...,))", "np.add.reduce(a, 0, None, ...)", "np.add(a, 1, None, out=a)",
    "np.ldexp(a, np.uint64(3), dtype='d')", "np.vecdot(a, a, keepdims='true')", "np.vecdot(a.reshape(1, 3), a, axes=[1, 0], keepdims=True)", "np.add.outer(a.reshape((3,) + (1,) * 32), np.ones((1,) * 32))",
    "np.add(a, 1, out=...)", "np.arange(np.array('2010', 'M8[D]'))", "np.arange(np.timedelta64(5, 'D'))", "np.arange(np.datetime64('2010-01-01'), np.datetime64('2010-02-01'))[::7]",
])
def test_arguments(code):
    check(code, sample(3))


@pytest.mark.parametrize("code", [
    "np.sum(t - t[0])", "t + np.timedelta64(1, 'D')", "(t < t[2]) | np.isnat(t)", "np.diff(t) // np.timedelta64(1, 'h')", "t.astype('M8[h]') == t", "np.multiply(np.diff(t), np.arange(3))", "np.maximum(t, t[::-1])", "np.arange(4) + (t - t[0])",
])
def test_dates(code):
    """Through NumPy, with its answers."""
    for np in (numpy, gain):
        days = np.array(["2010-01-04", "NaT", "2010-01-01", "2011-03-01"], "M8[D]")
        found = numpy.asarray(eval(code, {"np": np, "t": days}))
        expected = found if np is numpy else expected
    numpy.testing.assert_array_equal(found, expected, strict=True)
