"""Every way to loop over an array."""

import numpy as np

a = np.arange(6).reshape(2, 3)
for x in np.nditer(a):
    print(x, end=" ")
for i, x in np.ndenumerate(a):
    print(i, x, end=";")
for r in a:
    for v in r:
        print(int(v), end=",")
print()
print(
    [int(v) for v in a.flat],
    list(zip(a[0], a[1])),
    max(a.flat),
    min(a[0]),
    list(map(int, a.ravel())),
    [r.sum() for r in a.T],
    any(a[0]),
    all(a[1]),
    3 in a,
    list(reversed(a[0])),
    enumerate(a).__next__()[1],
    sum(a),
    a[0].tolist(),
    len(a),
    iter(a).__next__(),
)
it = np.nditer(a, flags=["multi_index"])
while not it.finished:
    if it[0] > 4:
        print(it.multi_index)
    it.iternext()
with np.nditer(a, op_flags=["readwrite"]) as it:
    for x in it:
        x[...] = 2 * x
print(a)
b = np.broadcast(np.ones((3, 1)), np.ones(2))
print(b.shape)
g = (x**2 for x in np.arange(3))
print(sum(g), np.fromiter((i * i for i in range(4)), dtype=float))
s = a.copy()
s[:, 0], s[:, 1] = (s[:, 1].copy(), s[:, 0].copy())
print(s)
import itertools

print(list(itertools.chain(*a)))
print(dict(zip(["x", "y"], a)))
from collections import Counter

print(Counter(np.array([1, 1, 2]).tolist()))
import math

print(
    math.sqrt(a[0, 1]),
    math.floor(np.float64(2.7)),
    round(np.float64(2.567), 1),
    range(np.int64(3)),
    [1, 2, 3][np.int64(1)],
    "ab" * np.int64(2),
)
