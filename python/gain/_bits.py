"""Elements taken apart into bits and bytes and put together again: views of other dtypes, shifts and sums along an axis."""

import operator

import numpy
from numpy.lib.array_utils import normalize_axis_index

from gain import _creation, _fallback, _functions, _gain, _joining

ndarray = _gain.ndarray


def _order(bitorder):
    if not isinstance(bitorder, str):
        raise TypeError(f"argument 'bitorder' must be str, not {type(bitorder).__name__}")
    if bitorder not in ("big", "little"):
        raise ValueError("'order' must be either 'little' or 'big'")
    places = numpy.arange(8, dtype=numpy.uint8)
    return places[::-1] if bitorder == "big" else places


def packbits(a, /, axis=None, bitorder="big"):
    """Eight elements along an axis, or of the flattened array, as the bits of one byte; zeros fill the last. Collective."""
    shifts = _order(bitorder)
    array = _creation.asarray(a)
    if type(array) is not ndarray:
        return _fallback.call("packbits", numpy.packbits, (a, axis, bitorder), {})
    if array.dtype.kind not in "biu":
        raise TypeError("Expected an input array of integer or boolean data type")
    if axis is None or array.ndim == 0:
        array, axis = _functions.ravel(array), 0
    axis = normalize_axis_index(operator.index(axis), array.ndim)
    bits = _functions.moveaxis(array != 0, axis, -1)
    n = bits.shape[-1]
    if n % 8:
        bits = _joining.concatenate([bits, _gain.zeros((*bits.shape[:-1], -n % 8), bool)], -1)
    bits = _functions.reshape(bits, (*bits.shape[:-1], -(-n // 8), 8))
    packed = _gain.sum(_gain.left_shift(bits.astype(numpy.uint8), shifts), -1, dtype=numpy.uint8)
    return _functions.moveaxis(_creation.asarray(packed), -1, axis)


def unpackbits(a, /, axis=None, count=None, bitorder="big"):
    """The bits of bytes as zeros and ones along an axis, the first `count` of them. Collective."""
    shifts = _order(bitorder)
    array = _creation.asarray(a)
    if type(array) is not ndarray or array.dtype != numpy.uint8:
        raise TypeError("Expected an input array of unsigned byte data type")
    if axis is None or array.ndim == 0:
        array, axis = _functions.ravel(array), 0
    axis = normalize_axis_index(operator.index(axis), array.ndim)
    octets = _functions.moveaxis(array, axis, -1)
    bits = _gain.bitwise_and(_gain.right_shift(octets[..., None], shifts), numpy.uint8(1))
    bits = _functions.reshape(bits, (*octets.shape[:-1], 8 * octets.shape[-1]))
    n = bits.shape[-1]
    if count is not None:
        count = operator.index(count)
        if count < -n:
            raise ValueError("-count larger than number of elements")
        wanted = n + count if count < 0 else count
        if wanted > n:
            bits = _joining.concatenate([bits, _gain.zeros((*bits.shape[:-1], wanted - n), numpy.uint8)], -1)
        bits = bits[..., :wanted]
    return _functions.moveaxis(bits, -1, axis)


def byteswap(self, inplace=False):
    """The elements with their bytes in reverse, in this array or a new one. Collective."""
    width = self.itemsize // 2 if self.dtype.kind == "c" else self.itemsize
    if width == 1:
        return self if inplace else self.copy()
    source = self.copy()
    swapped = _reversed(_units(source, width), width)
    _units(source, width)[...] = swapped
    if not inplace:
        return source
    self[...] = source
    return self


def _units(array, width):
    """A view of the elements, which lie in C order, as unsigned integers of so many bytes."""
    return _functions.reshape(array, (-1,)).view(numpy.dtype(f"u{width}"))


def _reversed(units, width):
    """Unsigned integers with their bytes in reverse: halves change places, then their halves."""
    kind = units.dtype.type
    for step in (8, 16, 32)[: width.bit_length() - 1]:
        low = kind(sum(((1 << step) - 1) << place for place in range(0, 8 * width, 2 * step)))
        units = _gain.bitwise_or(_gain.left_shift(units & low, kind(step)), _gain.right_shift(units, kind(step)) & low)
    return units


def getfield(self, dtype, offset=0):
    """A view of a part of each element, of another dtype, which begins `offset` bytes behind the element's first."""
    wanted, offset = numpy.dtype(dtype), operator.index(offset)
    if offset < 0:
        raise ValueError("offset is negative")
    if wanted.itemsize > self.itemsize:
        raise ValueError("new type is larger than original type")
    if offset + wanted.itemsize > self.itemsize:
        raise ValueError("new type plus offset is larger than original type")
    whole = self.size > 0 and self.flags.c_contiguous and offset % wanted.itemsize == 0 and self.itemsize % wanted.itemsize == 0
    if not whole or not _gain.holds(wanted):
        return _fallback.method(self, "getfield", (dtype, offset), {})
    parts = _functions.reshape(_functions.reshape(self, (-1,)).view(wanted), (*self.shape, self.itemsize // wanted.itemsize))
    return parts[..., offset // wanted.itemsize] if self.ndim else parts[offset // wanted.itemsize:][0]


def setfield(self, value, dtype, offset=0):
    """Writes a part of each element, which begins `offset` bytes behind its first."""
    if self.ndim == 0:
        _fallback.method(self, "setfield", (value, dtype, offset), {})
        return
    part = getfield(self, dtype, offset)
    if not _functions.shares_memory(part, self):
        _fallback.method(self, "setfield", (value, dtype, offset), {})
        return
    part[...] = value
