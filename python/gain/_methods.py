"""Methods and attributes of `gain.ndarray` that are written in Python: combinations of native ones, and the fallback for the rest."""

import builtins
import types
import weakref

import numpy

from gain import _creation, _dates, _fallback, _flags, _flat, _functions, _gain, _grids, _indexing, _printing
from gain import _bits, _files, _joining, _moments, _products, _searching

ndarray = _gain.ndarray


def reshape(self, *shape, order="C", copy=None):
    """The same elements in C order under another shape, as a view where that is possible."""
    if len(shape) == 1:
        shape = shape[0]
    elif not shape:
        raise TypeError("reshape() takes exactly 1 argument (0 given)")
    return _functions.reshape(self, shape, order, copy=copy)


def ravel(self, order="C"):
    """The elements in one dimension, as a view where that is possible."""
    return _functions.ravel(self, order)


def flatten(self, order="C"):
    """A copy of the elements in one dimension."""
    flat = _functions.ravel(self, order)
    return flat if flat._owns_data and flat is not self else flat.copy()


def squeeze(self, axis=None):
    """A view without axes of length 1."""
    return _functions.squeeze(self, axis)


def swapaxes(self, axis1, axis2, /):
    """A view with two axes exchanged."""
    return _functions.swapaxes(self, axis1, axis2)


def clip(self, min=None, max=None, out=None, **kwargs):
    """The elements limited to an interval."""
    return _functions.clip(self, min, max, out, **kwargs)


def round(self, decimals=0, out=None):
    """The elements rounded to so many decimals."""
    return _functions.round(self, decimals, out)


def var(self, axis=None, dtype=None, out=None, ddof=0, keepdims=False, **kwargs):
    """The mean of the squared distances from the mean."""
    return _moments.var(self, axis, dtype, out, ddof, keepdims, **kwargs)


def std(self, axis=None, dtype=None, out=None, ddof=0, keepdims=False, **kwargs):
    """The square root of the variance."""
    return _moments.std(self, axis, dtype, out, ddof, keepdims, **kwargs)


def repeat(self, repeats, axis=None):
    """Each element, or each slice along an axis, several times."""
    return _joining.repeat(self, repeats, axis)


def searchsorted(self, v, side="left", sorter=None):
    """Where elements would stand in this sorted array."""
    return _searching.searchsorted(self, v, side, sorter)


def trace(self, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    """The sum along diagonals."""
    return _products.trace(self, offset, axis1, axis2, dtype, out)


def conj(self, out=None):
    """The complex conjugate; a real array itself."""
    if out is not None:
        return _gain.conjugate(self, out=out)
    return _gain.conjugate(self) if self.dtype.kind == "c" else self


def view(self, dtype=None, type=None):
    """Another array object on the same elements."""
    if type is None and isinstance(dtype, builtins.type) and issubclass(dtype, ndarray):
        dtype, type = None, dtype
    if type is not None and type is not ndarray:
        # A class of NumPy's: its arrays are whole on every rank.
        return self._gather().view(type) if dtype is None else self._gather().view(dtype, type)
    if dtype is None or numpy.dtype(dtype) == self.dtype:
        return self[...]
    _check_items(self, numpy.dtype(dtype).itemsize)
    if numpy.dtype(dtype).kind in "mM" and numpy.dtype(dtype).isnative and (counts := self._reinterpreted("i8")) is not None:
        return _dates.Dates(counts, numpy.dtype(dtype))
    seen = self._reinterpreted(dtype)
    return seen if seen is not None else _fallback.method(self, "view", (dtype,), {})


def _check_items(self, itemsize):
    """ValueError where the elements can not be seen as items of another size."""
    have = self.itemsize
    if itemsize == have or itemsize == 0:
        return
    if self.ndim == 0:
        raise ValueError("Changing the dtype of a 0d array is only supported if the itemsize is unchanged")
    n = self.shape[-1]
    if self.strides[-1] != have and n != 1 and self.size:
        raise ValueError("To change to a dtype of a different size, the last axis must be contiguous")
    if itemsize < have and have % itemsize:
        raise ValueError("When changing to a smaller dtype, its size must be a divisor of the size of original dtype")
    if itemsize > have and n * have % itemsize:
        raise ValueError(
            "When changing to a larger dtype, its size must be a divisor of the total size in bytes of the last axis of the array."
        )


def tobytes(self, order="C"):
    """The elements' bytes in C or Fortran order. Collective."""
    order = _creation._order(order)
    by_columns = order == "F" or (order != "C" and self.flags.fnc)
    return self._gather().tobytes("F" if by_columns else "C")


def __sizeof__(self):
    """Bytes of the object, of the length and stride of each axis, and of this rank's share of the elements, where they are its own."""
    ranks = 1 if self._is_replicated else _gain.n_ranks()
    return object.__sizeof__(self) + 16 * self.ndim + (self.nbytes // ranks if self._owns_data else 0)


def __reversed__(self):
    """The elements along the first axis, the last one first."""
    return iter(self[::-1])


def setflags(self, write=None, align=None, uic=None):
    """Sets whether the elements may be written."""
    if uic:
        raise ValueError("cannot set WRITEBACKIFCOPY flag to True")
    if write is not None:
        self._writeable = bool(write)


def to_device(self, device, /, *, stream=None):
    """The array itself: there is one device."""
    if stream is not None:
        raise ValueError('The stream argument in to_device() is not supported')
    if device != "cpu":
        raise ValueError(f'Unsupported device: {device}.')
    return self


def _real(self):
    if self.dtype.kind != "c":
        return self
    return self._complex_part(0)


def _set_real(self, value):
    if self.dtype.kind != "c":
        self[...] = value
    else:
        self._complex_part(0)[...] = value


def _imag(self):
    if self.dtype.kind == "c":
        return self._complex_part(1)
    zeros = _creation.zeros_like(self)
    zeros._writeable = False
    return zeros


def _set_imag(self, value):
    if self.dtype.kind != "c":
        raise TypeError("array does not have imaginary part to set")
    self._complex_part(1)[...] = value


def _memory(self, name):
    """A NumPy array on the elements, for who wants their address."""
    found = self._memory()
    if found is None:
        raise AttributeError(f"{name}: the array is spread over {_gain.n_ranks()} ranks; gain.local(a) is this rank's part")
    if id(self) not in _PINNED:
        # The address may be used as long as the array lives.
        _PINNED[id(self)] = found
        weakref.finalize(self, _PINNED.pop, id(self), None)
    return found


# NumPy arrays on the memory of gain arrays whose address has been asked for, by the gain array's id.
_PINNED = {}


def _set_flat(self, value):
    _flat.flatiter(self)[:] = value


def _base(self):
    owner = self._owner
    if owner is None and not self._owns_data:
        return self[...]
    return owner


def _contains(self, item):
    return bool((self == item).any())


def _format(self, spec):
    if self.ndim == 0:
        return format(self[()], spec)
    if spec:
        raise TypeError("unsupported format string passed to numpy.ndarray.__format__")
    return str(self)


def _rebuild(content):
    return _creation.asarray(content)


def _reduce(self, protocol=None):
    return _rebuild, (self.T._gather().T if self.flags.fnc else self._gather(),)


def _fixed(name, made):
    """A property that can't be set, which it says as NumPy's attributes do."""

    def refuse(self, value):
        raise AttributeError(f"attribute '{name}' of 'numpy.ndarray' objects is not writable")

    return property(made.fget, refuse, doc=made.__doc__)


_HERE = {
    "__reversed__": __reversed__, "__sizeof__": __sizeof__, "tobytes": tobytes,
    "_copy_in": _creation.copy_in, "_reshape": reshape, "_ravel": ravel, "_flatten": flatten, "_squeeze": squeeze, "swapaxes": swapaxes, "clip": clip, "round": round,
    "var": var, "std": std, "__imatmul__": _products.imatmul, "trace": trace, "repeat": repeat, "searchsorted": searchsorted, "conj": conj, "conjugate": conj, "view": view, "setflags": setflags,
    "to_device": to_device, "byteswap": _bits.byteswap, "getfield": _bits.getfield, "setfield": _bits.setfield, "tofile": _files.tofile,
    "real": property(_real, _set_real, doc="The real part."),
    "imag": property(_imag, _set_imag, doc="The imaginary part."),
    "flat": property(_flat.flatiter, _set_flat, doc="The elements in C order."),
    "flags": property(_flags.flagsobj, doc="What is known of the memory."),
    "base": property(_base, doc="None for an array with memory of its own, else an array of the same memory."),
    "mT": property(_functions.matrix_transpose, doc="The array with its last two axes exchanged."),
    "device": property(lambda self: "cpu", doc="Where the elements are."),
    "data": property(memoryview, doc="A buffer of the elements."),
    "__array_interface__": property(lambda self: _memory(self, "__array_interface__").__array_interface__, doc="Address, shape and dtype."),
    "__array_struct__": property(lambda self: _memory(self, "__array_struct__").__array_struct__, doc="Address, shape and dtype, for C."),
    "ctypes": property(lambda self: _memory(self, "ctypes").ctypes, doc="The elements for `ctypes`."),
    "_parts": _flat.parts,
    "__contains__": _contains,
    "__format__": _format,
    "__reduce__": _reduce,
    "__reduce_ex__": _reduce,
    "__repr__": _printing.representation,
    "__str__": _printing.text,
    "__class_getitem__": classmethod(types.GenericAlias),
}


def _fallback_method(name):
    theirs = getattr(numpy.ndarray, name)

    def method(self, *args, **kwargs):
        return _fallback.call(f"ndarray.{name}", theirs, (self, *args), kwargs)

    method.__name__ = name
    method.__doc__ = theirs.__doc__
    method._gain_fallback = f"ndarray.{name}"
    return method


def attach():
    """Gives the class its methods, and a fallback for each public one of NumPy's that it has not."""
    for name, what in (*_HERE.items(), *_indexing.METHODS.items(), *_grids.METHODS.items()):
        if isinstance(what, types.FunctionType) and what.__code__.co_argcount:
            # As with methods written in C, `self` is given by its place alone.
            code = what.__code__
            what.__code__ = code.replace(co_posonlyargcount=builtins.max(code.co_posonlyargcount, 1))
        setattr(ndarray, name, _fixed(name, what) if isinstance(what, property) and what.fset is None else what)
    for name in dir(numpy.ndarray):
        if not name.startswith("_") and not hasattr(ndarray, name) and callable(getattr(numpy.ndarray, name)):
            setattr(ndarray, name, _fallback_method(name))
