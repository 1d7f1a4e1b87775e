"""Which of NumPy's functions are native, wholly or in part, and which go through the fallback, with the reasons.

`python -m gain._coverage` writes docs/coverage.md's text. What is said here of the main namespace and of the array's methods is measured by
tests/python/test_uses.py: a native name gathers nothing in any of its uses.
"""

import sys
import types

import numpy

_WHOLE = "its result is all elements on every rank, by definition"
_SHORT = "its operands are short"
_TEXT = "text is read from its start"
_DATES = "dates are NumPy's own dtype"
_OBJECTS = "objects of Python: NumPy's own dtype"
_MATRIX = "`numpy.matrix` is NumPy's own class"

# Names that are native for some uses: which ones gather.
IN_PART = {
    **{name: "up to 4096 elements, where they are spread" for name in ("argpartition", "argsort", "partition", "ndarray.argpartition", "ndarray.argsort", "ndarray.partition")},
    "argmax": "complex elements", "argmin": "complex elements", "ndarray.argmax": "complex elements", "ndarray.argmin": "complex elements",
    "clip": "`order=`, `subok=`, limits of NumPy's own dtypes", "convolve": "filters longer than a rank's part", "correlate": "filters longer than a rank's part",
    "interp": "complex values, or a period, between more than 64 MiB of points", "ndarray.getfield": "fields that lie between the elements' units, views that are not in C order",
    "ndarray.setfield": "fields that lie between the elements' units, views that are not in C order", "percentile": "`weights=`, line by line", "quantile": "`weights=`, line by line",
    "nanpercentile": "`weights=`", "nanquantile": "`weights=`", "savetxt": "compressed files, file objects", "ndarray.tofile": "file objects",
    "ndarray.view": "dtypes of a larger size", "isnat": "arrays of foreign byte order",
}

# Names that go through the fallback, or whose operands or results are whole on every rank: why.
FALLBACK = {
    "asmatrix": _MATRIX, "bmat": _MATRIX, "busday_count": _DATES, "busday_offset": _DATES, "datetime_as_string": _DATES, "datetime_data": _DATES, "is_busday": _DATES,
    "frompyfunc": _OBJECTS, "fromregex": _TEXT, "fromstring": _TEXT, "genfromtxt": _TEXT, "nested_iters": "an iterator of NumPy's C code",
    "poly": _SHORT, "polydiv": _SHORT, "roots": _SHORT, "ndarray.data": _WHOLE, "ndarray.dump": _WHOLE, "ndarray.dumps": _WHOLE, "ndarray.tobytes": _WHOLE, "ndarray.tolist": _WHOLE,
}


def _gathers(found, seen=()):
    """Whether a function of this package calls the fallback in some case, itself or through another one that it names."""
    found = _behind(found)
    function = getattr(found, "fget", None) or getattr(found, "__func__", None) or found
    while isinstance(inner := getattr(function, "__wrapped__", None), types.FunctionType) and inner.__module__.startswith("gain"):
        # The public form of a function asks other classes first (`gain._overrides`).
        function = inner
    if not isinstance(function, types.FunctionType) or function in seen or not function.__module__.startswith("gain"):
        return False
    names = function.__code__.co_names
    if "_fallback" in names:
        return True
    known = [function.__globals__.get(name) for name in names]
    modules = [module for module in known if isinstance(module, types.ModuleType) and module.__name__.startswith("gain.")]
    known += [getattr(module, name, None) for module in modules for name in names]
    return any(_gathers(other, (*seen, function)) for other in known)


def _behind(found):
    """The function of Python's that an object calls."""
    from gain import _gain, _products

    if isinstance(found, _gain.Builtin):
        return found.__wrapped__
    if isinstance(found, _products.Gufunc):
        return type(found)._of_any
    return _products.dot_of_any if found is _gain.dot else found


def _kind(name, found):
    """The kind of a function of a submodule, by what its code may call."""
    from gain import _fallback

    if _fallback.is_fallback(found):
        return "fallback"
    return "in part" if _gathers(found) else "native"


def _names(module, ours):
    """Functions of one of NumPy's modules that gain has a form of its own of."""
    for name in sorted(set(getattr(module, "__all__", None) or dir(module))):
        theirs = getattr(module, name, None)
        found = getattr(ours, name, None)
        is_function = callable(found) or name in ("r_", "c_")
        if name.startswith("_") or name == "test" or isinstance(theirs, (type, types.ModuleType)) or found is None or found is theirs or not is_function:
            continue
        if not isinstance(found, (type, types.ModuleType)):
            yield name, found


def collect():
    """Names by kind: `native`, `in part` and `fallback`, sorted. Names that are NumPy's own objects (constants, classes) are left out."""
    import gain

    names = [name for name, _ in _names(numpy, gain)]
    names += ["ndarray." + name for name in sorted(dir(numpy.ndarray)) if not name.startswith("_") and hasattr(gain.ndarray, name)]
    found = {"native": [], "in part": [], "fallback": []}
    for name in names:
        found["fallback" if name in FALLBACK else "in part" if name in IN_PART else "native"].append(name)
    for module in ("linalg", "fft", "random"):
        for name, what in _names(getattr(numpy, module), getattr(gain, module)):
            found[_kind(name, what)].append(f"{module}.{name}")
    return found


def coverage(file=None):
    """Prints which names are native, native in part, and through the fallback, and returns the lists in a dict."""
    found = collect()
    for kind, names in found.items():
        print(f"{kind} ({len(names)}): {', '.join(names)}", file=file)
    return found


def page():
    """The text of docs/coverage.md."""
    found = collect()
    main = {kind: [name for name in names if name.split(".")[0] not in ("linalg", "fft", "random")] for kind, names in found.items()}
    share = 100 * len(main["native"]) / sum(map(len, main.values()))
    lines = ["# Coverage of NumPy's names", ""]
    lines += [
        "Generated by `python -m gain._coverage`; a test compares it with the code. Native names compute where the data lies, with no array gathered on any rank, for the",
        "dtypes that gain has; tests/python/test_uses.py measures it on the uses of tests/python/uses.py. Those that are native in part gather in the cases named. The rest",
        "work through the gathering fallback: operands are gathered on every rank, NumPy computes, the result is spread again. That list",
        "may only shrink. Constants, dtypes, classes and exceptions are NumPy's own objects and are not listed. Tables that elements are looked up in (`searchsorted`,",
        "`digitize`, `isin`, `interp`) are copied to every rank if they have no more than 64 MiB.",
        "",
        f"Of the {sum(map(len, main.values()))} functions of the main namespace and methods of arrays, {share:.0f} % are native.",
        "",
    ]
    for kind, title, reasons in (("native", "Native", {}), ("in part", "Native in part", IN_PART), ("fallback", "Through the fallback, or whole by definition", FALLBACK)):
        lines += [f"## {title}: {len(found[kind])}", ""]
        lines += [f"- `{name}`" + (f": {reasons[name]}" if name in reasons else "") for name in found[kind]]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
