"""The sieve of Eratosthenes with stepped assignment."""

import numpy as np

n = 1000
s = np.ones(n + 1, dtype=bool)
s[:2] = False
for i in range(2, int(n**0.5) + 1):
    if s[i]:
        s[i * i :: i] = False
p = np.nonzero(s)[0]
print(len(p), p[-5:], p.sum())
print(np.flatnonzero(np.diff(p) == 2)[:10])
