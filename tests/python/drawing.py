"""`Draw`: random choices, the same on every rank, of how arrays are cut and looked at."""

import random

import gain
import numpy

# How to see memory as an array of a shape: the memory's shape for that, and the view.
VIEWS = {
    "whole": (lambda shape: shape, lambda a: a),
    "transposed": (lambda shape: shape[::-1], lambda a: a.transpose()),
    "steps": (lambda shape: tuple(2 * n for n in shape), lambda a: a[tuple(slice(None, None, 2) for _ in a.shape)]),
    "backwards": (lambda shape: shape, lambda a: a[tuple(slice(None, None, -1) for _ in a.shape)]),
    "inside": (lambda shape: tuple(n + 2 for n in shape), lambda a: a[tuple(slice(1, -1) for _ in a.shape)]),
}


class Draw:
    """Choices that follow from a seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def points(self, n, parts):
        """Cut points of an axis: anywhere, blocks of one, or all but one block empty."""
        inner = self.random.choice([[self.random.randint(0, n) for _ in range(parts - 1)]] * 2 + [[min(k, n) for k in range(1, parts)], [0] * (parts - 1), [n] * (parts - 1)])
        return sorted([0, *inner, n])

    def spread(self, array):
        """A gain array of the same elements: as gain places it, or cut oddly along one axis or two, perhaps over some of the ranks only."""
        if not array.ndim or self.random.random() < 0.3:
            return gain.array(array)
        parts = [1] * array.ndim
        for axis in self.random.sample(range(array.ndim), min(2, array.ndim)):
            parts[axis] = self.random.randint(1, gain.n_ranks() // int(numpy.prod(parts)))
        return gain.redistribute(gain.array(array), [self.points(*axis) for axis in zip(array.shape, parts)])

    def seen(self, array):
        """The array as a random view of other memory: NumPy's, and gain's on memory that is spread."""
        memory_shape, look = VIEWS[self.random.choice([*VIEWS])]
        memory = numpy.zeros(memory_shape(array.shape), array.dtype)
        look(memory)[...] = array
        return look(memory), look(self.spread(memory))
