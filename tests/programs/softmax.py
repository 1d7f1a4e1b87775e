"""Softmax regression and its confusion matrix."""

import numpy as np

rng = np.random.default_rng(1)
X = rng.normal(size=(60, 4))
Y = rng.integers(0, 3, 60)
oh = np.eye(3)[Y]
W = np.zeros((4, 3))
for e in range(50):
    z = X @ W
    z -= z.max(axis=1, keepdims=True)
    p = np.exp(z)
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(60), Y]).mean()
    W -= 0.1 * X.T @ (p - oh) / 60
print(round(loss, 8), (p.argmax(1) == Y).mean())
idx = rng.permutation(60)
tr, te = (idx[:40], idx[40:])
print(X[tr].shape, Y[te][:5])
conf = np.zeros((3, 3), int)
np.add.at(conf, (Y, p.argmax(1)), 1)
print(conf)
print(conf.diagonal(), conf.sum(1), np.trace(conf))
for batch in np.array_split(idx, 7):
    print(len(batch), end=" ")
print()
