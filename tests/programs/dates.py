"""Dates, durations and working days."""

import numpy as np

d = np.datetime64("2024-02-28")
print(d + 1, d + np.timedelta64(2, "D"), np.datetime64("2024-03-01") - d, np.arange("2024-01", "2024-07", dtype="datetime64[M]"))
a = np.array(["2024-01-01", "2024-06-15", "NaT"], dtype="datetime64[D]")
print(
    a,
    a.dtype,
    np.isnat(a),
    a.astype("datetime64[M]"),
    a.astype("datetime64[Y]").astype(int) + 1970,
    a[:2].max() - a[:2].min(),
    np.diff(a[:2]).astype(int),
)
t = np.array([1, 2, 3], "timedelta64[h]")
print(t.sum(), t * 2, t / np.timedelta64(30, "m"), t.astype("timedelta64[s]"), t > np.timedelta64(1, "h"), t.mean())
print(
    np.busday_offset("2024-05-03", 3),
    np.datetime64("now", "s") > d,
    np.datetime_as_string(a),
    np.datetime64("2024-01-01T12:30").astype(object),
    (a[:2] - a[:2].astype("datetime64[Y]")).astype(int) + 1,
    np.datetime64("1970-01-01", "ns"),
    np.sort(a),
    a == a,
)
days = np.arange("2024-03-01", "2024-03-15", dtype="datetime64[D]")
wk = (days.astype("datetime64[D]").view("int64") - 4) % 7
print(wk, days[wk < 5].size, days[3:5], str(days[0]), repr(days[:2]))
print(np.unique(days.astype("M8[M]")), np.searchsorted(days, np.datetime64("2024-03-05")))
