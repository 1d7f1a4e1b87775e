"""Writes the tables beside this file: what NumPy 2.4 promotes, computes and casts.

Run with NumPy: `python generate.py`. The tests compare the crate with the tables, so that they need no Python.
"""

import warnings
from pathlib import Path

import numpy as np
from numpy._core import umath

np.seterr(all="ignore")
HERE = Path(__file__).parent
NAMES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()
DTYPES = [np.dtype(name) for name in NAMES]
OPERANDS = DTYPES + [int, float, complex]
LETTERS = "?bhilBHIQefdFD"
UFUNCS = """add subtract multiply divide floor_divide remainder power negative positive absolute square reciprocal sign
conjugate bitwise_and bitwise_or bitwise_xor invert left_shift right_shift equal not_equal less less_equal greater
greater_equal logical_and logical_or logical_xor logical_not minimum maximum fmin fmax floor ceil trunc rint isnan isinf
isfinite signbit copysign fabs sqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan arctan2
hypot sinh cosh tanh arcsinh arccosh arctanh""".split()
# Promoted by the table, computed by tests of the package.
PROMOTED = UFUNCS + """fmod float_power gcd lcm bitwise_count heaviside ldexp nextafter spacing logaddexp logaddexp2 degrees rad2deg
radians deg2rad""".split()


def letter(dtype):
    return LETTERS[DTYPES.index(dtype)]


def promotion():
    """Letters are NumPy's (l and Q have 64 bits); a dash: no loop, a dot: not asked."""
    lines = []
    weak = {int: 1, float: 1.0, complex: 1j}
    for a in OPERANDS:
        row = [letter(np.result_type(weak.get(a, a), weak.get(b, b))) for b in OPERANDS]
        lines.append("result_type " + "".join(row))
    for rule in ("safe", "same_kind"):
        for a in DTYPES:
            lines.append(f"can_cast_{rule} " + "".join("ny"[np.can_cast(a, b, rule)] for b in DTYPES))
    for name in PROMOTED:
        ufunc = getattr(np, name)
        rows = [()] if ufunc.nin == 1 else [(a,) for a in OPERANDS]
        for first in rows:
            row = []
            for b in OPERANDS:
                operands = (*first, b)
                if all(operand in weak for operand in operands):
                    row.append("." * (ufunc.nin + 1))
                    continue
                try:
                    row.append("".join(map(letter, ufunc.resolve_dtypes((*operands, None)))))
                except TypeError:
                    row.append("-" * (ufunc.nin + 1))
            lines.append(f"{name} {' '.join(row)}")
    return lines


def edges(dtype):
    """Values at which operations show their manners."""
    if dtype.kind == "b":
        return np.array([0, 1], dtype)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        width = 8 * dtype.itemsize
        values = [0, 1, 2, 3, 7, width - 1, width, info.max, info.min, info.max - 1]
        values += [-1, -2, -3, -7] if dtype.kind == "i" else []
        return np.array(sorted(set(values)), dtype)
    if dtype.kind == "f":
        info = np.finfo(dtype)
        values = [0.0, -0.0, 1, -1, 0.5, 2.5, -2.5, 3, -7, np.inf, -np.inf, np.nan, info.max, info.smallest_subnormal]
        return np.array(values, dtype)
    parts = [-0.0, 1, -2.5, np.inf, np.nan]
    return np.array([complex(a, b) for a in parts for b in parts], dtype)


def hexadecimal(array):
    """Little-endian bytes; every NaN alike."""
    array = array.copy()
    if array.dtype.kind in "fc":
        parts = array.view(array.real.dtype)
        parts[np.isnan(parts)] = np.nan
    return array.astype(array.dtype.newbyteorder("<")).tobytes().hex()


EXACT = """add subtract multiply divide floor_divide remainder power negative absolute square reciprocal sign conjugate
invert left_shift right_shift equal not_equal less less_equal greater greater_equal logical_and logical_or logical_xor
logical_not minimum maximum fmin fmax floor ceil trunc rint isnan isinf isfinite signbit copysign fabs sqrt""".split()


def results():
    """`edges DTYPE BYTES`, then `UFUNC DTYPE BYTES`: the results for all edges, or all pairs (the first operand outer)."""
    lines = [f"edges {d.name} {hexadecimal(edges(d))}" for d in DTYPES]
    for name in EXACT:
        ufunc = getattr(umath, name)
        for dtype in DTYPES:
            # NumPy fuses the multiplications of complex numbers where the machine can; absolute is not hypot.
            if dtype.kind == "c" and name in ("multiply", "square", "absolute", "power"):
                continue
            if dtype.kind == "f" and name == "power" or dtype in (np.int16, np.uint16, np.uint32, np.complex64):
                continue
            e = edges(dtype)
            operands = [e] if ufunc.nin == 1 else [np.repeat(e, len(e)), np.tile(e, len(e))]
            if name == "power" and dtype.kind == "i":
                operands[1] = np.where(operands[1] < 0, 0, operands[1]).astype(dtype)
            try:
                if ufunc.resolve_dtypes((dtype,) * ufunc.nin + (None,))[0] != dtype:
                    continue
            except TypeError:
                continue
            lines.append(f"{name} {dtype.name} {hexadecimal(ufunc(*operands))}")
    return lines


def casts():
    """`FROM BYTES`, then `FROM TO BYTES`: edges of FROM and their casts."""
    lines = []
    for a in DTYPES:
        e = edges(a)
        if a.kind in "fc":
            more = [300.7, -300.7, 3e9, -3e9, 2.0**31, -(2.0**31) - 1, 2.0**32, 2.0**63, -(2.0**63), 2.0**64, 1e19, 70000, -70000, 65519.99, 2.0**-24 * 1.5, 2.0**-25, 1 + 2.0**-11, 1 + 2.0**-11 + 2.0**-40, -1 - 3 * 2.0**-11]
            e = np.concatenate([e, np.array(more).astype(a)])
        # NumPy casts short arrays to uint32 otherwise than long ones: repeat, so that whole vectors are cast.
        n = len(e)
        lines.append(f"{a.name} {hexadecimal(e)}")
        for b in DTYPES:
            with warnings.catch_warnings(action="ignore"):
                cast = np.tile(e, 64).astype(b)[:n]
            lines.append(f"{a.name} {b.name} {hexadecimal(cast)}")
    return lines


for table in (promotion, results, casts):
    (HERE / f"{table.__name__}.txt").write_text("\n".join(table()) + "\n")
