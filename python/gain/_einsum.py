"""Einstein's summation: subscripts become products of matrices where both operands have axes of their own, else fused multiplications and sums.

Subscripts and shapes alone decide what is done: they make a plan, which is kept for the next call that has the same.
"""

import functools

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
    asked = _asked(operands) if operands and (out is None or type(out) is ndarray) else None
    if asked is None or order not in _ORDERS or casting not in _CASTINGS:
        return None
    text, given = asked
    shapes = tuple(array.shape for array in given)
    try:
        plan = _planned(text, shapes, optimize)
    except TypeError:
        # A path is a list, which is no key.
        plan = _planned.__wrapped__(text, shapes, optimize)
    if plan is None:
        return None
    arrays = given
    if dtype is not None:
        if not all(numpy.can_cast(array.dtype, dtype, casting) for array in given):
            return None
        arrays = [_functions.astype(array, dtype, copy=False) for array in given]
        if not all(type(array) is ndarray for array in arrays):
            return None
    found = _carried_out(plan, arrays)
    if out is None:
        return found if order == "K" else _ordered(found, given, order)
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


def _asked(arguments):
    """The subscripts and the arrays; None where NumPy must judge."""
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
    return text, arrays


def _parsed(text, shapes):
    """Each operand's axes by name, and the result's; None where NumPy must judge."""
    text = text.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(shapes) or not all(_is_term(term) for term in [*terms, right]):
        return None
    most = 0
    for term, shape in zip(terms, shapes):
        named = len(term.replace("...", ""))
        if named > len(shape) or "..." not in term and named != len(shape):
            return None
        if "..." in term:
            most = max(most, len(shape) - named)
    # Axes that no letter names, counted from the last.
    free = tuple(f"#{place}" for place in range(most, 0, -1))
    names = [_named(term, len(shape), free) for term, shape in zip(terms, shapes)]
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
    for term, shape in zip(names, shapes):
        for name, n in zip(term, shape):
            if lens.setdefault(name, n) == 1:
                lens[name] = n
            if n not in (1, lens[name]):
                return None
    return names, result


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


class _Value:
    """An array that a plan speaks of: its place among all of them, and its shape."""

    def __init__(self, place, shape):
        self.place, self.shape = place, tuple(shape)


class _Plan:
    """Steps that make one array of others: a function, the places of its arrays, and what else it takes. What would change nothing is no step."""

    def __init__(self, shapes):
        self.operands = [_Value(place, shape) for place, shape in enumerate(shapes)]
        self.steps = []
        # Whether the last of them is a sum, which leaves a scalar where no axis is left, not a view.
        self.sums = False

    def step(self, function, values, shape, *more):
        self.steps.append((function, tuple(value.place for value in values), more))
        return _Value(len(self.operands) + len(self.steps) - 1, shape)

    def transposed(self, value, order):
        order = tuple(order)
        if order == tuple(range(len(order))):
            return value
        return self.step(_functions.transpose, [value], [value.shape[axis] for axis in order], order)

    def reshaped(self, value, shape):
        return value if tuple(shape) == value.shape else self.step(_functions.reshape, [value], shape, tuple(shape))

    def broadcast(self, value, shape):
        return self.step(_functions.broadcast_to, [value], shape, tuple(shape))

    def summed(self, value, axes):
        axes = tuple(axes)
        if not axes:
            return value
        return self.step(_summed, [value], [n for axis, n in enumerate(value.shape) if axis not in axes], axes)

    def with_axes(self, value, key):
        """Indexed by full slices, and None for new axes."""
        if None not in key:
            return value
        lens = iter(value.shape)
        return self.step(_indexed, [value], [1 if item is None else next(lens) for item in key], key)


def _carried_out(plan, arrays):
    if not plan.steps:
        return arrays[0][... if arrays[0].ndim else ()]
    values = list(arrays)
    for function, places, more in plan.steps:
        values.append(function(*[values[place] for place in places], *more))
    found = values[-1]
    if type(found) is not ndarray or found.ndim or (len(arrays) == 1 and not plan.sums):
        return found
    return found[()]


@functools.lru_cache(maxsize=1024)
def _planned(text, shapes, optimize):
    parsed = _parsed(text, shapes)
    if parsed is None:
        return None
    names, result = parsed
    plan = _Plan(shapes)
    terms = [_own(plan, term, value) for term, value in zip(names, plan.operands)]
    for places in _steps(terms, result, optimize):
        chosen = [terms[place] for place in sorted(places)]
        terms = [term for place, term in enumerate(terms) if place not in places]
        wanted = set(result).union(*(term for term, _ in terms))
        while len(chosen) > 1:
            needed = wanted.union(*(term for term, _ in chosen[2:]))
            chosen[:2] = [_pair(plan, chosen[0], chosen[1], needed)]
        terms.append(chosen[0])
    term, value = terms[0]
    plan.sums = any(name not in result for name in term)
    value = plan.summed(value, [axis for axis, name in enumerate(term) if name not in result])
    term = [name for name in term if name in result]
    plan.transposed(value, [term.index(name) for name in result])
    return plan


def _own(plan, term, value):
    """One operand with each name once: repeated ones are a diagonal."""
    term = list(term)
    for name in dict.fromkeys(term):
        while term.count(name) > 1:
            first = term.index(name)
            second = term.index(name, first + 1)
            n, m = value.shape[first], value.shape[second]
            if n != m:
                value = plan.broadcast(value, [max(n, m) if axis in (first, second) else k for axis, k in enumerate(value.shape)])
            rest = [k for axis, k in enumerate(value.shape) if axis not in (first, second)]
            value = plan.step(_grids.view_of_diagonal, [value], [*rest, max(n, m)], 0, first, second)
            term = [other for axis, other in enumerate(term) if axis not in (first, second)] + [name]
    return term, value


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
    shapes = [numpy.broadcast_to(numpy.empty(()), value.shape) for _, value in terms]
    path, _ = numpy.einsum_path(text, *shapes, optimize=optimize)
    return [set(step) for step in path[1:]]


def _is_one_sweep(terms):
    """Whether all names together span no more than the largest operand: one loop does it."""
    lens = {}
    for term, value in terms:
        for name, n in zip(term, value.shape):
            lens[name] = max(n, lens.get(name, 1))
    return numpy.prod([*lens.values()], dtype=float) <= max(_size(value.shape) for _, value in terms)


def _size(lens):
    return int(numpy.prod(lens, dtype=int))


def _pair(plan, left, right, needed):
    """Two operands combined, with the axes whose names are needed."""
    (term, a), (other, b) = left, right
    # What only one of them has and nobody needs is summed first.
    term, a = _alone(plan, term, a, needed | set(other))
    other, b = _alone(plan, other, b, needed | set(term))
    both = [name for name in term if name in other]
    summed = [name for name in both if name not in needed and _len(term, a, name) == _len(other, b, name) > 1]
    kept = [name for name in both if name not in summed]
    mine, theirs = [name for name in term if name not in both], [name for name in other if name not in both]
    if summed and mine and theirs:
        return [*kept, *mine, *theirs], _multiplied(plan, term, a, other, b, kept, mine, theirs, summed)
    every = [*kept, *mine, *theirs, *summed]
    x, y = _spread(plan, term, a, every), _spread(plan, other, b, every)
    shape = numpy.broadcast_shapes(x.shape, y.shape)
    n_kept = len(every) - len(summed)
    if not summed:
        return every, plan.step(_gain.multiply, [x, y], shape)
    return every[:n_kept], plan.step(_products_summed, [x, y], shape[:n_kept], tuple(range(n_kept, len(every))))


def _alone(plan, term, value, needed):
    axes = [axis for axis, name in enumerate(term) if name not in needed]
    return [name for name in term if name in needed], plan.summed(value, axes)


def _len(term, value, name):
    return value.shape[term.index(name)]


def _spread(plan, term, value, every):
    """The axes in the order of `every`, those that are absent of length 1."""
    value = plan.transposed(value, [term.index(name) for name in every if name in term])
    return plan.with_axes(value, tuple(slice(None) if name in term else None for name in every))


def _multiplied(plan, term, a, other, b, kept, mine, theirs, summed):
    """The sum over `summed` as a product of matrices, stacked along `kept`."""
    x = plan.transposed(a, [term.index(name) for name in [*kept, *mine, *summed]])
    y = plan.transposed(b, [other.index(name) for name in [*kept, *summed, *theirs]])
    n = len(kept)
    rows, inner = x.shape[n:n + len(mine)], x.shape[n + len(mine):]
    columns = y.shape[n + len(summed):]
    x = plan.reshaped(x, (*x.shape[:n], _size(rows), _size(inner)))
    y = plan.reshaped(y, (*y.shape[:n], _size(inner), _size(columns)))
    stacks = numpy.broadcast_shapes(x.shape[:n], y.shape[:n])
    found = plan.step(_gain._matmul, [x, y], (*stacks, _size(rows), _size(columns)))
    return plan.reshaped(found, (*stacks, *rows, *columns))


def _summed(array, axes):
    """The sum over axes in the array's own dtype, which of booleans is `any`; an array also where no axis is left."""
    if array.dtype.kind == "b":
        return _gain._operand(_gain.any(array, axis=axes))
    return _gain._operand(_gain.sum(array, axis=axes, dtype=array.dtype))


def _indexed(array, key):
    return array[key]


def _products_summed(a, b, axes):
    """The sum of products over the last axes."""
    if len(axes) == 1 and a.dtype.kind == b.dtype.kind == "f":
        found = _gain._vecdot(a, b)
        if found is not None:
            return _gain._operand(found)
    return _summed(_gain.multiply(a, b), axes)


def einsum_path(*operands, optimize="greedy", einsum_call=False):
    """The order of contractions that costs least: it depends on the operands' shapes alone."""
    stand_ins = [numpy.broadcast_to(numpy.zeros((), item.dtype), item.shape) if type(item) is ndarray else item for item in operands]
    return numpy.einsum_path(*stand_ins, optimize=optimize, einsum_call=einsum_call)
