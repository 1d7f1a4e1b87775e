"""Runs the suite on ranks: every rank runs every test in the same order, and a test passes only if it passes on all of them.

Ranks compare outcomes through a small file that they map, not through MPI, so that a rank stuck in MPI can't take the
comparison with it. Rank 0 reports; the others write to .gain/tests-rank<N>.log.
"""

import faulthandler
import mmap
import os
import pathlib
import random
import struct
import tempfile
import time
import zlib

import numpy
import pytest

import gain

RANK = gain._gain.rank()
N_RANKS = gain._gain.n_ranks()

# A rank that is behind the others for this many seconds ends the run; GAIN_TIMEOUT should be less, so that gain speaks first.
LIMIT = float(os.environ.get("GAIN_TEST_LIMIT", 180))

OUTCOMES = ("passed", "failed", "skipped")
ROW = struct.Struct("qqq")
TEXT = 16384

faulthandler.enable()


def job_name():
    """A name that the ranks of one job on this node share, and no other job has."""
    named = os.environ.get("GAIN_JOB")
    if named:
        return named
    parent = os.getppid()
    try:
        with open(f"/proc/{parent}/stat", encoding="ascii", errors="replace") as stat:
            started = stat.read().rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        started = "0"
    return f"{parent}-{started}"


class Board:
    """What each rank's last steps came to; one row a rank, and room for a failure's text."""

    def __init__(self):
        path = pathlib.Path(tempfile.gettempdir(), f"gain-tests-{os.getuid()}-{job_name()}")
        size = N_RANKS * ROW.size + TEXT
        with open(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "r+b") as file:
            os.ftruncate(file.fileno(), size)
            self.map = mmap.mmap(file.fileno(), size)
        self.path = path
        self.step = 0

    def row(self, rank):
        """(steps done, code of the even ones, code of the odd ones)."""
        return ROW.unpack_from(self.map, rank * ROW.size)

    def compare(self, code, where):
        """All ranks' codes of this step; a rank that doesn't come ends the run."""
        self.step += 1
        at = RANK * ROW.size
        struct.pack_into("q", self.map, at + 8 + 8 * (self.step % 2), code)
        struct.pack_into("q", self.map, at, self.step)
        start = time.monotonic()
        while behind := [rank for rank in range(N_RANKS) if self.row(rank)[0] < self.step]:
            waited = time.monotonic() - start
            if waited > LIMIT:
                os.write(2, f"\nrank {RANK}: waited {LIMIT:.0f} s for ranks {behind} at {where}\n".encode())
                os._exit(1)
            time.sleep(0.0002 if waited < 0.1 else 0.005)
        return [self.row(rank)[1 + self.step % 2] for rank in range(N_RANKS)]

    def write_text(self, text):
        """Leaves a failure's text for rank 0."""
        data = text.encode()[-TEXT:].ljust(TEXT, b"\0")
        self.map[N_RANKS * ROW.size:] = data

    def read_text(self):
        """The text that was left last."""
        return self.map[N_RANKS * ROW.size:].rstrip(b"\0").decode(errors="replace")


board = Board() if N_RANKS > 1 else None


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    """Markers, Hypothesis alike on all ranks, and silence on all ranks but the first."""
    config.addinivalue_line("markers", "starts_ranks: the test starts jobs of its own, so it runs in plain Python only")
    try:
        from hypothesis import HealthCheck, settings
    except ImportError:
        pass
    else:
        settings.register_profile("ranks", derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
        settings.load_profile("ranks")
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if RANK and reporter is not None:
        folder = pathlib.Path(config.rootpath, ".gain")
        folder.mkdir(exist_ok=True)
        reporter._tw._file = open(folder / f"tests-rank{RANK}.log", "w", encoding="utf-8")


def pytest_report_header():
    """Where the suite runs."""
    return f"gain: {N_RANKS} ranks, GAIN_THRESHOLD={os.environ.get('GAIN_THRESHOLD', 'default')}"


def pytest_collection_modifyitems(config, items):
    """Tests that start jobs run once: in plain Python, with the default threshold. All ranks must have the same list."""
    if N_RANKS > 1 or "GAIN_THRESHOLD" in os.environ:
        jobs = [item for item in items if item.get_closest_marker("starts_ranks")]
        items[:] = [item for item in items if item not in jobs]
        config.hook.pytest_deselected(items=jobs)
    if board is not None:
        names = zlib.crc32("\n".join(item.nodeid for item in items).encode())
        if len(set(board.compare(names, "collection"))) > 1:
            raise pytest.UsageError("the ranks collected different tests")


@pytest.fixture(autouse=True)
def same_random_numbers(request):
    """The streams of Python and NumPy start alike on all ranks."""
    seed = zlib.crc32(request.node.nodeid.encode())
    random.seed(seed)
    numpy.random.seed(seed)


@pytest.fixture
def rank():
    """This rank's number."""
    return RANK


@pytest.fixture
def n_ranks():
    """How many ranks run the suite."""
    return N_RANKS


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    """One verdict for all ranks; ranks that differ are out of step, so the run stops there."""
    report = (yield).get_result()
    if board is None:
        return
    code = OUTCOMES.index(report.outcome)
    if report.failed:
        board.write_text(f"rank {RANK}:\n{report.longreprtext}")
    codes = board.compare(code, f"{item.nodeid} ({report.when})")
    if len(set(codes)) == 1:
        return
    story = ", ".join(f"rank {rank} {OUTCOMES[code]}" for rank, code in enumerate(codes))
    if not report.failed:
        report.outcome, report.longrepr = "failed", f"the ranks differ: {story}\n{board.read_text()}"
    item.session.shouldstop = f"the ranks differ in {item.nodeid}: {story}"


def pytest_sessionfinish():
    """The board goes when all ranks are here."""
    if board is not None:
        board.compare(0, "the end")
        if RANK == 0:
            board.path.unlink(missing_ok=True)
