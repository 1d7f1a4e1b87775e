"""Tells what gain runs on, as one line of JSON from rank 0."""

import ctypes
import json

import gain
import numpy


def mpi():
    """What the loaded MPI library says of itself; None if there is none."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        paths = {line.split(maxsplit=5)[5].strip() for line in maps if "/libmpi.so" in line}
    for path in paths:
        text, length = ctypes.create_string_buffer(16384), ctypes.c_int()
        ctypes.CDLL(path).MPI_Get_library_version(text, ctypes.byref(length))
        first = " ".join(text.value.decode(errors="replace").split("\n")[0].replace(":", " ").split())
        return f"{first.split(', package')[0]} ({path})"
    return "none: built without MPI"


facts = gain._gain.info()
rank = facts.pop("rank")
facts.update(numpy=numpy.__version__, mpi=mpi())
if "memory" in facts and isinstance(facts["memory"], int):
    facts["memory per rank"] = f"{facts.pop('memory') / 2**30:.1f} GiB"
if rank == 0:
    print(json.dumps(facts, default=str), flush=True)
