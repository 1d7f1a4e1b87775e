"""Small arrays: functions that cost more in themselves than in their elements are NumPy's own on every rank's copy.

An array of at most 4,096 elements (and of no more than `GAIN_THRESHOLD`) is whole on every rank, whatever their number. Functions that move, select,
order or count elements, or combine neighbours in an order that gain has too (cumsum, gradient, interp), have one right result, so NumPy's is
gain's. Sums, means and products of matrices are not among them: they have gain's order on arrays of any size.
"""

import functools

from gain import _gain

# Functions that return no views of their operands, write into none, and whose results are NumPy's in every bit.
NAMES = """
    append argwhere bincount choose column_stack compress concat concatenate count_nonzero cross cumprod cumsum delete digitize dstack ediff1d extract
    flatnonzero gradient histogram hstack insert interp intersect1d isin kron lexsort median meshgrid nonzero outer pad percentile polyval quantile repeat
    roll searchsorted select setdiff1d setxor1d stack take take_along_axis tile tril triu union1d unwrap vander vstack
""".split()

# Those whose third argument may be an array that is read; of the others it may be `out`.
_READS_THREE = {"insert", "interp"}

_small = _gain._small
ndarray = _gain.ndarray


def quick(native, theirs):
    """The native function, which leaves small arrays to NumPy's. Collective."""
    reads_three = theirs.__name__ in _READS_THREE

    @functools.wraps(native)
    def function(*args, **kwargs):
        if len(args) > 3 or (len(args) == 3 and type(args[2]) is ndarray and not reads_three):
            return native(*args, **kwargs)
        found = _small(theirs, args, kwargs)
        return native(*args, **kwargs) if found is NotImplemented else found

    return function
