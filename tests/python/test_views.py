"""Views of other shapes, dtypes and parts write through; flat reads and writes; blocks can be seen and steered."""

import gain
import numpy
import pytest
from checking import check, sample


@pytest.mark.parametrize("code", [
    "b = a.reshape(5, 4); b[1] = 0; a", "b = a.reshape(4, 5); a[3] = 9; b", "b = a.reshape(2, -1); c = a.reshape(5, 4); b[1] = 7; c[0] = 8; a, b, c",
    "b = a.reshape(4, 5); c = b.reshape(2, 10); c[:, 3] = 5; a, b", "b = a[4:12].reshape(2, 4); b[0] = 0; a", "b = a.reshape(5, 4).T; b[1] = 3; a",
    "b = a.reshape(5, 2, 2)[1:3].reshape(4, 2); b += 1; a", "b = a.reshape(1, 20); b[0, 3] = 1; a", "a.shape = (4, 5); a[1] = 0; a", "a.shape = (3, 5); a",
    "a.shape = -1, 4; a", "b = a.reshape(4, 5); a.shape = (5, 4); a[1] = 0; b", "b = a.reshape(4, 5).ravel(); b[3] = 0; a", "b = a.reshape(20, 1); b[:5] = 1; a",
    "b = a.reshape(4, 5)[:, ::2].reshape(-1); b[0] = 99; a", "b = a.reshape(5, 4); b += a.reshape(5, 4); a", "b = a.reshape(4, 5); b[1:] = b[:-1]; a",
    "b = a.reshape(5, 4); a[:] = b.T.reshape(-1); b", "a.reshape(4, 5).sum(0)", "b = a.reshape(4, 5); b[b > 0] = 0; a", "b = a.reshape(4, 5); b[[1, 2]] = 0; a",
    "a.reshape(7, 3)", "a.reshape(-1, -1)", "np.reshape(a, (4, 5)).copy().reshape(20)", "b = a.reshape(4, 5)[2].reshape(5, 1); b[:] = 1; a",
])
def test_reshape(code):
    check(code, sample(20))
    check(code, sample(20, "int16"))


@pytest.mark.parametrize("code", [
    "b = np.flip(a); b[0] = 99; a", "b = np.fliplr(a); b[:, 0] = 99; a", "b = np.flipud(a); b[0] = 99; a", "np.flip(a[0])", "np.flip(a, 1)", "np.fliplr(a[0])",
    "b = np.ravel(a); b[3] = 99; a", "b = np.ravel(a.T); b[3] = 99; a, b", "b = np.squeeze(a[None, :, None]); b[1] = 99; a", "np.squeeze(a) is a",
    "b = np.transpose(a); b[1] = 99; a", "b = a.flatten(); b[0] = 99; a, b", "b = a.T.flatten(); b[0] = 99; a, b", "a.T.ravel('K'), a.flatten('F')",
    "np.zeros_like(a), np.ones_like(a.T), np.zeros_like(a.T).strides, np.ones_like(a[::2, 1])", "np.empty_like(a.T[::2]).shape", "a.item(7), a.item(1, 2), a.T[2].item(-1)",
    "b = np.zeros_like(a); np.copyto(b, a.T.reshape(5, 4)); b[0] = 9; a, b", "b = a.copy(); np.copyto(b[1:], b[:-1]); b", "b = a.copy(); np.copyto(b, a[2]); b",
    "np.copyto(a, a[:2])", "b = a[::-1]; b.flags.writeable = False; np.copyto(b, a)", "a.reshape((2, 10)), a.reshape(-1, 2), a.reshape(2, 5, order='F')", "a.reshape()",
    "[b.sum() for b in a], list(a[1]), list(zip(a.T, a.T[1]))", "import operator; i = iter(a); next(i); operator.length_hint(i), len(list(i)), list(i)", "iter(a[0, 0, ...])",
])
def test_of_one_array(code):
    check(code, sample((5, 4)))
    check(code, sample((5, 4), "int16"))


@pytest.mark.parametrize("code", [
    "a.real[1] = 5; a", "a.imag[...] = 2; a", "a.real = a.imag; a", "a.imag = 1; a", "b = a[1:3].T.imag; b[0] = 9; a", "a.real + a.imag", "a.T.real[::-1]",
    "a.real.sum(), a.imag.max()", "a.view(float); a", "b = a.view('f8'); b[0, 0] = 7; a", "a.view('i8')[0, 1]", "b = a.reshape(-1).real; b[3] = 9; a",
    "b = a.real; c = a.reshape(4, 5); c[2] = 1j; b", "np.real(a), np.imag(a)", "a.real.base is a", "a.real.strides, a.real.shape, a.imag.dtype",
    "b = a.real; c = a.reshape(2, 10).imag; b[0] = 5; c[1] = 6; a, b, c",
])
def test_parts(code):
    check(code, sample((5, 4), "complex128"))


@pytest.mark.parametrize("code", [
    "a.view('u8')", "b = a.view('i8'); b[0] = 0; a", "a.view('u1').shape", "a.view('f4')", "b = a.view('u1'); b[0, :8] = 0; a", "a.T.view('i8')", "a[1:, ::2].view('i8')",
    "a.view('i8').base is a", "a[()].base is a", "a[...].base is a", "a[1:].base is a", "a[1:][:2].base is a", "a.base is None", "a.T.base is a",
    "a.reshape(4, 5).base is a", "a.view('i3')", "a[0].view('i4')",
])
def test_views(code):
    check(code, sample((5, 4)), text=False)


@pytest.mark.parametrize("code", [
    "a.flat[3]", "a.flat[-1]", "a.flat[99]", "a.flat[2:9:3]", "a.flat[::-1]", "a.flat[[0, 3, 3]]", "a.flat[a.ravel() > 0]", "a.flat[...]", "a.flat[[99]]",
    "a.flat[3] = 7; a", "a.flat[-1] = 7; a", "a.flat[2:9] = [1, 2]; a", "a.flat[[0, 5]] = 9; a", "a.flat = 3; a", "a.flat = [1, 2, 3]; a", "a.T.flat = np.arange(20); a",
    "a.T.flat[1:3] = [5, 6]; a", "a.flat[a.ravel() > 0] = -1; a", "list(a.flat)", "list(a.T.flat)", "len(a.flat)", "np.add.reduce(a.flat)", "np.array(a.flat)",
    "f = a.flat; next(f); next(f); f.index, f.coords", "a.flat.copy()", "a.flat == a.ravel()", "a[::2, 1:].flat[4] = 0; a", "a.flat[::7] = a.flat[1::7]; a",
    "[x for x in a[1].flat]", "a.flat[1, 2]",
])
def test_flat(code):
    check(code, sample((5, 4)), text="99" not in code and "2.5" not in code)
    check(code, sample((5, 4), "int32"), text="99" not in code and "2.5" not in code)


def test_large():
    check("b = a.reshape(300, 200); b[5] = 0; b[:, 7] = 1; a", sample(60_000))
    check("b = a.reshape(-1); b[::7] = 0; a", sample((300, 200)))
    check("b = a.reshape(100, 600); b += 1; b.T[3] = 0; a", sample((300, 200)))
    check("a.reshape(200, 300).T.reshape(-1)", sample((300, 200)))
    check("a.flat[100:50000:3] = 1; a", sample((300, 200)))


def test_blocks_are_seen_and_steered():
    a = gain.arange(40.0).reshape(10, 4)
    boxes = gain.distribution(a)
    assert len(boxes) == gain.n_ranks()
    assert gain.local(a).tolist() == numpy.arange(40.0).reshape(10, 4)[boxes[gain.rank()]].tolist()
    n = gain.n_ranks()
    cuts = [[0] * n + [10], [0, 4]]
    moved = gain.redistribute(a, cuts)
    assert (moved == a).all()
    if n > 1:
        assert gain.local(moved).shape[0] == (10 if gain.rank() == n - 1 else 0)
    with pytest.raises(ValueError):
        gain.redistribute(a, [[0] * n + [11], [0, 4]])
    blocks = numpy.full((gain.rank() + 1, 2), gain.rank())
    joined = gain.from_local(blocks)
    assert joined.shape == (n * (n + 1) // 2, 2)
    assert joined[:, 0].tolist() == [rank for rank in range(n) for _ in range(rank + 1)]


@pytest.mark.parametrize("code", [
    "a.resize(3, 4); a", "a.resize((6, 5)); a", "a.resize(2); a", "a[1:].resize(3)", "a.resize(()); a", "a.resize(2, 2, refcheck=False); b = a[0]; b[0] = 1; a",
    "a.resize(-1)",
])
def test_resize(code):
    check(code, sample((5, 4)), text=False)


@pytest.mark.parametrize("offset", [-9, -2, 0, 1, 3, 9])
@pytest.mark.parametrize("part", ["a", "a.T", "a[::-1]", "a[1:, ::2]", "a[:, 3:0:-1]", "a[2:3]", "np.broadcast_to(a[0], (3, 4))", "np.asfortranarray(a)"])
def test_diagonals_are_views(part, offset):
    check(f"b = {part}; d = b.diagonal({offset}); d, d.size < 2 or d.strides, d.flags.writeable, d.size == 0 or np.may_share_memory(d, b)", sample((5, 4)))
    check(f"b = {part}; c = b if b.flags.writeable else b.copy(); d = c.diagonal({offset}); d.flags.writeable = True; d += 50; c[:2] *= 2; a, c, d", sample((5, 4)))


def test_more_diagonals():
    axes = [(0, 1), (1, 0), (1, 2), (0, 2), (2, 0), (-1, -2)]
    for one, other in axes:
        check(f"np.diagonal(a, 1, {one}, {other}), np.linalg.diagonal(a), a.trace(0, {one}, {other})", sample((4, 3, 5)))
        check(f"a[1:, ::-1].diagonal(-1, {one}, {other}), a.T.diagonal(0, {one}, {other})", sample((4, 3, 5), "complex64"))
    check("np.einsum('ii->i', a)[...] = 9; a", sample((4, 4)))
    check("np.einsum('iij->ij', a)[...] = 9; a", sample((4, 4, 3)))
    check("np.diag(a), np.diag(a[0], 2), np.diag(a[0], -1), np.diagflat(a)", sample((4, 4)))
    check("a.diagonal(0, 0, 0)", sample((3, 3)))
    check("a.diagonal(0, 0, 2)", sample((3, 3)), text=False)
    check("a.diagonal()[0] = 1", sample((3, 3)))


def test_diagonals_on_odd_distributions():
    n = gain.n_ranks()
    content = numpy.arange(63.0).reshape(9, 7)
    for cuts in ([[0] * n + [9], [0, 7]], [[0, 9], [0] * n + [7]], [[0, *range(1, n), 9], [0, 7]], [[0] + [9] * n, [0, 7]]):
        a = gain.redistribute(gain.array(content), cuts)
        d = a[1:, ::-1].diagonal(1)
        assert d.tolist() == content[1:, ::-1].diagonal(1).tolist()
        a[3] = -1
        expected = content.copy()
        expected[3] = -1
        assert d.tolist() == expected[1:, ::-1].diagonal(1).tolist()


@pytest.mark.parametrize("code", [
    "a[::2].reshape(2, 2, 6)", "a[:, ::2].reshape(2, 4, 3)", "a[:, ::2].reshape(24)", "a[1::2].reshape(2, 2, 6)", "a[:, :4].reshape(2, 4, 4)", "a[:, :4].reshape(8, 2, 2)",
    "a[:, 1::2].reshape(4, 2, 3, 1)", "a.T.reshape(2, 3, 8)", "a.T.reshape(6, 2, 4)", "a[::-1].reshape(8, 2, 3)", "a[::-1].reshape(2, 4, 6)", "a[:6:2].reshape(3, 1, 6)",
    "a.reshape(2, 4, 6)[:, ::2].reshape(4, 6)", "a.reshape(2, 4, 6)[:, 0].reshape(2, 3, 2)", "a.reshape(2, 2, 2, 6)[:, :, 0].reshape(4, 6)", "a[2:6].T[::3].reshape(2, 2, 2)",
    "a[:, None, ::3].reshape(4, 2, 2)", "a[1:, 1:].reshape(35)", "a[1:, 1:].reshape(7, 5, 1)", "a[::3].reshape(18)", "np.broadcast_to(a[0], (4, 6)).reshape(2, 2, 6)",
    "a[:, 5:1:-2].reshape(2, 4, 2)", "a.swapaxes(0, 1)[1:4].reshape(3, 4, 2)",
])
def test_reshapes_of_strided_views(code):
    check(f"b = {code}; b", sample((8, 6)))
    check(f"b = {code}; shares = np.may_share_memory(b, a) and b.flags.writeable; b = b if shares else b.copy(); b += 50; a[:2] *= 2; a, b, shares", sample((8, 6)))


@pytest.mark.parametrize("code", [
    "a.reshape(5, -3)", "a.reshape(-2)", "a.reshape((10, 2), order=None)", "a.reshape()", "a.setflags(False); a.flags.writeable", "a.setflags(uic=True)",
    "np.copyto(a, 1, where=np.ones((5, 4), int))", "np.copyto(a, 1, where=[1, 0, 2, 0]); a", "np.copyto(a, 1, where=1); a",
    "np.roll(a, [[1, 2], [3, 4]], 0)", "np.roll(a, (1, 2, 3), (0, 1))", "np.roll(a, (1, 2), 1)", "np.roll(a, 1, (0, 1, 0))", "np.roll(a, 1, ())", "np.place(a, [True, False], [1])", "np.repeat(a[:0], -3)",
    "np.ravel_multi_index(([1], [1]), (3, 3), order='K')", "np.ravel_multi_index((a[0] * 0, a[1] * 0), (3, 3), order=None)",
    "np.ravel_multi_index((a[0] * 0, a[1] * 0), (3, 3), mode='bad')", "b = np.zeros(3, 'u1'); np.copyto(b, 4); b", "b = np.zeros(3, 'u1'); np.copyto(b, 4.)",
    "b = np.zeros(3, 'u1'); np.copyto(b, -4)", "b = np.zeros(3, 'u1'); np.copyto(b, np.int64(4))", "np.array(3).squeeze((0, -1))", "np.array(3).squeeze(0)",
    "np.may_share_memory(a[::2], a[1::2]), np.shares_memory(a[::2], a[1::2]), np.may_share_memory(a[:2], a[:1:-1])", "np.asarray(a, order='f').flags.f_contiguous",
    "b = np.array([1 + 2j]); b.view(float)[0] = 5; b, b.byteswap()", "np.copyto(a, a[None, :, :1], where=a > 2); a",
    "b = __import__('pickle').loads(__import__('pickle').dumps(a.T)); b, b.flags.f_contiguous", "np.unravel_index(np.array([5]), np.array([3, 3]))",
])
def test_arguments_that_are_seldom_given(code):
    check(code, sample((5, 4), "int32"))
