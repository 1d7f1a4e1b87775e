"""One contender of `gain bench sum`: `(2.5*x + y).sum()` with NumPy or gain; prints one line of JSON."""

import importlib
import json
import sys
import time

module, n, sums = sys.argv[1:]
np = importlib.import_module(module)
x = np.arange(float(n)) * 1e-7
y = 1.0 - x
total = float((2.5 * x + y).sum())
start = time.perf_counter()
for _ in range(int(sums)):
    total = float((2.5 * x + y).sum())
seconds = (time.perf_counter() - start) / int(sums)
print(json.dumps({"seconds": seconds, "sum": total}), flush=True)
