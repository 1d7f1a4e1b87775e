"""Objects that hold arrays, and arrays that hold objects."""

import numpy as np


class Vector:
    __array_priority__ = 1000

    def __init__(self, d):
        self.d = np.asarray(d, dtype=float)

    def __add__(self, o):
        return Vector(self.d + (o.d if isinstance(o, Vector) else o))

    __radd__ = __add__

    def __mul__(self, o):
        return Vector(self.d * (o.d if isinstance(o, Vector) else o))

    __rmul__ = __mul__

    def __len__(self):
        return len(self.d)

    def __getitem__(self, i):
        return self.d[i]

    def __repr__(self):
        return f"Vector({self.d})"

    def __eq__(self, o):
        return np.array_equal(self.d, o.d)

    def __array__(self, dtype=None, copy=None):
        return np.array(self.d, dtype=dtype)


v = Vector([1, 2, 3])
print(
    v + 1,
    2 * v,
    v + v,
    np.ones(3) * 2 + v.d,
    v == Vector([1, 2, 3]),
    np.sum(v.d),
    np.asarray(v),
    np.dot(v, v),
    np.max(v),
    list(v),
    np.float64(2) * v,
)


class Mat:
    def __init__(self, rows):
        self.a = np.array(rows)

    def __matmul__(self, o):
        return Mat(self.a @ o.a)

    def __getattr__(self, n):
        return getattr(self.a, n)

    def __iter__(self):
        return iter(self.a)


m = Mat([[1, 2], [3, 4]])
print((m @ m).a, m.shape, m.T, [r.sum() for r in m], np.array(list(m)))


class Node:
    def __init__(self, v):
        self.v = v

    def __add__(self, o):
        return Node(self.v + o.v)

    def __lt__(self, o):
        return self.v < o.v

    def __le__(self, o):
        return self.v <= o.v

    def __repr__(self):
        return f"N{self.v}"


o = np.array([Node(3), Node(1), Node(2)])
print(o, o.sum(), np.sort(o), o + o, o.min(), o[::-1])
class_memo = {}


class Tensor:
    def __init__(self, data, parents=()):
        self.data = np.array(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.parents = parents
        self.back = lambda: None

    def __mul__(self, o):
        out = Tensor(self.data * o.data, (self, o))

        def back():
            self.grad += o.data * out.grad
            o.grad += self.data * out.grad

        out.back = back
        return out

    def sum(self):
        out = Tensor(self.data.sum(), (self,))

        def back():
            self.grad += np.ones_like(self.data) * out.grad

        out.back = back
        return out


a, b = Tensor([1, 2, 3]), Tensor([4, 5, 6])
c = a * b
s = c.sum()
s.grad = np.array(1.0)
s.back()
c.back()
print(a.grad, b.grad, s.data, s.data.shape)
