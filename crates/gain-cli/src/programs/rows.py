"""`gain bench ufuncs`, `ndarray`, `linalg`, `functions`: statements with NumPy and with gain in turn; prints one line of JSON on rank 0."""

import json
import statistics
import sys
import time
import warnings

import gain
import numpy

GROUP, REPEATS = sys.argv[1], int(sys.argv[2])

rng = numpy.random.default_rng(1)


def operands():
    """The arrays of a group by name."""
    n = 4_000_000
    if GROUP == "ufuncs":
        x, y = rng.random(100_000) + 0.1, rng.random(100_000) + 0.1
        i, j = rng.integers(1, 1000, 100_000), rng.integers(1, 50, 100_000)
        z = x + 1j * y
        large = {"X": rng.random(10_000_000) + 0.1, "Y": rng.random(10_000_000) + 0.1}
        return {"x": x, "y": y, "f": x.astype("f4"), "g": y.astype("f4"), "i": i, "j": j, "k": i.astype("i4"), "l": j.astype("i4"), "z": z, **large}
    if GROUP == "ndarray":
        a, x = rng.random((4000, 4000)), rng.random(n)
        return {"a": a, "x": x, "m": x > 0.5, "i": rng.integers(0, n, n), "s": numpy.sort(rng.integers(0, n, n))}
    if GROUP == "linalg":
        made = {"a": rng.random((2000, 2000)), "b": rng.random((2000, 2000)), "q": rng.random((4000, 4000)), "v": rng.random(4000)}
        made |= {"s": rng.random((100_000, 4, 4)) + 4 * numpy.eye(4), "t": rng.random((1_000_000, 16)), "w": rng.random((10, 10))}
        p = made["a"] @ made["a"].T + 2000 * numpy.eye(2000)
        return {**made, "f": made["a"].astype("f4"), "c": made["a"][:1000, :1000] + 1j, "p": p}
    x = rng.random(n)
    return {"x": x, "y": rng.random(n), "i": rng.integers(0, 1000, n), "q": numpy.linspace(0, 1, 1000), "p": rng.random((n // 2, 8))}


BINARY = "add subtract multiply divide minimum maximum less equal hypot arctan2 power fmod remainder floor_divide copysign logaddexp".split()
UNARY = (
    "exp exp2 expm1 log log2 log10 log1p sqrt cbrt square absolute sin cos tan arcsin arctan sinh cosh tanh arcsinh floor rint isnan sign"
).split()
INTEGER = "add multiply floor_divide remainder minimum less bitwise_and left_shift gcd lcm".split()

ROWS = {
    "ufuncs": [
        *(f"np.{name}({x})" for name in UNARY for x in "xf"), *(f"np.{name}(x, y)" for name in BINARY), *(f"np.{name}(f, g)" for name in BINARY),
        *(f"np.{name}({pair})" for name in INTEGER for pair in ("i, j", "k, l")), "z * z", "z / (z + 1)", "np.exp(z)", "np.abs(z)",
        "np.exp(X)", "np.log(X)", "np.sin(X)", "np.tanh(X)", "np.power(X, Y)", "np.add(X, Y)", "np.sqrt(X)", "x[::2] + y[::2]", "x + 2.0",
    ],
    "ndarray": [
        "a + a.T", "x[m]", "x[i]", "x[s]", "a.T.copy()", "a.reshape(-1)[::2].copy()", "a[::-1, ::2] + 1", "np.zeros(4_000_000) + 1",
        "np.arange(4_000_000) * 2", "np.linspace(0, 1, 4_000_000)", "np.where(m, x, 0)", "np.take(x, i)", "a.diagonal() + 1",
    ],
    "linalg": [
        "a @ b", "f @ f", "c @ c", "a.T @ a", "q @ v", "v @ q", "q.T @ v", "np.dot(v, v)", "s @ s", "w @ w", "np.linalg.inv(s)", "np.linalg.det(s)",
        "np.linalg.solve(s, s)", "t.T @ t", "np.linalg.norm(q)", "np.linalg.norm(t, axis=1)", "np.linalg.solve(a, b[0])", "np.linalg.cholesky(p)",
        "np.linalg.qr(a)", "np.linalg.svd(t, full_matrices=False)", "np.einsum('ij,ij->i', t, t)", "np.einsum('ij,jk->ik', a, b)",
    ],
    "functions": [
        "np.sort(x)", "np.argsort(x)", "np.unique(i)", "np.searchsorted(q, x)", "np.median(x)", "np.histogram(x, 50)", "np.bincount(i)",
        "np.concatenate([x, y])", "np.roll(x, 5)", "np.repeat(x, 2)", "np.tile(x, 2)", "np.cumsum(x)", "np.var(p, axis=0)", "np.mean(p, axis=0)",
        "(p - p.mean(0)) / p.std(0)", "np.diff(x)", "np.gradient(x)", "np.pad(p, 1)", "np.interp(x, q, q)", "np.convolve(x, q[:9])", "np.nanmean(p, 0)",
        "np.percentile(x, [5, 95])", "np.clip(x, .2, .8)", "np.round(x, 2)", "np.isin(i, [1, 2, 3])",
    ],
}


def seconds(code, names):
    """One run of a statement. The result is held until it is computed: what nobody holds, gain never computes."""
    gain.sync()
    start = time.perf_counter()
    held = eval(code, names)
    gain.sync()
    taken = time.perf_counter() - start
    del held
    return taken


warnings.simplefilter("ignore")
theirs = {"np": numpy, **operands()}
ours = {"np": gain, **{name: gain.asarray(array) for name, array in theirs.items() if name != "np"}}
rows = []
for text in ROWS[GROUP]:
    code = compile(text, text, "eval")
    times = [[], []]
    for number in range(REPEATS + 1):
        for kept, names in zip(times, (theirs, ours)):
            kept.append(seconds(code, names))
    rows.append([text, *(statistics.median(kept[1:]) for kept in times)])
if gain.rank() == 0:
    print(json.dumps({"rows": rows}), flush=True)
