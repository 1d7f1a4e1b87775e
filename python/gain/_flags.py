"""`a.flags` of a gain array."""


class flagsobj:
    """What NumPy calls `numpy.flagsobj`: attributes, and items by name."""

    _NAMES = {
        "C": "c_contiguous", "CONTIGUOUS": "c_contiguous", "C_CONTIGUOUS": "c_contiguous", "F": "f_contiguous",
        "FORTRAN": "f_contiguous", "F_CONTIGUOUS": "f_contiguous", "O": "owndata", "OWNDATA": "owndata", "W": "writeable",
        "WRITEABLE": "writeable", "A": "aligned", "ALIGNED": "aligned", "X": "writebackifcopy",
        "WRITEBACKIFCOPY": "writebackifcopy", "B": "behaved", "BEHAVED": "behaved", "CA": "carray", "CARRAY": "carray",
        "FA": "farray", "FARRAY": "farray", "FNC": "fnc", "FORC": "forc",
    }

    def __init__(self, array):
        self._array = array

    def _is_contiguous(self, axes):
        expected = self._array.itemsize
        if self._array.size == 0:
            return True
        for axis in axes:
            n, stride = self._array.shape[axis], self._array.strides[axis]
            if n != 1 and stride != expected:
                return False
            expected *= n
        return True

    @property
    def c_contiguous(self):
        return self._is_contiguous(range(self._array.ndim - 1, -1, -1))

    contiguous = c_contiguous

    @property
    def f_contiguous(self):
        return self._is_contiguous(range(self._array.ndim))

    fortran = f_contiguous

    @property
    def fnc(self):
        return self.f_contiguous and not self.c_contiguous

    @property
    def forc(self):
        return self.f_contiguous or self.c_contiguous

    @property
    def owndata(self):
        return self._array._owns_data

    @property
    def writeable(self):
        return self._array._writeable

    @writeable.setter
    def writeable(self, value):
        self._array._writeable = bool(value)

    aligned = property(lambda self: True)
    writebackifcopy = property(lambda self: False)

    @property
    def behaved(self):
        return self.writeable

    @property
    def carray(self):
        return self.behaved and self.c_contiguous

    @property
    def farray(self):
        return self.behaved and self.fnc

    num = property(
        lambda self: self.c_contiguous | self.f_contiguous << 1 | self.owndata << 2 | 0x100 | self.writeable << 10
    )

    def __getitem__(self, name):
        if name not in self._NAMES:
            raise KeyError("Unknown flag")
        return getattr(self, self._NAMES[name])

    def __setitem__(self, name, value):
        if self._NAMES.get(name) != "writeable":
            raise KeyError("Unknown flag")
        self.writeable = value

    def __eq__(self, other):
        return getattr(other, "num", None) == self.num

    __hash__ = None

    def __repr__(self):
        names = ("C_CONTIGUOUS", "F_CONTIGUOUS", "OWNDATA", "WRITEABLE", "ALIGNED", "WRITEBACKIFCOPY")
        return "\n".join(f"  {name} : {self[name]}" for name in names) + "\n"
