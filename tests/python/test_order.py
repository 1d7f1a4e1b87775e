"""Memory order: arrays in Fortran order, copies in the order asked for, reading in either order."""

import pytest
from checking import check, sample

FLAGS = "b.strides, b.flags.c_contiguous, b.flags.f_contiguous, b.flags.owndata, b"


@pytest.mark.parametrize("code", [
    "b = np.asfortranarray(a)", "b = np.asfortranarray(a.T)", "b = np.array(a, order='F')", "b = np.array(np.asfortranarray(a))", "b = a.copy(order='F')",
    "b = a.T.copy()", "b = np.copy(a.T)", "b = a.T.copy('K')", "b = a.T.copy('A')", "b = np.asfortranarray(a).copy()", "b = np.ascontiguousarray(a.T)",
    "b = np.zeros_like(np.asfortranarray(a))", "b = np.zeros_like(a.T, order='C')", "b = np.ones_like(a, order='F')", "b = np.full_like(a, 3, order='F')",
    "b = a.astype('f4', order='F')", "b = np.asarray(a, order='F')", "b = np.asarray(a, order='C')", "b = np.require(a, requirements='F')",
    "b = np.zeros((3, 4), order='F')", "b = np.ones((2, 3, 4), 'i4', 'F')", "b = np.full((3, 4), 2.5, order='F')", "b = np.eye(4, order='F')",
    "b = np.zeros_like(a, shape=(2, 3), order='F')", "b = np.empty_like(a.T, dtype='i4'); b[...] = 0",
])
def test_memory(code):
    for array in [sample((5, 4)), sample((5, 1)), sample((1, 1))]:
        check(f"{code}; {FLAGS}", array)


@pytest.mark.parametrize("code", [
    "a.ravel('F')", "a.ravel('K')", "a.T.ravel('K')", "a.T.ravel('A')", "a.flatten('F')", "a.T.flatten()", "a.T.flatten('A')", "np.asfortranarray(a).flatten('K')",
    "a.reshape(4, 5, order='F')", "a.reshape((2, -1), order='F')", "np.reshape(a, 20, order='F')", "a.T.reshape(20, order='A')", "a.reshape(4, 5, order='K')",
    "b = np.asfortranarray(a); c = b.reshape(2, 10, order='F'); c[0] = 9; b", "b = np.asfortranarray(a); b[1:, ::2] = 7; b", "b = np.asfortranarray(a); b += a; b",
    "b = np.asfortranarray(a); b[[0, 2]] = 1; b.ravel('F')[3:5] = 2; b", "np.asfortranarray(a) + a", "np.asfortranarray(a).sum(0)", "a.copy('X')", "np.zeros((2, 2), order='Q')",
    "np.asfortranarray(a)[a > 0]", "np.asfortranarray(a).flat[3]", "np.asfortranarray(a).base is None", "b = a.flatten(); b[0] = 9; a", "b = a[0].flatten(); b[0] = 9; a",
])
def test_reading(code):
    check(code, sample((5, 4)))
    check(code, sample((5, 4), "int16"))


@pytest.mark.parametrize("code", [
    "b = np.asfortranarray(a) + 1", "b = a.T * 2", "b = a.T + a.T", "b = np.asfortranarray(a) + a", "b = a.T + a[0, 0]", "b = a.T + a[:, 0]", "b = np.sqrt(a.T * a.T)",
    "b = np.where(a.T > 0, a.T, 0)", "b = a[::-1, ::-1].T - 1", "b = a[1:3, ::2].T < 2", "b = -a.T", "b = a.T.astype('f4')", "b = a.T.astype('f4', order='C')",
    "b = a.T.astype(a.dtype, order='F')", "b = a.T.astype(a.dtype, order='A')", "b = (a.T + 1) * a.T", "b = a.T ** 2 + a.T", "b = np.add(a.T, a.T, dtype='c16')",
    "b = np.asfortranarray(a) @ np.ones((4, 2))", "import copy; b = copy.copy(a.T)", "import copy; b = copy.deepcopy(a.T)",
])
def test_results_lie_as_their_operands(code):
    check(f"{code}; {FLAGS}", sample((5, 4)))
    check(f"{code}; {FLAGS}", sample((5, 4), "int16"))


@pytest.mark.parametrize("order", [(0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_results_of_three_axes(order):
    for code in ("b = a + 1", "b = a * a[::-1]", "b = a + b", "b = a[:, None] - a", "b = a.copy('K')", "b = np.zeros_like(a)", "b = a.ravel('K')"):
        check(f"b = a; a = a.transpose({order}); {code}; {FLAGS}", sample((4, 4, 4)))


@pytest.mark.parametrize("code", [
    "b = np.pad(a, 1)", "b = np.pad(a.T, 1)", "b = np.delete(a.T, slice(9, None), 1)", "b = np.delete(a.T, 1, 0)", "b = np.roll(a.T, 1, 0)",
    "b = np.block([[np.asfortranarray(a)], [np.asfortranarray(a)]])", "b = np.concatenate([a.T, a.T])", "b = np.concatenate([a.T, a.T.copy()], 1)",
    "b = np.concatenate([np.asfortranarray(a), a])", "b = np.hstack([a.T, np.asfortranarray(a.T)])", "b = np.concatenate([a.T], dtype='f4')",
])
def test_functions_keep_an_order_that_operands_share(code):
    check(f"{code}; {FLAGS}", sample((5, 4)))
