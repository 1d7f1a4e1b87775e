"""`gain bench small`: one call on 10 elements with NumPy and with gain in turn; prints one line of JSON."""

import json
import statistics
import sys
import timeit

import gain
import numpy

STATEMENTS = ["a + b", "a[1:]", "a.sum()", "a * 2.5", "a < b"]
CALLS = 20000


def timer(module, statement):
    """A timer of a statement on this module's arrays."""
    a, b = module.arange(10.0), module.ones(10)
    return timeit.Timer(statement, globals={"a": a, "b": b})


calls = {}
for statement in STATEMENTS:
    timers = [timer(module, statement) for module in (numpy, gain)]
    times = [[], []]
    for _ in range(int(sys.argv[1])):
        for kept, one in zip(times, timers):
            kept.append(one.timeit(CALLS) / CALLS)
    calls[statement] = [statistics.median(kept) for kept in times]
print(json.dumps({"calls": calls}), flush=True)
