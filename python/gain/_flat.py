"""`a.flat` of a gain array."""


from gain import _fallback

# Elements fetched at a time by an iteration.
CHUNK = 4096


class flatiter:
    """The elements in C order: iteration, items and assignment to them."""

    def __init__(self, array):
        self.base = array
        self.index = 0
        self._elements = elements(array)

    def __iter__(self):
        return self

    def __next__(self):
        item = next(self._elements)
        self.index += 1
        return item

    def __len__(self):
        return self.base.size

    def copy(self):
        """The elements as a 1-D array."""
        return self.base.flatten()

    def __array__(self, dtype=None, copy=None):
        return self.base._gather().ravel().astype(dtype, copy=False)

    def __getitem__(self, key):
        return _fallback.call("ndarray.flat", lambda a, key: a.flat[key], (self.base, key), {})

    def __setitem__(self, key, value):
        gathering = _fallback.Gathering(False)
        target = gathering.take(self.base, writes=True)
        target.flat[gathering.take(key)] = gathering.take(value)
        gathering.write_back()
        gathering.warn("ndarray.flat")


def elements(array):
    """Yields the elements of an array in C order as NumPy scalars, fetched in pieces. Collective."""
    if array.ndim == 0:
        yield array[()]
    elif array.ndim > 1:
        for part in range(array.shape[0]):
            yield from elements(array._view(part))
    else:
        for start in range(0, array.shape[0], CHUNK):
            yield from array[start : start + CHUNK]._gather()


def parts(array):
    """What iterating over an array yields: scalars of a 1-D one, views of others. Collective."""
    if array.ndim == 0:
        raise TypeError("iteration over a 0-d array")
    if array.ndim == 1:
        return elements(array)
    return (array._view(part) for part in range(array.shape[0]))


__all__ = ["elements", "flatiter", "parts"]
