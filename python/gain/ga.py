"""Global Arrays' one-sided calls: a rank reads and writes any box of an array by itself, and the box's owner takes no part.

The names are those of the Global Arrays toolkit. `lo` and `hi` are the first indices of a box and those behind its last. Calls are local
unless they say Collective; what a rank has written another sees after `sync`. Indices outside the array are a ValueError.
"""

import operator

import numpy

from gain import _creation, _gain

GlobalArray = _gain.GlobalArray


def create(shape, dtype=float, cuts=None):
    """A global array of zeros, spread as large arrays are, or cut at `cuts`: a list for each axis, from 0 to its length. Collective."""
    shape = (shape,) if hasattr(shape, "__index__") else tuple(shape)
    return _gain._global_array([operator.index(n) for n in shape], numpy.dtype(dtype), cuts)


def from_array(a):
    """A global array with a gain array's elements on the ranks that have them. Collective."""
    return _gain._global_of(_creation.asarray(a))


def to_array(g_a):
    """A gain array of a global array's elements, after a `sync`. Collective."""
    return g_a._to_array()


def duplicate(g_a):
    """Another global array of the same elements and distribution. Collective."""
    made = create(g_a.shape, g_a.dtype, None)
    ranges = [distribution(g_a, rank) for rank in range(nnodes())]
    if ranges != [distribution(made, rank) for rank in range(nnodes())]:
        return from_array(to_array(g_a))
    g_a._sync()
    lo, hi = distribution(g_a)
    put(made, get(g_a, lo, hi), lo, hi)
    sync(made)
    return made


def destroy(g_a):
    """Gives the memory back. Collective."""
    g_a._destroy()


def fill(g_a, value):
    """Sets all elements to a value. Collective."""
    g_a._sync()
    lo, hi = distribution(g_a)
    put(g_a, value, lo, hi)
    g_a._sync()


def zero(g_a):
    """Sets all elements to 0. Collective."""
    fill(g_a, 0)


def _box(g_a, lo, hi, skip=None):
    """The box as lists, and its steps; a missing bound is the array's."""
    shape = g_a.shape
    lo = [0] * len(shape) if lo is None else [operator.index(i) for i in numpy.atleast_1d(lo)]
    hi = list(shape) if hi is None else [operator.index(i) for i in numpy.atleast_1d(hi)]
    step = [1] * len(shape) if skip is None else [operator.index(i) for i in numpy.atleast_1d(skip)]
    if not len(lo) == len(hi) == len(step) == len(shape):
        raise ValueError(f"a box of an array of {len(shape)} axes has as many bounds on each side")
    if any(not 0 <= a <= b <= n for a, b, n in zip(lo, hi, shape)) or any(s < 1 for s in step):
        raise ValueError(f"the box {lo} to {hi} by {step} is not one of an array of shape {tuple(shape)}")
    return lo, hi, step


# Kinds of numbers: a value may become one of a later kind.
_KINDS = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}


def _values(g_a, values, shape):
    """Values as a NumPy array of the global array's dtype and this shape."""
    found = numpy.asarray(values)
    if _KINDS.get(found.dtype.kind, 4) > _KINDS[g_a.dtype.kind]:
        raise TypeError(f"a global array of {g_a.dtype} can not hold values of {found.dtype}")
    return numpy.ascontiguousarray(numpy.broadcast_to(found.astype(g_a.dtype), shape))


def _lens(lo, hi, step):
    return [-(-(b - a) // s) for a, b, s in zip(lo, hi, step)]


def get(g_a, lo=None, hi=None):
    """The elements of a box as a NumPy array."""
    return strided_get(g_a, lo, hi)


def put(g_a, values, lo=None, hi=None):
    """Writes values, broadcast to the box; they are in place when it returns."""
    strided_put(g_a, values, lo, hi)


def acc(g_a, values, lo=None, hi=None, alpha=None):
    """Adds `alpha` (1) times the values to a box, each element atomically."""
    strided_acc(g_a, values, lo, hi, None, alpha)


def strided_get(g_a, lo=None, hi=None, skip=None):
    """`get` of every `skip`-th index of the box on each axis."""
    return g_a._get(*_box(g_a, lo, hi, skip))


def strided_put(g_a, values, lo=None, hi=None, skip=None):
    """`put` to every `skip`-th index of the box on each axis."""
    box = _box(g_a, lo, hi, skip)
    g_a._put(*box, _values(g_a, values, _lens(*box)))


def strided_acc(g_a, values, lo=None, hi=None, skip=None, alpha=None):
    """`acc` to every `skip`-th index of the box on each axis."""
    box = _box(g_a, lo, hi, skip)
    values = values if alpha is None else numpy.multiply(values, alpha)
    g_a._acc(*box, _values(g_a, values, _lens(*box)))


def _places(g_a, subscripts):
    """A list of indices, one for each axis, of each element."""
    places = numpy.asarray(subscripts, dtype=numpy.intp).reshape(-1, len(g_a.shape))
    if ((places < 0) | (places >= g_a.shape)).any():
        raise ValueError(f"a subscript lies outside an array of shape {tuple(g_a.shape)}")
    return places.tolist()


def gather(g_a, subscripts):
    """The elements at some indices: a row of `subscripts` for each."""
    return g_a._gather(_places(g_a, subscripts))


def scatter(g_a, values, subscripts):
    """Writes a value to the element at each index."""
    places = _places(g_a, subscripts)
    g_a._scatter(places, _values(g_a, values, len(places)))


def scatter_acc(g_a, values, subscripts, alpha=None):
    """Adds `alpha` (1) times a value to the element at each index, atomically; an index may be named often."""
    places = _places(g_a, subscripts)
    values = values if alpha is None else numpy.multiply(values, alpha)
    g_a._scatter_acc(places, _values(g_a, values, len(places)))


def read_inc(g_a, subscript, inc=1):
    """Adds to an element of int64 or uint64 and gives what was there before, atomically: ranks that draw from it share out work."""
    return g_a._read_inc(_places(g_a, subscript)[0], operator.index(inc))


def locate(g_a, subscript):
    """The rank that owns an element."""
    place = _places(g_a, subscript)[0]
    return g_a._owners(place, [i + 1 for i in place])[0][0]


def locate_region(g_a, lo=None, hi=None):
    """The ranks that own a part of a box: `(rank, lo, hi)` of each."""
    lo, hi, _ = _box(g_a, lo, hi)
    return [(rank, tuple(a), tuple(b)) for rank, a, b in g_a._owners(lo, hi)]


def distribution(g_a, rank=None):
    """The box, `(lo, hi)`, that a rank owns; this one without `rank`."""
    rank = nodeid() if rank is None else operator.index(rank)
    if not 0 <= rank < nnodes():
        raise ValueError(f"there is no rank {rank} among {nnodes()}")
    lo, hi = g_a._box(rank)
    return tuple(lo), tuple(hi)


def access(g_a):
    """The elements of this rank's own block, as a NumPy array of its own; `release_update` writes them back."""
    return get(g_a, *distribution(g_a))


def release_update(g_a, block):
    """Writes this rank's own block."""
    put(g_a, block, *distribution(g_a))


def fence(g_a):
    """Waits until what this rank has written is in place."""
    g_a._fence()


def sync(g_a=None):
    """What any rank did before, every rank sees after: of one global array, or only a meeting of all ranks. Collective."""
    if g_a is None:
        _gain._barrier()
    else:
        g_a._sync()


def nodeid():
    """This rank."""
    return _gain.rank()


def nnodes():
    """The number of ranks."""
    return _gain.n_ranks()
