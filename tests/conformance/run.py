"""Runs NumPy's own tests on gain and compares what fails with expected.txt; `cargo xtask conformance` starts it.

A set-up is a number of ranks and a threshold. A test that fails on any set-up must stand in expected.txt, and one that stands there must
fail on one: the list may only shrink. The test files are those of the installed NumPy.
"""

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import numpy

import board

HERE = pathlib.Path(__file__).parent
NUMPY = pathlib.Path(numpy.__file__).parent
EXPECTED = HERE / "expected.txt"
# Ranks that show nothing new for so many seconds hang.
PATIENCE = 90
# What CI runs: the files of indexing, views and index grids.
FILES = (
    "_core/tests/test_indexing.py",
    "_core/tests/test_indexerrors.py",
    "lib/tests/test_index_tricks.py",
    "lib/tests/test_twodim_base.py",
    "lib/tests/test_stride_tricks.py",
)
# What `--all` runs besides: files of ufuncs, functions and linear algebra, for which the list is kept too.
MORE = (
    "_core/tests/test_einsum.py",
    "_core/tests/test_function_base.py",
    "_core/tests/test_nep50_promotions.py",
    "_core/tests/test_numeric.py",
    "_core/tests/test_shape_base.py",
    "_core/tests/test_umath_complex.py",
    "lib/tests/test_arraypad.py",
    "lib/tests/test_arraysetops.py",
    "lib/tests/test_function_base.py",
    "lib/tests/test_histograms.py",
    "lib/tests/test_nanfunctions.py",
    "lib/tests/test_shape_base.py",
    "linalg/tests/test_linalg.py",
)
# The releases of NumPy bring tests of their own: the list holds for the one that its line `# NumPy X.Y` names.
RELEASE = "# NumPy " + ".".join(numpy.__version__.split(".")[:2])


def last_test(now):
    return now.read_text() if now.exists() else ""


def end(child):
    """Ends the launcher and its ranks, all of which lie in its session or are its children."""
    ranks = subprocess.run(["ps", "-o", "pid=", "--ppid", str(child.pid)], capture_output=True, text=True).stdout.split()
    for pid in (int(pid) for pid in ranks):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    child.wait()


def has_hung(child, view):
    """Waits for the end of the run; True if it was ended because nothing moved."""
    seen, since = None, time.monotonic()
    while child.poll() is None:
        time.sleep(0.2)
        steps = [view.memory.find(b"\0", rank * board.STEPS) for rank in range(view.ranks)]
        if steps != seen:
            seen, since = steps, time.monotonic()
        elif time.monotonic() - since > PATIENCE:
            end(child)
            return True
    return False


def outcomes_on(ranks, threshold, files, folder):
    """{test id: (outcome, exception)} on one set-up. Starts again behind a test that hangs, crashes or parts the ranks."""
    results, now, places = folder / "results", folder / "now", folder / "board"
    results.write_text("")
    environment = dict(os.environ, PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1", NPY_AVAILABLE_MEM="1GB")
    environment.update(CONFORMANCE_RESULTS=str(results), CONFORMANCE_NOW=str(now), CONFORMANCE_BOARD=str(places))
    environment["PYTHONPATH"] = str(HERE)
    environment.setdefault("GAIN_TIMEOUT", "60")
    if threshold is not None:
        environment["GAIN_THRESHOLD"] = threshold
    command = [sys.executable, "-m", "pytest", "-q", "-p", "numpy_tests", "-p", "no:cacheprovider", "-W", "ignore"]
    command += ["--continue-on-collection-errors", "--tb=short", "-m", "not slow", "-k", "not huge_list and not xerbla"]
    if ranks > 1:
        command[:0] = [str(pathlib.Path(sys.executable).with_name("mpiexec")), "-n", str(ranks)]
    while True:
        board.make(places, ranks)
        now.unlink(missing_ok=True)
        with open(folder / "log", "ab") as log:
            child = subprocess.Popen(
                [*command, *(str(NUMPY / file) for file in files)],
                env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            )
            hung = has_hung(child, board.Board(places, 0, ranks))
        found = {line["id"]: (line["outcome"], line["raised"]) for line in map(json.loads, results.open())}
        test = last_test(now)
        if not test:
            if now.exists():
                return found
            raise SystemExit(f"conformance: no test ran:\n{(folder / 'log').read_text(errors='replace')[-3000:]}")
        if test not in found:
            with results.open("a") as more:
                more.write(json.dumps({"id": test, "outcome": "hung" if hung else "crashed", "raised": ""}) + "\n")


def read_expected():
    """{test id: its line}, in the order of the file."""
    listed = {}
    for line in EXPECTED.read_text().splitlines():
        if line and not line.startswith("#"):
            parts = line.split(" | ")
            if len(parts) != 3 or not all(parts):
                raise SystemExit(f"conformance: {EXPECTED.name}: not `file::test | category | reason`: {line}")
            listed[parts[0]] = line
    return listed


def compare(found, listed, files):
    """(unexpected, passing): failures that no line foresees, and listed ids of these files that pass on all set-ups or are gone."""
    failed = {}
    for where, outcomes in found.items():
        for test, (outcome, raised) in outcomes.items():
            if outcome not in ("passed", "skipped"):
                failed.setdefault(test, []).append((where, outcome, raised))
    unexpected = {test: how for test, how in failed.items() if test not in listed}
    passing = [test for test in listed if test.partition("::")[0] in files and test not in failed]
    return unexpected, passing


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ranks", default="1,2")
    parser.add_argument("--files", nargs="*", help="test files below numpy/, e.g. _core/tests/test_numeric.py")
    parser.add_argument("--all", action="store_true", help="all files for which the list is kept")
    parser.add_argument("--update", action="store_true", help="remove the lines of tests that pass")
    options = parser.parse_args()
    files = options.files or (FILES + MORE if options.all else FILES)
    found = {}
    for ranks in (int(number) for number in options.ranks.split(",")):
        # One process shows what a user sees; more ranks with every array spread out show most of what can go wrong.
        threshold = None if ranks == 1 else "0"
        where = f"{ranks} rank{'s' if ranks > 1 else ''}" + ("" if threshold is None else f", GAIN_THRESHOLD={threshold}")
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="gain-conformance-") as folder:
            found[where] = outcomes_on(ranks, threshold, files, pathlib.Path(folder))
        outcomes = [outcome for outcome, _ in found[where].values()]
        counts = ", ".join(f"{outcomes.count(kind)} {kind}" for kind in sorted(set(outcomes)))
        print(f"conformance: {where}: {counts}; {time.monotonic() - start:.0f} s", flush=True)
    listed = read_expected()
    if RELEASE not in EXPECTED.read_text().splitlines():
        print(f"conformance: {EXPECTED.name} has no line `{RELEASE}`: the outcomes are counted, not compared")
        return 0
    unexpected, passing = compare(found, listed, files)
    for test, how in unexpected.items():
        print(f"unexpected: {test}")
        for where, outcome, raised in how:
            print(f"    {outcome} on {where}: {raised}")
    for test in passing:
        print(f"passes{' now, its line is removed' if options.update else ': remove the line'}: {test}")
    if options.update and passing:
        kept = [line for line in EXPECTED.read_text().splitlines() if line.partition(" | ")[0] not in passing]
        EXPECTED.write_text("\n".join(kept) + "\n")
    if unexpected or (passing and not options.update):
        print(f"conformance: {len(unexpected)} unexpected failures, {len(passing)} lines to remove")
        return 1
    print(f"conformance: as expected, {len(listed)} tests listed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
