"""Electromagnetic waves on staggered grids."""

import numpy as np

N = 80
ez = np.zeros((N, N))
hx = np.zeros((N, N - 1))
hy = np.zeros((N - 1, N))
for t in range(60):
    hx -= 0.5 * (ez[:, 1:] - ez[:, :-1])
    hy += 0.5 * (ez[1:, :] - ez[:-1, :])
    ez[1:-1, 1:-1] += 0.5 * (hy[1:, 1:-1] - hy[:-1, 1:-1] - (hx[1:-1, 1:] - hx[1:-1, :-1]))
    ez[N // 2, N // 2] += np.sin(0.3 * t)
print(np.abs(ez).max().round(8), (ez**2).sum().round(8))
print(ez[40, 30:50:5].round(8))
