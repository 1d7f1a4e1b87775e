"""What happens when a rank raises: its traceback is printed once, with its rank, and every rank ends.

`install` is called by `import gain`, so that it holds under a plain `mpiexec python script.py` too.
"""

import functools
import os
import sys
import time
import traceback

# How long a rank that also raised waits for the first one to end the job.
_WAIT_FOR_ABORT = 10.0


def script_frames(trace):
    """The traceback without gain's launcher on top."""
    launcher = os.path.join(os.path.dirname(os.path.abspath(__file__)), "launch.py")
    while trace is not None and trace.tb_next is not None:
        name = trace.tb_frame.f_code.co_filename
        if name != launcher and not name.startswith("<frozen runpy"):
            break
        trace = trace.tb_next
    return trace


def _report(rank, n_ranks, kind, value, trace):
    trace = script_frames(trace)
    lines = [f"gain: rank {rank} of {n_ranks} raised, all ranks end\n"]
    lines += traceback.format_exception(kind, value, trace)
    sys.stderr.write("".join(lines))
    sys.stderr.flush()


def install(rank, n_ranks, finish, abort, claim):
    """Replaces `sys.excepthook` and `os._exit` when there are several ranks.

    `finish()` leaves the team; `abort(code)` ends all ranks and does not return; `claim()` is true on the first rank of this node that asks. With one rank Python's own hook stays.
    """
    if n_ranks <= 1 or getattr(sys.excepthook, "_gain", False):
        return

    leave = os._exit

    def hook(kind, value, trace):
        code = 130 if issubclass(kind, KeyboardInterrupt) else 1
        try:
            sys.stdout.flush()
            if claim():
                _report(rank, n_ranks, kind, value, trace)
            else:
                # The rank that printed ends the job; this is only for a launcher that lost it.
                time.sleep(_WAIT_FOR_ABORT)
        finally:
            abort(code)
            leave(code)

    hook._gain = True
    sys.excepthook = hook
    os._exit = _leaving(leave, rank, n_ranks, finish, abort, claim)


def _leaving(leave, rank, n_ranks, finish, abort, claim):
    """`os._exit` for a process that others wait for: with 0 it leaves them as at a script's end, with anything else all ranks end.

    The launcher would end them without a word, and with 0 as if the job had come to its end.
    """
    process = os.getpid()

    @functools.wraps(leave)
    def leaving(status):
        if os.getpid() != process:
            leave(status)
        if status == 0:
            finish()
            leave(0)
        if claim():
            sys.stderr.write(f"gain: rank {rank} of {n_ranks} left by os._exit({status}), all ranks end\n")
            sys.stderr.flush()
        abort(status)
        leave(status)

    return leaving
