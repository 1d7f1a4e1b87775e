"""Structured and record arrays."""

import numpy as np

dt = np.dtype([("name", "U10"), ("age", "i4"), ("w", "f8")])
p = np.array([("Al", 25, 55.5), ("Bo", 19, 71.0), ("Cy", 33, 62.2)], dtype=dt)
print(p, p["name"], p["age"].mean(), p[p["age"] > 20], p[0], p[0]["name"], p[["name", "w"]], p.dtype.names, p.dtype, len(p), p.shape)
p["age"] += 1
p[1] = ("Di", 40, 1.5)
print(np.sort(p, order="age"), np.argsort(p, order=["w"]), p.dtype.fields["w"], p.itemsize, p.nbytes)
r = p.view(np.recarray)
print(r.age, r[0].name, type(r).__name__)
q = np.zeros(2, dtype="i4, f8, S3")
q["f0"] = [1, 2]
print(q, q.dtype.names)
import numpy.lib.recfunctions as rfn

print(rfn.append_fields(p, "h", [1, 2, 3], usemask=False).dtype.names, rfn.structured_to_unstructured(p[["age", "w"]]))
x = np.rec.array([(1, 2.0), (3, 4.0)], names="a,b")
print(x.a, x.b.sum(), x)
y = np.rec.fromarrays([[1, 2], ["a", "b"]], names="n,s")
print(y.s, y[1])
e = np.zeros((2, 2), dtype=[("pos", "f4", (3,)), ("id", "u1")])
e["pos"][0, 1] = [1, 2, 3]
print(e["pos"].shape, e[0, 1], e["pos"].sum())
for row in p:
    print(row["name"], int(row["age"]))
