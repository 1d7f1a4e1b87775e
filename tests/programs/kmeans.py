"""K-means by broadcasting, masks and bincount."""

import numpy as np

rng = np.random.default_rng(42)
X = np.vstack([rng.normal(c, 0.3, (50, 2)) for c in [(0, 0), (3, 3), (0, 4)]])
C = X[[0, 60, 120]].copy()
for it in range(10):
    d = np.linalg.norm(X[:, None, :] - C[None, :, :], axis=2)
    lab = np.argmin(d, axis=1)
    C = np.array([X[lab == k].mean(axis=0) for k in range(3)])
print(np.round(C, 6))
print(np.bincount(lab))
for k, c in enumerate(C):
    print(k, f"{c[0]:.4f} {c[1]:.4f}")
