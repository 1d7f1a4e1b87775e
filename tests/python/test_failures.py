"""When something breaks, all ranks end within seconds, with one message that says what and where.

Each test starts real ranks by `gain run` and looks at the exit status, the message and the time.
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import textwrap
import time

import gain  # noqa: F401  (its MPI library is looked for among what is loaded)
import pytest

pytestmark = pytest.mark.starts_ranks

GAIN = pathlib.Path(sys.executable).parent / "gain"

# "Within seconds", with the start of Python on a busy machine.
SECONDS = 25

START = """\
import os, signal, sys, time
import gain as np
rank = np._gain.rank()
a = np.ones(1_000_000)
a += 1.0
"""


class Job:
    """A script that has run: `code`, `text` (both outputs), `seconds`."""

    def __init__(self, folder, n_ranks, script, *, env=None, command=None):
        file = folder / "script.py"
        file.write_text(START + textwrap.dedent(script).lstrip("\n"))
        self.process = subprocess.Popen(
            [*(command or [GAIN, "run", "-n", str(n_ranks), "--all-output"]), file],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(env or {}), start_new_session=True,
            # A shell's background jobs, of which these tests may be one, ignore the interrupts that they send.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self.started = time.monotonic()

    def end(self, limit=120):
        """Waits for the end, and never longer than the limit."""
        try:
            self.text, _ = self.process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.text, _ = self.process.communicate()
            pytest.fail(f"the job hung:\n{self.text}")
        self.seconds = time.monotonic() - self.started
        self.code = self.process.returncode
        return self


def environment(more):
    """Without what a launcher or this suite's run has set."""
    ours = ("PMI", "OMPI_", "PMIX_", "PRTE_", "HYD", "MPI", "GAIN_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | more


def check(job, *patterns, seconds=SECONDS):
    """The job failed in time, and said all of this."""
    job.end()
    assert job.code != 0, job.text
    for pattern in patterns:
        assert re.search(pattern, job.text), f"no {pattern!r} in:\n{job.text}"
    assert job.seconds < seconds, f"{job.seconds:.1f} s:\n{job.text}"
    return job


@pytest.mark.parametrize("n_ranks", [2, 3])
def test_a_rank_that_raises_ends_all(tmp_path, n_ranks):
    """Its traceback appears once, with its rank."""
    job = Job(tmp_path, n_ranks, """
        if rank == 1:
            raise ValueError("on purpose")
        print(float(a.sum()))
        time.sleep(100)
    """)
    check(job, rf"rank 1 of {n_ranks}", "ValueError: on purpose", r"script\.py\", line 7")
    assert job.text.count("Traceback") == 1, job.text


def test_ranks_that_all_raise_report_once(tmp_path):
    """The common case: an ordinary error in the script."""
    job = check(Job(tmp_path, 2, "a[2_000_000] = 1.0\n"), "IndexError", r"rank \d of 2")
    assert job.text.count("Traceback") == 1, job.text


def test_nothing_of_a_job_stays_in_shared_memory(tmp_path):
    """Whatever ends it: memory shared by the ranks has no name any more."""
    job = Job(tmp_path, 3, """
        np.sync()
        named = [line for line in open("/proc/self/maps") if "/dev/shm/" in line and "(deleted)" not in line]
        print("named:", len(named), flush=True)
        sys.exit(1)
    """)
    check(job, "named: 0")
    assert job.text.count("named: 0") == 3, job.text


def test_one_process_raises_as_python_does(tmp_path):
    """No ranks are named where there are none."""
    job = check(Job(tmp_path, 1, "raise ValueError('on purpose')\n"), "ValueError: on purpose")
    assert "rank" not in job.text.replace("_gain.rank", ""), job.text
    assert job.code == 1


@pytest.mark.parametrize("death", ["os._exit(7)", "os.kill(os.getpid(), signal.SIGKILL)", "os.abort()"])
def test_a_rank_that_dies_ends_all(tmp_path, death):
    """The launcher sees it, whatever the others do."""
    check(Job(tmp_path, 2, f"""
        if rank == 1:
            {death}
        print(float(a.sum()))
        time.sleep(100)
    """))


def test_ranks_at_different_operations_are_told_apart(tmp_path):
    """Both operations and both lines are named, and nobody waits for the time-out."""
    check(Job(tmp_path, 2, """
        if rank == 0:
            print(float(a.sum()))
        else:
            print(float(a.max()))
    """), "sum", "max", r"script\.py:7", r"script\.py:9")


def test_a_skipped_call_runs_into_the_time_out(tmp_path):
    """The user sets how long to wait."""
    job = Job(tmp_path, 2, """
        if rank == 0:
            print(float(a.sum()))
        time.sleep(100)
    """, env={"GAIN_TIMEOUT": "3"})
    check(job, "sum", r"script\.py:7")
    assert job.seconds > 3


@pytest.mark.parametrize("leave", ["sys.exit", "os._exit"])
def test_a_rank_that_ends_early_is_missed_at_once(tmp_path, leave):
    """The one that waits needs no time-out to know."""
    check(Job(tmp_path, 2, f"""
        if rank == 1:
            {leave}(0)
        print(float(a.sum()))
    """), "sum", r"script\.py:8")


def test_a_launcher_of_another_mpi_is_an_error_at_import(tmp_path):
    """Its variables promise several ranks, and MPI finds one: not as many silent single runs."""
    promises = {"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0"}
    if "libopen-pal" in pathlib.Path("/proc/self/maps").read_text():
        promises = {"PMI_SIZE": "2", "PMI_RANK": "0"}
    job = Job(tmp_path, 1, "print('went on')\n", env=promises, command=[sys.executable])
    check(job, "ImportError|RuntimeError", "launcher|mpiexec")
    assert "went on" not in job.text


@pytest.mark.parametrize("n_ranks", [1, 2])
def test_memory_that_cannot_be_had(tmp_path, n_ranks):
    """The error names shape, dtype and bytes, and the program can go on."""
    job = Job(tmp_path, n_ranks, """
        try:
            big = np.zeros((1 << 20, 1 << 20))
            big[0, 0] = 1.0
            print(float(big[-1, -1]))
        except MemoryError as error:
            print("caught:", error)
        print("sum:", float(a.sum()))
    """).end()
    assert job.code == 0, job.text
    assert re.search(r"caught:.*\(1048576, 1048576\).*float64", job.text), job.text
    assert re.search(r"caught:.*(8796093022208|8\.00 TiB)", job.text), job.text
    assert job.text.count("sum: 2000000.0") == n_ranks, job.text


@pytest.mark.parametrize("n_ranks", [1, 2])
@pytest.mark.parametrize("work", ["time.sleep(100)", "a.sort() if False else [float(a.sum()) for _ in range(10**9)]"])
def test_ctrl_c_ends_all_ranks(tmp_path, n_ranks, work):
    """The signal goes to what `gain run` has become: Python, or the launcher."""
    job = Job(tmp_path, n_ranks, f"""
        os.write(1, b"pid %d\\n" % os.getpid())
        {work}
    """)
    ranks = [int(job.process.stdout.readline().split()[1]) for _ in range(n_ranks)]
    job.started = time.monotonic()
    job.process.send_signal(signal.SIGINT)
    check(job)
    left = [rank for rank in ranks if is_running(rank)]
    assert not left, f"still there: {left}"


def is_running(pid):
    """True if the process is there and is no zombie that waits for its parent."""
    for _ in range(50):
        try:
            state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        if state in "ZX":
            return False
        time.sleep(0.1)
    return True


@pytest.mark.parametrize("n_ranks", [1, 2])
@pytest.mark.parametrize("code", [0, 3])
def test_the_exit_status_is_the_scripts(tmp_path, n_ranks, code):
    """All ranks leave with `sys.exit`: no error, no message."""
    job = Job(tmp_path, n_ranks, f"""
        assert float(a.sum()) == 2_000_000.0
        sys.exit({code})
    """).end()
    assert job.code == code, job.text
    assert "Traceback" not in job.text
