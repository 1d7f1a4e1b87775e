"""Masked arrays."""

import numpy as np
import numpy.ma as ma

x = ma.array([1, 2, -999, 4], mask=[0, 0, 1, 0])
print(x, x.mean(), x.sum(), x.filled(0), x.count(), x.compressed(), repr(x), x.mask)
y = ma.masked_values([1.0, 1e20, 3], 1e20)
print(y, y + 1, y.max(), (y * x[:3]), ma.masked_where(np.arange(4) > 2, np.arange(4)), ma.masked_invalid([1, np.nan, np.inf]))
m = np.ma.masked_array(np.arange(12).reshape(3, 4), mask=np.arange(12).reshape(3, 4) % 5 == 0)
print(m, m.mean(axis=0), m.sum(1), m[1], m.T, np.ma.median(m), m.std().round(4))
m[0, 1] = ma.masked
print(m.mask.sum(), ma.getdata(m)[0], ma.is_masked(m))
z = np.sqrt(ma.array([-1.0, 4.0]))
print(z)
print(
    ma.log([1, 0, np.e]),
    ma.concatenate([x, x]),
    np.ma.average(x, weights=[1, 2, 3, 4]),
    x.tolist(),
    ma.masked_outside([1, 5, 9], 2, 8),
    x.astype(float),
    ma.notmasked_edges(x),
    type(x[2]),
    x[2] is ma.masked,
)
a = np.arange(5.0)
b = ma.masked_less(a, 2)
print(b, b**2, np.where(b > 2, b, -1), a[b.mask], ma.array(a, mask=a > 3).filled(np.nan))
