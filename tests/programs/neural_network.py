"""A small neural network."""

import numpy as np

np.random.seed(0)
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64)
y = np.array([[0], [1], [1], [0]])
W1 = np.random.randn(2, 8)
b1 = np.zeros((1, 8))
W2 = np.random.randn(8, 1)
b2 = np.zeros((1, 1))
sig = lambda z: 1 / (1 + np.exp(-z))
for i in range(500):
    h = np.tanh(X @ W1 + b1)
    o = sig(h @ W2 + b2)
    d = o - y
    gW2 = h.T @ d
    gb2 = d.sum(axis=0, keepdims=True)
    dh = d @ W2.T * (1 - h**2)
    gW1 = X.T @ dh
    gb1 = dh.sum(0, keepdims=True)
    W1 -= 0.5 * gW1
    b1 -= 0.5 * gb1
    W2 -= 0.5 * gW2
    b2 -= 0.5 * gb2
print(np.round(o.ravel(), 3), float(np.mean((o - y) ** 2)).__round__(6))
print((o > 0.5).astype(int).T)
print(np.argmax(np.eye(3)[[0, 2, 1]], axis=1))
