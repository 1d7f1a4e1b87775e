"""Random expressions: views, steps, broadcasts, dtypes and overlapping updates, compared with NumPy bit for bit."""

import numpy
from checking import REAL, check, sample
from hypothesis import given
from hypothesis import strategies as st

SLICES = ["[::2]", "[1:]", "[:-1]", "[::-1]", "[2:5]", "[-3:]", "[...]", "[:, ::-1]", "[:, 1:-1]", "[None]", ".T", "[0]", "[:, 0]", "[::-2, ::3]"]
OPERATORS = ["+", "-", "*", "<", "==", "&", "|", "^"]


@st.composite
def expressions(draw, depth=3):
    """An expression over a and b as text."""
    if depth == 0 or draw(st.booleans()):
        leaf = draw(st.sampled_from(["a", "b", "a", "b", "2", "-3", "True"]))
        if leaf in "ab":
            leaf += draw(st.sampled_from(["", "", *SLICES]))
        return leaf
    left, right = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    kind = draw(st.sampled_from(["binary", "binary", "binary", "minimum", "where", "negative"]))
    if kind == "binary":
        return f"({left} {draw(st.sampled_from(OPERATORS))} {right})"
    if kind == "minimum":
        return f"np.minimum({left}, {right})"
    if kind == "where":
        return f"np.where({left}, {right}, {left})"
    return f"np.abs({left})"


@given(expressions(), st.sampled_from(REAL), st.sampled_from(REAL), st.sampled_from([(6, 6), (5, 8), (1, 7), (160, 160)]), st.integers(0, 3))
def test_values(code, left, right, shape, seed):
    check(f"np.asarray({code})", sample(shape, left, seed), sample(shape, right, seed + 9), text=False)


@given(
    st.sampled_from(SLICES), st.sampled_from(["=", "=", "+=", "-=", "*="]), st.sampled_from(SLICES), st.sampled_from(["", " + 1", " * a[0, 0]"]), st.sampled_from(["float64", "float32", "int16"]),
    st.sampled_from([(7, 7), (6, 9), (150, 150)]),
)
def test_overlapping_updates(target, operator, source, rest, dtype, shape):
    if target == ".T":
        target = ".T[...]"
    check(f"a{target} {operator} a{source}{rest}; a", sample(shape, dtype), text=False)


@given(st.lists(st.tuples(st.sampled_from(SLICES), st.sampled_from(SLICES), st.integers(-2, 3)), min_size=2, max_size=6), st.sampled_from([(8, 8), (140, 140)]))
def test_sequences_of_updates(steps, shape):
    lines = []
    for target, source, number in steps:
        target = target.replace(".T", ".T[...]")
        lines.append(f"v = a{source} * {number}")
        lines.append(f"w = a{target}")
        lines.append(f"w[...] = v if v.shape == w.shape else {number}")
        lines.append("b = a + v if v.shape == a.shape else b - a")
    check("\n".join(lines) + "; a, b", numpy.asarray(sample(shape)), sample(shape, seed=4), text=False)
