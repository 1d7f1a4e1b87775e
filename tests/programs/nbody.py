"""Leap-frog steps of a few bodies."""

import numpy as np

rng = np.random.default_rng(7)
N = 20
pos = rng.standard_normal((N, 3))
vel = np.zeros((N, 3))
m = np.ones((N, 1)) / N


def acc(p):
    d = p[None, :, :] - p[:, None, :]
    r2 = (d**2).sum(axis=-1) + 0.01
    inv = r2 ** (-1.5)
    return (d * inv[:, :, None] * m[None, :, :]).sum(axis=1)


a = acc(pos)
for i in range(20):
    vel += a * 0.005
    pos += vel * 0.01
    a = acc(pos)
    vel += a * 0.005
ke = 0.5 * np.sum(m * vel**2)
print(f"{ke:.10f}")
print(np.round(pos[:2], 8))
print(np.round(pos.mean(0), 10) + 0.0)
