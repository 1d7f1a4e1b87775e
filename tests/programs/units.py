"""Classes derived from ndarray, and classes that speak NumPy's protocols."""

import numpy as np


class Quantity(np.ndarray):
    def __new__(cls, data, unit=""):
        obj = np.asarray(data, dtype=float).view(cls)
        obj.unit = unit
        return obj

    def __array_finalize__(self, obj):
        if obj is None:
            return
        self.unit = getattr(obj, "unit", "")

    def __array_ufunc__(self, ufunc, method, *inputs, **kw):
        args = [np.asarray(i) if isinstance(i, Quantity) else i for i in inputs]
        out = kw.pop("out", None)
        if out:
            kw["out"] = tuple(np.asarray(o) for o in out)
        r = getattr(ufunc, method)(*args, **kw)
        u = "*".join(i.unit for i in inputs if isinstance(i, Quantity)) if ufunc is np.multiply else self.unit
        return Quantity(r, u) if isinstance(r, np.ndarray) else r

    def __repr__(self):
        return f"<{np.asarray(self)} {self.unit}>"


m = Quantity([1, 2, 3], "m")
print(
    repr(m + 1),
    repr(m * Quantity(2, "s")),
    m[1:].unit,
    m.sum(),
    np.sqrt(m).unit,
    isinstance(m, np.ndarray),
    m.mean(),
    m.reshape(3, 1).unit,
    type(np.asarray(m)) is np.ndarray,
)


class InfoArray(np.ndarray):
    def __new__(subtype, shape, dtype=float, buffer=None, offset=0, strides=None, order=None, info=None):
        obj = super().__new__(subtype, shape, dtype, buffer, offset, strides, order)
        obj.info = info
        return obj

    def __array_finalize__(self, obj):
        self.info = getattr(obj, "info", None)


o = InfoArray((3,), info="i")
o[:] = 2
print(o.info, o[1:].info, (o * 2).info, np.add(o, 1).sum(), type(o.T).__name__)


class MyList(np.lib.mixins.NDArrayOperatorsMixin):
    def __init__(self, v):
        self.v = np.asarray(v)

    def __array_ufunc__(self, uf, method, *ins, **kw):
        if method != "__call__":
            return NotImplemented
        return MyList(uf(*(i.v if isinstance(i, MyList) else i for i in ins), **kw))

    def __array__(self, dtype=None, copy=None):
        return self.v

    def __repr__(self):
        return f"MyList({self.v.tolist()})"


a = MyList([1, 2])
print(a + 1, np.arange(2) * a, -a, np.exp(MyList([0])), np.array(a) + 1, np.concatenate([np.array(a), [9]]))


class Diag:
    def __init__(self, n, v):
        self._n, self._v = n, v

    def __array_function__(self, func, types, args, kwargs):
        return HANDLED[func](*args, **kwargs) if func in HANDLED else NotImplemented


HANDLED = {np.sum: lambda d, **k: d._n * d._v, np.mean: lambda d: d._v / d._n}
d = Diag(4, 2)
print(np.sum(d), np.mean(d))
try:
    np.concatenate([d, d])
except TypeError as e:
    print("TypeError", str(e)[:60])
