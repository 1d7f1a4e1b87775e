"""Warnings: at the user's line, on every rank alike, shown by one."""

import contextlib
import functools
import io
import os
import re
import sys
import warnings

import numpy
import numpy.lib.mixins

from gain import _gain

_HERE = os.path.dirname(os.path.abspath(__file__))
_NUMPY = os.path.dirname(os.path.abspath(numpy.__file__))
# What stands between the user's line and ours: decorators, generated code, operators of classes.
_MACHINERY = (functools.__file__, contextlib.__file__, numpy.lib.mixins.__file__)


def user_frame():
    """The innermost frame outside this package."""
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_machinery(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def _is_machinery(filename):
    return filename.startswith((_HERE, "<")) or filename in _MACHINERY


class FallbackWarning(UserWarning):
    """A function has no native form yet: its operands were gathered on every rank. A filter that makes errors of warnings has to name this class to make one of it."""


FallbackWarning.__module__ = "gain"


def tell(message, category):
    """Warns at the user's line. Every rank does, as a filter may make an error of it; rank 0 alone prints it. Whoever calls this does so on all ranks."""
    frame = user_frame()
    module, registry = frame.f_globals.get("__name__", "?"), frame.f_globals.setdefault("__warningregistry__", {})
    spared = issubclass(category or type(message), FallbackWarning)
    with contextlib.redirect_stderr(io.StringIO()) if _gain.rank() > 0 else contextlib.nullcontext():
        with _errors_by_name() if spared else contextlib.nullcontext():
            warnings.warn_explicit(message, category, frame.f_code.co_filename, frame.f_lineno, module, registry)


@contextlib.contextmanager
def _errors_by_name():
    """Without the filters that make errors of other warnings too: what was gathered changes no value."""
    filters = warnings.filters
    warnings.filters = [("default", *rest) if action == "error" and not issubclass(rest[1], FallbackWarning) else (action, *rest) for action, *rest in filters]
    try:
        yield
    finally:
        warnings.filters = filters


# What NumPy's functions, or ours that call them, warn of.
_INSIDE = ("always", None, Warning, re.compile(r"(numpy|gain)(\.|$)"), 0)


@contextlib.contextmanager
def told_again():
    """What NumPy's functions warn of inside the block, which all ranks run alike, is told at the user's line.

    A function of the user's that they call warns as ever. `warnings.catch_warnings` would forget what was shown once.
    """
    seen = []
    filters, show = warnings.filters, warnings.showwarning

    def note(message, category, filename, *more):
        if filename.startswith((_HERE, _NUMPY)):
            seen.append((message, category))
        else:
            show(message, category, filename, *more)

    warnings.filters, warnings.showwarning = [_INSIDE, *filters], note
    try:
        yield
    finally:
        warnings.filters, warnings.showwarning = filters, show
        for message, category in seen:
            tell(message, category)
