"""Another name of the package `gain`: the module itself, not a copy."""

import sys

import gain

sys.modules[__name__] = gain
