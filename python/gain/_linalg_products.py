"""The names of `numpy.linalg` that are products, diagonals and compositions of other functions. All are collective."""

import numpy

from gain import _borrowed, _creation, _grids, _products


def diagonal(x, /, *, offset=0):
    """The diagonals of a stack of matrices."""
    return _grids.diagonal(x, offset, -2, -1)


def trace(x, /, *, offset=0, dtype=None):
    """The sums along the diagonals of a stack of matrices."""
    return _products.trace(x, offset, -2, -1, dtype)


def outer(x1, x2, /):
    """The products of all pairs of elements of two vectors. `ValueError` for other arrays."""
    x1, x2 = _creation.asarray(x1), _creation.asarray(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(f"Input arrays must be one-dimensional, but they are {x1.ndim=} and {x2.ndim=}.")
    return _products.outer(x1, x2)


def matmul(x1, x2, /):
    """The product of matrices, or of stacks of them."""
    return _products.matmul(x1, x2)


def vecdot(x1, x2, /, *, axis=-1):
    """The dot product along an axis."""
    return _products.vecdot(x1, x2, axis=axis)


def tensordot(x1, x2, /, *, axes=2):
    """The sum of products over pairs of axes."""
    return _products.tensordot(x1, x2, axes=axes)


# NumPy's compositions of products, solutions and inverses.
COMPOSED = {
    name: _borrowed.borrow(getattr(numpy.linalg, name), "linalg." + name)
    for name in ("cross", "matrix_power", "matrix_transpose", "multi_dot", "tensorinv", "tensorsolve")
}
