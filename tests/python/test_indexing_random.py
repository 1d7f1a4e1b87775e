"""Random chains of views, writes through them, in-place operators and indexing by arrays on odd distributions, against NumPy.

Every rank draws the same.
"""

import operator

import gain
import numpy
import pytest
from checking import quiet, same, sample
from drawing import Draw

SHAPES = [(7,), (5, 4), (1, 6), (3, 4, 5), (2, 1, 3, 4), (0, 3), (23,), (4, 9)]


class Keys(Draw):
    """Random index expressions, as NumPy takes them and as gain does."""

    def slice(self, n):
        bound = lambda: self.random.choice([None, None, self.random.randint(-n - 1, n + 1)])  # noqa: E731
        return slice(bound(), bound(), self.random.choice([None, None, 1, 2, -1, -2, 3]))

    def basic(self, shape):
        """A key of integers, slices, None and Ellipsis."""
        key = []
        for n in shape[: self.random.randint(0, len(shape))]:
            if self.random.random() < 0.15:
                key.append(None)
            key.append(self.random.randint(-n, n - 1) if n and self.random.random() < 0.25 else self.slice(n))
        if self.random.random() < 0.3:
            key.insert(self.random.randint(0, len(key)), Ellipsis)
        return tuple(key)

    def fancy(self, shape):
        """A key with arrays and masks among its parts."""
        together = self.random.choice([(3,), (2, 2), (1,), (0,), (5,), ()])
        key, axis = [], 0
        while axis < len(shape):
            n, what = shape[axis], self.random.random()
            if what < 0.45 and n:
                wanted = self.random.choice([together, together, (1,) * len(together)])
                key.append(numpy.array([self.random.randint(-n, n - 1) for _ in range(int(numpy.prod(wanted)))], int).reshape(wanted))
            elif what < 0.55 and together in ((3,), (1,), ()) and n >= 3:
                mask = numpy.zeros(n, bool)
                mask[self.random.sample(range(n), 3 if together == (3,) else 1)] = True
                key.append(mask)
            elif what < 0.6 and n:
                key.append(self.random.randint(-n, n - 1))
            elif what < 0.7:
                key.append(None)
                continue
            else:
                key.append(self.slice(n))
            axis += 1
            if self.random.random() < 0.1:
                break
        if self.random.random() < 0.3 and len(key) < len(shape) + 1:
            key.insert(self.random.randint(0, len(key)), Ellipsis)
        return tuple(key)

    def given(self, key):
        """The key or value with gain arrays in place of some of NumPy's."""
        if isinstance(key, tuple):
            return tuple(self.given(part) for part in key)
        return self.spread(key) if isinstance(key, numpy.ndarray) and self.random.random() < 0.6 else key

    def in_place(self, theirs, ours):
        """The same in-place operator on both, with a number, another array, or a part of the array itself that overlaps what is written."""
        # Not the product of complex numbers, which NumPy itself rounds by how the memory lies.
        kinds = {"b": [operator.iand, operator.ior, operator.ixor], "c": [operator.iadd, operator.isub]}
        operate = self.random.choice(kinds.get(theirs.dtype.kind, [operator.iadd, operator.imul, operator.isub]))
        what = self.random.choice(["number", "self", "turned", "before", "other", "picked"])
        other = sample(theirs.shape, theirs.dtype, self.random.randint(0, 99))
        key = self.fancy(theirs.shape)

        def run(array, other, key):
            if what == "before":
                operate(array[1:], array[:-1])
            elif what == "picked":
                array[key] = operate(array[key], array.dtype.type(3))
            else:
                operate(array, {"number": array.dtype.type(3), "self": array, "turned": array[::-1], "other": other}[what])

        _both(lambda: run(theirs, other, key), lambda: run(ours, self.spread(other), self.given(key)))


def _fits(size, shape):
    known = int(numpy.prod([n for n in shape if n > 0]))
    return size % known == 0


def _both(theirs, mine):
    """Two calls that must both give the same, or both raise the same class."""
    outcomes = []
    for call in (theirs, mine):
        try:
            outcomes.append(call())
        except (IndexError, ValueError, TypeError) as error:
            outcomes.append(error)
    one, other = outcomes
    if isinstance(one, Exception) or isinstance(other, Exception):
        assert isinstance(one, type(other)) or isinstance(other, type(one)), (one, other)
        return None
    return outcomes


@pytest.mark.parametrize("seed", range(120))
def test_chains(seed):
    draw = Keys(seed)
    dtype = draw.random.choice(["float64", "int32", "bool", "complex64", "uint8"])
    base = sample(draw.random.choice(SHAPES), dtype, seed)
    whole, mine = base.copy(), draw.spread(base)
    views = [(whole, mine)]
    for step in range(12):
        theirs, ours = draw.random.choice(views)
        action = draw.random.choice(["view", "view", "turn", "read", "read", "write", "write", "assign", "mask", "shape", "shape", "diagonal", "operate", "operate"])
        where = f"seed {seed}, step {step}: {action}"
        with quiet():
            if action == "view":
                key = draw.basic(theirs.shape)
                found = _both(lambda: theirs[key], lambda: ours[key])
                if found and isinstance(found[0], numpy.ndarray):
                    views.append(tuple(found))
            elif action == "turn" and theirs.ndim:
                order = draw.random.sample(range(theirs.ndim), theirs.ndim)
                views.append((theirs.transpose(order), ours.transpose(order)))
            elif action == "shape":
                shape = draw.random.choice([s for s in [(-1,), (2, -1), (-1, 4), (3, -1, 2), (1, -1)] if _fits(theirs.size, s)])
                found = theirs.reshape(shape), ours.reshape(shape)
                same(*found)
                if gain.may_share_memory(found[1], mine) and numpy.may_share_memory(found[0], whole):
                    views.append(found)
            elif action == "diagonal" and theirs.ndim > 1:
                one, other = draw.random.sample(range(theirs.ndim), 2)
                place = draw.random.randint(-2, 2), one, other
                found = theirs.diagonal(*place), ours.diagonal(*place)
                same(*found)
                if gain.may_share_memory(found[1], mine) and numpy.may_share_memory(found[0], whole):
                    found[0].flags.writeable = found[1].flags.writeable = True
                    views.append(found)
            elif action == "operate" and theirs.ndim:
                draw.in_place(theirs, ours)
            elif action == "read":
                key = draw.fancy(theirs.shape)
                found = _both(lambda: theirs[key], lambda: ours[draw.given(key)])
                if found:
                    same(*found)
            elif action in ("write", "assign"):
                key = draw.fancy(theirs.shape) if action == "write" else draw.basic(theirs.shape)
                value = draw.random.choice([1, numpy.arange(4), numpy.arange(3).reshape(3, 1), numpy.ones((1, 1), int)])
                _both(lambda: theirs.__setitem__(key, value), lambda: ours.__setitem__(draw.given(key), draw.given(value)))
            elif action == "mask" and theirs.ndim:
                same(theirs[theirs != 0], ours[ours != 0])
                theirs[theirs != 0] = theirs[theirs != 0][::-1]
                ours[ours != 0] = ours[ours != 0][::-1]
        try:
            same(whole, mine)
            same(theirs, ours)
        except AssertionError as difference:
            raise AssertionError(where) from difference
