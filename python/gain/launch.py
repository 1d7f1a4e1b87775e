"""Runs a script as `gain run` does: `python -m gain.launch [--keep-numpy] script.py ARGS`.

Standard output of ranks other than 0 is dropped when `GAIN_STDOUT=rank0`, and so are their warnings. A script that still says `import numpy`
gets gain there, and so do the modules that lie in its folder; NumPy itself and installed packages are untouched. A script
that imports gain by name has chosen: its `import numpy` stays NumPy's.
"""

import ast
import builtins
import importlib
import importlib.machinery
import importlib.util
import os
import runpy
import sys
import sysconfig
import types
import warnings

import gain
from gain import _guard, _script_files


def silence_other_ranks(rank):
    """Sends standard output of ranks other than 0 nowhere, below Python too. What they warn of, rank 0 does."""
    if rank == 0 or os.environ.get("GAIN_STDOUT") != "rank0":
        return
    sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    warnings.showwarning = lambda *_, **__: None


def names_gain(source, path):
    """True if the source imports gain (or the old name, `ga.gain`) anywhere."""
    for node in ast.walk(ast.parse(source, path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        else:
            continue
        if any(name.split(".")[0] in ("gain", "ga") for name in names):
            return True
    return False


def _attribute(path):
    """The object `gain.<path>`, importing it if it is a module of gain's; None if gain has no such name."""
    found = gain
    for part in path.split("."):
        if not hasattr(found, part):
            try:
                importlib.import_module(f"{found.__name__}.{part}")
            except (ImportError, AttributeError):
                return None
        found = getattr(found, part, None)
        if found is None:
            return None
    return found


def _import(name, globals=None, locals=None, fromlist=(), level=0):
    """`__import__` of the script's own modules: `numpy` is gain."""
    if level or name.split(".")[0] != "numpy":
        return builtins.__import__(name, globals, locals, fromlist, level)
    rest = name.partition(".")[2]
    found = _attribute(rest) if rest else gain
    if found is None:
        return builtins.__import__(name, globals, locals, fromlist, level)
    if not fromlist:
        return gain
    for wanted in fromlist:
        if wanted != "*" and not hasattr(found, wanted) and isinstance(found, types.ModuleType):
            _attribute(".".join(part for part in (rest, wanted) if part))
    return found


def own_builtins():
    """The builtins that the script's own modules see."""
    own = dict(vars(builtins))
    own["__import__"] = _import
    if gain._gain.n_ranks() > 1:
        own["open"] = _script_files.open
    return own


class _OwnLoader(importlib.machinery.SourceFileLoader):
    """Runs a module with the builtins above."""

    def exec_module(self, module):
        module.__dict__["__builtins__"] = own_builtins()
        super().exec_module(module)


class _OwnFinder:
    """Finds the modules below the script's folder, and leaves all others to Python's finders."""

    def __init__(self, folder):
        self.folder = os.path.join(os.path.realpath(folder), "")
        installed = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
        installed.add(os.path.dirname(os.path.abspath(gain.__file__)))
        self.installed = tuple(os.path.join(os.path.realpath(path), "") for path in installed)

    def find_spec(self, name, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or type(spec.loader) is not importlib.machinery.SourceFileLoader:
            return None
        origin = os.path.realpath(spec.origin)
        if not origin.startswith(self.folder) or origin.startswith(self.installed):
            return None
        spec.loader = _OwnLoader(name, spec.origin)
        return spec


def run_script(path, arguments, keep_numpy=False):
    """Runs the script as `__main__`, with `import numpy` giving gain unless it imports gain itself."""
    sys.argv = [path, *arguments]
    folder = os.path.dirname(os.path.abspath(path))
    sys.path[0:0] = [folder]
    with open(path, "rb") as file:
        source = file.read()
    code = compile(source, path, "exec", dont_inherit=True)
    main = types.ModuleType("__main__")
    main.__file__ = path
    main.__builtins__ = builtins
    if not keep_numpy and not names_gain(source, path):
        sys.meta_path.insert(0, _OwnFinder(folder))
        if gain._gain.n_ranks() > 1:
            _script_files.install()
        main.__builtins__ = own_builtins()
    sys.modules["__main__"] = main
    exec(code, main.__dict__)


def main(arguments):
    """The command line; returns nothing, a script's `sys.exit` passes through."""
    keep_numpy = "--keep-numpy" in arguments[:1]
    arguments = arguments[keep_numpy:]
    if not arguments:
        sys.exit("usage: python -m gain.launch [--keep-numpy] (script.py | -m module) ARGS")
    silence_other_ranks(gain._gain.rank())
    # Whole lines, so that those of several ranks don't mix, and at once, so that a rank that dies has shown them.
    sys.stdout.reconfigure(line_buffering=True, write_through=False)
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = lambda kind, value, trace: sys.__excepthook__(kind, value, _guard.script_frames(trace))
    # Python puts the current folder first for `-m gain.launch`; a script has its own folder there instead.
    if sys.path and sys.path[0] in ("", os.getcwd()):
        del sys.path[0]
    if arguments[0] == "-m" and len(arguments) > 1:
        sys.path.insert(0, os.getcwd())
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        run_script(arguments[0], arguments[1:], keep_numpy)


if __name__ == "__main__":
    main(sys.argv[1:])
