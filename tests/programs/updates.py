"""Updates through views, masks and index arrays."""

import numpy as np

a = np.arange(10)
b = a[::2]
b += 100
print(a)
a[a > 100] = 0
print(a)
c = a.reshape(2, 5)
c[0] = 7
print(a)
v = c.T
v[1] = -1
print(a, c)
a[1:] = a[:-1]
print(a)
a[[0, 3, 3]] = [9, 8, 7]
print(a)
a[[1, 1]] += 1
print(a)
np.add.at(a, [2, 2], 5)
print(a)
np.put(a, [0], 3)
print(a)
x = np.zeros((3, 3))
x[np.diag_indices(3)] = 1
x[0, :] = [1, 2, 3]
x[:, 2] *= 2
x[x == 0] = -1
print(x)
x.sort(axis=1)
print(x)
x.fill(2)
print(x)
x.resize((2, 2)) if False else None
y = np.zeros(5)
y[2:4] = np.array([1, 2])
y[...] = y + 1
y -= 0.5
y *= 2
y /= 3
y **= 2
print(y.round(6))
z = y
z[0] = 5
print(y[0], y is z, np.shares_memory(y, z))
w = np.arange(12).reshape(3, 4)
w[1:, 1:] = w[:-1, :-1]
print(w)
w[:, [0, 2]] = w[:, [2, 0]]
print(w)
i, j = np.where(w > 4)
print(i, j)
w.flat[5] = 99
print(w.ravel()[:6], w.flatten()[5])
w = w[w[:, 0].argsort()]
print(w)
w[[0, 1]] = w[[1, 0]]
print(w)
q = np.tile([1, 2], 3)
q = np.repeat(q, 2)
print(q)
np.random.seed(1)
np.random.shuffle(q)
print(q)
