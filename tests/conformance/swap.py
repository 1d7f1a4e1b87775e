"""Executes a source file for which `import numpy` gives gain; every other module, gain included, still sees NumPy."""

import builtins
import functools
import importlib
import inspect
import pathlib
import sys
import types

import gain
import numpy

# Submodules that gain doesn't want to replace: what they say about NumPy holds for gain too.
NUMPYS = {"numpy.exceptions", "numpy.version", "numpy.typing"}
# Modules whose public callables NumPy's tests also reach by private paths, such as numpy._core.numeric.
PUBLIC = ("", ".linalg", ".fft", ".random")
LACKING = object()

# While a file is imported, a name that gain lacks is NumPy's: one name must not cost the file. While a test runs it is an AttributeError.
is_strict = False


def follow(start, path):
    """The object at a dotted path below `start`, or LACKING."""
    for name in filter(None, path.split(".")):
        start = getattr(start, name, LACKING)
        if start is LACKING:
            break
    return start


@functools.cache
def public_paths():
    """{id of a public callable of NumPy: its public path without `numpy`}."""
    paths = {}
    for module in PUBLIC:
        for name, value in vars(follow(numpy, module)).items():
            if callable(value) and not name.startswith("_"):
                paths.setdefault(id(value), f"{module}.{name}")
    return paths


def gathered(value):
    """The value with gain's arrays, also those in lists, tuples and dicts, as NumPy's. Collective."""
    if type(value) in gain._fallback.SPREAD:
        return numpy.asarray(value)
    if type(value) in (list, tuple):
        return type(value)(gathered(item) for item in value)
    if type(value) is dict:
        return {key: gathered(item) for key, item in value.items()}
    return value


def gathering(check):
    """An assertion of numpy.testing that may be given gain's arrays to compare; the arguments of a call that it makes are the call's own."""

    @functools.wraps(check)
    def call(*values, **named):
        if values and callable(values[0]) and type(values[0]) is not gain.ndarray:
            return check(*values, **named)
        return check(*(gathered(value) for value in values), **{name: gathered(value) for name, value in named.items()})

    return call


class Module(types.ModuleType):
    """A module of NumPy as the tests see it: gain's objects by NumPy's names."""

    def __init__(self, path):
        super().__init__(path)
        self.__path = path

    @property
    def __dict__(self):
        # Some files look for all objects of a kind in a module.
        return {name: getattr(self, name) for name in dir(importlib.import_module(self.__path)) if not name.startswith("__")}

    def __getattr__(self, name):
        full = f"{self.__path}.{name}"
        theirs = getattr(importlib.import_module(self.__path), name)
        if name.startswith("__") or full in NUMPYS:
            return theirs
        if isinstance(theirs, types.ModuleType):
            return Module(theirs.__name__) if theirs.__name__.partition(".")[0] == "numpy" else theirs
        if full.startswith(("numpy.testing.", "numpy.ma.testutils.")):
            is_check = name.startswith("assert_") and not inspect.isclass(theirs)
            return gathering(theirs) if is_check else theirs
        below = full.partition(".")[2]
        ours = follow(gain, below)
        if id(theirs) in public_paths() and (ours is LACKING or "._" in full):
            below = public_paths()[id(theirs)]
            ours = follow(gain, below)
        if ours is not LACKING:
            return ours
        is_private = any(part.startswith("_") for part in below.split("."))
        if is_strict and not is_private:
            raise AttributeError(f"gain has no {below}")
        return theirs


def import_swapped(name, globals=None, locals=None, fromlist=(), level=0):
    """`__import__` of a swapped file."""
    if level or name.partition(".")[0] != "numpy":
        return builtins.__import__(name, globals, locals, fromlist, level)
    module = importlib.import_module(name)
    if not fromlist:
        return Module("numpy")
    for wanted in fromlist:
        if wanted != "*" and not hasattr(module, wanted):
            importlib.import_module(f"{name}.{wanted}")
    return module if name in NUMPYS else Module(name)


def load(path):
    """The module made by executing the file `path` with NumPy swapped for gain."""
    path = pathlib.Path(path)
    module = types.ModuleType(f"swapped_{path.parent.parent.name}_{path.stem}")
    module.__file__ = str(path)
    # What is pickled is looked for by its module's name.
    sys.modules[module.__name__] = module
    module.__builtins__ = {**vars(builtins), "__import__": import_swapped}
    # As in a program that imports gain: its classes are written for gain.
    module.gain = gain
    exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), vars(module))
    return module
