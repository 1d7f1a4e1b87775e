"""`nditer`: NumPy's iterator over gathered operands, whose writes reach the arrays when it ends; `ndenumerate`, which fetches piece by piece."""

import numpy

from gain import _creation, _flat, _gain

ndarray = _gain.ndarray


class nditer:
    """NumPy's iterator; it has NumPy's attributes.

    What is written through it is assigned to a gain array when the iteration or its `with` block ends. Collective.
    """

    def __init__(self, op, flags=None, op_flags=None, *args, **kwargs):
        several = isinstance(op, (list, tuple))
        given = list(op) if several else [op]
        taken = [item._gather() if type(item) is ndarray else item for item in given]
        words = op_flags if op_flags and not isinstance(op_flags[0], str) else [op_flags or ["readonly"]] * len(given)
        back = [
            (array, content) for array, content, mine in zip(given, taken, words)
            if type(array) is ndarray and {"readwrite", "writeonly"} & set(mine)
        ]
        extra = {name: value for name, value in (("flags", flags), ("op_flags", op_flags)) if value is not None}
        vars(self).update(_back=back, _inner=numpy.nditer(taken if several else taken[0], *args, **extra, **kwargs))

    def _assign(self):
        for array, content in self._back:
            array._assign(content)

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return next(self._inner)
        except StopIteration:
            self._assign()
            raise

    def iternext(self):
        """Moves on; whether there is a next element."""
        more = self._inner.iternext()
        if not more:
            self._assign()
        return more

    def close(self):
        """Ends the iteration; what was written is assigned."""
        self._inner.close()
        self._assign()

    def __enter__(self):
        self._inner.__enter__()
        return self

    def __exit__(self, *error):
        self._inner.__exit__(*error)
        self._assign()

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def __setattr__(self, name, value):
        setattr(self._inner, name, value)

    def __getitem__(self, key):
        return self._inner[key]

    def __setitem__(self, key, value):
        self._inner[key] = value

    def __len__(self):
        return len(self._inner)


class ndenumerate(numpy.ndenumerate):
    """Pairs of an index and an element, fetched in pieces. Collective."""

    def __init__(self, arr):
        found = _creation.asarray(arr)
        super().__init__(numpy.empty(0) if type(found) is ndarray else found)
        self._pairs = zip(numpy.ndindex(found.shape), _flat.elements(found)) if type(found) is ndarray else None

    def __next__(self):
        return next(self._pairs) if self._pairs is not None else super().__next__()
