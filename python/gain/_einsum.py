"""Einstein's summation: subscripts become products of matrices where both operands have axes of their own, else fused multiplications and sums."""

import numpy

from gain import _creation, _fallback, _functions, _gain, _grids

ndarray = _gain.ndarray


def einsum(*operands, out=None, optimize=False, **kwargs):
    """Sums of products over named axes, as `numpy.einsum`. Collective.

    `optimize` chooses the order of the pairs by NumPy's `einsum_path`; without it operands combine from left to right.
    """
    found = _native(operands, out, optimize, **kwargs) if set(kwargs) <= {"dtype", "order", "casting"} else None
    if found is not None:
        return found
    if out is not None:
        kwargs["out"] = out
    return _fallback.call("einsum", numpy.einsum, operands, {"optimize": optimize, **kwargs})


def _native(operands, out, optimize, dtype=None, order="K", casting="safe"):
    """The sum, in `out` if there is one; None where NumPy must judge."""
    parsed = _parsed(operands) if operands and (out is None or type(out) is ndarray) else None
    if parsed is None or order not in _ORDERS or casting not in _CASTINGS:
        return None
    names, result, arrays = parsed
    if dtype is not None:
        if not all(numpy.can_cast(array.dtype, dtype, casting) for array in arrays):
            return None
        given, arrays = arrays, [_functions.astype(array, dtype, copy=False) for array in arrays]
    else:
        given = arrays
    if not all(type(array) is ndarray for array in arrays):
        return None
    found = _evaluated(names, result, arrays, optimize)
    if out is None:
        return _ordered(found, given, order)
    if out.shape != numpy.shape(found) or not out._writeable or not numpy.can_cast(found.dtype, out.dtype, casting):
        return None
    out[...] = found
    return out


# NumPy's rules of casting, and orders of a result's elements.
_CASTINGS = ("no", "equiv", "safe", "same_kind", "unsafe")
_ORDERS = ("K", "C", "F", "A", "k", "c", "f", "a")


def _ordered(found, operands, order):
    """The result with its elements in C or in Fortran's order, if that is asked."""
    order = order.upper()
    if order == "A":
        order = "F" if all(array.flags.f_contiguous for array in operands) else "C"
    if order == "K" or type(found) is not ndarray:
        return found
    lies = found.flags.f_contiguous if order == "F" else found.flags.c_contiguous
    return found if lies else _creation.copy_in(found, order)


def _parsed(arguments):
    """Each operand's axes by name, the result's, and the arrays; None where NumPy must judge."""
    if not isinstance(arguments[0], str):
        given = _from_lists(arguments)
        if given is None:
            return None
        text, operands = given
    else:
        text, operands = arguments[0], arguments[1:]
    arrays = [_creation.asarray(item) for item in operands]
    if not arrays or not all(type(item) is ndarray for item in arrays):
        return None
    text = text.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(arrays) or not all(_is_term(term) for term in [*terms, right]):
        return None
    most = 0
    for term, array in zip(terms, arrays):
        named = len(term.replace("...", ""))
        if named > array.ndim or "..." not in term and named != array.ndim:
            return None
        if "..." in term:
            most = max(most, array.ndim - named)
    # Axes that no letter names, counted from the last.
    free = tuple(f"#{place}" for place in range(most, 0, -1))
    names = [_named(term, array.ndim, free) for term, array in zip(terms, arrays)]
    if arrow:
        result = _named(right, len(free) + len(right.replace("...", "")), free)
        if "..." not in right and free:
            return None
    else:
        every = [name for term in names for name in term]
        result = [*free, *sorted(name for name in set(every) if name[0] != "#" and every.count(name) == 1)]
    known = {name for term in names for name in term}
    if len(set(result)) != len(result) or not set(result) <= known:
        return None
    lens = {}
    for term, array in zip(names, arrays):
        for name, n in zip(term, array.shape):
            if lens.setdefault(name, n) == 1:
                lens[name] = n
            if n not in (1, lens[name]):
                return None
    return names, result, arrays


def _is_term(term):
    letters = term.replace("...", "", 1)
    return letters == "" or letters.isascii() and letters.isalpha()


def _named(term, ndim, free):
    if "..." not in term:
        return list(term)
    first, _, last = term.partition("...")
    count = ndim - len(first) - len(last)
    return [*first, *free[len(free) - count:], *last]


def _from_lists(arguments):
    """`einsum(a, [0, 1], b, [1, 2], [0, 2])` as text and operands."""
    operands, lists = list(arguments[::2]), list(arguments[1::2])
    result = operands.pop() if len(arguments) % 2 else None
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

    def term(of):
        # A negative number is none of NumPy's labels.
        return "".join("..." if item is Ellipsis else letters[item if item >= 0 else len(letters)] for item in of)

    try:
        text = ",".join(term(of) for of in lists)
        return (text if result is None else text + "->" + term(result)), operands
    except (TypeError, IndexError):
        return None


def _evaluated(names, result, arrays, optimize):
    terms = [_own(term, array) for term, array in zip(names, arrays)]
    steps = _steps(terms, result, optimize)
    for places in steps:
        chosen = [terms[place] for place in sorted(places)]
        terms = [term for place, term in enumerate(terms) if place not in places]
        wanted = set(result).union(*(term for term, _ in terms))
        while len(chosen) > 1:
            needed = wanted.union(*(term for term, _ in chosen[2:]))
            chosen[:2] = [_pair(chosen[0], chosen[1], needed)]
        terms.append(chosen[0])
    term, array = terms[0]
    array = _summed(array, [axis for axis, name in enumerate(term) if name not in result])
    term = [name for name in term if name in result]
    array = _functions.transpose(array, [term.index(name) for name in result]) if term else array
    if type(array) is ndarray and len(arrays) == 1:
        return array
    return array[()] if type(array) is ndarray and array.ndim == 0 else array


def _own(term, array):
    """One operand with each name once: repeated ones are a diagonal."""
    term = list(term)
    for name in dict.fromkeys(term):
        while term.count(name) > 1:
            first = term.index(name)
            second = term.index(name, first + 1)
            n, m = array.shape[first], array.shape[second]
            if n != m:
                array = _functions.broadcast_to(
                    array, [max(n, m) if axis in (first, second) else k for axis, k in enumerate(array.shape)]
                )
            array = _grids.view_of_diagonal(array, 0, first, second)
            term = [other for axis, other in enumerate(term) if axis not in (first, second)] + [name]
    return term, array


def _steps(terms, result, optimize):
    """Which terms combine, one set of places after another; what a step makes comes last."""
    if optimize is False or optimize is None or len(terms) < 3:
        if len(terms) < 3 or not _is_one_sweep(terms):
            return [{0, 1}, *[{0, place} for place in range(len(terms) - 2, 0, -1)]] if len(terms) > 1 else [{0}]
        return [set(range(len(terms)))]
    letters = {}
    for name in [name for term, _ in terms for name in term]:
        letters.setdefault(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[len(letters)])
    text = ",".join("".join(letters[name] for name in term) for term, _ in terms)
    text += "->" + "".join(letters[name] for name in result)
    shapes = [numpy.broadcast_to(numpy.empty((), array.dtype), array.shape) for _, array in terms]
    path, _ = numpy.einsum_path(text, *shapes, optimize=optimize)
    return [set(step) for step in path[1:]]


def _is_one_sweep(terms):
    """Whether all names together span no more than the largest operand: one loop does it."""
    lens = {}
    for term, array in terms:
        for name, n in zip(term, array.shape):
            lens[name] = max(n, lens.get(name, 1))
    return numpy.prod([*lens.values()], dtype=float) <= max(array.size for _, array in terms)


def _summed(array, axes):
    if not axes:
        return array
    if array.dtype.kind == "b":
        return _gain.any(array, axis=tuple(axes))
    return _gain.sum(array, axis=tuple(axes), dtype=array.dtype)


def _pair(left, right, needed):
    """Two operands combined, with the axes whose names are needed."""
    (term, a), (other, b) = left, right
    # What only one of them has and nobody needs is summed first.
    term, a = _alone(term, a, needed | set(other))
    other, b = _alone(other, b, needed | set(term))
    both = [name for name in term if name in other]
    summed = [name for name in both if name not in needed and _len(term, a, name) == _len(other, b, name) > 1]
    kept = [name for name in both if name not in summed]
    mine, theirs = [name for name in term if name not in both], [name for name in other if name not in both]
    if summed and mine and theirs:
        return [*kept, *mine, *theirs], _multiplied(term, a, other, b, kept, mine, theirs, summed)
    if len(summed) == 1 and a.dtype.kind == b.dtype.kind == "f":
        found = _gain._vecdot(_spread(term, a, [*kept, *mine, *theirs, *summed]), _spread(other, b, [*kept, *mine, *theirs, *summed]))
        if found is not None:
            return [*kept, *mine, *theirs], _gain._operand(found)
    every = [*kept, *mine, *theirs, *summed]
    array = _spread(term, a, every) * _spread(other, b, every)
    return every[:len(every) - len(summed)], _summed(array, range(len(every) - len(summed), len(every)))


def _alone(term, array, needed):
    axes = [axis for axis, name in enumerate(term) if name not in needed]
    return [name for name in term if name in needed], _summed(array, axes)


def _len(term, array, name):
    return array.shape[term.index(name)]


def _spread(term, array, every):
    """The axes in the order of `every`, those that are absent of length 1."""
    array = _functions.transpose(array, [term.index(name) for name in every if name in term]) if array.ndim else array
    return array[tuple(slice(None) if name in term else None for name in every)]


def _multiplied(term, a, other, b, kept, mine, theirs, summed):
    """The sum over `summed` as a product of matrices, stacked along `kept`."""
    x = _functions.transpose(a, [term.index(name) for name in [*kept, *mine, *summed]])
    y = _functions.transpose(b, [other.index(name) for name in [*kept, *summed, *theirs]])
    n = len(kept)
    rows, inner = x.shape[n:n + len(mine)], x.shape[n + len(mine):]
    columns = y.shape[n + len(summed):]

    def size(lens):
        return int(numpy.prod(lens, dtype=int))

    x = _functions.reshape(x, (*x.shape[:n], size(rows), size(inner)))
    y = _functions.reshape(y, (*y.shape[:n], size(inner), size(columns)))
    found = _gain._matmul(x, y)
    return _functions.reshape(found, (*found.shape[:n], *rows, *columns))


def einsum_path(*operands, optimize="greedy", einsum_call=False):
    """The order of contractions that costs least: it depends on the operands' shapes alone."""
    stand_ins = [numpy.broadcast_to(numpy.zeros((), item.dtype), item.shape) if type(item) is ndarray else item for item in operands]
    return numpy.einsum_path(*stand_ins, optimize=optimize, einsum_call=einsum_call)
