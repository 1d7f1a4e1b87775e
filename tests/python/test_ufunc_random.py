"""Random calls of all ufuncs: dtypes, shapes, broadcasting, views, odd cuts, outputs that overlap inputs, masks; values, dtypes and errors are NumPy's."""

import random

import gain
import numpy
import pytest
from checking import DTYPES, quiet
from drawing import Draw

# Within so many units in the last place of NumPy's; all others are NumPy's bits.
NEAR = {
    "absolute", 
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt", "cos", "cosh", "exp", "exp2", "expm1", "float_power", "hypot",
    "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2", "power", "sin", "sinh", "tan", "tanh", "sqrt",
}
NAMES = sorted(set(gain._gain._UFUNC_NAMES))
VIEWS = ["whole", "steps", "backwards", "transposed", "row", "one", "number"]


def draw(rng, shape, dtype):
    """Elements of all kinds: small and large, both signs, zeros, and what floats have besides."""
    seed = numpy.random.default_rng(rng.randrange(2**32))
    dtype = numpy.dtype(dtype)
    if dtype.kind in "iu":
        found = seed.integers(-9, 10, shape).astype(dtype)
        found[seed.random(shape) < 0.1] = rng.choice([numpy.iinfo(dtype).min, numpy.iinfo(dtype).max])
        return found
    found = (seed.integers(-40, 41, shape) / 8 + (1j * seed.integers(-9, 10, shape) if dtype.kind == "c" else 0)).astype(dtype)
    if dtype.kind == "f" and rng.random() < 0.5:
        found[seed.random(shape) < 0.2] = rng.choice([numpy.inf, -numpy.inf, numpy.nan, -0.0, 1e30 if dtype.itemsize > 2 else 6e4])
    return found


def view(kind, shape, make):
    """An operand that broadcasts to the shape: how to make its elements, and how to look at them."""
    if kind == "steps":
        return make((shape[0] * 2, shape[1] * 3)), lambda a: a[::2, 1::3]
    if kind == "backwards":
        return make(shape), lambda a: a[::-1, ::-1]
    if kind == "transposed":
        return make(shape[::-1]), lambda a: a.T
    if kind == "row":
        return make(shape[1:]), lambda a: a
    if kind == "one":
        return make((shape[0], 1)), lambda a: a
    return make(shape), lambda a: a


def outcome(np, spread, ufunc, operands, looks, out, mask, seen):
    """The class of the error, or the results and the memory of operands and outputs; an output given by number lies in that operand's memory."""
    memory = [spread(a) if isinstance(a, numpy.ndarray) else a for a in operands]
    arrays = [look(a) if look else a for a, look in zip(memory, looks)]
    keywords, made = {}, []
    if out is not None:
        made = [memory[one] if isinstance(one, int) else spread(one) for one in out]
        keywords["out"] = tuple(seen(one) for one in made)
    if mask is not None:
        keywords["where"] = spread(mask)
    try:
        found = getattr(np, ufunc)(*arrays, **keywords)
    except Exception as error:
        return type(error), None
    found = found if isinstance(found, tuple) else (found,)
    return None, [numpy.asarray(one) for one in (*found, *made)]


def compare(ufunc, narrow, expected, found, note):
    assert found.dtype == expected.dtype and found.shape == expected.shape, (note, expected.dtype, found.dtype)
    if ufunc.__name__ in NEAR or expected.dtype.kind == "c":
        rtol = atol = 1e-13
        if expected.dtype == numpy.float16:
            rtol, atol = 1.1e-3, 1.2e-7
        elif narrow or expected.dtype.name in ("float32", "complex64"):
            rtol, atol = 3e-6, 1e-6
        numpy.testing.assert_allclose(found, expected, rtol=rtol, atol=atol, err_msg=note)
    else:
        numpy.testing.assert_array_equal(found, expected, err_msg=note)


@pytest.mark.parametrize("name", NAMES)
def test_calls(name):
    rng, cuts = random.Random(name), Draw(name)
    theirs = getattr(numpy, name)
    with quiet():
        for _ in range(30):
            shape = (rng.randint(1, 7), rng.randint(1, 40))
            operands, looks = [], []
            for place in range(theirs.nin):
                dtype, kind = rng.choice(DTYPES), rng.choice(VIEWS)
                if kind == "number":
                    operands.append(rng.choice([2, 3, 1.5, True, numpy.float32(2.5), numpy.int8(3)]))
                    looks.append(None)
                    continue
                array, look = view(kind, shape, lambda size: draw(rng, size, dtype))
                operands.append(array)
                looks.append(look)
            out = mask = None
            seen = rng.choice([lambda a: a, lambda a: a[::-1]])
            full = numpy.broadcast_shapes(*[numpy.shape(look(a) if look else a) for a, look in zip(operands, looks)])
            if rng.random() < 0.4 and len(full) == 2:
                out = [numpy.zeros(full, rng.choice(["float64", "complex128", "int64"])) for _ in range(theirs.nout)]
                mask = draw(rng, rng.choice([full, full[1:], (full[0], 1)]), "bool") if rng.random() < 0.5 and theirs.nout == 1 else None
                if isinstance(operands[0], numpy.ndarray) and operands[0].shape == full and rng.random() < 0.6:
                    # Without a mask: NumPy writes over what it hides where it buffers an output that overlaps.
                    out[0], mask = 0, None
            wanted = outcome(numpy, numpy.array, name, operands, looks, out, mask, seen)
            got = outcome(gain, cuts.spread, name, operands, looks, out, mask, seen)
            narrow = any(a.dtype.itemsize < 4 or a.dtype.name in ("float32", "complex64") for a in operands if hasattr(a, "dtype"))
            note = f"{name} of {[getattr(a, 'dtype', a) for a in operands]} {shape} out={out and getattr(out[0], 'dtype', 'first operand')} where={mask is not None}"
            assert (wanted[0] is None) == (got[0] is None), (note, wanted[0], got[0])
            if wanted[0] is not None:
                assert issubclass(got[0], wanted[0]) or issubclass(wanted[0], got[0]), (note, wanted[0], got[0])
                continue
            for expected, found in zip(wanted[1], got[1], strict=True):
                compare(theirs, narrow, expected, found, note)
