"""NumPy's functions that combine native operations: views, shapes, and small formulas over ufuncs and reductions."""

import builtins
import operator

import numpy
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from gain import _creation, _fallback, _gain

ndarray = _gain.ndarray


def amax(a, *args, **kwargs):
    """The largest element along an axis: `max`."""
    return _gain.max(a, *args, **kwargs)


def amin(a, *args, **kwargs):
    """The smallest element along an axis: `min`."""
    return _gain.min(a, *args, **kwargs)


def _array(a):
    """The operand as a gain array; None if gain has no such dtype."""
    found = _creation.asarray(a)
    return found if type(found) is ndarray else None


def astype(x, dtype, /, *, copy=True, device=None):
    """The elements cast to another dtype."""
    if not isinstance(x, ndarray) and not numpy.isscalar(x):
        raise TypeError(f"Input should be a NumPy array or scalar. It is a {type(x)} instead.")
    return _creation.asarray(x).astype(dtype, copy=copy)


def ndim(a):
    """The number of axes."""
    return a.ndim if hasattr(a, "ndim") else numpy.ndim(a)


def shape(a):
    """The shape."""
    return a.shape if hasattr(a, "shape") else numpy.shape(a)


def size(a, axis=None):
    """The number of elements, of all or along axes."""
    if type(a) is not ndarray:
        return numpy.size(a, axis)
    if axis is None:
        return a.size
    axes = normalize_axis_tuple(axis, a.ndim)
    count = 1
    for place in axes:
        count *= a.shape[place]
    return count


def reshape(a, /, shape, order="C", *, copy=None):
    """The same elements in C order under another shape."""
    a = _array(a) if type(a) is not ndarray else a
    if a is not None and order == "C" and copy is None:
        view = a._quickly_reshaped(shape)
        if view is not None:
            return view
    if a is None:
        return _fallback.call("reshape", numpy.reshape, (a, shape), {"order": order})
    order = "C" if order is None else _creation._order(order)
    if order == "K":
        raise ValueError("order 'K' is not permitted for reshaping")
    if order == "F" or (order == "A" and a.ndim > 1 and a.flags.fnc):
        wanted = _lengths(shape)
        return reshape(a.transpose(), _complete(wanted, a.size)[::-1], copy=copy).transpose()
    wanted = _complete(_lengths(shape), a.size)
    view = a._reshaped(wanted)
    if view is None:
        if copy is False:
            raise ValueError("Unable to avoid creating a copy while reshaping.")
        return a._reshaped_copy(wanted)
    return view.copy() if copy else view


def _lengths(shape):
    """A shape as a tuple; booleans are no lengths."""
    lengths = (shape,) if hasattr(shape, "__index__") and not getattr(shape, "ndim", 0) else tuple(shape)
    if builtins.any(isinstance(n, (bool, numpy.bool_)) for n in lengths):
        raise TypeError("an integer is required")
    return tuple(operator.index(n) for n in lengths)


def _complete(wanted, count):
    """The shape with its -1 filled in."""
    known = 1
    for n in wanted:
        known *= 1 if n < 0 else n
    unknown = sum(n < 0 for n in wanted)
    if unknown > 1:
        raise ValueError("can only specify one unknown dimension")
    fits = known == count
    if unknown:
        fits = known != 0 and count % known == 0
    if not fits:
        # NumPy leaves unknown lengths out at the front and calls them newaxis elsewhere.
        shown = list(wanted)
        while shown and shown[0] < 0:
            del shown[0]
        text = ",".join("newaxis" if n < 0 else str(n) for n in shown) + ("," if len(wanted) == 1 else "")
        raise ValueError(f"cannot reshape array of size {count} into shape ({text})")
    return tuple(count // known if n < 0 else n for n in wanted)


def _spelled(shape):
    """A shape as NumPy's errors have it."""
    return "(" + ",".join(map(str, shape)) + (",)" if len(shape) == 1 else ")")


def ravel(a, order="C"):
    """The elements in one dimension, as a view where that is possible."""
    found = _array(a)
    if found is None:
        return numpy.ravel(a, order)
    if _creation._order(order) == "K":
        return _dense(reshape(found.transpose(found._axes_in_memory()), (-1,)))
    return _dense(reshape(found, (-1,), order))


def _dense(vector):
    """A vector whose elements lie side by side: what `ravel` gives, unlike a reshape."""
    return vector if vector.strides[0] == vector.itemsize or vector.size <= 1 else vector.copy()


def transpose(a, axes=None):
    """A view with the axes in another order; reversed without `axes`."""
    a = _creation.asarray(a)
    return a.transpose() if axes is None else a.transpose(axes)


permute_dims = transpose


def matrix_transpose(x, /):
    """A view with the last two axes exchanged."""
    x = _creation.asarray(x)
    if x.ndim < 2:
        raise ValueError(f"Input array must be at least 2-dimensional, but it is {x.ndim}")
    return swapaxes(x, -1, -2)


def swapaxes(a, axis1, axis2):
    """A view with two axes exchanged."""
    a = _creation.asarray(a)
    order = list(range(a.ndim))
    one, two = _axis(axis1, a.ndim, "axis1"), _axis(axis2, a.ndim, "axis2")
    order[one], order[two] = order[two], order[one]
    return a.transpose(order)


def _axis(axis, n_axes, name=None):
    return normalize_axis_index(operator.index(axis), n_axes, name)


def moveaxis(a, source, destination):
    """A view with axes moved to other places."""
    a = _creation.asarray(a)
    source = normalize_axis_tuple(source, a.ndim, "source")
    destination = normalize_axis_tuple(destination, a.ndim, "destination")
    if len(source) != len(destination):
        raise ValueError("`source` and `destination` arguments must have the same number of elements")
    order = [axis for axis in range(a.ndim) if axis not in source]
    for place, axis in sorted(zip(destination, source)):
        order.insert(place, axis)
    return a.transpose(order)


def rollaxis(a, axis, start=0):
    """A view with one axis moved back before another."""
    a = _creation.asarray(a)
    axis = _axis(axis, a.ndim)
    if start < 0:
        start += a.ndim
    if not 0 <= start <= a.ndim:
        raise numpy.exceptions.AxisError(f"'start' arg requires {-a.ndim} <= start < {a.ndim + 1}, but {start} was passed in")
    order = [other for other in range(a.ndim) if other != axis]
    order.insert(start - 1 if axis < start else start, axis)
    return a.transpose(order)


def expand_dims(a, axis):
    """A view with axes of length 1 more."""
    a = _creation.asarray(a)
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    for place in sorted(normalize_axis_tuple(axes, a.ndim + len(axes))):
        a = a._with_axis(place)
    return a


def squeeze(a, axis=None):
    """A view without axes of length 1."""
    a = _creation.asarray(a)
    if axis is None:
        axes = [place for place, n in enumerate(a.shape) if n == 1]
    elif a.ndim == 0 and axis in (0, -1):
        # NumPy takes an axis that isn't there for one of length 1.
        return a[...]
    else:
        axes = normalize_axis_tuple(axis, a.ndim)
        if builtins.any(a.shape[place] != 1 for place in axes):
            raise ValueError("cannot select an axis to squeeze out which has size not equal to one")
    for place in sorted(axes, reverse=True):
        a = a._without_axis(place)
    return a


def broadcast_to(array, shape, subok=False):
    """A read-only view that repeats the elements."""
    a = _creation.asanyarray(array) if subok else _creation.asarray(array)
    wanted = (operator.index(shape),) if hasattr(shape, "__index__") else tuple(shape)
    if type(a) is not ndarray:
        return numpy.broadcast_to(a, wanted, subok=subok)
    if builtins.any(n < 0 for n in wanted):
        raise ValueError("all elements of broadcast shape must be non-negative")
    fits = len(wanted) >= a.ndim and builtins.all(n in (1, m) for n, m in zip(a.shape[::-1], wanted[::-1]))
    if not fits:
        if len(wanted) < a.ndim:
            raise ValueError("input operand has more dimensions than allowed by the axis remapping")
        raise ValueError(
            "operands could not be broadcast together with remapped shapes [original->remapped]: "
            f"{_spelled(a.shape)}  and requested shape {_spelled(wanted)}"
        )
    return a._broadcast(wanted)


def broadcast_arrays(*args, subok=False):
    """Views of the operands under the shape that they have together."""
    arrays = [_creation.asanyarray(a) if subok else _creation.asarray(a) for a in args]
    together = numpy.broadcast_shapes(*(a.shape for a in arrays))
    return tuple(a if a.shape == together else broadcast_to(a, together, subok) for a in arrays)


def atleast_1d(*arys):
    """Arrays of at least one axis."""
    return _at_least(arys, lambda a: a[None] if a.ndim == 0 else a)


def atleast_2d(*arys):
    """Arrays of at least two axes."""
    return _at_least(arys, lambda a: reshape(a, (1, 1)) if a.ndim == 0 else a[None, :] if a.ndim == 1 else a)


def atleast_3d(*arys):
    """Arrays of at least three axes."""

    def grown(a):
        if a.ndim == 0:
            return reshape(a, (1, 1, 1))
        if a.ndim == 1:
            return a[None, :, None]
        return a[:, :, None] if a.ndim == 2 else a

    return _at_least(arys, grown)


def _at_least(arrays, grown):
    found = tuple(grown(_creation.asarray(a)) for a in arrays)
    return found[0] if len(found) == 1 else found


def flip(m, axis=None):
    """A view with the elements along axes in reverse."""
    m = _creation.asarray(m)
    axes = range(m.ndim) if axis is None else normalize_axis_tuple(axis, m.ndim)
    return m[tuple(slice(None, None, -1) if place in axes else slice(None) for place in range(m.ndim))]


def flipud(m):
    """A view with the first axis in reverse."""
    m = _creation.asarray(m)
    if m.ndim < 1:
        raise ValueError("Input must be >= 1-d.")
    return m[::-1, ...]


def fliplr(m):
    """A view with the second axis in reverse."""
    m = _creation.asarray(m)
    if m.ndim < 2:
        raise ValueError("Input must be >= 2-d.")
    return m[:, ::-1]


def rot90(m, k=1, axes=(0, 1)):
    """A view turned by quarters in the plane of two axes."""
    m = _creation.asarray(m)
    axes = tuple(axes)
    if len(axes) != 2:
        raise ValueError("len(axes) must be 2.")
    if axes[0] == axes[1] or abs(axes[0] - axes[1]) == m.ndim:
        raise ValueError("Axes must be different.")
    if builtins.any(not -m.ndim <= axis < m.ndim for axis in axes):
        raise ValueError(f"Axes={axes} out of range for array of ndim={m.ndim}.")
    k %= 4
    if k == 0:
        return m[...]
    if k == 2:
        return flip(m, axes)
    if k == 1:
        return swapaxes(flip(m, axes[1]), *axes)
    return flip(swapaxes(m, *axes), axes[1])


def array_split(ary, indices_or_sections, axis=0):
    """Views of consecutive parts along an axis, as even as possible."""
    ary = _creation.asarray(ary)
    n = ary.shape[axis]
    if hasattr(indices_or_sections, "__len__"):
        cuts = [0, *(operator.index(cut) for cut in indices_or_sections), n]
    else:
        sections = int(indices_or_sections)
        if sections <= 0:
            raise ValueError("number sections must be larger than 0.") from None
        each, extra = divmod(n, sections)
        cuts = [part * each + builtins.min(part, extra) for part in range(sections + 1)]
    moved = swapaxes(ary, axis, 0)
    return [swapaxes(moved[start:stop], axis, 0) for start, stop in zip(cuts, cuts[1:])]


def split(ary, indices_or_sections, axis=0):
    """Views of consecutive parts along an axis, all of one length when their number is given."""
    ary = _creation.asarray(ary)
    if not hasattr(indices_or_sections, "__len__") and ary.shape[axis] % indices_or_sections:
        raise ValueError("array split does not result in an equal division") from None
    return array_split(ary, indices_or_sections, axis)


def hsplit(ary, indices_or_sections):
    """Parts along the second axis, or the only one."""
    ary = _creation.asarray(ary)
    if ary.ndim == 0:
        raise ValueError("hsplit only works on arrays of 1 or more dimensions")
    return split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


def vsplit(ary, indices_or_sections):
    """Parts along the first axis."""
    ary = _creation.asarray(ary)
    if ary.ndim < 2:
        raise ValueError("vsplit only works on arrays of 2 or more dimensions")
    return split(ary, indices_or_sections, 0)


def dsplit(ary, indices_or_sections):
    """Parts along the third axis."""
    ary = _creation.asarray(ary)
    if ary.ndim < 3:
        raise ValueError("dsplit only works on arrays of 3 or more dimensions")
    return split(ary, indices_or_sections, 2)


def unstack(x, /, *, axis=0):
    """The arrays along an axis, as a tuple of views."""
    x = _creation.asarray(x)
    if x.ndim == 0:
        raise ValueError("Input array must be at least 1-d.")
    x = moveaxis(x, axis, 0)
    return tuple(x._view(place) for place in range(x.shape[0]))


def copyto(dst, src, casting="same_kind", where=True):
    """Copies elements of `src` over `dst`, where a mask is true."""
    if type(dst) is not ndarray:
        if not isinstance(dst, numpy.ndarray):
            raise TypeError(f"copyto() argument 1 must be a numpy.ndarray, not {type(dst).__name__}")
        return _fallback.call("copyto", numpy.copyto, (dst, src), {"casting": casting, "where": where})
    source = _array(src)
    if source is None:
        return _fallback.call("copyto", numpy.copyto, (dst, src), {"casting": casting, "where": where})
    if type(src) in (bool, int, float, complex):
        # A number of Python's has its kind, and the array's precision.
        source = _creation.asarray(numpy.asarray(src, numpy.result_type(src, dst.dtype)))
    if not numpy.can_cast(source.dtype, dst.dtype, casting):
        what = "array data" if source.ndim else "scalar"
        raise TypeError(f"Cannot cast {what} from {source.dtype!r} to {dst.dtype!r} according to the rule '{casting}'")
    if not dst._writeable:
        raise ValueError("assignment destination is read-only")
    if where is not True:
        # NumPy takes the truth of what is no array yet.
        where = _array(where if isinstance(where, (numpy.ndarray, numpy.generic, ndarray)) else numpy.asarray(where, bool))
        if where is None or where.dtype != numpy.bool_:
            kind = numpy.asarray(where).dtype if where is None else where.dtype
            raise TypeError(f"Cannot cast array data from {kind!r} to {numpy.dtype(bool)!r} according to the rule 'safe'")
        try:
            mask = broadcast_to(where, dst.shape)
        except ValueError:
            raise ValueError(f"could not broadcast where mask from shape {_spelled(where.shape)} into shape {_spelled(dst.shape)}") from None
        source = source.astype(dst.dtype)
        while source.ndim > dst.ndim and source.shape[0] == 1:
            source = source._view(0)
        source = _gain.where(mask, broadcast_to(source, dst.shape), dst)
    dst._assign(source)


def clip(a, a_min=numpy._NoValue, a_max=numpy._NoValue, out=None, *, min=numpy._NoValue, max=numpy._NoValue, **kwargs):
    """The elements limited to an interval."""
    if a_min is numpy._NoValue and a_max is numpy._NoValue:
        a_min = None if min is numpy._NoValue else min
        a_max = None if max is numpy._NoValue else max
    elif a_min is numpy._NoValue or a_max is numpy._NoValue:
        missing = "a_min" if a_min is numpy._NoValue else "a_max"
        raise TypeError(f"clip() missing 1 required positional argument: '{missing}'")
    elif min is not numpy._NoValue or max is not numpy._NoValue:
        raise ValueError("Passing `min` or `max` keyword argument when `a_min` and `a_max` are provided is forbidden.")
    a = _creation.asarray(a)
    ours = type(a) is ndarray and (out is None or type(out) is ndarray) and kwargs.keys() <= {"where", "dtype", "casting"}
    if not ours or builtins.any(_foreign(limit) for limit in (a_min, a_max)):
        return _fallback.call("clip", numpy.clip, (a, a_min, a_max), {"out": out, **kwargs})
    if kwargs:
        return _clipped(a, a_min, a_max, out, **kwargs)
    if a_min is None and a_max is None:
        return _gain.positive(a, out=out) if a.dtype != bool else a.copy()
    if a.dtype.kind in "iu":
        a_min, a_max = _within(a_min, a.dtype), _within(a_max, a.dtype)
    if a_min is not None and a_max is not None and out is None and a.dtype != bool:
        limited = _gain._clip(a, a_min, a_max)
        if limited is not None:
            return limited
    limited = a
    if a_min is not None:
        limited = _gain.maximum(limited, a_min, out=out if a_max is None else None)
    if a_max is not None:
        limited = _gain.minimum(limited, a_max, out=out)
    return limited


def _foreign(limit):
    """Whether a limit is an array of a dtype that gain has not."""
    return isinstance(limit, numpy.ndarray) and type(limit) is not ndarray and not _gain.holds(limit.dtype)


def _within(limit, dtype):
    """A limit of integers that is a number beyond their range: the range's own end limits as much."""
    if type(limit) is not int:
        return limit
    info = numpy.iinfo(dtype)
    return builtins.min(builtins.max(limit, int(info.min)), int(info.max))


def _clipped(a, a_min, a_max, out, where=True, dtype=None, casting="same_kind"):
    """As `clip`, in another dtype, or only where a mask is true."""
    limits = [item for item in (a_min, a_max) if item is not None]
    wanted = numpy.dtype(dtype) if dtype is not None else result(a, *limits)
    if not numpy.can_cast(a.dtype, wanted, casting):
        return _fallback.call("clip", numpy.clip, (a, a_min, a_max), {"out": out, "dtype": dtype, "casting": casting})
    limited = clip(a.astype(wanted), *(item.astype(wanted) if isinstance(item, ndarray) else item for item in (a_min, a_max)))
    if out is None:
        return limited
    copyto(out, limited, casting, where)
    return out


def result(*operands):
    """The dtype that operands have together."""
    return numpy.result_type(*(item.dtype if isinstance(item, ndarray) else item for item in operands))


def round(a, decimals=0, out=None):
    """The elements rounded to so many decimals, halves to the even neighbour."""
    a = _creation.asarray(a)
    if type(a) is not ndarray or a.dtype.kind not in "fiuc" or not (out is None or type(out) is ndarray):
        return _fallback.call("round", numpy.round, (a, decimals, out), {})
    decimals = operator.index(decimals)
    if a.dtype.kind in "iu":
        if decimals >= 0:
            return _gain.positive(a, out=out)
        rounded = _scaled(a.astype(float), decimals).astype(a.dtype)
    elif a.dtype.kind == "c":
        rounded = a.copy("K")
        rounded.real, rounded.imag = _scaled(a.real, decimals), _scaled(a.imag, decimals)
    else:
        return _scaled(a, decimals, out)
    if out is None:
        return rounded
    out[...] = rounded
    return out


def _scaled(a, decimals, out=None):
    """Real elements rounded."""
    if decimals == 0:
        return _gain.rint(a, out=out)
    scale = 10.0 ** abs(decimals)
    if decimals > 0:
        return _gain.divide(_gain.rint(a * scale), scale, out=out)
    return _gain.multiply(_gain.rint(a / scale), scale, out=out)


around = round


def ptp(a, axis=None, out=None, keepdims=False):
    """The range of the elements: the largest less the smallest."""
    a = _creation.asarray(a)
    return _gain.subtract(a.max(axis, keepdims=bool(keepdims)), a.min(axis, keepdims=bool(keepdims)), out=out)


def real(val):
    """The real part."""
    return val.real if hasattr(val, "real") and not isinstance(val, numpy.ndarray) else _creation.asarray(val).real


def imag(val):
    """The imaginary part."""
    return val.imag if hasattr(val, "imag") and not isinstance(val, numpy.ndarray) else _creation.asarray(val).imag


def iscomplexobj(x):
    """Whether the dtype is complex."""
    return x.dtype.kind == "c" if type(x) is ndarray else numpy.iscomplexobj(x)


def isfortran(a):
    """Whether the elements lie by columns, and not by rows too."""
    return a.flags.fnc


def isrealobj(x):
    """Whether the dtype is not complex."""
    return not iscomplexobj(x)


def iterable(y):
    """Whether an object can be iterated over."""
    return y.ndim > 0 if type(y) is ndarray else numpy.iterable(y)


def shares_memory(a, b, /, max_work=-1):
    """Whether two arrays have an element in common, as far as their bounds and steps tell."""
    if type(a) is not ndarray or type(b) is not ndarray:
        return numpy.shares_memory(a, b, max_work) if type(a) is not ndarray and type(b) is not ndarray else False
    return a._may_share(b)


def may_share_memory(a, b, /, max_work=0):
    """Whether the stretches of memory in which two arrays lie overlap."""
    if type(a) is not ndarray or type(b) is not ndarray or max_work != 0:
        return shares_memory(a, b, max_work)
    if not a.size or not b.size or not a._same_memory(b):
        return False
    (low, high), (other_low, other_high) = _stretch(a), _stretch(b)
    return low < other_high and other_low < high


def _stretch(a):
    """Where in the memory that an array is a view of its elements begin and end, in bytes."""
    first = a._underlying()[1] * a.itemsize
    steps = [(n - 1) * stride for n, stride in zip(a.shape, a.strides)]
    return first + builtins.sum(step for step in steps if step < 0), first + builtins.sum(step for step in steps if step > 0) + a.itemsize


def local(a):
    """This rank's own part of an array, as a NumPy view of its memory: writes are seen on both sides. Collective.

    `gain.distribution(a)[gain.rank()]` is its place in the array.
    """
    return a._local()


def from_local(block):
    """The array of the ranks' blocks (NumPy arrays), one behind the other along the first axis. Collective."""
    return _gain._from_parts(numpy.asarray(block))


def distribution(a):
    """Each rank's box of an array's indices: a slice for each axis. Collective when the array waits to be computed."""
    return [tuple(slice(lo, hi) for lo, hi in zip(*corners)) for corners in a._boxes()]


def redistribute(a, cuts):
    """A copy of an array cut at other points: a list for each axis, from 0 to its length. Collective."""
    return a._redistributed([[operator.index(point) for point in points] for points in cuts])
