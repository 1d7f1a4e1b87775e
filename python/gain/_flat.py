"""`a.flat` of a gain array: iteration, reading and writing by places in C order."""

import operator

import numpy

from gain import _functions, _gain, _indexing

# Elements fetched at a time by an iteration.
CHUNK = 4096
# NumPy's iterators have room for so many axes.
MAX_DIMS = 32


class flatiter:
    """The elements in C order: iteration, items and assignment to them."""

    __array_priority__ = 1000.0

    def __init__(self, array):
        if array.ndim > MAX_DIMS:
            raise RuntimeError(f"this function only supports up to {MAX_DIMS} dimensions but the array has {array.ndim}.")
        self._base = array
        self._index = 0
        self._elements = elements(array)

    @property
    def base(self):
        """The array."""
        return self._base

    @property
    def index(self):
        """The place of the element that comes next."""
        return self._index

    def __iter__(self):
        return self

    def __next__(self):
        item = next(self._elements)
        self._index += 1
        return item

    def __len__(self):
        return self.base.size

    @property
    def coords(self):
        """The indices of the element that comes next."""
        index, found = self.index, []
        for n in reversed(self.base.shape):
            found.append(index % n if len(found) + 1 < self.base.ndim else index)
            index //= n
        return tuple(reversed(found))

    def copy(self):
        """The elements as a 1-D array."""
        return self.base.flatten()

    _as_array = copy

    def __array__(self, dtype=None, copy=None):
        found = self.base._gather().ravel()
        # As NumPy's: only what could be written through is writeable.
        found.flags.writeable = self.base._writeable and self.base.flags.c_contiguous
        return found if dtype is None else found.astype(dtype, copy=False)

    def __getitem__(self, key):
        key = _single(key)
        if key is Ellipsis or (isinstance(key, tuple) and not key):
            return self.copy()
        if isinstance(key, slice):
            return _functions.reshape(self.base, (-1,))[key].copy()
        if _is_integer(key):
            return self.base[_coordinates(self.base, operator.index(key))]
        places = _as_places(key, self.base)
        if self.base.ndim == 0:
            return _functions.reshape(self.base, (1,))[places]
        _indexing._judge(places, self.base.size, "index {} is out of bounds for size {}")
        return self.base[_indexing._unravelled(_gain.remainder(places, self.base.size or 1), self.base.shape)]

    def __setitem__(self, key, value):
        key = _single(key)
        a = self.base
        values = _functions._array(value)
        if values is None:
            values = _functions._array(numpy.asarray(value).astype(a.dtype))
        if not a._writeable:
            raise ValueError("assignment destination is read-only")
        if isinstance(key, tuple) and not key:
            raise IndexError("Assigning to a flat iterator with a 0-D index is not supported")
        if key is Ellipsis:
            key = slice(None)
        if _is_integer(key):
            if values.size != 1:
                raise ValueError("Error setting single item of array.")
            a[_coordinates(a, operator.index(key))] = value
            return
        if isinstance(key, slice):
            start, stop, step = key.indices(a.size)
            n = len(range(start, stop, step))
            if not n or not values.size:
                return
            if n == a.size and step == 1:
                values = _indexing._repeated(values, n)
                a._assign(values if values.size == 1 else _functions.reshape(values, a.shape))
                return
            places = _gain._index_along([n], 0) * step + start
        else:
            places = _as_places(key, a)
            _indexing._judge(places, a.size, "index {} is out of bounds for size {}")
        if places.size and values.size:
            _indexing._write_flat(a, places, _indexing._repeated(values.astype(a.dtype), places.size))

    def __delitem__(self, key):
        raise TypeError("Cannot delete iterator elements")

    def __eq__(self, other):
        return self.copy() == _plain(other)

    def __ne__(self, other):
        return self.copy() != _plain(other)

    def __lt__(self, other):
        return self.copy() < _plain(other)

    def __le__(self, other):
        return self.copy() <= _plain(other)

    def __gt__(self, other):
        return self.copy() > _plain(other)

    def __ge__(self, other):
        return self.copy() >= _plain(other)

    __hash__ = None


def _plain(other):
    return other.copy() if isinstance(other, flatiter) else other


def _single(key):
    """What a tuple of one stands for."""
    if isinstance(key, tuple) and len(key) == 1:
        return key[0]
    if isinstance(key, tuple) and key:
        raise IndexError(f"too many indices for flat iterator: flat iterator is 1-dimensional, but {len(key)} were indexed")
    return key


def _is_integer(key):
    return hasattr(key, "__index__") and not isinstance(key, (bool, numpy.bool_)) and getattr(key, "ndim", 0) == 0


def _coordinates(a, place):
    """The index along each axis of the element at a place in C order."""
    if not -a.size <= place < a.size:
        raise IndexError(f"index {place} is out of bounds for size {a.size}")
    return tuple(int(i) for i in numpy.unravel_index(place % a.size, a.shape)) if a.ndim else ()


def _as_places(key, a):
    """The places that a list, an index array or a mask names; NumPy says what is wrong with them."""
    if not isinstance(key, (_gain.ndarray, numpy.ndarray)):
        # An array of this shape without memory of its own: what NumPy has to say of the key, it says here.
        numpy.broadcast_to(_ZERO, a.shape).flat[key]
        if isinstance(key, (bool, numpy.bool_)):
            return _gain._index_along([1 if key else 0], 0)
        return _functions._array(numpy.asarray(key).astype(numpy.intp))
    found = _functions._array(key)
    if found is not None and found.dtype == bool:
        if found.ndim != 1 or found.size != a.size:
            raise IndexError("boolean index did not match indexed flat iterator along dimension 0;"
                             f" dimension is {a.size} but corresponding boolean dimension is {found.size}")
        return found.nonzero()[0]
    if found is None or found.dtype.kind not in "iu":
        raise IndexError("arrays used as indices must be of integer (or boolean) type")
    return found if found.dtype == numpy.intp else found.astype(numpy.intp)


_ZERO = numpy.zeros((), numpy.int8)


def elements(array):
    """Yields the elements of an array in C order as NumPy scalars, fetched in pieces. Collective."""
    if array.ndim == 0:
        yield array[()]
        return
    row = 1
    for n in array.shape[1:]:
        row *= n
    if row > CHUNK:
        for part in range(array.shape[0]):
            yield from elements(array._view(part))
        return
    rows = max(1, CHUNK // max(row, 1))
    for start in range(0, array.shape[0], rows):
        yield from array[start : start + rows]._gather().reshape(-1)


def parts(array):
    """What iterating over an array yields: scalars of a 1-D one, views of others. Collective."""
    if array.ndim == 0:
        raise TypeError("iteration over a 0-d array")
    if array.ndim == 1:
        return elements(array)
    return (array._view(part) for part in range(array.shape[0]))


__all__ = ["elements", "flatiter", "parts"]
