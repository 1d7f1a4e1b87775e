"""NumPy's interface on arrays that are spread over all ranks and cores: `import gain as np`.

What has no native form yet goes through NumPy (`gain._fallback`): the operands are gathered, NumPy computes, the result is spread
again, and a `FallbackWarning` says so once for each name. `gain.coverage()` lists both kinds.
"""

import atexit as _atexit

import numpy as _numpy

from gain import _gain, _guard

_guard.install(_gain.rank(), _gain.n_ranks(), _gain.finish, _gain.abort, _gain.claim_telling)

from gain import _ufuncs  # noqa: E402  (the hook above is there before anything can raise)
from gain._creation import (  # noqa: E402
    arange, array, asanyarray, asarray, asarray_chkfinite, ascontiguousarray, asfortranarray, copy, empty_like, eye, fromfunction, full_like, identity, indices,
    linspace, ones_like, require, zeros_like,
)
from gain._functions import (  # noqa: E402
    amax, amin, array_split, astype, atleast_1d, atleast_2d, atleast_3d, broadcast_arrays, broadcast_to, clip, copyto,
    distribution, dsplit, expand_dims, flip, fliplr, flipud, from_local, hsplit, imag, iscomplexobj, isfortran, isrealobj, iterable, local, matrix_transpose,
    may_share_memory, moveaxis, ndim, permute_dims, ptp, ravel, real, redistribute, reshape, rollaxis, rot90, round, shape, shares_memory, size,
    split, squeeze, swapaxes, transpose, unstack, vsplit,
)
from gain._shared_files import memmap  # noqa: E402
from gain._functions import around  # noqa: E402
from gain._grids import (  # noqa: E402
    c_, diag, diag_indices, diag_indices_from, diagflat, diagonal, fill_diagonal, logspace, meshgrid, mgrid, ogrid, r_, tri, tril,
    tril_indices, tril_indices_from, triu, triu_indices, triu_indices_from, vander,
)
from gain._indexing import (  # noqa: E402
    argwhere, choose, compress, extract, flatnonzero, ix_, nonzero, place, put, put_along_axis, putmask, select, take,
    take_along_axis, unravel_index,
)
from gain._joining import (  # noqa: E402
    allclose, append, array_equal, array_equiv, block, can_cast, column_stack, concat, concatenate, count_nonzero, diff, dstack, hstack,
    isclose, polymul, repeat, result_type, roll, row_stack, stack, vstack,
)
from gain._gain import (  # noqa: E402
    all, any, argmax, argmin, empty, full, max, mean, min, n_ranks, ndarray, ones, prod, rank, sum, sync,
    ufunc, where, zeros,
)
from gain._einsum import einsum, einsum_path  # noqa: E402
from gain._products import dot, inner, kron, matmul, matvec, outer, tensordot, trace, vdot, vecdot, vecmat  # noqa: E402
from gain._along import apply_along_axis  # noqa: E402
from gain._bits import packbits, unpackbits  # noqa: E402
from gain._counting import bincount, convolve, correlate, histogram, histogram_bin_edges  # noqa: E402
from gain._files import save, savetxt, savez, savez_compressed  # noqa: E402
from gain._loading import load  # noqa: E402
from gain._nanquantiles import nanmedian, nanpercentile, nanquantile  # noqa: E402
from gain._nanreductions import nanmax, nanmean, nanmin, nanprod, nansum  # noqa: E402
from gain._printing import array2string, array_repr, array_str  # noqa: E402
from gain._searching import digitize, interp, isin, ravel_multi_index, searchsorted  # noqa: E402
from gain._scans import cumprod, cumsum, cumulative_prod, cumulative_sum, nancumprod, nancumsum  # noqa: E402
from gain._python_functions import frompyfunc, vectorize  # noqa: E402
from gain._nditer import ndenumerate, nditer  # noqa: E402
from gain._dlpack import from_dlpack  # noqa: E402
from gain._moments import std, var  # noqa: E402
from gain._reading import frombuffer, fromfile, fromiter, loadtxt  # noqa: E402
from gain._warnings import FallbackWarning  # noqa: E402
from gain import _borrowed, _creation, _methods, _overrides, _protocols, _small, _sorting, _subclasses, _scans  # noqa: E402

globals().update((name, getattr(_gain, name)) for name in _gain._UFUNC_NAMES)
globals().update(_borrowed.all_borrowed())
globals().update(_sorting.functions())
_scans.attach()
_methods.attach()
_sorting.attach()
_protocols.attach()
_subclasses.attach()
_overrides.attach(globals())
_atexit.register(_gain.finish)

__array_api_version__ = "2024.12"
# Programs ask which NumPy this is; `gain info` tells gain's own version.
__version__ = _numpy.__version__


def _becomes_a_method(function):
    get = getattr(type(function), "__get__", None)
    return get is not None and get(function, 0, int) is not function


# NumPy's functions that are written in C are no methods where a class holds them (`make = numpy.array`); neither are gain's.
for _name, _theirs in vars(_numpy).items():
    _ours = globals().get(_name)
    if isinstance(_ours, type(_becomes_a_method)) and callable(_theirs) and not isinstance(_theirs, type):
        if _name in _small.QUICK or not _becomes_a_method(_theirs):
            globals()[_name] = _gain.Builtin(_ours, _becomes_a_method(_theirs), _small.QUICK.get(_name), _theirs)

# What the package itself takes an array of goes the quick way too.
_creation.asarray = asarray

# One function of NumPy's under two names (`concat`, `concatenate`) is one of gain's.
for _name, _theirs in vars(_numpy).items():
    _first = getattr(_theirs, "__name__", _name)
    if _first != _name and getattr(_numpy, _first, None) is _theirs and {_name, _first} <= globals().keys():
        globals()[_name] = globals()[_first]

__all__ = [name for name in _numpy.__all__ if name not in ("test",)]


def __getattr__(name):
    """NumPy's other names: its own constants, dtypes, classes and exceptions; its functions behind the gathering fallback."""
    from gain import _fallback

    found = _overrides.face(name, _fallback.find(name))
    globals()[name] = found
    return found


def coverage(file=None):
    """Prints which of NumPy's names are native, native in part, and through the fallback, and returns the lists in a dict."""
    from gain import _coverage

    return _coverage.coverage(file)


def __dir__():
    return sorted(set(globals()) | set(dir(_numpy)))
