"""Norms: NumPy's values, classes and errors for all orders and axes, nothing gathered."""

import warnings

import gain
import numpy
import pytest
from checking import check, sample

VECTOR = ["None", "np.inf", "-np.inf", "0", "1", "-1", "2", "-2", "3", "0.5", "'fro'", "'nuc'"]
MATRIX = ["None", "'fro'", "'nuc'", "np.inf", "-np.inf", "1", "-1", "2", "-2", "0", "3", "'x'"]


@pytest.mark.parametrize("shape", [(7,), (5, 4), (3, 4, 5), (170, 130)])
@pytest.mark.parametrize("dtype", ["float64", "int32", "complex128", "float32"])
def test_vectors(shape, dtype):
    a = sample(shape, dtype) + numpy.ones(1, dtype) * 100
    for order in VECTOR:
        for call in ["np.linalg.norm(a, ORD, axis=0)", "np.linalg.norm(a, ORD, axis=-1, keepdims=True)", "np.linalg.vector_norm(a, ord=ORD)", "np.linalg.vector_norm(a, ord=ORD, keepdims=True)"]:
            check(call.replace("ORD", order), a, close=True)


@pytest.mark.parametrize("shape", [(5, 4), (4, 4), (3, 4, 5), (150, 140), (60, 8, 40)])
@pytest.mark.parametrize("dtype", ["float64", "int64", "complex64"])
def test_matrices(shape, dtype):
    a = sample(shape, dtype)
    for order in MATRIX:
        for call in ["np.linalg.norm(a, ORD)", "np.linalg.norm(a, ORD, keepdims=True)", "np.linalg.norm(a, ORD, axis=(1, 0))", "np.linalg.norm(a, ORD, axis=(0, -1), keepdims=True)", "np.linalg.matrix_norm(a, ord=ORD)"]:
            if dtype == "complex64" and order in ("-2", "'nuc'", "2"):
                continue
            check(call.replace("ORD", order), a, close=True)


def test_arguments():
    for code in ["np.linalg.norm(a)", "np.linalg.norm(a, keepdims=True)", "np.linalg.norm(a, axis=(0, 0))", "np.linalg.norm(a, axis=5)", "np.linalg.norm(a, axis=(0, 1, 2))", "np.linalg.norm(a, axis='x')",
                 "np.linalg.norm(a, 2, axis=1.5)", "np.linalg.vector_norm(a, axis=(0, 1))", "np.linalg.vector_norm(a, axis=(1, 0), keepdims=True)", "np.linalg.norm([])", "np.linalg.norm(3.0)", "np.linalg.norm([3, 4])",
                 "np.linalg.norm(a[0, 0])", "np.linalg.norm(a[:0], axis=0)", "np.linalg.norm(a, np.inf, axis=(0, 2))"]:
        check(code, sample((3, 4, 5)), close=True)
        check(code, sample((40, 30, 20)), close=True)


def test_nothing_is_gathered():
    a, v = gain.ones((200, 150)), gain.ones(40_000)
    with warnings.catch_warnings():
        warnings.simplefilter("error", gain.FallbackWarning)
        assert gain.linalg.norm(v) == 200 and gain.linalg.norm(v, 1) == 40_000
        for order in (None, "fro", 1, -1, numpy.inf, -numpy.inf):
            gain.linalg.norm(a, order)
        assert gain.linalg.norm(a, axis=1).shape == (200,)
        assert gain.linalg.LinAlgError is numpy.linalg.LinAlgError
