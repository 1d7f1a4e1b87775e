"""Pytest plugin: runs the tests that NumPy's wheel brings on gain, on any number of ranks, and notes the outcome of each.

The driver (run.py) says where: CONFORMANCE_BOARD (board.py), CONFORMANCE_RESULTS (a line of JSON a test, written by rank 0) and
CONFORMANCE_NOW (the test that runs). Every rank runs every test; an outcome is that of all ranks, or `diverged`.
"""

import collections
import json
import os
import pathlib
import random
import re
import zlib

import gain
import hypothesis
import numpy
import pytest

import lists
import swap
from board import Board

NUMPY = pathlib.Path(numpy.__file__).parent
PASSED, FAILED, SKIPPED = range(3)
# Exceptions by which Hypothesis steers its search; they are no failures.
STEERING = {"UnsatisfiedAssumption", "StopTest", "Frozen", "Skipped"}
# What gain raises where the ranks have lost each other; nothing that they do together works from then on.
LOST = re.compile(r"RuntimeError: (the ranks have diverged|rank \d+ (has waited|gives up))")

environment = os.environ
board = Board(environment["CONFORMANCE_BOARD"], gain.rank(), gain.n_ranks())
process = os.getpid()


class Swapped(pytest.Module):
    """A test file of NumPy's, executed with NumPy swapped for gain."""

    def _getobj(self):
        swap.is_strict = False
        return swap.load(self.path)


def pytest_pycollect_makemodule(module_path, parent):
    return Swapped.from_parent(parent, path=module_path) if NUMPY in module_path.parents else None


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    seed("")
    hypothesis.settings.register_profile(
        "ranks",
        derandomize=True,
        database=None,
        deadline=None,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("ranks")


def seed(text):
    """The same random numbers for a test wherever and whenever it runs."""
    number = zlib.crc32(text.encode())
    random.seed(number)
    numpy.random.seed(number)


def alike(example):
    """One example of Hypothesis, which fails on all ranks where it fails on one: each would search on elsewhere."""

    def run(*values, **named):
        raised = None
        try:
            example(*values, **named)
        except Exception as error:
            raised = error
        except BaseException as error:
            if type(error).__name__ not in STEERING:
                raise
            raised = error
        steers = type(raised).__name__ in STEERING
        outcomes = board.exchange(PASSED if raised is None else SKIPPED if steers else FAILED)
        if raised is not None and (not steers or len(set(outcomes)) == 1):
            raise raised
        assert len(set(outcomes)) == 1, f"the ranks' outcomes are {outcomes}"

    run.is_alike = True
    return run


@pytest.fixture
def tmp_path(request):
    """One folder for all ranks: what rank 0 writes the others read."""
    folder = pathlib.Path(environment["CONFORMANCE_RESULTS"]).parent / f"files-{zlib.crc32(request.node.key.encode())}"
    folder.mkdir(exist_ok=True)
    return folder


def note(test, outcome, raised):
    """Writes a line for the driver."""
    if board.rank == 0:
        with open(environment["CONFORMANCE_RESULTS"], "a") as results:
            results.write(json.dumps({"id": test, "outcome": outcome, "raised": raised}) + "\n")


def pytest_collectreport(report):
    # Tests that can't be collected are not to vanish.
    if report.failed:
        name = re.sub(".*/numpy/", "", report.nodeid)
        note(f"{name}::collection", "failed", str(report.longrepr).strip().rpartition("\n")[2][:200])


def leave_out(items):
    """Notes the tests that are for one rank alone as failed, and takes them out."""
    alone = {f"{path}::{test}" for path in {item.key.partition("::")[0] for item in items} for test in lists.of_one_rank(path)}
    for item in items:
        if item.key in alone:
            note(item.key, "failed", "not run on several ranks")
    items[:] = [item for item in items if item.key not in alone]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    known = collections.Counter()
    for item in items:
        path = item.path.relative_to(NUMPY)
        # Addresses in ids differ from run to run.
        key = re.sub(r"0x[0-9a-f]{6,}", "0x", f"{path}::{item.nodeid.partition('::')[2]}")
        known[key] += 1
        item.key = key if known[key] == 1 else f"{key}#{known[key]}"
    with open(environment["CONFORMANCE_RESULTS"]) as results:
        done = {json.loads(line)["id"] for line in results}
    items[:] = [item for item in items if item.key not in done]
    collected = board.exchange(zlib.crc32("\n".join(item.key for item in items).encode()) % 251)
    if len(set(collected)) > 1:
        raise pytest.UsageError("the ranks collected different tests")
    if board.ranks > 1:
        leave_out(items)
    for item in items:
        given = getattr(getattr(item, "obj", None), "hypothesis", None)
        if board.ranks > 1 and given is not None and not hasattr(given.inner_test, "is_alike"):
            given.inner_test = alike(given.inner_test)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    seed(item.key)
    if board.rank == 0:
        pathlib.Path(environment["CONFORMANCE_NOW"]).write_text(item.key)
    item.outcome, item.raised = "passed", ""
    result = yield
    note(item.key, item.outcome, item.raised)
    if item.outcome == "diverged":
        # The ranks may stand at different statements: the driver starts them afresh behind this test.
        board.exchange(PASSED)
        os._exit(1)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    swap.is_strict = True
    try:
        return (yield)
    finally:
        swap.is_strict = False


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if os.getpid() != process:
        # A test forked, and its child came back here: only the parent is a rank.
        os._exit(1)
    outcomes = board.exchange({"passed": PASSED, "failed": FAILED, "skipped": SKIPPED}[report.outcome])
    raised = "" if call.excinfo is None else f"{call.excinfo.typename}: {call.excinfo.value}"
    item.raised = item.raised or raised.partition("\n")[0][:200]
    if any(board.exchange(LOST.match(raised) is not None)) or len(set(outcomes)) > 1:
        item.outcome = "diverged"
    elif report.outcome != "passed" and item.outcome == "passed":
        item.outcome = report.outcome
    return report


def pytest_sessionfinish():
    if board.rank == 0:
        pathlib.Path(environment["CONFORMANCE_NOW"]).write_text("")
    board.exchange(PASSED)
