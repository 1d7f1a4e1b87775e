"""Small arrays: functions that cost more in themselves than in their elements are NumPy's own on every rank's copy.

An array of at most 4,096 elements (and of no more than `GAIN_THRESHOLD`) is whole on every rank, whatever their number. Functions that move, select,
order or count elements, or combine neighbours in an order that gain has too (cumsum, gradient, interp), have one right result, so NumPy's is
gain's. Sums, means and products of matrices are not among them: they have gain's order on arrays of any size.
"""

# Functions that return no views of their operands, write into none, and whose results are NumPy's in every bit.
NAMES = """
    append argpartition argwhere bincount block choose column_stack compress concat concatenate convolve correlate count_nonzero cross cumprod cumsum delete digitize dstack ediff1d extract
    flatnonzero gradient histogram hstack insert interp intersect1d isin kron lexsort median meshgrid nonzero outer packbits pad partition percentile polyval quantile
    ravel_multi_index repeat roll searchsorted select setdiff1d setxor1d stack take take_along_axis tile tril triu union1d unique unravel_index unwrap vander vstack
""".split()

# Functions that give a view of their one argument, or an array like it (`crates/gain-py/src/shapes.rs`).
OF_ONE = "empty_like flip fliplr flipud ones_like ravel squeeze transpose zeros_like".split()

# The functions whose common calls are answered without Python code, and how.
QUICK = {name: "small" for name in NAMES} | {name: "of_one" for name in OF_ONE} | {
    "arange": "arange", "array": "array", "asarray": "asarray", "copyto": "copyto", "inner": "inner", "vdot": "inner",
}
