"""The examples print with gain what they print with NumPy."""

import contextlib
import io
import pathlib
import re
import sys

import gain
import pytest

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"

# Name and arguments: sizes that end in a moment, some of them not divisible by the ranks.
RUNS = [
    ("laplace", ["50", "20"]),
    ("laplace", ["201", "5"]),
    ("black_scholes", ["30011"]),
    ("life", ["203", "6"]),
    ("nbody", ["61", "3"]),
]


def printed(module, name, arguments, monkeypatch):
    """What the example prints when its one import line says this module."""
    source = (EXAMPLES / f"{name}.py").read_text()
    source, changed = re.subn(r"^import gain as np$", f"import {module} as np", source, flags=re.MULTILINE)
    assert changed == 1
    monkeypatch.setattr(sys, "argv", [name, *arguments])
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        exec(compile(source, f"{name}.py", "exec"), {"__name__": "__main__"})
    return [line for line in out.getvalue().splitlines() if not line.startswith("seconds:")]


def same(gains, numpys):
    """Equal, but for the last digits of sums whose order differs."""
    numbers = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
    assert numbers.sub("#", gains) == numbers.sub("#", numpys)
    for ours, theirs in zip(numbers.findall(gains), numbers.findall(numpys), strict=True):
        assert float(ours) == pytest.approx(float(theirs), rel=1e-9, abs=2e-9)


@pytest.mark.parametrize(("name", "arguments"), RUNS)
def test_an_example_prints_the_same(name, arguments, monkeypatch):
    """Line by line."""
    ours = printed("gain", name, arguments, monkeypatch)
    theirs = printed("numpy", name, arguments, monkeypatch)
    assert len(ours) == len(theirs) > 0
    for gains, numpys in zip(ours, theirs):
        same(gains, numpys)


def test_the_two_laplaces_differ_in_one_line():
    """The import line."""
    ours = (EXAMPLES / "laplace.py").read_text().splitlines()
    theirs = (EXAMPLES / "laplace_numpy.py").read_text().splitlines()
    differing = [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]]
    assert differing == [("import gain as np", "import numpy as np")]


def test_gain_is_what_is_tested():
    """Not an installed one from elsewhere."""
    assert pathlib.Path(gain.__file__).resolve().is_relative_to(EXAMPLES.parent)
