"""Text of gain arrays: NumPy's, with only the elements fetched that are printed."""

import itertools

import numpy


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


def array_str(array):
    """`str(array)`. Collective."""
    options = numpy.get_printoptions()
    if array.size <= options["threshold"]:
        return str(array._gather())
    return _content(array, " ", "", "", options)


def array_repr(array):
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
