"""Many functions on longer arrays."""

import numpy as np

n = 300000
a = np.arange(n, dtype=np.float64)
b = np.sin(a / 1000)
c = np.where(b > 0, a, -a)
print(c.sum(), np.abs(b).max().round(10), (b > 0.5).sum(), a[::1000].sum(), b[a % 7 == 0].size, np.count_nonzero(b < 0))
m = a.reshape(600, 500)
print(
    m.mean(axis=0)[:3],
    m.T[3, :3],
    (m @ np.ones(500))[:2],
    m[10:20, ::50].sum(),
    m.max(axis=1)[-1],
    m.argmax(),
    np.cumsum(a)[-1],
    np.sort(-a)[:2],
    np.argsort(b)[:2],
    m[m[:, 0] > 299000].shape,
    np.median(a),
    np.dot(b, b).round(6),
    np.linalg.norm(b).round(8),
    np.histogram(b, 4)[0],
    np.unique(a % 5).tolist(),
    np.diff(a).sum(),
    np.concatenate([a, b]).shape,
    np.outer(a[:3], b[:2]).round(5),
    m.std().round(6),
    np.percentile(b, 30).round(8),
    m[::-1].sum(0)[0],
    a[-1],
    a[[5, 1, -1]],
    np.roll(a, 3)[:4],
    m.flatten()[7],
    m.swapaxes(0, 1).copy()[1, 2],
    np.split(a, 3)[1][0],
    np.vstack([m, m]).shape,
    np.repeat(a[:3], 2),
    np.prod(1 + b[:5]).round(8),
    np.trapezoid(b[:100]).round(8),
    np.interp(2.5, a, b).round(8),
    (a.astype(np.int64) & 1).sum(),
    a.astype(np.float32).sum().dtype,
    np.isin(a[:10], [2, 3]).sum(),
    np.clip(b, -0.1, 0.1).sum().round(6),
    np.floor(b).sum(),
    np.searchsorted(a, [5.5, 100000.0]),
)
e = np.exp(-(((m - m.mean()) / m.std()) ** 2))
print(e.sum().round(6))
m2 = m.copy()
m2[m2 > 1000] = 0
print(m2.sum())
m2[5] = m2[4]
m2[:, 3] += 1
m2 += m2.T[:500, :500].sum() * 0
print(m2.sum())
q = np.zeros(n, bool)
q[::3] = True
print(a[q].mean(), (~q).sum(), q.any(), np.logical_and(q, a > 10).sum())
z = b + 1j * a
print(abs(z).max().round(6), z.real.sum().round(8), z[3])
idx = np.random.default_rng(0).integers(0, n, 1000)
print(a[idx].sum(), np.bincount(idx % 10))
h = np.zeros(10)
np.add.at(h, idx % 10, 1.0)
print(h)
