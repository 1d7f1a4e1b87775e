"""Principal components by eigenvectors and by singular values."""

import numpy as np

rng = np.random.default_rng(5)
X = rng.standard_normal((200, 5)) @ rng.standard_normal((5, 5))
Xc = X - X.mean(axis=0)
cov = Xc.T @ Xc / (len(X) - 1)
w, v = np.linalg.eigh(cov)
i = np.argsort(w)[::-1]
w = w[i]
v = v[:, i]
print(np.round(w, 6))
Y = Xc @ v[:, :2]
print(np.round(np.abs(Y[:3]), 5))
print(np.allclose(np.cov(X.T), cov))
U, S, Vt = np.linalg.svd(Xc, full_matrices=False)
print(np.round(S**2 / (len(X) - 1), 6))
