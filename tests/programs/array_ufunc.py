"""Classes with an __array_ufunc__ of their own."""

import numpy as np


class Q:
    def __init__(self, v):
        self.v = np.asarray(v)

    def __array_ufunc__(self, uf, method, *ins, **kw):
        if uf is np.add:
            return "added"
        if uf in (np.multiply, np.less):
            return "mul"
        return NotImplemented


q = Q([1, 2])
print(np.add(q, 1), np.arange(2) + q, np.arange(2) * q, np.multiply(2, q), np.arange(2) < q, np.add(np.ones(2), q))
try:
    np.sin(q)
except TypeError as e:
    print(str(e)[:50])
try:
    np.arange(2) - q
except TypeError as e:
    print(str(e)[:60])


class N:
    __array_ufunc__ = None

    def __radd__(self, o):
        return "radd"

    def __rmul__(self, o):
        return "rmul"


print(np.arange(2) + N(), np.ones(3) * N())
try:
    np.add(np.ones(2), N())
except TypeError as e:
    print(str(e)[:50])


class A(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        args = [i.view(np.ndarray) if isinstance(i, A) else i for i in inputs]
        outputs = out
        if outputs:
            kwargs["out"] = tuple(o.view(np.ndarray) if isinstance(o, A) else o for o in outputs)
        else:
            outputs = (None,) * ufunc.nout
        results = super().__array_ufunc__(ufunc, method, *args, **kwargs)
        if results is NotImplemented:
            return NotImplemented
        if method == "at":
            return
        if ufunc.nout == 1:
            results = (results,)
        results = tuple((np.asarray(r).view(A) if o is None else o) for r, o in zip(results, outputs))
        return results[0] if len(results) == 1 else results


a = np.arange(5.0).view(A)
b = np.sin(a)
print(type(b).__name__, b.round(3))
a += 1
print(a, type(a).__name__, np.divmod(a, 2), a.sum(), np.add.reduce(a), np.add(a, 1, out=np.zeros(5)))
