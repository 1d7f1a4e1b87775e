"""Operators and ufuncs on all dtypes, shapes and kinds of operand: bits, dtypes and errors are NumPy's."""

import numpy
import pytest
from checking import DTYPES, FLOATS, INTEGERS, REAL, check, sample

SHAPES = [(), (1,), (0,), (7,), (3, 4), (2, 0, 3), (1, 5, 1), (2, 3, 4)]
BINARY = ["+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "&", "|", "^"]
UNARY_EXACT = ["-a", "+a", "abs(a)", "~a", "np.sqrt(a)", "np.floor(a)", "np.ceil(a)", "np.isnan(a)", "np.logical_not(a)"]


@pytest.mark.parametrize("op", BINARY)
@pytest.mark.parametrize("left", DTYPES)
def test_pairs_of_dtypes(op, left):
    for right in DTYPES:
        exact = not ("complex" in left + right and op in ("/",))
        check(f"a {op} b", sample(12, left), sample(12, right, seed=1), close=not exact, text=False)


@pytest.mark.parametrize("op", ["<<", ">>"])
def test_shifts(op):
    for left in INTEGERS:
        for right in INTEGERS:
            check(f"a {op} np.abs(b)", sample(9, left), sample(9, right, seed=2), text=False)


@pytest.mark.parametrize("op", BINARY)
def test_python_numbers_are_weak(op):
    for dtype in DTYPES:
        for number in ["2", "True", "0.5", "3j", "np.float32(1.5)", "np.int8(3)"]:
            complex_division = op == "/" and ("j" in number or "complex" in dtype)
            check(f"a {op} {number}", sample(6, dtype), text=False, close=complex_division)
            check(f"{number} {op} a", sample(6, dtype), text=False, close=complex_division)


@pytest.mark.parametrize("code", UNARY_EXACT)
def test_unary(code):
    for dtype in DTYPES:
        close = "complex" in dtype and ("abs" in code or "sqrt" in code)
        check(code, sample(9, dtype), text=False, close=close)


@pytest.mark.parametrize("name", ["exp", "log", "sin", "cos", "tanh"])
def test_transcendental(name):
    for dtype in REAL + ["complex128"]:
        check(f"np.{name}(np.abs(a) + 1)", sample(40, dtype), close=True)


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(shape):
    check("a + b * 2", sample(shape), sample(shape, seed=1))
    check("a > b", sample(shape), sample(shape, seed=1))
    check("np.add(a, 1)", sample(shape, "int32"))


@pytest.mark.parametrize("left, right", [
    ((3, 1), (1, 4)), ((3, 1), (4,)), ((2, 3, 4), (3, 1)), ((1,), (5,)), ((), (3, 2)), ((0,), (1,)), ((2, 1), (1, 0)),
])
def test_broadcasting(left, right):
    check("a * b", sample(left), sample(right, seed=1))
    check("b - a", sample(left), sample(right, seed=1))


def test_broadcasting_errors():
    check("a + b", sample(3), sample(4), error=ValueError)
    check("a + b", sample((2, 3)), sample((3, 2)), error=ValueError)
    check("a += b; a", sample(3), sample((2, 3)), error=ValueError)


def test_powers():
    for dtype in DTYPES:
        for exponent in ["2", "3", "0", "1", "2.0", "0.5", "np.int8(2)"]:
            exact = exponent in ("2", "1", "np.int8(2)", "3") and "int" in dtype
            check(f"a ** {exponent}", np_abs(dtype), close=not exact)
    check("a ** -1", sample(5, "int64"), error=ValueError)
    check("2 ** a", np_abs("int64"))
    check("2.0 ** a", np_abs("float64"), close=True)


def np_abs(dtype):
    return numpy.abs(sample(12, dtype)).astype(dtype)


@pytest.mark.parametrize("op", ["+=", "-=", "*=", "/=", "//=", "%=", "**=", "&=", "|=", "^="])
def test_in_place(op):
    for dtype in DTYPES:
        if op in ("/=", "//=", "%=", "**=") and "complex" in dtype:
            continue
        check(f"a {op} 3; a", np_abs(dtype), text=False, close=op == "**=")
        check(f"a {op} b; a", np_abs(dtype), sample(12, "int8", seed=3) // 4 + 3, text=False, close=op == "**=")
    check(f"a[2:5] {op} 2; a", sample(8, "int64"), text=False)


def test_in_place_needs_a_dtype_that_holds():
    check("a += 0.5; a", sample(4, "int64"), error=TypeError)
    check("a += 1j; a", sample(4, "float64"), error=TypeError)
    check("a += b; a", sample(4, "int32"), sample(4, "float32"), error=TypeError)


def test_out_of_bounds_integers():
    check("a + 300", sample(4, "uint8"), error=OverflowError)
    check("a + (-1)", sample(4, "uint8"), error=OverflowError)
    check("a < 300", sample(4, "uint8"))
    check("a == -1", sample(4, "uint8"))
    check("a[0] = 300; a", sample(4, "int8"), error=OverflowError)
    check("a + 2**70", sample(4), text=False)


def test_wrap_around_and_division_by_zero():
    big = numpy.array([2**63 - 1, -(2**63), 5], "int64")
    check("a + 1", big)
    check("a * a", big)
    check("a // 0", big)
    check("a % 0", big)
    check("a // -1", big)
    check("a / 0", sample(5))
    check("a // 0", sample(5))
    check("a % 0", sample(5))


def test_floor_division_and_remainder_of_floats():
    values = numpy.array([0.0, -0.0, 1.5, -1.5, 7.0, -7.0, numpy.inf, -numpy.inf, numpy.nan])
    for dtype in FLOATS:
        check("a[:, None] // a", values.astype(dtype))
        check("a[:, None] % a", values.astype(dtype))
        check("divmod(a[:, None], a)", values.astype(dtype))


def test_minimum_and_maximum():
    values = numpy.array([0.0, 1.0, numpy.nan, -1.0, numpy.inf])
    check("np.minimum(a[:, None], a)", values)
    check("np.maximum(a[:, None], a)", values)
    for dtype in DTYPES:
        check("np.minimum(a, b)", sample(20, dtype), sample(20, dtype, seed=1))
        check("np.maximum(a, b)", sample(20, dtype), sample(20, dtype, seed=1))


def test_where():
    check("np.where(a > 0, a, -a)", sample(30))
    check("np.where(a > 0, 1, 2.5)", sample(30))
    check("np.where(a, a[:, None], 0)", sample(6, "int16"))
    check("np.where(a > 0)", sample(12))
    check("np.where(True, 1, 2)")


def test_not_for_booleans():
    check("a - a", sample(4, "bool"), error=TypeError)
    check("-a", sample(4, "bool"), error=TypeError)
    check("a & b", sample(4), sample(4), error=TypeError)
    check("~a", sample(4), error=TypeError)


def test_truth():
    check("bool(a)", sample(3), error=ValueError)
    check("bool(a)", sample(0), error=ValueError)
    check("bool(a)", numpy.array([0.0]))
    check("bool(a)", numpy.array(3))
    check("float(a)", numpy.array(3))
    check("int(a)", numpy.array(3.75))
    check("complex(a)", numpy.array(3.75))
    check("float(a)", numpy.array([3.0]), error=TypeError)
    check("[10, 20, 30][a]", numpy.array(1))
    check("[10, 20, 30][a]", numpy.array(1.0), error=TypeError)
    check("2.0 in a", numpy.arange(4.0))


@pytest.mark.parametrize("code", ["np.fmod(a, b)", "a % b", "a // b"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_quotients_near_integers(code, dtype):
    """Of few bits and of more than a fraction has; divisors that are zero, subnormal, infinite and no numbers."""
    draws = numpy.random.default_rng(3)
    small = numpy.finfo(dtype).smallest_subnormal
    divisors = [draws.standard_normal(300), small * draws.integers(-9, 9, 30), [numpy.inf, -numpy.inf, numpy.nan, 0.0, -0.0]]
    b = numpy.concatenate(divisors).astype(dtype)
    for bits in [0, 2, 12, 21, 27, 40]:
        with numpy.errstate(all="ignore"):
            a = (b * draws.integers(-(1 << bits), 1 << bits, b.size, endpoint=True)).astype(dtype)
            near = [a, numpy.nextafter(a, numpy.inf, dtype=dtype), numpy.nextafter(a, -numpy.inf, dtype=dtype)]
        for dividends in near:
            check(code, dividends, b, text=False)


@pytest.mark.parametrize("code", ["a[::2] + b[::2]", "2 - a[::3]", "a[::2] * b[:10_000]", "a[::-1] / b", "a[::2] < b[1::2]"])
def test_one_ufunc_of_elements_apart(code):
    for dtype in FLOATS:
        check(code, sample(20_000, dtype), sample(20_000, dtype, seed=1), text=False)
