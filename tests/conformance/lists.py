"""The lists of NumPy's tests that fail on gain: expected/<test file>.txt, one line `test | category | reason` each.

A list's head says how much of its file may stand in it, `# at most 5 %`; the lists may only shrink. Category `open`: not done yet; where
no cause is known, the reason is the exception. Category `one rank`: a test that can only be run on one, and that counts as failed on more.
expected/RELEASE names the release of NumPy for which the lists hold.
"""

import pathlib
import re

import numpy

FOLDER = pathlib.Path(__file__).parent / "expected"


def is_for_this_numpy():
    """Whether the lists hold for the installed NumPy: its releases bring tests of their own."""
    return (FOLDER / "RELEASE").read_text().split() == numpy.__version__.split(".")[:2]


def path_of(file):
    """The list of a test file such as `_core/tests/test_numeric.py`."""
    return (FOLDER / file).with_suffix(".txt")


def files():
    """The test files that have a list."""
    return sorted(path.relative_to(FOLDER).with_suffix(".py").as_posix() for path in FOLDER.rglob("*.txt"))


def read(file):
    """([tests], largest share) of a test file's list; nothing may fail in a file without a list."""
    path = path_of(file)
    if not path.exists():
        return [], 0.0
    head, *lines = path.read_text().splitlines()
    bound = re.fullmatch(r"# at most (\d+) %", head)
    wrong = None if bound else head
    tests = []
    for line in lines:
        test, *rest = line.split(" | ")
        if len(rest) != 2 or not all(rest) or test in tests:
            wrong = line
        tests.append(test)
    if wrong is not None:
        raise SystemExit(f"conformance: {path}: neither `# at most N %` nor a new `test | category | reason`: {wrong}")
    return tests, int(bound[1]) / 100


def of_one_rank(file):
    """The tests of a file that are not run on several ranks."""
    path = path_of(file)
    lines = path.read_text().splitlines() if path.exists() else []
    return {test for test, category, *_ in (line.split(" | ") for line in lines[1:]) if category == "one rank"}


def remove(file, passing):
    """Takes tests that pass out of a file's list."""
    path = path_of(file)
    kept = [line for line in path.read_text().splitlines() if line.partition(" | ")[0] not in passing]
    path.write_text("\n".join(kept) + "\n")


def append(file, failing):
    """Lists tests, {test: exception}, as open."""
    path = path_of(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text() if path.exists() else "# at most 10 %\n"
    path.write_text(text + "".join(f"{test} | open | {raised or 'unknown'}\n" for test, raised in failing.items()))
