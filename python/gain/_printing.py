"""Text of gain arrays: NumPy's, with only the elements fetched that are printed."""

import itertools

import numpy

from gain import _gain

ndarray = _gain.ndarray


def _edges(array, edge):
    """A small NumPy array that prints, summarised, as the large one does; its middle elements are never seen."""
    cuts = []
    for n in array.shape:
        if n > 2 * edge:
            cuts.append([(slice(0, edge), slice(0, edge)), (slice(n - edge, n), slice(edge + 1, 2 * edge + 1))])
        else:
            cuts.append([(slice(0, n), slice(0, n))])
    small = numpy.zeros([2 * edge + 1 if n > 2 * edge else n for n in array.shape], array.dtype)
    for corner in itertools.product(*cuts):
        source = tuple(part[0] for part in corner)
        small[tuple(part[1] for part in corner)] = array[source]._gather()
    return small


def _content(array, separator, prefix, suffix, options):
    """NumPy's text of the elements."""
    if array.size <= options["threshold"] or options["edgeitems"] <= 0 or array.ndim == 0:
        return numpy.array2string(array._gather(), separator=separator, prefix=prefix, suffix=suffix)
    small = _edges(array, options["edgeitems"])
    threshold = min(small.size - 1, options["threshold"])
    return numpy.array2string(small, separator=separator, prefix=prefix, suffix=suffix, threshold=threshold)


def text(array):
    """`str(array)`. Collective."""
    options = numpy.get_printoptions()
    if array.size <= options["threshold"]:
        return str(array._gather())
    return _content(array, " ", "", "", options)


def representation(array):
    """`repr(array)`. Collective."""
    options = numpy.get_printoptions()
    if array.size <= options["threshold"] or options.get("override_repr") is not None:
        return repr(array._gather())
    text = _content(array, ", ", "array(", ")", options)
    extras = []
    if options["legacy"] in (False, None) or options["legacy"] > 210:
        extras.append(f"shape={array.shape}")
    if array.dtype not in (numpy.dtype(float), numpy.dtype(complex), numpy.dtype(int), numpy.dtype(bool)):
        extras.append(f"dtype={array.dtype}")
    if not extras:
        return f"array({text})"
    body = f"array({text},"
    extra = ", ".join(extras) + ")"
    last_line = len(body) - (body.rfind("\n") + 1)
    spacer = "\n" + " " * len("array(") if last_line + len(extra) + 1 > options["linewidth"] else " "
    return body + spacer + extra


def array2string(a, max_line_width=None, precision=None, suppress_small=None, separator=" ", prefix="", *, formatter=None, threshold=None, edgeitems=None, sign=None, floatmode=None, suffix="", legacy=None):
    """The text of an array. Collective."""
    given = {
        "max_line_width": max_line_width, "precision": precision, "suppress_small": suppress_small, "separator": separator, "prefix": prefix, "formatter": formatter,
        "edgeitems": edgeitems, "sign": sign, "floatmode": floatmode, "suffix": suffix, "legacy": legacy,
    }
    options = numpy.get_printoptions()
    most = options["threshold"] if threshold is None else threshold
    edge = options["edgeitems"] if edgeitems is None else edgeitems
    if type(a) is not ndarray or a.size <= most or edge <= 0 or a.ndim == 0:
        return numpy.array2string(a._gather() if type(a) is ndarray else a, threshold=threshold, **given)
    small = _edges(a, edge)
    return numpy.array2string(small, threshold=min(small.size - 1, most), **given)


def array_str(a, max_line_width=None, precision=None, suppress_small=None):
    """The text of an array's elements. Collective."""
    if type(a) is not ndarray:
        return numpy.array_str(a, max_line_width, precision, suppress_small)
    if a.ndim == 0:
        return numpy.array_str(a._gather(), max_line_width, precision, suppress_small)
    return array2string(a, max_line_width, precision, suppress_small, " ", "")


def array_repr(arr, max_line_width=None, precision=None, suppress_small=None):
    """The text of an array as a program would write it. Collective."""
    if type(arr) is not ndarray:
        return numpy.array_repr(arr, max_line_width, precision, suppress_small)
    changed = {"linewidth": max_line_width, "precision": precision, "suppress": suppress_small}
    with numpy.printoptions(**{name: value for name, value in changed.items() if value is not None}):
        return representation(arr)
