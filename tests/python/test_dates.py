"""Dates and time spans on gain's integers: they stay spread, and are NumPy's in units, NaT, classes and errors."""

import itertools
import warnings

import gain
import numpy
import pytest

NAT = -(2**63)
UNITS = ["M8[D]", "M8[7D]", "M8[3h]", "M8[s]", "M8[M]", "M8[Y]", "m8[D]", "m8[3h]", "m8[ns]", "m8[M]", "m8"]
# What has a row for some of these; and what has none and goes through NumPy.
ROWS = ["add", "subtract", "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "maximum", "minimum", "fmax", "fmin", "multiply"]
COUNTS = numpy.array([[3, NAT, -5, 0], [NAT, 40, 7, -1]])


def outcome(code, np, **names):
    with warnings.catch_warnings(), numpy.errstate(all="ignore"):
        warnings.simplefilter("ignore", gain.FallbackWarning)
        try:
            return eval(code, {"np": np, **names})
        except (TypeError, ValueError, IndexError, OverflowError) as error:
            return type(error), str(error)


def same(expected, found, code):
    if isinstance(expected, numpy.ndarray):
        assert isinstance(found, gain.ndarray), code
        numpy.testing.assert_array_equal(numpy.asarray(found), expected, strict=True, err_msg=code)
    elif isinstance(expected, numpy.generic):
        numpy.testing.assert_array_equal(found, expected, strict=True, err_msg=code)
    else:
        assert found == expected, code


def check(code, *arrays):
    """As NumPy has it, where the arrays are gain's, and where the last is NumPy's."""
    for last in dict.fromkeys((True, len(arrays) == 1)):
        mine = [gain.array(array.view("i8")).view(array.dtype) if array.dtype.kind in "mM" else gain.array(array) for array in arrays]
        if not last:
            mine[-1] = arrays[-1]
        names = dict(zip("abc", (array.copy() for array in arrays)))
        same(outcome(code, numpy, **names), outcome(code, gain, **dict(zip("abc", mine))), f"{code} of {[array.dtype for array in arrays]}")


@pytest.mark.parametrize("name", ROWS)
def test_pairs(name):
    for one, other in itertools.product(UNITS, [*UNITS, "i8", "u2", "?", "f4"]):
        with numpy.errstate(all="ignore"):
            second = COUNTS[0, ::-1].copy().astype(other) if other[0] not in "mM" else COUNTS[0, ::-1].copy().view(other)
        check(f"np.{name}(a, b)", COUNTS.view(one), second)
        check(f"np.{name}(b, a)", COUNTS.view(one), second)


@pytest.mark.parametrize("name", ["isnat", "isnan", "isfinite", "isinf", "negative", "absolute", "positive", "sign", "sqrt"])
def test_single(name):
    for unit in UNITS:
        check(f"np.{name}(a)", COUNTS.view(unit))


@pytest.mark.parametrize("code", [
    "a + np.timedelta64(2, 'h')", "np.datetime64('2000-01-01') - a", "a == a.dtype.type('NaT')", "a < a[0, 0]", "a + 1", "1 + a", "a - a[:1]", "a[0, 0]", "a[1, 0]", "a[..., ::-2]",
    "a[a > a[0, 3]]", "a[[1, 0], [2, 2]]", "a.T + a.T", "a.reshape(4, 2)", "a.ravel()", "np.concatenate([a, a], axis=1)", "np.where(np.isnat(a), a[0, 0], a)", "np.sort(a, axis=1)",
    "a.max()", "a[:1, 2:].max(axis=1)", "np.max(a, keepdims=True)", "np.min(a, 0)", "np.max(a[:0])", "np.sort(a, None)", "np.sort(a, axis=5)", "a[0].reshape(2, 2)[:1, :1].reshape(()) + 1", "a.min(axis=0)", "np.unique(a)", "a.astype('i8')", "a.view('i8')", "a.astype(a.dtype.char + '8[h]')", "a.astype(a.dtype.char + '8[W]')", "a.astype('M8[Y]')", "a.astype('f8')", "a.astype(str)",
    "repr(a)", "str(a)", "a.tolist()", "a.shape, a.ndim, a.size, a.nbytes, a.itemsize, a.dtype", "len(a)", "a == 'text'", "a != None", "a < 'text'", "a + 'text'", "np.add(a, a[:, :1], casting='no')", "a // a", "np.repeat(a, 2, axis=0)",
    "np.add(a[0], a[0][:3])", "a + 2**70", "[x for x in a[0]][0]", "a.copy()", "bool(a)", "a[0, 0] in a", "__import__('pickle').loads(__import__('pickle').dumps(a)) - a",
])
@pytest.mark.parametrize("unit", ["M8[D]", "m8[3h]"])
def test_expressions(unit, code):
    check(code, COUNTS.view(unit))


@pytest.mark.parametrize("code", [
    "a.__setitem__((0, 1), a[0, 0])", "a.__setitem__(0, a[1])", "a.__setitem__(slice(None), 'NaT')", "a.__iadd__(1)", "np.add(a, 1, out=a)", "np.subtract(a, np.timedelta64(90, 's'), out=a)", "np.put(a, [0, 3], a[1, 1])", "a.sort(axis=0)",
    "np.copyto(a, a[0])", "setattr(a, 'shape', (4, 2))", "setattr(a, 'dtype', a.dtype.char + '8[us]')", "a.fill('NaT')",
])
@pytest.mark.parametrize("unit", ["M8[D]", "m8[s]"])
def test_writing(unit, code):
    check(f"({code}, a)[1]", COUNTS.view(unit))
    check(f"({code}, a.view('i8'))[1]", COUNTS.view(unit))


def test_views_share_elements():
    counts = gain.arange(5)
    days = counts.view("M8[D]")
    days[1] = "2000-01-01"
    days += numpy.timedelta64(1, "D")
    assert counts.tolist() == [1, 10958, 3, 4, 5] and days.view("i8")[1] == 10958


def test_nothing_is_gathered():
    """What has a row runs where the elements lie, whatever the sizes."""
    days = gain.arange(100_000).view("M8[D]")
    with warnings.catch_warnings():
        warnings.simplefilter("error", gain.FallbackWarning)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gain._dates.Dates, "_gather", None)
            patch.setattr(gain._dates.Dates, "__array__", None)
            later = days.astype("M8[s]") + numpy.timedelta64(36, "h")
            spans = later - days[::-1]
            chosen = later[(later > days) & ~gain.isnat(spans)]
            for name, kinds in gain._dates.ROWS:
                operands = {"M": later, "m": spans, "i": gain.arange(100_000)}
                getattr(gain, name)(*(operands[kind] for kind in kinds[:-1]))
                getattr(numpy, name)(*(operands[kind] for kind in kinds[:-1]))
            assert numpy.max(later) == later.max() == later[-1] and gain.sort(spans).min() == spans[0]
            assert gain.asarray(spans) is spans and type(gain.array(spans)) is type(spans)
            gain.concatenate([spans, gain.roll(spans, 3)]).reshape(-1, 2).T.ravel()
        assert type(chosen) is type(later) is type(spans) is gain._dates.Dates
        assert spans.dtype == "m8[s]" and int(spans.view("i8").sum()) == 129600 * 100_000 and len(chosen) == 100_000
