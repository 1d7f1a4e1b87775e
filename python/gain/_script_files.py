"""The files of a script that all ranks run, as if one program made, read and removed them.

Where the modules of a script that knows of no ranks open, make, remove or look for a file, all ranks meet: none removes what another still reads,
or finds made already what it was about to make. The first of the ranks that mean the same file does it, and its outcome is everyone's. What the
others open to write is a copy of their own. Installed packages are left alone: their ranks may come to a file at different times.
"""

import atexit
import builtins
import functools
import glob
import os
import pathlib
import pickle
import shutil
import sys
import tempfile
import threading

from gain import _files, _gain, _parts, _shared_files

# What changes files, with the number of arguments that are their names.
_CHANGES = (
    (os, 2, "link makedirs mkdir remove removedirs rename renames replace rmdir symlink truncate unlink"),
    (shutil, 2, "copy copy2 copyfile copytree make_archive move rmtree unpack_archive"),
    (pathlib.Path, 1, "mkdir rename replace rmdir symlink_to touch unlink write_bytes write_text"),
)
# What looks at them.
_LOOKS = (
    (os, "listdir scandir"), (os.path, "exists getmtime getsize isdir isfile"), (glob, "glob iglob"),
    (pathlib.Path, "exists glob is_dir is_file iterdir read_bytes read_text rglob stat"),
)


def open(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
    """Python's `open` for the modules of a script. Collective where the file is given by its name."""
    plain = functools.partial(builtins.open, file, mode, buffering, encoding, errors, newline, closefd)
    if _is_apart() or opener is not None or not _shared_files.is_name(file):
        return plain(opener)
    _gain.stand_at("open")
    first = _files.first_with(file)
    if not set(mode) & set("wax+"):
        return plain()
    if first == _gain.rank():
        made = []
        _led(first, lambda: made.append(plain()))
        return made[0]
    with tempfile.NamedTemporaryFile() as copy:
        if "w" not in mode and os.path.isfile(file):
            shutil.copyfile(file, copy.name)
        _led(first, None)
        return plain(lambda _, flags: os.open(copy.name, flags & ~(os.O_EXCL | os.O_CREAT)))


# Not empty once this rank is about to leave the others.
_left = []


def _is_apart():
    """Whether this rank meets nobody here: it is leaving, or this is a thread, and nobody knows when those of other ranks come to a file."""
    return _left or threading.current_thread() is not threading.main_thread()


def install():
    """Puts the meetings before the functions that scripts call, until the script and what it left to do at its end are done."""
    atexit.register(_left.append, True)
    for owner, n_names, names in _CHANGES:
        for name in names.split():
            _replace(owner, name, functools.partial(_change, n_names))
    for owner, names in _LOOKS:
        for name in names.split():
            _replace(owner, name, _look)
    _replace(pathlib.Path, "open", lambda _, args, kwargs: open(*args, **kwargs))


def _replace(owner, name, meeting):
    plain = getattr(owner, name)

    @functools.wraps(plain)
    def function(*args, **kwargs):
        if _is_apart() or sys._getframe(1).f_builtins.get("open") is not open:
            return plain(*args, **kwargs)
        _gain.stand_at(f"{owner.__name__}.{name}")
        return meeting(plain, args, kwargs)

    setattr(owner, name, function)


def _look(plain, args, kwargs):
    _shared_files.meet()
    return plain(*args, **kwargs)


def _change(n_names, plain, args, kwargs):
    named = [value for value in (*args, *kwargs.values())[:n_names] if _shared_files.is_name(value)]
    return _led(_files.first_with(*named), functools.partial(plain, *args, **kwargs))


def _led(first, action):
    """What `action()` gives or raises on rank `first`, which alone of those that name it does it. Collective."""
    result = error = None
    if first == _gain.rank():
        try:
            result = action()
        except Exception as caught:
            error = caught
    told = _gain.all_gather(pickle.dumps((result, error and _parts.portable(error, OSError))))
    if error is not None:
        raise error
    result, error = pickle.loads(told[first])
    if error is not None:
        raise error
    return result
