"""What writes into an array that exists."""

import numpy as np

a = np.arange(6, dtype=float)
b = np.empty_like(a)
np.add(a, 1, out=b)
np.multiply(b, b, b)
np.sqrt(b, where=a > 2, out=b)
print(b, np.cumsum(a, out=b) is b, b)
a += 1
a -= 0.5
a *= 2
a /= 3
a **= 2
a //= 0.5
a %= 3
print(a)
i = np.arange(6)
i <<= 1
i |= 1
i &= 6
i ^= 3
i >>= 1
print(i)
try:
    i += 0.5
except Exception as e:
    print(type(e).__name__, e)
try:
    i /= 2
except TypeError as e:
    print(type(e).__name__, e)
m = np.zeros((3, 3))
m[1, :] += 1
m[:, [0, 2]] -= 2
m[np.eye(3, dtype=bool)] = 9
m[m < 0] *= -1
m[..., -1] = [1, 2, 3]
m.T[0] += 100
np.fill_diagonal(m, 0)
print(m)
np.copyto(m, 5, where=m > 50)
np.put(m, [0, 4], [1, 2])
np.place(m, m == 5, [7, 8])
np.putmask(m, m == 0, -1)
np.clip(m, -1, 7, out=m)
print(
    m,
    m.sum(axis=0, out=np.empty(3)),
    np.dot(m, m, out=np.empty((3, 3)))[0],
    np.mean(m, axis=1, keepdims=True),
    np.max(m, initial=100),
    np.sum(m, where=m > 0),
    m.sum(dtype=int),
    m.cumsum(1)[0],
)
m.sort(axis=0)
print(m)
m.partition(1, axis=1)
x = np.arange(10)
x[2:5] = x[5:8]
x[::2] = x[::-2]
x[[0, 0]] = [5, 6]
x[-1] = 99
x[x % 2 == 0] = x[x % 2 == 0][::-1]
print(x, np.delete(x, [0, 1]), np.insert(x, 1, [7, 7]), np.append(x, 1), np.resize(x, (2, 2)), np.roll(x, 3), np.flip(x))
y = x.copy()
y.resize(12, refcheck=False)
print(y)
z = np.zeros((2, 3))
z[:] = np.arange(3)
z[0], z[1] = z[1] * 2, z[0]
print(z)
z[:, 1:] = z[:, :-1]
print(z)
np.subtract.at(x, [0, 1, 0], 1)
print(x[:2])
u, v = np.divmod(x, 3, out=(np.empty_like(x), np.empty_like(x)))
print(u, v)
print(
    np.minimum.accumulate([3, 1, 2]),
    np.multiply.reduce([2, 3]),
    np.add.reduceat(np.arange(8), [0, 4, 1, 5]),
    np.logical_and.reduce([1, 0]),
    np.subtract.outer([1, 2], [1, 2]),
    np.maximum.reduce(np.eye(3), axis=None),
)
w = np.arange(3.0)
w2 = w
w = w + 1
print(w2, w)
w2 += 10
print(w2)
v = w2[1:]
v *= 0
print(w2)
np.negative(w2, w2)
print(w2)
t = np.tri(3, dtype=np.float32)
t @= t
print(t, t.dtype)
c = np.ones(3, complex)
c *= 1j
c.imag += 1
print(c)
