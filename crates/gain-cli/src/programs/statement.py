"""`gain bench statement`: a statement of 6 operations, recorded, planned from the cache and run; prints one line of JSON."""

import json
import statistics
import sys
import time

import gain
import numpy


def seconds(np, n, count, repeats):
    """The median time of the statement on n x n arrays."""
    a, b, c, d, e, f, g, r = (np.full((n, n), 1.0 + k / 8) for k in range(8))
    sync = getattr(np, "sync", lambda: None)
    times = []
    for _ in range(repeats + 1):
        sync()
        start = time.perf_counter()
        for _ in range(count):
            r[:] = ((a + b) * c - d) * e + f - g
            sync()
        times.append((time.perf_counter() - start) / count)
    return statistics.median(times[1:])


repeats = int(sys.argv[1])
print(json.dumps({
    "small": seconds(gain, 8, 1000, repeats),
    "large": seconds(gain, 1000, 20, repeats),
    "numpy_large": seconds(numpy, 1000, 5, repeats),
}), flush=True)
