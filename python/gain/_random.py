"""NumPy's random streams, the same on all ranks. What NumPy would seed from the system is seeded by rank 0's entropy.

Every rank draws all numbers, since the streams are sequential; of a large array it keeps its own part of each chunk.
"""

import functools
import math
import pickle
import types

import numpy
from numpy import random as theirs

from gain import _fallback, _gain, _objects, _parts


def agreed(value):
    """Rank 0's value, on every rank. Collective."""
    if _gain.n_ranks() == 1:
        return value
    return pickle.loads(_gain.broadcast(pickle.dumps(value)))


def _entropy(seed):
    """The seed, or entropy that all ranks share."""
    return agreed(theirs.SeedSequence().entropy) if seed is None else _fallback.Gathering(False).take(seed)


class SeedSequence(theirs.SeedSequence):
    """NumPy's, with entropy that all ranks share when none is given."""

    def __init__(self, entropy=None, **kwargs):
        super().__init__(_entropy(entropy), **kwargs)


def _seeded(theirs_class):
    """A bit generator that all ranks seed alike."""

    def __init__(self, seed=None, **kwargs):
        if kwargs.get("key") is not None:
            theirs_class.__init__(self, seed, **kwargs)
        else:
            theirs_class.__init__(self, _entropy(seed), **kwargs)

    return type(theirs_class.__name__, (theirs_class,), {"__init__": __init__, "__doc__": theirs_class.__doc__})


MT19937 = _seeded(theirs.MT19937)
PCG64 = _seeded(theirs.PCG64)
PCG64DXSM = _seeded(theirs.PCG64DXSM)
Philox = _seeded(theirs.Philox)
SFC64 = _seeded(theirs.SFC64)


# Where the size stands among the arguments of what draws its numbers one by one: behind the parameters of the distribution.
_SIZE_AT = {
    name: place
    for place, names in enumerate((
        "random random_sample ranf sample standard_cauchy standard_exponential standard_normal",
        "chisquare exponential geometric logseries pareto poisson power rayleigh standard_gamma standard_t weibull zipf",
        "beta binomial f gamma gumbel integers laplace logistic lognormal negative_binomial noncentral_chisquare normal randint uniform vonmises wald",
        "hypergeometric noncentral_f triangular",
    ))
    for name in names.split()
}
# What takes the lengths as its arguments.
_BY_LENGTHS = {"rand", "randn"}
# Arguments that hold no arrays.
_PLAIN = {bool, bytes, float, int, numpy.dtype, numpy.float64, numpy.int64, str, type, type(None)}
# Numbers drawn at once for an array that is larger: so many are in the cache still when each rank keeps its own.
CHUNK = 1 << 15


def _asked(name, draw, args, kwargs):
    """The shape that a call asks for, and the same call for another one; None for what draws other than one by one, or into an array."""
    if name in _BY_LENGTHS:
        return (args, lambda shape: draw(*shape)) if args and not kwargs else None
    place = _SIZE_AT.get(name)
    # Integers of few bits come from the parts of a longer one, which are left over at the end of a call.
    if place is None or kwargs.get("out") is not None or "dtype" in kwargs and name in ("integers", "randint"):
        return None
    if len(args) > place + 1:
        return None
    size = args[place] if len(args) > place else kwargs.get("size")
    if size is None:
        return None
    rest = {key: value for key, value in kwargs.items() if key != "size"}
    return size if type(size) is tuple else (size,), lambda shape: draw(*args[:place], size=shape, **rest)


def _is_native(name):
    return name in _SIZE_AT or name in _BY_LENGTHS


def _are_plain(items):
    return all(type(item) in _PLAIN or type(item) is tuple and _PLAIN.issuperset(map(type, item)) for item in items)


def _in_chunks(shape, again):
    """What `again(shape)` gives, drawn in chunks of which each rank keeps its own part. Collective."""
    rows = max(1, CHUNK // max(1, math.prod(shape[1:])))
    made = mine = None
    for first in range(0, shape[0], rows):
        end = min(first + rows, shape[0])
        chunk = again((end - first, *shape[1:]))
        if made is None:
            made = _gain.empty(shape, chunk.dtype)
            mine = made._local()
            lo, hi = made._boxes()[0 if made._is_replicated else _gain.rank()]
        at, to = max(first, lo[0]), min(end, hi[0])
        if at < to and mine.size:
            mine[at - lo[0]:to - lo[0]] = chunk[(slice(at - first, to - first), *(slice(a, b) for a, b in zip(lo[1:], hi[1:])))]
    return made


def _draw(full, name, draw, args, kwargs):
    """A call of NumPy's; its arrays become gain's. Collective."""
    if not args and not kwargs:
        return draw()
    if name == "shuffle" and args and type(args[0]) is _gain.ndarray and _parts.is_alone(args[0]) and args[0]._writeable:
        # Every rank has all of it and shuffles it alike, in its memory.
        return draw(args[0]._local(), *args[1:], **kwargs)
    if not (_PLAIN.issuperset(map(type, args)) or _are_plain(args)) or kwargs and not _are_plain(kwargs.values()):
        return _fallback.call(full, draw, args, kwargs)
    asked = _asked(name, draw, args, kwargs)
    if asked is not None and all(type(n) is int and n > 0 for n in asked[0]) and math.prod(asked[0]) > CHUNK:
        return _in_chunks(*asked)
    found = draw(*args, **kwargs)
    return _objects.from_numpy(found) if type(found) is numpy.ndarray else found


def _drawing(class_name, theirs_class, name):
    theirs_method = getattr(theirs_class, name)
    full = f"random.{class_name}.{name}"

    @functools.wraps(theirs_method)
    def method(self, *args, **kwargs):
        return _draw(full, name, getattr(self._plain, name), args, kwargs)

    if not _is_native(name):
        method._gain_fallback = full
    return method


# Methods that give no arrays.
_QUIET = ("bit_generator", "get_state", "set_state", "seed", "spawn")


def _generator(theirs_class):
    """NumPy's class with methods that give gain arrays.

    Each object has a plain one of NumPy's on the same bit generator: NumPy's methods call one another, and must find NumPy's arrays there.
    """
    name = theirs_class.__name__
    methods = {"__doc__": theirs_class.__doc__}
    for method in dir(theirs_class):
        if not method.startswith("_") and method not in _QUIET and callable(getattr(theirs_class, method)):
            methods[method] = _drawing(name, theirs_class, method)
    return type(name, (theirs_class,), methods)


class Generator(_generator(theirs.Generator)):
    """NumPy's generator, whose arrays are gain arrays."""

    def __init__(self, bit_generator):
        super().__init__(bit_generator)
        self._plain = theirs.Generator(bit_generator)

    def spawn(self, n_children):
        """Independent generators."""
        return [Generator(bits) for bits in self.bit_generator.spawn(n_children)]


class RandomState(_generator(theirs.RandomState)):
    """NumPy's legacy generator, with entropy that all ranks share when no seed is given."""

    def __init__(self, seed=None):
        super().__init__(seed if isinstance(seed, theirs.BitGenerator) else _fallback.Gathering(False).take(seed))
        self._plain = theirs.RandomState(self._bit_generator)
        if seed is None:
            self.set_state(agreed(self.get_state()))

    def seed(self, seed=None):
        """Starts the stream anew."""
        self._plain.seed(_fallback.Gathering(False).take(seed))
        if seed is None:
            self.set_state(agreed(self.get_state()))

    def get_state(self, legacy=True):
        """The stream's state."""
        return self._plain.get_state(legacy)

    def set_state(self, state):
        """Goes on from a state."""
        self._plain.set_state(state)


def default_rng(seed=None):
    """A generator of NumPy's default kind."""
    if isinstance(seed, Generator):
        return seed
    if isinstance(seed, theirs.Generator):
        return Generator(seed.bit_generator)
    if isinstance(seed, theirs.RandomState):
        return Generator(seed._bit_generator)
    if isinstance(seed, theirs.BitGenerator):
        return Generator(seed)
    return Generator(theirs.PCG64(_entropy(seed)))


def seed(seed=None):
    """Starts the global stream anew."""
    theirs.seed(_fallback.Gathering(False).take(seed))
    if seed is None:
        agree_on_global_stream()


def agree_on_global_stream():
    """Gives all ranks rank 0's global stream. Collective."""
    if _gain.n_ranks() > 1:
        theirs.set_state(agreed(theirs.get_state()))


def find(name):
    """NumPy's other names: the global stream's functions give gain arrays."""
    found = getattr(theirs, name)
    if name in ("get_state", "set_state", "get_bit_generator", "set_bit_generator", "test") or isinstance(found, (type, types.ModuleType)):
        return found

    @functools.wraps(found)
    def function(*args, **kwargs):
        return _draw(f"random.{name}", name, found, args, kwargs)

    function.__module__ = "gain.random"
    if not _is_native(name):
        function._gain_fallback = f"random.{name}"
    return function


__all__ = [name for name in theirs.__all__]
