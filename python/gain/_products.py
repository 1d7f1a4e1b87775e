"""Products: by gain-linalg, or as multiplications and sums that are fused."""

import inspect
import operator

import numpy

from gain import _creation, _fallback, _functions, _gain, _grids, _overrides, _ufunc_overrides

ndarray = _gain.ndarray


def _arrays(*given):
    """The operands as gain arrays; None if one has a dtype that gain has not."""
    arrays = [_creation.asarray(a) for a in given]
    return arrays if all(type(a) is ndarray for a in arrays) else None


def _stored(found, out):
    """The result in `out`, if there is one; None where NumPy must judge that output."""
    if isinstance(out, tuple) and len(out) == 1:
        out = out[0]
    if out is None:
        return found
    if type(out) is not ndarray or out.shape != numpy.shape(found) or not numpy.can_cast(found.dtype, out.dtype, "same_kind"):
        return None
    if not out._writeable:
        return None
    out[...] = found
    return out


def dot_of_any(a, b, out):
    """The dot product of what `gain._gain.dot` has no quick way for."""
    if _overrides.speakers((a, b)):
        found = _overrides.ask("dot", dot, (a, b), {} if out is None else {"out": out})
        return found if found is not NotImplemented else _fallback.call("dot", numpy.dot, (a, b, out), {})
    operands = _arrays(a, b)
    if operands and (out is None or type(out) is ndarray):
        found = _dot(*operands)
        if found is not None and out is None:
            return found
        if found is not None:
            if out.shape != numpy.shape(found) or out.dtype != found.dtype or not out.flags.c_contiguous:
                raise ValueError(
                    "output array is not acceptable (must have the right datatype, number of dimensions, and be a C-Array)"
                )
            if out._writeable:
                out[...] = found
                return out
    return _fallback.call("dot", numpy.dot, (a, b, out), {})


def _dot(a, b):
    if a.ndim == 0 or b.ndim == 0:
        return _gain.multiply(a, b)
    if a.ndim <= 2 and b.ndim <= 2:
        return _gain._dot(a, b)
    axis = max(b.ndim - 2, 0)
    if a.shape[-1] != b.shape[axis]:
        first, second = (str(x.shape).replace(" ", "") for x in (a, b))
        raise ValueError(
            f"shapes {first} and {second} not aligned: {a.shape[-1]} (dim {a.ndim - 1}) != {b.shape[axis]} (dim {axis})"
        )
    return _contracted(a, b, (a.ndim - 1,), (axis,))


def _contracted(a, b, axes_a, axes_b):
    """The sum over pairs of axes, as a product of matrices."""
    free_a = [axis for axis in range(a.ndim) if axis not in axes_a]
    free_b = [axis for axis in range(b.ndim) if axis not in axes_b]
    n = int(numpy.prod([a.shape[axis] for axis in axes_a], dtype=int))
    shape_a, shape_b = [a.shape[axis] for axis in free_a], [b.shape[axis] for axis in free_b]
    # Without axes of its own an operand is a vector, for which there are better ways than for a matrix of one row.
    rows, columns = ([int(numpy.prod(shape, dtype=int))] if shape else [] for shape in (shape_a, shape_b))
    left = _functions.reshape(_functions.transpose(a, (*free_a, *axes_a)), (*rows, n))
    right = _functions.reshape(_functions.transpose(b, (*axes_b, *free_b)), (n, *columns))
    found = _gain._dot(left, right)
    return None if found is None else _functions.reshape(found, (*shape_a, *shape_b))


# The axes of each operand and of the result that NumPy's gufuncs work on.
_CORES = {"matmul": (2, 2, 2), "vecdot": (1, 1, 0), "matvec": (2, 1, 1), "vecmat": (1, 2, 1)}


class Gufunc:
    """A function with the arguments and the attributes of NumPy's gufunc of that name. No method when a class holds it, as NumPy's."""

    def __init__(self, name, compute):
        self._name, self._compute, self._theirs = name, compute, getattr(numpy, name)
        self.__name__ = self.__qualname__ = name
        self.__doc__ = f"`numpy.{name}`: {_ABOUT[name]} Collective."

    def __call__(self, x1, x2, /, out=None, **kwargs):
        if out is None and not kwargs and type(x1) is type(x2) is ndarray:
            try:
                found = self._compute(x1, x2)
            except _Unusual:
                found = None
            if found is not None:
                return found
        args = (x1, x2) if out is None else (x1, x2, out)
        found = NotImplemented
        if not _ufunc_overrides.are_silent(args, kwargs):
            found = _ufunc_overrides.ask(self, "__call__", args, kwargs)
        elif not any(map(_ufunc_overrides.is_special, args)):
            found = self._of_any(x1, x2, out, **kwargs)
        return found if found is not NotImplemented else _fallback.call(self._name, self._theirs, args, kwargs)

    def _of_any(self, x1, x2, out, axes=None, axis=None, keepdims=False, dtype=None, **kwargs):
        """The result; NotImplemented for what NumPy must judge."""
        name = self._name
        operands = _arrays(x1, x2) if not kwargs else None
        fits = operands and (name == "matmul" or all(x.ndim >= core for x, core in zip(operands, _CORES[name])))
        of_vectors = type(keepdims) is bool and (name == "vecdot" or axis is None and not keepdims)
        if fits and of_vectors and not isinstance(out, numpy.ndarray):
            try:
                found = _computed(name, self._compute, operands, axes, axis, dtype, keepdims)
            except _Unusual:
                found = None
            if found is not None:
                found = _stored(found, out)
            if found is not None:
                return found
        return NotImplemented

    @property
    def __signature__(self):
        return inspect.signature(self._theirs)

    @property
    def _numpy_function(self):
        return self._theirs

    def __getattr__(self, name):
        # What NumPy's gufunc says of itself: numbers of operands, signature; that it has no reductions.
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self._theirs, name)
        return _fallback.wrap(f"{self._name}.{name}", found) if callable(found) else found

    def __repr__(self):
        return repr(self._theirs)

    def __reduce__(self):
        return self._name


class _Unusual(Exception):
    """Arguments that NumPy must judge."""


def _computed(name, compute, operands, axes, axis, dtype, keepdims):
    if dtype is not None:
        if not all(numpy.can_cast(x.dtype, dtype, "same_kind") for x in operands):
            raise _Unusual
        operands = [_functions.astype(x, dtype) for x in operands]
        if not all(type(x) is ndarray for x in operands):
            raise _Unusual
    if axes is None and axis is None:
        return _with_axis(compute(*operands), (-1,) if keepdims else ())
    cores = _CORES[name]
    if axes is None:
        axes = [(axis,), (axis,), (axis,) if keepdims else ()]
    elif axis is not None:
        raise _Unusual
    try:
        axes = [tuple(item) if isinstance(item, (tuple, list)) else (operator.index(item),) for item in axes]
    except TypeError:
        raise _Unusual from None
    if len(axes) == 2 and cores[2] == 0:
        axes.append((-1,) if keepdims else ())
    if len(axes) != 3 or any(len(item) != core for item, core in zip(axes, (*cores[:2], cores[2] + bool(keepdims)))):
        raise _Unusual
    moved = [_to_the_end(x, item) for x, item in zip(operands, axes)]
    found = compute(*moved)
    if keepdims:
        return _with_axis(found, axes[2])
    if found is None or not axes[2] or not numpy.ndim(found):
        return found
    return _functions.moveaxis(found, range(-len(axes[2]), 0), axes[2])


def _with_axis(found, axes):
    """The result with an axis of length 1 at a place; itself if there is no place."""
    if found is None or not axes:
        return found
    return _functions.expand_dims(_gain._operand(found), axes[0])


def _to_the_end(x, axes):
    return _functions.moveaxis(x, axes, range(-len(axes), 0)) if axes else x


def _check_stacks(left, right):
    """Stacks that do not broadcast are NumPy's to judge: its words name this function's axes."""
    if left != right:
        try:
            numpy.broadcast_shapes(left, right)
        except ValueError:
            raise _Unusual from None


def _vecdot(a, b):
    if a.shape[-1] != b.shape[-1]:
        raise _Unusual
    if a.dtype.kind == "c":
        a = _gain.conjugate(a)
    _check_stacks(a.shape[:-1], b.shape[:-1])
    found = _gain._vecdot(a, b)
    if found is not None:
        return found
    if a.dtype.kind == b.dtype.kind == "b":
        return _gain.any(a & b, axis=-1)
    products = a * b
    return _gain.sum(products, axis=-1, dtype=products.dtype)


def _matvec(a, b):
    if a.shape[-1] != b.shape[-1]:
        raise _Unusual
    if b.ndim == 1:
        return _gain._matmul(a, b)
    _check_stacks(a.shape[:-2], b.shape[:-1])
    found = _gain._matmul(a, b[..., None])
    return None if found is None else found[..., 0]


def _vecmat(a, b):
    if a.shape[-1] != b.shape[-2]:
        raise _Unusual
    if a.dtype.kind == "c":
        a = _gain.conjugate(a)
    if a.ndim == 1:
        return _gain._matmul(a, b)
    _check_stacks(a.shape[:-1], b.shape[:-2])
    found = _gain._matmul(a[..., None, :], b)
    return None if found is None else found[..., 0, :]


_ABOUT = {
    "matmul": "the product of matrices, or of stacks of them.",
    "vecdot": "the dot product along the last axis, with the first operand's conjugate.",
    "matvec": "the product of matrices and vectors along the last axes.",
    "vecmat": "the product of conjugated vectors and matrices along the last axes.",
}

dot = _gain.dot
matmul = Gufunc("matmul", _gain._matmul)
vecdot = Gufunc("vecdot", _vecdot)
matvec = Gufunc("matvec", _matvec)
vecmat = Gufunc("vecmat", _vecmat)


def vdot(a, b, /):
    """The dot product of two arrays read as vectors, with the first one's conjugate. Collective."""
    operands = _arrays(a, b)
    if not operands or operands[0].size != operands[1].size:
        return _fallback.call("vdot", numpy.vdot, (a, b), {})
    x, y = (_functions.ravel(item) for item in operands)
    return _gain._dot(_gain.conjugate(x) if x.dtype.kind == "c" else x, y)


def inner(a, b, /):
    """The sum of products over the last axes. Collective."""
    operands = _arrays(a, b)
    if operands:
        x, y = operands
        if x.ndim == 0 or y.ndim == 0:
            return _gain.multiply(x, y)
        if x.shape[-1] == y.shape[-1]:
            found = _gain._dot(x, y) if x.ndim == y.ndim == 1 else _contracted(x, y, (x.ndim - 1,), (y.ndim - 1,))
            if found is not None:
                return found
    return _fallback.call("inner", numpy.inner, (a, b), {})


def outer(a, b, out=None):
    """The products of all pairs of elements of two arrays. Collective."""
    operands = _arrays(a, b)
    if not operands:
        return _fallback.call("outer", numpy.outer, (a, b, out), {})
    x, y = operands
    return _gain.multiply(_functions.ravel(x)[:, None], _functions.ravel(y)[None, :], out=out)


def tensordot(a, b, axes=2):
    """The sum of products over pairs of axes: the last `axes` of `a` and the first of `b`, or two lists of axes. Collective."""
    operands = _arrays(a, b)
    if not operands:
        return _fallback.call("tensordot", numpy.tensordot, (a, b), {"axes": axes})
    x, y = operands
    try:
        axes_x, axes_y = axes
    except TypeError:
        count = operator.index(axes)
        axes_x, axes_y = range(x.ndim - count, x.ndim), range(count)
    axes_x, axes_y = _listed(axes_x), _listed(axes_y)
    if len(axes_x) != len(axes_y) or not _fit(x, y, axes_x, axes_y):
        return _fallback.call("tensordot", numpy.tensordot, (a, b), {"axes": axes})
    found = _contracted(x, y, [axis % x.ndim for axis in axes_x], [axis % y.ndim for axis in axes_y])
    return found if found is not None else _fallback.call("tensordot", numpy.tensordot, (a, b), {"axes": axes})


def _listed(axes):
    try:
        return [operator.index(axis) for axis in axes]
    except TypeError:
        return [operator.index(axes)]


def _fit(x, y, axes_x, axes_y):
    if not all(-x.ndim <= axis < x.ndim for axis in axes_x) or not all(-y.ndim <= axis < y.ndim for axis in axes_y):
        return False
    places = {axis % x.ndim for axis in axes_x} if axes_x else set()
    others = {axis % y.ndim for axis in axes_y} if axes_y else set()
    return len(places) == len(axes_x) and len(others) == len(axes_y) and all(
        x.shape[i] == y.shape[j] for i, j in zip(axes_x, axes_y)
    )


def kron(a, b):
    """The Kronecker product: blocks of `b`, each times an element of `a`. Collective."""
    operands = _arrays(a, b)
    if not operands or isinstance(a, numpy.matrix) or isinstance(b, numpy.matrix):
        return _fallback.call("kron", numpy.kron, (a, b), {})
    x, y = operands
    ndim = max(x.ndim, y.ndim)
    if ndim == 0:
        return _gain.multiply(x, y)
    shape_x, shape_y = (1,) * (ndim - x.ndim) + x.shape, (1,) * (ndim - y.ndim) + y.shape
    wide_x = _functions.reshape(x, [n for pair in zip(shape_x, (1,) * ndim) for n in pair])
    wide_y = _functions.reshape(y, [n for pair in zip((1,) * ndim, shape_y) for n in pair])
    return _functions.reshape(wide_x * wide_y, [n * m for n, m in zip(shape_x, shape_y)])


def trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    """The sum along diagonals. Collective."""
    array = _creation.asarray(a)
    if type(array) is not ndarray:
        return _fallback.call("trace", numpy.trace, (a, offset, axis1, axis2, dtype, out), {})
    found = _grids.diagonal(array, offset, axis1, axis2)
    return _gain.sum(found, axis=-1, dtype=dtype, out=out)


def imatmul(self, other):
    """`self @= other`: the product, in the memory of the left operand. Collective."""
    shape = numpy.shape(other)
    fits = self.ndim > 1 and len(shape) > 1 and shape[-2:] == (self.shape[-1],) * 2
    found = matmul(self, other) if fits else None
    if found is None or numpy.shape(found) != self.shape or not numpy.can_cast(found.dtype, self.dtype, "same_kind"):
        return _fallback.operator("imatmul", self, other)
    self[...] = found
    return self
