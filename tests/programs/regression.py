"""A line through points, three ways."""

import numpy as np

rng = np.random.default_rng(3)
x = np.linspace(0, 10, 100)
y = 2.5 * x - 1.3 + rng.standard_normal(100) * 0.1
A = np.column_stack([x, np.ones_like(x)])
sol, res, rank, sv = np.linalg.lstsq(A, y, rcond=None)
print(np.round(sol, 6), rank)
print(np.round(np.polyfit(x, y, 1), 6))
print(np.round(np.corrcoef(x, y)[0, 1], 8), round(float(np.std(y - A @ sol)), 6))
