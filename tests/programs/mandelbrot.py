"""The Mandelbrot set with masked assignment."""

import numpy as np

y, x = np.ogrid[-1.4:1.4:40j, -2:0.8:60j]
c = x + y * 1j
z = c
div = np.full(z.shape, 30, dtype=int)
for i in range(30):
    z = z**2 + c
    d = z * np.conj(z) > 4
    now = d & (div == 30)
    div[now] = i
    z[d] = 2
print(div.sum(), div.max())
print(div[20, ::6])
print("".join((".:-=+*#%@"[v % 9] for v in div[10])))
