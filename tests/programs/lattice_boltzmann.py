"""A lattice Boltzmann flow around a disc."""

import numpy as np

nx, ny = (40, 20)
c = np.array([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1], [1, 1], [-1, 1], [-1, -1], [1, -1]])
w = np.array([4 / 9] + [1 / 9] * 4 + [1 / 36] * 4)


def eq(rho, u):
    cu = 3 * np.dot(c, u.transpose(1, 0, 2))
    us = 1.5 * (u[0] ** 2 + u[1] ** 2)
    f = np.zeros((9, nx, ny))
    for i in range(9):
        f[i] = rho * w[i] * (1 + cu[i] + 0.5 * cu[i] ** 2 - us)
    return f


ob = np.fromfunction(lambda x, y: (x - 10) ** 2 + (y - 10) ** 2 < 9, (nx, ny))
f = eq(1.0, np.fromfunction(lambda d, x, y: (1 - d) * 0.04 * (1 + 0.0001 * np.sin(y / ny * 2 * np.pi)), (2, nx, ny)))
opp = [c.tolist().index((-c[i]).tolist()) for i in range(9)]
for t in range(10):
    rho = np.sum(f, axis=0)
    u = np.dot(c.transpose(), f.transpose((1, 0, 2))) / rho
    feq = eq(rho, u)
    fo = f - (f - feq) / 0.6
    for i in range(9):
        fo[i, ob] = f[opp[i], ob]
    for i in range(9):
        f[i] = np.roll(np.roll(fo[i], c[i, 0], axis=0), c[i, 1], axis=1)
print(rho.sum().round(8), u[0, 5, 5].round(8), ob.sum())
