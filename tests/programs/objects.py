"""A derived class, scalars and protocols."""

import numpy as np


class Vec(np.ndarray):

    def __new__(cls, x):
        return np.asarray(x).view(cls)

    def norm(self):
        return float(np.sqrt((self * self).sum()))


try:
    v = Vec([3.0, 4.0])
    print(v.norm(), type(v).__name__)
except TypeError as e:
    print("TypeError", e)
x = np.ones(3)
print(isinstance(x, np.ndarray), type(x).__name__, x.dtype == float, x.dtype.name, np.issubdtype(x.dtype, np.floating))


def f(a: np.ndarray) -> np.ndarray:
    return a * 2


print(f(x), f"{x[0]:.3f}", "%d" % x[1], str(x), repr(x))
print(np.float64(3) / 2, type(x[0]).__name__, type(x.sum()).__name__)
l = [np.arange(3), np.arange(3, 6)]
print(np.array(l), np.concatenate(l), max(x), sum(x), sorted(np.array([3, 1, 2])))
for i, row in enumerate(np.eye(2)):
    print(i, row)
a, b = np.array([1, 2])
print(a, b)
print(x.tolist(), bytes(np.array([65, 66], dtype=np.uint8)), [*np.arange(3)])
d = {tuple(np.array([1, 2]).tolist()): 5}
print(d)
print(np.array([[1, 2], [3, 4]])[1].max(), -x, +x, abs(-x), x**2, 2**x, x // 2, x % 2, divmod(x, 2))
if (x > 0).all() and (not (x < 0).any()):
    print("ok")
print(
    np.array_equal(x, np.ones(3)), np.allclose(x, 1), len(x), x.size, x.shape, x.ndim, x.nbytes, x.itemsize, x.flags.c_contiguous, x.strides
)
