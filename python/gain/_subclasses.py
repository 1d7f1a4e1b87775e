"""Programs that derive classes from `ndarray`, or ask whether something is one.

A class derived from `gain.ndarray` is derived from NumPy's `ndarray` instead: its arrays are NumPy's own, whole on every rank, and behave as
their author wrote them. Arrays of dtypes that gain has not are NumPy's too; so NumPy's arrays count as instances of `gain.ndarray`.
"""

import sys
import types

import numpy

from gain import _dates, _gain, _ufunc_overrides


def _view(self, *args, **kwargs):
    """`ndarray.view`, for which `gain.ndarray` is NumPy's class, as it is for the class itself."""
    args = [numpy.ndarray if item is _gain.ndarray else item for item in args]
    kwargs = {name: numpy.ndarray if item is _gain.ndarray else item for name, item in kwargs.items()}
    return numpy.ndarray.view(self, *args, **kwargs)


class ArrayType(type):
    """The class of `gain.ndarray`."""

    def __new__(meta, name, bases, namespace, **keywords):
        if _gain.ndarray in bases:
            namespace = {"view": _view, **namespace}
            if "__array_ufunc__" in namespace:
                namespace["__array_ufunc__"] = _ufunc_overrides.translating(namespace["__array_ufunc__"])
        bases = tuple(numpy.ndarray if base is _gain.ndarray else base for base in bases)
        return types.new_class(name, bases, keywords, lambda body: body.update(namespace))

    def __call__(cls, *args, **kwargs):
        """`ndarray(shape, dtype, buffer, ...)`: an array of NumPy's where it shows somebody else's memory."""
        made = numpy.ndarray(*args, **kwargs)
        return made if made.base is not None else sys.modules["gain"].asarray(made)

    def __instancecheck__(cls, instance):
        return type.__instancecheck__(cls, instance) or isinstance(instance, numpy.ndarray | _dates.Dates)

    def __subclasscheck__(cls, subclass):
        return type.__subclasscheck__(cls, subclass) or issubclass(subclass, numpy.ndarray | _dates.Dates)


def _new(cls, *args, **kwargs):
    """`ndarray.__new__`, with which classes derived from it make their objects."""
    return _gain.ndarray(*args, **kwargs) if cls is _gain.ndarray else numpy.ndarray.__new__(cls, *args, **kwargs)


def attach():
    """Makes `ArrayType` the class of `gain.ndarray`."""
    _gain.adopt(ArrayType)
    _gain.ndarray.__new__ = staticmethod(_new)
