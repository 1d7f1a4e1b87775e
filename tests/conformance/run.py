"""Runs NumPy's own tests on gain and compares what fails with the lists in expected/; `cargo xtask conformance` starts it.

A set-up is a number of ranks and a threshold. A test that fails on any set-up must be listed, and one that is listed must
fail on one: the lists may only shrink. The test files are those of the installed NumPy.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import numpy

import board
import lists

HERE = pathlib.Path(__file__).parent
NUMPY = pathlib.Path(numpy.__file__).parent
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
    if threshold != "default":
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


def by_file(found):
    """{file: {test: [(set-up, outcome, exception)]}} of {set-up: {test id: (outcome, exception)}}; skipped tests are left out."""
    files = {}
    for where, outcomes in found.items():
        for test, (outcome, raised) in outcomes.items():
            if outcome != "skipped":
                file, _, name = test.partition("::")
                files.setdefault(file, {}).setdefault(name, []).append((where, outcome, raised))
    return files


def failures(tests):
    """The tests that did not pass on all set-ups."""
    return {test: runs for test, runs in tests.items() if any(outcome != "passed" for _, outcome, _ in runs)}


def compare(file, tests):
    """(unexpected, passing, complaint): failures that no line foresees, lines whose tests pass on all set-ups or are gone."""
    listed, share = lists.read(file)
    failed = failures(tests)
    unexpected = {test: runs for test, runs in failed.items() if test not in listed}
    passing = [test for test in listed if test not in failed]
    found = (len(listed) - len(passing) + len(unexpected)) / max(len(tests), 1)
    complaint = f"{file}: {found:.1%} fail, above the {share:.0%} that its list allows" if found > share else None
    return unexpected, passing, complaint


def say(file, unexpected, passing, options):
    """Prints what differs from a file's list, and mends the list where that is asked."""
    for test, runs in unexpected.items():
        print(f"{'listed' if options.list else 'unexpected'}: {file}::{test}")
        for where, outcome, raised in runs:
            if outcome != "passed":
                print(f"    {outcome} on {where}: {raised}")
    for test in passing:
        print(f"passes{' now, its line is removed' if options.update else ': remove the line'}: {file}::{test}")
    if options.update and passing:
        lists.remove(file, passing)
    if options.list and unexpected:
        lists.append(file, {test: first_failure(runs) for test, runs in unexpected.items()})


def first_failure(runs):
    """The exception of the first set-up that failed, for the list."""
    where, outcome, raised = next(run for run in runs if run[1] != "passed")
    everywhere = all(outcome != "passed" for _, outcome, _ in runs)
    return f"{raised or outcome}{'' if everywhere else f' ({where})'}".replace(" | ", " or ")


def set_ups(options):
    """The pairs (ranks, threshold) that are asked for."""
    for ranks in (int(number) for number in options.ranks.split(",")):
        # One process shows what a user sees; more ranks with every array spread out show most of what can go wrong.
        usual = "default" if ranks == 1 else "0"
        for threshold in (options.thresholds or usual).split(","):
            yield ranks, threshold


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ranks", default="1,2")
    parser.add_argument("--thresholds", help="values of GAIN_THRESHOLD, e.g. default,0; default on 1 rank and 0 on more where it isn't said")
    parser.add_argument("--files", nargs="*", help="test files below numpy/, e.g. _core/tests/test_numeric.py")
    parser.add_argument("--all", action="store_true", help="all files for which the list is kept")
    parser.add_argument("--update", action="store_true", help="remove the lines of tests that pass")
    parser.add_argument("--list", action="store_true", help="list what fails unexpectedly: for files that had no list")
    parser.add_argument("--logs", type=pathlib.Path, help="a folder for pytest's output, with the tracebacks")
    options = parser.parse_args()
    files = options.files or (lists.files() if options.all else FILES)
    found = {}
    for ranks, threshold in set_ups(options):
        where = f"{ranks} rank{'s' if ranks > 1 else ''}" + ("" if threshold == "default" else f", GAIN_THRESHOLD={threshold}")
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="gain-conformance-") as folder:
            found[where] = outcomes_on(ranks, threshold, files, pathlib.Path(folder))
            if options.logs:
                options.logs.mkdir(parents=True, exist_ok=True)
                shutil.copy(pathlib.Path(folder) / "log", options.logs / f"{ranks}-ranks-threshold-{threshold}")
        outcomes = [outcome for outcome, _ in found[where].values()]
        counts = ", ".join(f"{outcomes.count(kind)} {kind}" for kind in sorted(set(outcomes)))
        print(f"conformance: {where}: {counts}; {time.monotonic() - start:.0f} s", flush=True)
    if not lists.is_for_this_numpy():
        print("conformance: the lists are for another release of NumPy: the outcomes are counted, not compared")
        return 0
    wrong, listed, total = [], 0, 0
    for file, tests in by_file(found).items():
        unexpected, passing, complaint = compare(file, tests)
        say(file, unexpected, passing, options)
        wrong += [complaint] if complaint else []
        wrong += [f"{file}: {len(unexpected)} unexpected failures"] if unexpected and not options.list else []
        wrong += [f"{file}: {len(passing)} lines to remove"] if passing and not options.update else []
        listed += len(failures(tests))
        total += len(tests)
    for line in wrong:
        print(f"conformance: {line}")
    print(f"conformance: {listed} of {total} tests fail, {'not ' if wrong else ''}as the lists say")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
