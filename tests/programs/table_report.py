"""A table from text to a report."""

import numpy as np
import io

csv = """date,store,amount,qty
2024-01-03,A,10.5,2
2024-01-03,B,7.25,1
2024-01-04,A,,3
2024-02-01,C,99.0,10
2024-02-14,B,13.5,4
"""
d = np.genfromtxt(
    io.StringIO(csv),
    delimiter=",",
    names=True,
    dtype=[("date", "M8[D]"), ("store", "U4"), ("amount", "f8"), ("qty", "i4")],
    encoding="utf-8",
)
print(d)
ok = ~np.isnan(d["amount"])
print(ok, d["amount"][ok].mean(), np.nansum(d["amount"] * d["qty"]))
for s in np.unique(d["store"]):
    sel = d["store"] == s
    print(s, np.nansum(d["amount"][sel]), d["qty"][sel].sum(), d["date"][sel].min())
mon = d["date"].astype("M8[M]")
um, inv = np.unique(mon, return_inverse=True)
print(um, np.bincount(inv, weights=np.nan_to_num(d["amount"])))
o = np.sort(d, order=["store", "date"])
print(o["store"], o["qty"])
piv = np.zeros((3, 2))
st, si = np.unique(d["store"], return_inverse=True)
np.add.at(piv, (si, inv), np.nan_to_num(d["amount"]))
print(piv)
out = io.StringIO()
np.savetxt(out, piv, fmt="%8.2f", header="m1 m2", delimiter="|")
print(out.getvalue())
z = np.log1p(piv)
print(np.where(z > z.mean(), "high", "low"))
roll = np.convolve(d["qty"], np.ones(2), "valid") / 2
print(roll)
rank = np.empty(5, int)
rank[np.argsort(d["qty"])] = np.arange(5)
print(rank, np.quantile(d["qty"], [0.25, 0.75]), np.corrcoef(d["qty"][ok], d["amount"][ok])[0, 1].round(4))
print(np.array2string(piv, formatter={"float_kind": lambda x: "%.1f" % x}))
rec = np.rec.fromarrays([st, piv.sum(1)], names="store,total")
print(rec[rec.total > 20].store, rec.total.max())
data = {k: piv[:, i] for i, k in enumerate(["a", "b"])}
file = io.BytesIO()
np.savez(file, **data)
file.seek(0)
r = np.load(file)
print({k: r[k].tolist() for k in r})
