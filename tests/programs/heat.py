"""Heat in a rod, with copies of the last step."""

import numpy as np

n = 200
u = np.zeros(n)
u[n // 2] = 1.0
k = 0.25
for t in range(100):
    un = u.copy()
    u[1:-1] = un[1:-1] + k * (un[2:] - 2 * un[1:-1] + un[:-2])
print(np.round(u[95:106], 8))
print(u.sum().round(10), u.argmax())
