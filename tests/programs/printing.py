"""Arrays as text."""

import numpy as np

print(np.arange(24).reshape(2, 3, 4))
print(repr(np.ones((2, 2), dtype=np.float32)))
print(np.linspace(0, 1, 5))
print("%s" % np.arange(3), "{}".format(np.array([1.5])), f"{np.pi:.3f} {np.float64(2.0)} {np.array([1, 2])!r}")
with np.printoptions(precision=2, threshold=5):
    print(np.arange(100) / 3)
print(np.random.default_rng(0).random((3, 3)))
print(np.array([[1e-10, 10000000000.0]]))
print(np.array([1j, 2]))
print(np.eye(3, dtype=int))
print(np.array2string(np.arange(5), separator=", "))
print(np.array([None, 1]))
print([np.float64(1.0)], [np.ones(1)], {1: np.zeros(2)})
print(np.datetime64("2020-01-01"), np.array_repr(np.arange(2)), np.array_str(np.arange(2)))
