"""NumPy's random streams, the same on all ranks. What NumPy would seed from the system is seeded by rank 0's entropy."""

import functools
import pickle

from numpy import random as theirs

from gain import _fallback, _gain


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


def _drawing(class_name, theirs_class, name):
    draw = getattr(theirs_class, name)
    full = f"random.{class_name}.{name}"

    @functools.wraps(draw)
    def method(self, *args, **kwargs):
        return _fallback.call(full, getattr(self._plain, name), args, kwargs)

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
    if name in ("get_state", "set_state", "get_bit_generator", "set_bit_generator", "test"):
        return found
    return _fallback.face(f"random.{name}", found)


__all__ = [name for name in theirs.__all__]
