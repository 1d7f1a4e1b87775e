"""Ordinary NumPy programs, unchanged, print the same with gain as with NumPy."""

import builtins
import contextlib
import io
import pathlib
import warnings

import pytest
from gain import launch

FOLDER = pathlib.Path(__file__).parent.parent / "programs"


def printed(path, seen):
    """What a program prints that sees these builtins."""
    out = io.StringIO()
    code = compile(path.read_text(), str(path), "exec")
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(code, {"__name__": "__main__", "__builtins__": seen})
    return out.getvalue()


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.py")))
def test_prints_what_numpy_prints(name):
    """Its `import numpy` gives NumPy the first time and gain the second."""
    path = FOLDER / f"{name}.py"
    expected = printed(path, vars(builtins))
    assert expected
    assert printed(path, launch.own_builtins()) == expected
