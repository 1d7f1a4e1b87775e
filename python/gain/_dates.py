"""Dates and time spans that stay spread: the engine's int64 under a dtype of NumPy's, `datetime64` or `timedelta64` in a unit.

What makes an array of such a dtype makes one; `a.view("M8[D]")` of gain's integers shows the same elements. It meets ufuncs and functions as any foreign class does, by
`__array_ufunc__` and `__array_function__`, so that nothing can take a date for an integer: what has a row here runs on the integers, where
they lie; all else goes through the gathering fallback. NumPy says which units a loop has; the rows say how it treats NaT.

# Limitations
From months or years to anything finer is a matter of the calendar, which only NumPy knows. Arrays without axes and those in foreign byte order are NumPy's own.
"""

import fractions
import operator
import sys

import numpy

from gain import _fallback, _gain, _ufunc_overrides

ndarray = _gain.ndarray
INT64 = numpy.dtype("i8")
NAT = numpy.int64(-(2**63))

# The lengths of the units that have one, in attoseconds, and of the others in months.
_SECOND = 10**18
_LENGTHS = {"W": 604800 * _SECOND, "D": 86400 * _SECOND, "h": 3600 * _SECOND, "m": 60 * _SECOND, "s": _SECOND}
_LENGTHS |= {"ms": 10**15, "us": 10**12, "ns": 10**9, "ps": 10**6, "fs": 10**3, "as": 1}
_MONTHS = {"Y": 12, "M": 1}


def factor(source, target):
    """By what a count in the unit of one dtype is multiplied to be one in the other's; None where that is for the calendar."""
    (unit, count), (wanted, step) = numpy.datetime_data(source), numpy.datetime_data(target)
    if unit == wanted == "generic" or unit == "generic":
        return fractions.Fraction(1)
    for lengths in (_LENGTHS, _MONTHS):
        if unit in lengths and wanted in lengths:
            return fractions.Fraction(lengths[unit] * count, lengths[wanted] * step)
    return None


def _np():
    return sys.modules["gain"]


def _unless_nat(operands, found):
    """The integers found, NaT where one of the operands is."""
    np, missing = _np(), [operand == NAT for operand in operands]
    return np.where(missing[0] if len(missing) == 1 else np.logical_or(*missing), NAT, found)


def _propagates(name):
    return lambda *operands: _unless_nat(operands, getattr(_np(), name)(*operands))


def _compares(name):
    def row(a, b):
        np = _np()
        return np.logical_and(getattr(np, name)(a, b), np.logical_and(a != NAT, b != NAT))

    return row


def _skips(name):
    def row(a, b):
        np = _np()
        return np.where(a == NAT, b, np.where(b == NAT, a, getattr(np, name)(a, b)))

    return row


# {(ufunc, kinds of the loop's operands and result): what it does on integers}.
ROWS = {
    ("not_equal", kinds): lambda a, b: _np().logical_or(a != b, _np().logical_or(a == NAT, b == NAT)) for kinds in ("MM?", "mm?")
}
ROWS |= {(name, kinds): _compares(name) for name in ("equal", "less", "less_equal", "greater", "greater_equal") for kinds in ("MM?", "mm?")}
ROWS |= {(name, kinds): _propagates(name) for name in ("maximum", "minimum") for kinds in ("MMM", "mmm")}
ROWS |= {(name, kinds): _skips(name) for name in ("fmax", "fmin") for kinds in ("MMM", "mmm")}
ROWS |= {("add", kinds): _propagates("add") for kinds in ("MmM", "mMM", "mmm")}
ROWS |= {("subtract", kinds): _propagates("subtract") for kinds in ("MMm", "MmM", "mmm")}
ROWS |= {(name, "mm"): _propagates(name) for name in ("negative", "absolute")}
ROWS |= {("multiply", "mim"): lambda a, b: _unless_nat((a,), _np().multiply(a, b)), ("multiply", "imm"): lambda a, b: _unless_nat((b,), _np().multiply(a, b))}
ROWS |= {(name, kinds): lambda a: a == NAT for name in ("isnat", "isnan") for kinds in ("M?", "m?")}
ROWS |= {("isfinite", kinds): lambda a: a != NAT for kinds in ("M?", "m?")}
ROWS |= {("isinf", kinds): lambda a: _np().zeros_like(a, dtype=bool) for kinds in ("M?", "m?")}

# Functions that only put the elements of their first operand elsewhere.
MOVES = {
    "broadcast_to", "copy", "diagonal", "expand_dims", "flip", "fliplr", "flipud", "moveaxis", "ravel", "repeat", "reshape", "roll", "rollaxis", "rot90",
    "squeeze", "swapaxes", "take", "transpose",
}


def _largest(counts, axis=None, *, keepdims=False):
    np, options = _np(), {"axis": axis, "keepdims": keepdims}
    largest = np.max(counts, **options)
    return np.where(np.min(counts, **options) == NAT, NAT, largest)[()]


def _smallest(counts, axis=None, *, keepdims=False):
    # NaT is the smallest integer.
    return _np().min(counts, axis=axis, keepdims=keepdims)


def _sorted(counts, axis=-1, kind=None):
    # One less, NaT is the largest integer: it comes last.
    np = _np()
    return np.add(np.sort(np.subtract(counts, 1), axis, kind), 1)


# {function of one operand: the same of its integers, and the keywords for which it is}.
OF_ONE = {"amax": _largest, "amin": _smallest, "max": _largest, "min": _smallest, "sort": _sorted}
_KEYWORDS = {"axis", "keepdims", "kind"}

# Functions that put the elements of several operands of one dtype, in a list, into one array.
JOINS = {"concatenate", "hstack", "stack", "vstack"}


class Dates(_ufunc_overrides.NDArrayOperatorsMixin):
    """An array of dates or time spans on gain's integers."""

    def __init__(self, counts, dtype):
        self._counts, self._dtype = counts, dtype

    # What the gathering fallback asks of an array.

    def _gather(self):
        return self._counts._gather().view(self.dtype)

    def _assign(self, content):
        self._counts._assign(content.astype(self.dtype, copy=False).view(INT64))

    _writeable = property(lambda self: self._counts._writeable)

    def __array__(self, dtype=None, copy=None):
        """The elements as a NumPy array of this rank's own. Collective."""
        return self._counts.__array__(copy=copy).view(self.dtype).astype(self.dtype if dtype is None else dtype, copy=False)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        theirs = ufunc if isinstance(ufunc, numpy.ufunc) else getattr(numpy, ufunc.__name__)
        found = _by_row(theirs, inputs, kwargs) if method == "__call__" else NotImplemented
        if found is not NotImplemented:
            return found
        name = theirs.__name__ if method == "__call__" else "ufunc.at" if method == "at" else f"{theirs.__name__}.{method}"
        return _fallback.call(name, getattr(theirs, method), inputs, kwargs)

    def __array_function__(self, func, types, args, kwargs):
        name = getattr(func, "__name__", "?")
        if name in OF_ONE and len(args) in (1, 2) and type(args[0]) is Dates and kwargs.keys() <= _KEYWORDS:
            return wrapped(OF_ONE[name](args[0]._counts, *args[1:], **kwargs), self.dtype)
        if kwargs.get("out") is None and args:
            if name in MOVES and isinstance(args[0], Dates) and not any(isinstance(item, Dates) for item in (*args[1:], *kwargs.values())):
                return wrapped(getattr(_np(), name)(args[0]._counts, *args[1:], **kwargs), args[0].dtype)
            if name in JOINS and "dtype" not in kwargs and type(args[0]) in (list, tuple) and all(isinstance(item, Dates) and item.dtype == self.dtype for item in args[0]):
                return wrapped(getattr(_np(), name)([item._counts for item in args[0]], *args[1:], **kwargs), self.dtype)
        return _fallback.call(name, _numpys(func), args, kwargs)

    @property
    def dtype(self):
        """The unit; another one may be set, over the same integers."""
        return self._dtype

    @dtype.setter
    def dtype(self, given):
        wanted = numpy.dtype(given)
        if wanted.kind not in "mM" or not wanted.isnative:
            raise AttributeError(f"dates can not become {wanted} in place; use view")
        self._dtype = wanted

    @property
    def shape(self):
        """The lengths of the axes; others may be set where no element moves."""
        return self._counts.shape

    @shape.setter
    def shape(self, given):
        self._counts.shape = given

    ndim = property(lambda self: self._counts.ndim)
    size = property(lambda self: self._counts.size)
    itemsize = property(lambda self: self._counts.itemsize)
    nbytes = property(lambda self: self._counts.nbytes)
    strides = property(lambda self: self._counts.strides)
    flags = property(lambda self: self._counts.flags)
    T = property(lambda self: Dates(self._counts.T, self.dtype))

    def view(self, dtype=None, type=None):
        """Another array object on the same elements."""
        if type is not None:
            return _fallback.method(self, "view", (dtype, type), {}) if dtype is not None else _fallback.method(self, "view", (type,), {})
        return self._counts.view(self.dtype if dtype is None else dtype)

    def astype(self, dtype, order="K", casting="unsafe", subok=True, copy=True):
        """The elements in another unit, or as NumPy casts dates."""
        target = numpy.dtype(dtype)
        if order == "K" and numpy.can_cast(self.dtype, target, casting):
            if target == INT64 or target == self.dtype:
                counts = self._counts.copy() if copy else self._counts
                return self if counts is self._counts and target == self.dtype else wrapped(counts, target)
            if target.kind == self.dtype.kind and target.isnative:
                wanted = target if numpy.datetime_data(target)[0] != "generic" else numpy.dtype(f"{target.char}8[{self.dtype.str[4:-1]}]")
                counts = converted(self._counts, self.dtype, wanted)
                if counts is not None and target == wanted:
                    return wrapped(counts, target)
        return _fallback.method(self, "astype", (dtype, order, casting, subok, copy), {})

    def max(self, *args, **kwargs):
        """The last date, or the longest span; NaT if there is one."""
        return numpy.max(self, *args, **kwargs)

    def min(self, *args, **kwargs):
        """The first date, or the shortest span; NaT if there is one."""
        return numpy.min(self, *args, **kwargs)

    def __getitem__(self, key):
        return wrapped(self._counts[key], self.dtype)

    def __setitem__(self, key, value):
        if type(value) is not Dates or value.dtype != self.dtype:
            held = numpy.asarray(value)
            value = numpy.empty(held.shape, self.dtype)
            value[...] = held
            self._counts[key] = value.view(INT64)
        else:
            self._counts[key] = value._counts

    def __len__(self):
        return len(self._counts)

    def __iter__(self):
        return (self[n] for n in range(len(self)))

    def __reduce__(self):
        return self._gather().__reduce__()

    def __repr__(self):
        return _fallback.call("ndarray.__repr__", repr, (self,), {}, quiet=True)

    def __str__(self):
        return _fallback.call("ndarray.__str__", str, (self,), {}, quiet=True)

    def __getattr__(self, name):
        if name.startswith("__"):
            # The array interface has no units.
            raise AttributeError(f"'ndarray' object has no attribute '{name}'")
        found = getattr(numpy.ndarray, name)
        if name in MOVES:
            return lambda *args, **kwargs: wrapped(getattr(self._counts, name)(*args, **kwargs), self.dtype)
        if callable(found):
            return lambda *args, **kwargs: _fallback.method(self, name, args, kwargs)
        return getattr(self._gather(), name)

    def __eq__(self, other):
        return self._same(operator.eq, numpy.equal, other)

    def __ne__(self, other):
        return self._same(operator.ne, numpy.not_equal, other)

    __hash__ = None

    def _same(self, function, ufunc, other):
        """The comparison, which for an array may have an answer where the ufunc has no loop."""
        try:
            return ufunc(self, other)
        except TypeError:
            return _fallback.call(f"ndarray.__{function.__name__}__", function, (self, other), {})

    def __contains__(self, item):
        return bool((self == item).any())

    def __bool__(self):
        return bool(self._gather())


def _numpys(func):
    """NumPy's function for gain's of that name."""
    if (getattr(func, "__module__", "") or "").startswith("numpy"):
        return func
    home = next(module for module in (numpy, numpy.linalg, numpy.fft) if hasattr(module, func.__name__))
    return getattr(home, func.__name__)


def wrapped(counts, dtype):
    """Integers as elements of the dtype: an array's, or a single one as NumPy's scalar."""
    if dtype.kind not in "mM":
        return counts
    return Dates(counts, dtype) if type(counts) is ndarray else counts.view(dtype)


def converted(counts, source, target):
    """Counts of one unit in another, rounded down as NumPy does; None where that is not one multiplication or division."""
    by = factor(source, target)
    if by is None or by.numerator > 2**63 - 1 or (by.denominator != 1 and by.numerator != 1) or by.denominator > 2**63 - 1:
        return None
    if by == 1:
        return counts
    found = counts * numpy.int64(by.numerator) if by.denominator == 1 else counts // numpy.int64(by.denominator)
    return _unless_nat((counts,), found)


def _kind(dtype):
    return "?" if dtype.kind == "b" else dtype.kind


def _dtype_of(operand):
    """The dtype that an operand has for NumPy; None for what may need more than its dtype."""
    if type(operand) is int:
        return int if -(2**63) <= operand < 2**63 else None
    return operand.dtype if isinstance(operand, (Dates, ndarray, numpy.ndarray, numpy.generic)) else None


def _integers(operand, source, target):
    """An operand of a loop as integers, in the loop's unit; None where the calendar is needed for spread elements."""
    if type(operand) is Dates:
        return converted(operand._counts, source, target)
    if type(operand) is ndarray:
        return operand.astype(INT64)
    return numpy.asarray(operand).astype(target).view(INT64)[()]


def _by_row(theirs, inputs, kwargs):
    """The call on integers; NotImplemented where no row has it. NumPy's errors for operands that have no loop."""
    out = kwargs.get("out", (None,))
    dtypes = [_dtype_of(operand) for operand in inputs]
    if theirs.nout != 1 or kwargs.keys() - {"out"} or len(out) != 1 or any(dtype is None or (dtype is not int and dtype.kind not in "mMiub") for dtype in dtypes):
        return NotImplemented
    loop = theirs.resolve_dtypes((*dtypes, None))
    row = ROWS.get((theirs.__name__, "".join(map(_kind, loop))))
    if row is None or any(dtype.kind not in "mMb" and dtype != INT64 for dtype in loop):
        return NotImplemented
    operands = [_integers(operand, source, target) for operand, source, target in zip(inputs, dtypes, loop)]
    if any(operand is None for operand in operands):
        return NotImplemented
    if out[0] is None:
        return wrapped(row(*operands)[()], loop[-1])
    if type(out[0]) is not Dates or out[0].dtype != loop[-1] or out[0].shape != numpy.broadcast_shapes(*(numpy.shape(operand) for operand in operands)):
        return NotImplemented
    out[0]._counts[...] = row(*operands)
    return out[0]


_fallback.SPREAD.add(Dates)


def of_integers(array, dtype):
    """gain's integers as counts in a unit, a copy; None for what only NumPy can cast."""
    if dtype.kind not in "mM" or array.dtype.kind not in "iu" or not dtype.isnative:
        return None
    return Dates(array.astype(INT64), dtype)
