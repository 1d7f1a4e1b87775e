"""Stacks of matrices: every rank has LAPACK, NumPy's own, work on whole matrices that are its own, so that nothing is gathered.

Small arrays are whole on every rank: each calls NumPy on its copy and all get the same, NumPy's bits.
"""

import math
import pickle

import numpy

from gain import _fallback, _gain, _parts

ndarray = _gain.ndarray
_THRESHOLD = _gain.info()["threshold"]


def is_small(array):
    """Whether an array is whole on every rank by its size, whatever the number of ranks."""
    return array.size <= _THRESHOLD


def on_copies(name, function, args, kwargs):
    """NumPy's function on every rank's own copies. Collective. Only for operands that are small or that NumPy alone understands."""
    found = _gain._small(function, args, kwargs)
    return _fallback.call(name, function, args, kwargs, quiet=True) if found is NotImplemented else found


def stand_in(array, lengths=None):
    """A NumPy array without memory of the same dtype and number of axes: what NumPy says about it, it says about the array."""
    return numpy.broadcast_to(array.dtype.type(0), array.shape if lengths is None else lengths)


def each(function, operands, n_core=2, **kwargs):
    """`function` of numpy.linalg on each matrix of the operands' common stack. Collective.

    The stack's matrices are dealt out in order, as evenly as may be. An error on one rank is raised on all of them.
    """
    cores = [operand.shape[operand.ndim - n_core:] for operand in operands]
    function(*(numpy.zeros((0, *core), operand.dtype) for core, operand in zip(cores, operands)), **kwargs)
    batch = numpy.broadcast_shapes(*(operand.shape[: operand.ndim - n_core] for operand in operands))
    blocks = [_own(operand, batch, core) for core, operand in zip(cores, operands)]
    failure, found = b"", None
    try:
        found = function(*blocks, **kwargs)
    except Exception as error:  # whatever it is, all ranks learn of it
        failure = pickle.dumps(error)
    parts = found if isinstance(found, tuple) else (found,)
    dtypes = "" if found is None else ",".join(part.dtype.char for part in parts)
    reports = _gain._all_gather(pickle.dumps((failure, dtypes)))
    reports = [pickle.loads(report) for report in reports]
    for failure, _ in reports:
        if failure:
            raise pickle.loads(failure)
    # Eigenvalues are complex where those of one matrix are.
    kinds = [numpy.result_type(*column) for column in zip(*(dtypes.split(",") for _, dtypes in reports))]
    whole = [_joined(part, kind, batch) for part, kind in zip(parts, kinds)]
    if not isinstance(found, tuple):
        return whole[0]
    return type(found)._make(whole) if hasattr(found, "_make") else tuple(whole)


def _own(operand, batch, core):
    """This rank's matrices of an operand, as a NumPy array."""
    import gain

    shape = (*batch, *core)
    if operand.shape != shape:
        operand = gain.broadcast_to(operand, shape)
    count = math.prod(batch)
    operand = gain.reshape(operand, (count, *core))
    n_ranks = _gain.n_ranks()
    if n_ranks > 1:
        cuts = [count * rank // n_ranks for rank in range(n_ranks + 1)]
        wanted = [(lo, hi) for lo, hi in zip(cuts, cuts[1:])]
        if [(lo[0], hi[0]) for lo, hi in operand._boxes()] != wanted:
            operand = operand._redistributed([cuts, *([0, length] for length in core)])
        else:
            whole = all(tuple(hi[1:]) == core for _, hi in operand._boxes())
            operand = operand if whole else operand._redistributed([cuts, *([0, length] for length in core)])
    return operand._local() if operand._is_replicated else _parts.rows(operand)


def _joined(part, dtype, batch):
    import gain

    made = _gain._from_parts(numpy.ascontiguousarray(part, dtype))
    return gain.reshape(made, (*batch, *part.shape[1:]))
