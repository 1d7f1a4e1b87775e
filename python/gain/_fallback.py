"""The gathering fallback: NumPy computes what gain has no native form for.

Gain arrays among the operands (in lists, tuples and dicts too) become NumPy arrays, whole, on every rank; all ranks compute the same;
NumPy arrays in the result become gain arrays. What NumPy wrote into an operand is written back.
"""

import functools
import importlib
import operator as _operator
import sys
import types

import numpy

from gain import _gain, _objects, _shared_files, _warnings

ndarray = _gain.ndarray

# The classes whose arrays are gathered.
SPREAD = {ndarray}

# Names that have warned.
_warned = set()

# Functions that write into their first argument. Others get read-only operands, and are called again if they mind.
WRITERS = {
    "copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask", "random.shuffle", "random.Generator.shuffle",
    "random.RandomState.shuffle", "ndarray.__setitem__", "ndarray.partition", "ndarray.put", "ndarray.resize", "ndarray.sort",
    "ndarray.itemset", "ndarray.setfield", "ufunc.at",
}

# Functions whose results are plain Python objects, perhaps many.
PLAIN = {"ndarray.tolist", "ndarray.tobytes", "ndarray.__repr__", "ndarray.__str__"}

# Functions that write a file: rank 0 does, the others wait.
FILES = {"save", "savez", "savez_compressed", "savetxt", "ndarray.tofile", "ndarray.dump"}


class Gathering:
    """The operands of one call: which gain array became which NumPy array."""

    def __init__(self, writes, asks=False):
        self.writes = writes
        self.asks = asks
        self.arrays = {}  # id of the gain array -> (gain array, NumPy array, its content before the call or None)
        self.back = {}  # id of the NumPy array -> gain array

    def take(self, operand, writes=False):
        """The operand with NumPy arrays in place of gain arrays."""
        kind = type(operand)
        if kind in SPREAD:
            return self._array(operand, writes or self.writes)
        if kind is list or kind is tuple:
            taken = [self.take(item, writes) for item in operand]
            if all(new is old for new, old in zip(taken, operand)):
                return operand
            return taken if kind is list else tuple(taken)
        if kind is dict:
            taken = {key: self.take(value, writes) for key, value in operand.items()}
            return taken if any(taken[key] is not operand[key] for key in taken) else operand
        if isinstance(operand, tuple) and hasattr(operand, "_make"):
            return kind._make(self.take(item, writes) for item in operand)
        if kind is _gain.ufunc:
            return getattr(numpy, operand.__name__)
        if self.asks and (told := _objects.told(operand)) is not None:
            content = self._array(told, writes=False)
            return _objects.Wrapping(operand, content) if hasattr(operand, "__array_wrap__") else content
        return getattr(operand, "_numpy_function", operand) if kind is types.FunctionType else operand

    def keywords(self, keywords):
        """As `take`; what is given as `out=` may be written."""
        return {name: self.take(value, name == "out") for name, value in keywords.items()}

    def _array(self, array, writes):
        known = self.arrays.get(id(array))
        if known is not None and (known[2] is not None or not writes):
            return known[1]
        content = known[1] if known is not None else array._gather()
        writes = writes and array._writeable
        content.flags.writeable = writes
        self.arrays[id(array)] = (array, content, content.copy() if writes else None)
        self.back[id(content)] = array
        return content

    def write_back(self):
        """Gives gain arrays what NumPy wrote into their copies."""
        for array, content, before in self.arrays.values():
            if before is None:
                continue
            if content.shape != before.shape:
                raise ValueError("cannot resize this array: it does not own its data")
            if content.tobytes() != before.tobytes():
                array._assign(content)

    def spread(self, result):
        """The result with gain arrays in place of NumPy arrays."""
        kind = type(result)
        if kind is numpy.ndarray:
            mine = self.back.get(id(result))
            return mine if mine is not None else _objects.from_numpy(result)
        if kind is list:
            return [self.spread(item) for item in result]
        if kind is tuple:
            return tuple(self.spread(item) for item in result)
        if kind is dict:
            return {key: self.spread(value) for key, value in result.items()}
        if isinstance(result, tuple) and hasattr(result, "_make"):
            return kind._make(self.spread(item) for item in result)
        if isinstance(result, tuple) and hasattr(kind, "n_sequence_fields"):
            return kind(self.spread(item) for item in result)
        return result

    def warn(self, name):
        """Says, once for each name, what was gathered."""
        gathered = [array for array, _, _ in self.arrays.values()]
        n_bytes = sum(array.nbytes for array in gathered)
        if not n_bytes or name in _warned:
            return
        _warned.add(name)
        what = ", ".join(f"{array.dtype}{list(array.shape)}" for array in gathered[:3]) + (", ..." if len(gathered) > 3 else "")
        text = f"'{name}' is not native in gain yet: gathered {len(gathered)} array(s) on every rank ({what}; {n_bytes} bytes)"
        _warnings.tell(text, _warnings.FallbackWarning)


def call(name, function, args, kwargs, quiet=False):
    """Calls NumPy's function on gathered operands. `name` is how users know it. Collective if there are gain arrays."""
    gathering = Gathering(name in WRITERS)
    try:
        result = _run(name, function, gathering, args, kwargs)
    except ValueError as error:
        asks = _objects.REFUSAL in str(error)
        if not asks and (gathering.writes or not gathering.arrays or "read-only" not in str(error)):
            raise
        if not asks and not all(array._writeable for array, _, _ in gathering.arrays.values()):
            raise
        gathering = Gathering(gathering.writes or not asks, asks)
        result = _run(name, function, gathering, args, kwargs)
    gathering.write_back()
    if not quiet:
        gathering.warn(name)
    return result if name in PLAIN else gathering.spread(result)


def _run(name, function, gathering, args, kwargs):
    args = gathering.take(tuple(args))
    kwargs = gathering.keywords(kwargs)
    if (name in FILES or name in _shared_files.READERS) and any(_shared_files.is_name(arg) for arg in args):
        _shared_files.meet()
    if name in FILES and _gain.n_ranks() > 1:
        return _write(function, args[1 if name.startswith("ndarray.") else 0], args, kwargs)
    with _warnings.told_again():
        return function(*args, **kwargs)


def _write(function, file, args, kwargs):
    """One rank for each file that is named writes it; the others wait until it is there, and learn what went wrong."""
    from gain import _files

    if not _shared_files.is_name(file):
        return function(*args, **kwargs)
    return _files.whole(file, lambda: function(*args, **kwargs))


# The operators in place whose names are not those of the plain ones with an `i` in front.
_PLAIN_OPERATORS = {"iand": "and_", "ior": "or_"}


def operator(name, left, right):
    """`operator.<name>(left, right)`, or `divmod`; a name such as `iadd` writes into the left operand."""
    function = divmod if name == "divmod" else getattr(_operator, name)
    if name.startswith("i") and name not in ("invert", "index", "indexOf"):
        return _in_place(name, function, left, right)
    from gain import _ufunc_overrides

    if _ufunc_overrides.defers(left, right):
        return NotImplemented
    ufunc = getattr(sys.modules["gain"], _ufunc_overrides.OPERATORS[name])
    found = _ufunc_overrides.ask(ufunc, "__call__", (left, right), {})
    if found is not NotImplemented:
        return found
    return call(f"ndarray.__{name.rstrip('_')}__", function, (left, right), {})


def unary_operator(name, operand):
    """`operator.<name>(operand)`."""
    return call(f"ndarray.__{name}__", getattr(_operator, name), (operand,), {})


def _in_place(name, function, left, right):
    from gain import _ufunc_overrides

    ufunc = getattr(sys.modules["gain"], _ufunc_overrides.OPERATORS[_PLAIN_OPERATORS.get(name, name[1:])])
    if _ufunc_overrides.ask(ufunc, "__call__", (left, right), {"out": (left,)}) is not NotImplemented:
        return left
    gathering = Gathering(False)
    target = gathering.take(left, writes=True)
    function(target, gathering.take(right))
    gathering.write_back()
    gathering.warn(f"ndarray.__{name}__")
    return left


def method(this, name, args, kwargs):
    """The method `name` of `numpy.ndarray`; integers become dates where they lie."""
    if name == "astype" and type(this) is ndarray:
        from gain import _dates

        made = _dates.of_integers(this, numpy.dtype(args[0]))
        if made is not None:
            return made
    return call(f"ndarray.{name}", getattr(numpy.ndarray, name), (this, *args), kwargs or {})


# Positional arguments for which None is a value.
_LEAST = {"full": 2, "where": 3}


def function(name, args, kwargs):
    """NumPy's function `name`; positional arguments None at the end are left out."""
    from gain import _overrides, _ufunc_overrides

    if name in _gain._UFUNC_NAMES:
        found = _ufunc_overrides.ask(getattr(_gain, name), "__call__", args, kwargs or {})
    else:
        while len(args) > _LEAST.get(name, 1) and args[-1] is None:
            args = args[:-1]
        found = _overrides.of_fallback(name, args, kwargs or {})
    if found is not NotImplemented:
        return found
    return call(name, getattr(numpy, name), args, kwargs or {})


def wrap(name, function):
    """A function with NumPy's name and documentation that calls it through the fallback."""

    def fallback(*args, **kwargs):
        return call(name, function, args, kwargs)

    for attribute in ("__name__", "__qualname__", "__doc__"):
        try:
            setattr(fallback, attribute, getattr(function, attribute))
        except (AttributeError, TypeError):
            pass
    fallback.__module__ = "gain"
    fallback._numpy_function = function
    fallback._gain_fallback = name
    return fallback


class FallbackUfunc:
    """A ufunc of NumPy's that gain has no loops for."""

    def __init__(self, function):
        self._function = function
        self._gain_fallback = function.__name__
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__

    def __call__(self, *args, **kwargs):
        from gain import _ufunc_overrides

        found = _ufunc_overrides.ask(self, "__call__", args, kwargs)
        return found if found is not NotImplemented else call(self.__name__, self._function, args, kwargs)

    def __getattr__(self, name):
        found = getattr(self._function, name)
        if name in ("reduce", "accumulate", "reduceat", "outer"):
            return wrap(f"{self.__name__}.{name}", found)
        if name == "at":
            return lambda *args: call("ufunc.at", found, args, {})
        return found

    def __repr__(self):
        return repr(self._function)


class IndexTrick:
    """`mgrid`, `ogrid`, `r_` and `c_`: NumPy's objects, whose results become gain arrays."""

    def __init__(self, name, trick):
        self._name = name
        self._trick = trick

    def __getitem__(self, key):
        return call(self._name, self._trick.__getitem__, (key,), {})

    def __len__(self):
        return len(self._trick)


_PLAIN_FUNCTIONS = {
    "can_cast", "common_type", "get_include", "get_printoptions", "set_printoptions", "printoptions", "errstate", "geterr",
    "seterr", "geterrcall", "seterrcall", "getbufsize", "setbufsize", "promote_types", "min_scalar_type", "mintypecode",
    "issubdtype", "isdtype", "finfo", "iinfo", "typename", "show_config", "show_runtime", "info", "isscalar", "broadcast_shapes",
    "format_float_positional", "format_float_scientific", "base_repr", "binary_repr", "test",
}

# What programs take of NumPy's although it is private.
_PRIVATE = {"_CopyMode", "_NoValue", "_core"}

_NAMESPACES = {"linalg", "fft", "random", "testing", "ma", "polynomial", "char", "strings", "emath", "lib", "rec"} | {"ga"}


def find(name):
    """What `gain.<name>` is for a name that has no native form."""
    if name in _NAMESPACES:
        return importlib.import_module(f"gain.{name}")
    try:
        found = getattr(numpy, name)
    except AttributeError:
        raise AttributeError(f"module 'gain' has no attribute '{name}'") from None
    if name.startswith("_") and name not in numpy.__all__ and name not in _PRIVATE:
        raise AttributeError(f"module 'gain' has no attribute '{name}'")
    return face(name, found)


def face(name, found):
    """The fallback form of one of NumPy's objects."""
    short = name.rsplit(".", 1)[-1]
    if isinstance(found, (type, types.ModuleType)) or short in _PLAIN_FUNCTIONS:
        return found
    if short in ("mgrid", "ogrid", "r_", "c_"):
        return IndexTrick(name, found)
    if isinstance(found, numpy.ufunc):
        return FallbackUfunc(found)
    return wrap(name, found) if callable(found) else found


def is_fallback(found):
    """Whether an object of gain's goes through the fallback."""
    return getattr(found, "_gain_fallback", None) is not None or isinstance(found, IndexTrick)


def namespace(name, module, quiet=False):
    """`__getattr__` and `__dir__` for a module of gain's that stands for one of NumPy's."""
    theirs = importlib.import_module(f"numpy.{name}")

    def __getattr__(attribute):
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        found = getattr(theirs, attribute)
        if quiet and isinstance(found, types.FunctionType):
            found = _quiet(f"{name}.{attribute}", found)
        else:
            found = face(f"{name}.{attribute}", found)
        setattr(sys.modules[module], attribute, found)
        return found

    def __dir__():
        return dir(theirs)

    return __getattr__, __dir__


def _quiet(name, function):
    """A wrapper that gathers without a warning and gives NumPy's result."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        gathering = Gathering(False)
        return function(*gathering.take(args), **gathering.keywords(kwargs))

    return wrapper
