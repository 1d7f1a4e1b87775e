"""PageRank by matrix-vector products."""

import numpy as np

rng = np.random.RandomState(0)
n = 30
A = (rng.rand(n, n) < 0.1).astype(float)
np.fill_diagonal(A, 0)
d = A.sum(axis=1)
d[d == 0] = 1
M = (A / d[:, None]).T
r = np.ones(n) / n
for i in range(100):
    r2 = 0.85 * M @ r + 0.15 / n
    r2 /= r2.sum()
    if np.abs(r2 - r).max() < 1e-10:
        break
    r = r2
print(i, np.round(r[:5], 8))
print(np.argsort(r)[::-1][:5])
