"""`numpy.random`: NumPy's own streams, the same on all ranks; what they give is spread over the ranks."""

import sys as _sys

from gain import _random
from gain._random import (
    MT19937, PCG64, PCG64DXSM, SFC64, Generator, Philox, RandomState, SeedSequence, default_rng, seed,
)

_random.agree_on_global_stream()


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    found = _random.find(name)
    setattr(_sys.modules[__name__], name, found)
    return found


def __dir__():
    return dir(_random.theirs)
