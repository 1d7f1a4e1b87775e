"""Pi by random points."""

import numpy as np

np.random.seed(12345)
n = 100000
x = np.random.rand(n)
y = np.random.rand(n)
inside = x**2 + y**2 <= 1.0
print("pi ~", 4 * inside.sum() / n)
print(inside.mean(), inside[:10])
h, e = np.histogram(x, bins=10, range=(0, 1))
print(h, e[:3])
