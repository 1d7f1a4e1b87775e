"""What NumPy's errstate asks for when a call meets a division by zero, an overflow or an invalid operation."""

import contextlib
import sys

import numpy

from gain import _gain, _warnings

# By NumPy's bits.
_FAULTS = ((1, "divide", "divide by zero"), (2, "over", "overflow"), (4, "under", "underflow"), (8, "invalid", "invalid value"))


def watched():
    """The faults, as NumPy's bits, that must be known at the statement, and those of which to warn."""
    modes = numpy.geterr()
    bits = {mode: sum(bit for bit, setting, _ in _FAULTS if modes[setting] == mode) for mode in ("ignore", "warn")}
    return 15 & ~(bits["ignore"] | bits["warn"]), bits["warn"]


# The largest array, in elements, whose faults are looked for where they only warn.
_SMALL = 4096


def minds(size):
    """Whether faults among so many elements are to be known at the statement."""
    at_once, warned = watched()
    return size > 0 and bool(at_once & ~4 or warned & ~4 and size <= _SMALL)


@contextlib.contextmanager
def collected(name):
    """What ufuncs meet on any rank inside the block, and what it notes itself, is reported behind it, on all ranks alike. Collective."""
    modes = numpy.geterr()
    seen = [0]

    def note(_, flags):
        seen[0] |= flags

    with numpy.errstate(all="call", call=note):
        yield note
    if _gain.n_ranks() > 1 and any(mode != "ignore" for mode in modes.values()):
        flags = _gain._from_parts(numpy.array([seen[0]]))._gather()
        seen[0] = int(numpy.bitwise_or.reduce(flags))
    report(seen[0], name)


def report_reduction(array, axis, keepdims, found):
    """Reports what went wrong in a sum or product with infinite results, or results that are no numbers, which no element explains. Collective."""
    known = {"axis": axis, "keepdims": keepdims}
    nan = ~_gain.any(_gain.isnan(array), **known) & _gain.isnan(found)
    infinite = _gain.any(_gain.isinf(array), **known)
    overflows = ~infinite & (nan | _gain.isinf(found))
    overflows = overflows & ~_gain.any(_gain.isnan(array), **known)
    report(2 * bool(_gain.any(overflows)) + 8 * bool(_gain.any(nan)), "reduce")


def warn_of_where():
    """NumPy's warning for a mask without an output. Elements that it hides are zeros here."""
    text = "'where' used without 'out', expect unitialized memory in output. If this is intentional, use out=None."
    _warnings.tell(text, UserWarning)


def report(faults, name):
    """Ignores, warns, raises, calls, prints or logs, for each fault as its setting says."""
    modes = numpy.geterr()
    for bit, setting, text in _FAULTS:
        if faults & bit:
            _report(modes[setting], text, faults, f"{text} encountered in {name}")


def _report(mode, text, faults, message):
    if mode == "warn":
        _warnings.tell(message, RuntimeWarning)
    elif mode == "raise":
        raise FloatingPointError(message)
    elif mode == "print":
        print(f"Warning: {message}", file=sys.stderr)
    elif mode == "call":
        handler = numpy.geterrcall()
        if handler is None:
            raise NameError(f"python callback specified for {message} but no function found.")
        handler(text, faults)
    elif mode == "log":
        numpy.geterrcall().write(f"Warning: {message}\n")
