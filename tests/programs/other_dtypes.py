"""Structured, masked, string, date and object arrays."""

import numpy as np

t = np.dtype([("name", "U10"), ("age", "i4"), ("w", "f8")])
d = np.array([("A", 25, 55.5), ("B", 30, 70.1), ("C", 25, 60.0)], dtype=t)
print(d["age"].mean(), d[d["age"] == 25]["name"], np.sort(d, order=["age", "w"])["name"], d[0], d.dtype.names)
r = d.view(np.recarray)
print(r.w.max())
d["w"] *= 2
print(d["w"])
m = np.ma.masked_where(np.arange(5) % 2 == 0, np.arange(5))
print(m, m.sum(), m.filled(-1), np.ma.mean(m))
mat = np.matrix([[1, 2], [3, 4]])
print(mat * mat, mat.I.round(3), mat.T)
s = np.array(["foo", "bar", "foo"])
u, i, c = np.unique(s, return_inverse=True, return_counts=True)
print(u, i, c)
print(
    np.char.add(s, "x"),
    np.char.find(s, "o"),
    np.strings.str_len(s) if hasattr(np, "strings") else 0,
    s == "foo",
    (s == "foo").sum(),
    np.where(s == "foo", 1, 0),
)
dates = np.arange("2024-01", "2024-04", dtype="datetime64[M]")
print(
    dates,
    dates.astype("datetime64[D]")[1] - dates.astype("datetime64[D]")[0],
    np.busday_count("2024-01-01", "2024-01-10"),
    np.timedelta64(3, "h") / np.timedelta64(1, "m"),
)
o = np.empty(3, dtype=object)
o[:] = [[1], [2, 3], None]
print(o, o.shape, np.array([{1: 2}])[0])
print(
    np.array(["a", "b"])[np.array([1, 0])],
    "a" in s,
    np.concatenate([s, ["z"]]),
    s.tolist(),
    np.array([b"x"]),
    np.rec.array([(1, 2.0)], dtype=[("a", int), ("b", float)]).b,
)
