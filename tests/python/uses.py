"""How each function of NumPy's main namespace and each method of its arrays is used: a line `name: expression; expression`, on spread operands.

`x`, `y`: float64 (150, 140); `f`: float32, `n`: int64 from 1 to 9, `b`: bool, `z`: complex128, `e`: with NaN, all (150, 140); `v`, `w`: float64
(20000,); `k`: int64 (20000,) from 0 to 99; `s`: `v` sorted; `u`: uint8 (20000,); `t`: (4, 75, 70); `o`: float64 (150, 140), to be written. What begins
with `=` is a statement in front of the expression.
"""

import re

import numpy

FUNCTIONS = r"""
all: np.all(b); np.all(b, axis=0); np.all(x, axis=(0, 1), keepdims=True); np.all(b, where=n > 3)
allclose: np.allclose(x, y); np.allclose(x, x, 1e-3, 1e-3); np.allclose(e, e, equal_nan=True); np.allclose(n, n)
amax: np.amax(x); np.amax(x, 0); np.amax(n, axis=1, keepdims=True); np.amax(x, initial=5.0, where=b)
amin: np.amin(x); np.amin(x, 0); np.amin(n, axis=1, keepdims=True); np.amin(x, initial=5.0, where=b)
angle: np.angle(z); np.angle(z, deg=True)
any: np.any(b); np.any(b, axis=0); np.any(x, axis=(0, 1), keepdims=True); np.any(b, where=n > 3)
append: np.append(v, w); np.append(x, y, axis=0); np.append(v, 3.0); np.append(x, k)
apply_along_axis: np.apply_along_axis(np.sum, 0, x); np.apply_along_axis(np.sort, 1, x); np.apply_along_axis(lambda r: r[:2], 1, x); np.apply_along_axis(lambda r: r.sum() if r[0] > 0 else int(r[0]), 1, x)
apply_over_axes: np.apply_over_axes(np.sum, t, [0, 2])
arange: np.arange(20000); np.arange(1.0, 2000.0, 0.1); np.arange(10, 20010, dtype=np.float32); np.arange(20000, 0, -1)
argmax: np.argmax(x); np.argmax(x, axis=0); np.argmax(x, axis=1, keepdims=True); np.argmax(z)
argmin: np.argmin(x); np.argmin(x, axis=0); np.argmin(x, axis=1, keepdims=True); np.argmin(z)
argpartition: np.sort(np.argpartition(v, 50)[:51]); np.take_along_axis(x, np.argpartition(x, 5, axis=0), 0)[5]; x.ravel()[np.argpartition(x, [3, 9], axis=None)[3]]
argsort: np.argsort(x, kind="stable"); np.argsort(v, stable=True); np.argsort(n, axis=None, kind="stable"); np.argsort(x, axis=0, kind="stable")
argwhere: np.argwhere(n > 8); np.argwhere(v > 0); np.argwhere(t > 2)
around: np.around(x, 1); np.around(z, 1); np.around(n, -1); np.around(x, 1, out=o)
array: np.array(x); np.array(x, dtype=np.float32); np.array(x, order="F"); np.array(v, ndmin=2); np.array([v, w]); np.array(x, copy=False)
array2string: np.array2string(x); np.array2string(v, precision=2, threshold=10)
array_equal: np.array_equal(x, y); np.array_equal(x, x); np.array_equal(e, e, equal_nan=True); np.array_equal(n, x)
array_equiv: np.array_equiv(x, x[:1]); np.array_equiv(x, x)
array_repr: np.array_repr(x); np.array_repr(v, precision=2)
array_split: np.array_split(x, 7); np.array_split(x, [3, 9], axis=1)
array_str: np.array_str(x); np.array_str(v)
asanyarray: np.asanyarray(x); np.asanyarray(x, dtype=np.float32); np.asanyarray(x, order="F")
asarray: np.asarray(x); np.asarray(x, dtype=np.int8); np.asarray(x, order="F"); np.asarray(x, copy=True)
asarray_chkfinite: np.asarray_chkfinite(x); np.asarray_chkfinite(x, dtype=np.float32); np.asarray_chkfinite(n)
ascontiguousarray: np.ascontiguousarray(x.T); np.ascontiguousarray(x, dtype=np.float32)
asfortranarray: np.asfortranarray(x); np.asfortranarray(x, dtype=np.float32)
asmatrix: np.asmatrix(x)
astype: np.astype(x, np.float32); np.astype(x, int, copy=False)
atleast_1d: np.atleast_1d(x); np.atleast_1d(v, x)
atleast_2d: np.atleast_2d(v); np.atleast_2d(v, x)
atleast_3d: np.atleast_3d(v); np.atleast_3d(x)
average: np.average(x); np.average(x, axis=0); np.average(x, weights=n); np.average(x, axis=1, weights=n, returned=True); np.average(x, axis=0, keepdims=True)
bartlett: np.bartlett(20000)
bincount: np.bincount(k); np.bincount(k, minlength=300); np.bincount(k, weights=v)
blackman: np.blackman(20000)
block: np.block([[x, y], [y, x]]); np.block([v, w]); np.block(x)
bmat: np.bmat([[x, y]])
broadcast_arrays: np.broadcast_arrays(x, x[:1])
broadcast_to: np.broadcast_to(v, (3, 20000)); np.broadcast_to(x, (2, 150, 140))
busday_count: np.busday_count("2024-01-01", "2024-02-01")
busday_offset: np.busday_offset("2024-01-01", 3)
c_: np.c_[v, w]; np.c_[x, y]; np.c_[v, np.ones(20000), 1:20001]
can_cast: np.can_cast(x.dtype, int)
choose: np.choose(n % 3, [x, y, 0.0]); np.choose(n, [x, y], mode="wrap"); np.choose(n, [x, y], mode="clip"); np.choose(n % 2, (x, y), out=o)
clip: np.clip(x, -1, 1); np.clip(x, y, None); np.clip(n, 2, 5); np.clip(x, 0, 1, out=o); np.clip(x, min=0, max=1); np.clip(x, 0, 1, where=b, out=o); np.clip(n, 0.5, 2.5); np.clip(x, 0, 1, dtype=np.float32, casting="unsafe")
column_stack: np.column_stack((v, w)); np.column_stack((x, y)); np.column_stack([v, k])
compress: np.compress(v > 0, w); np.compress(np.arange(150) % 2 == 0, x, axis=0); np.compress([True, False, True], x, axis=1); np.compress(b.ravel(), x)
concat: np.concat([x, y]); np.concat([x, n], axis=1); np.concat((x, y), axis=None)
concatenate: np.concatenate([x, y]); np.concatenate([x, n], axis=1); np.concatenate((x, y), axis=None); np.concatenate([x[:75], y[75:]], out=o); np.concatenate([x, y], dtype=np.float32, casting="unsafe"); np.concatenate([v, [1, 2]])
convolve: np.convolve(v, [1.0, 2.0, 3.0]); np.convolve(v, np.ones(7), "same"); np.convolve(v, w[:40], "valid"); np.convolve(v, w[:600], "same"); np.convolve(k, [1, 2])
copy: np.copy(x); np.copy(x, order="F"); np.copy(x.T)
copyto: = np.copyto(o, x); o; = np.copyto(o, y, where=b); o; = np.copyto(o, 5); o; = np.copyto(o, n, casting="unsafe"); o; = np.copyto(o, x[0]); o
corrcoef: np.corrcoef(x[:9]); np.corrcoef(v, w); np.corrcoef(x, rowvar=False)
correlate: np.correlate(v, [1.0, 2.0, 3.0]); np.correlate(v, w[:50], "full"); np.correlate(v, w[:600], "same")
count_nonzero: np.count_nonzero(n - 1); np.count_nonzero(b, axis=0); np.count_nonzero(b, axis=1, keepdims=True); np.count_nonzero(z)
cov: np.cov(x[:9]); np.cov(v, w); np.cov(x, rowvar=False); np.cov(v, ddof=0, aweights=np.abs(w)); np.cov(x[:9], bias=True)
cross: np.cross(x[:, :3], y[:, :3]); np.cross(t[:3], t[1:], axis=0)
cumprod: np.cumprod(v); np.cumprod(x, axis=0); np.cumprod(n, axis=1); np.cumprod(x, 1, out=o); np.cumprod(n, axis=0, dtype=float)
cumsum: np.cumsum(v); np.cumsum(x, axis=0); np.cumsum(n, axis=1); np.cumsum(x, 1, out=o); np.cumsum(f, axis=0, dtype=float); np.cumsum(b); np.cumsum(n, axis=0, dtype=float)
cumulative_prod: np.cumulative_prod(v); np.cumulative_prod(x, axis=0, include_initial=True)
cumulative_sum: np.cumulative_sum(v); np.cumulative_sum(x, axis=0, include_initial=True); np.cumulative_sum(n, axis=1, dtype=float)
datetime_as_string: np.datetime_as_string(np.datetime64("2024-01-01"))
datetime_data: np.datetime_data("M8[D]")
delete: np.delete(v, 5); np.delete(x, slice(2, 9), axis=0); np.delete(x, [1, 7], axis=1); np.delete(v, np.arange(9))
diag: np.diag(x); np.diag(x, 3); np.diag(x[0]); np.diag(v[:200], -2)
diag_indices: np.diag_indices(300); np.diag_indices(20000, 3)
diag_indices_from: np.diag_indices_from(x[:140])
diagflat: np.diagflat(x[0]); np.diagflat(v[:200], 2); np.diagflat(x[:10, :10])
diagonal: np.diagonal(x); np.diagonal(t, 1, 1, 2)
diff: np.diff(v); np.diff(x, axis=0); np.diff(x, 2); np.diff(v, prepend=0.0); np.diff(x, append=y[:, :1]); np.diff(b)
digitize: np.digitize(v, [-1.0, 0.0, 1.0]); np.digitize(x, [-1.0, 0.0, 1.0], right=True); np.digitize(v, s[::2000]); np.digitize(v, [2.0, 0.0])
dot: np.dot(x, y.T); np.dot(v, w); np.dot(x, x[0]); np.dot(n, n.T); np.dot(t, x[:70]); np.dot(2.0, x); np.dot(x, y.T[:, :140], out=o)
dsplit: np.dsplit(t, 7)
dstack: np.dstack((x, y)); np.dstack((v, w))
ediff1d: np.ediff1d(v); np.ediff1d(v, to_end=[1.0], to_begin=[2.0])
einsum: np.einsum("ij,kj->ik", x, y); np.einsum("ij->j", x); np.einsum("ii->i", x[:140]); np.einsum("ij,ij", x, y); np.einsum("...j->...", t); np.einsum(x, [0, 1], [1, 0]); np.einsum("ij,jk,kl->il", x, x.T, y, optimize=True)
einsum_path: np.einsum_path("ij,jk->ik", x, y.T)[0]
empty: np.empty((150, 140)).shape; np.empty(20000, int, "F").size
empty_like: np.empty_like(x).shape; np.empty_like(x, dtype=int, shape=(200, 100)).dtype
expand_dims: np.expand_dims(x, 0); np.expand_dims(x, (0, 3))
extract: np.extract(v > 0, w); np.extract(b, x); np.extract(n > 5, x)
eye: np.eye(150); np.eye(150, 140, 2); np.eye(150, dtype=int, order="F")
fill_diagonal: = np.fill_diagonal(o, 5.0); o; = np.fill_diagonal(o, v[:140]); o; = np.fill_diagonal(o.T, 3); o; = np.fill_diagonal(o, 4.0, wrap=True); o
fix: np.fix(x)
flatnonzero: np.flatnonzero(n > 8); np.flatnonzero(v > 0)
flip: np.flip(x); np.flip(x, 0); np.flip(t, (0, 2))
fliplr: np.fliplr(x)
flipud: np.flipud(x)
from_dlpack: np.from_dlpack(x); np.from_dlpack(x, copy=True)
frombuffer: np.frombuffer(b"12345678" * 5000); np.frombuffer(b"12345678" * 5000, dtype=np.int8, offset=8)
fromfile: np.fromfile(path_of_bytes); np.fromfile(path_of_bytes, np.int8, offset=8, count=20000)
fromfunction: np.fromfunction(lambda i, j: i + 2 * j, (150, 140)); np.fromfunction(lambda i: i, (20000,), dtype=int)
fromiter: np.fromiter(range(20000), int); np.fromiter((i / 2 for i in range(30000)), float, count=20000)
frompyfunc: np.frompyfunc(lambda a, c: a + c, 2, 1)(n, n)[0, 0]
fromregex: np.fromregex(path_of_text, r"(\d+)", [("a", int)])["a"]
fromstring: np.fromstring("1 2 3", sep=" ")
full: np.full((150, 140), 3.0); np.full((150, 140), x[0]); np.full(20000, 7, dtype=np.int8)
full_like: np.full_like(x, 2); np.full_like(x, x[0]); np.full_like(n, 3, dtype=float)
genfromtxt: np.genfromtxt(path_of_text)
geomspace: np.geomspace(1, 1000, 20000); np.geomspace(1j, 10, 20000)
gradient: np.gradient(v); np.gradient(x); np.gradient(x, 2.0, axis=0); np.gradient(v, s); np.gradient(x, edge_order=2)
hamming: np.hamming(20000)
hanning: np.hanning(20000)
histogram: np.histogram(v); np.histogram(x, 50, (-1, 1)); np.histogram(v, bins=[-1, 0, 1]); np.histogram(v, weights=np.abs(w)); np.histogram(v, density=True); np.histogram(v, bins="sqrt"); np.histogram(k, bins=30); np.histogram(v, bins=7, weights=k)
histogram2d: np.histogram2d(v, w); np.histogram2d(v, w, bins=[5, 8], range=[[-1, 1], [-1, 1]]); np.histogram2d(v, w, weights=np.abs(v), density=True)
histogram_bin_edges: np.histogram_bin_edges(v); np.histogram_bin_edges(v, "sturges"); np.histogram_bin_edges(v, "fd"); np.histogram_bin_edges(v, [1, 2])
histogramdd: np.histogramdd((v, w)); np.histogramdd(x[:, :3], bins=4); np.histogramdd(np.stack((v, w, v), 1), bins=(2, 3, 4), weights=np.abs(w), density=True)
hsplit: np.hsplit(x, 7); np.hsplit(v, 4)
hstack: np.hstack((x, y)); np.hstack([v, w]); np.hstack((x, n), dtype=np.float32, casting="unsafe")
i0: np.i0(x)
identity: np.identity(150); np.identity(150, dtype=int)
imag: np.imag(z); np.imag(x)
indices: np.indices((150, 140)); np.indices((150, 140), sparse=True); np.indices((2, 10000), dtype=float)
inner: np.inner(v, w); np.inner(x, y); np.inner(x, x[0]); np.inner(t, x[:, :70])
insert: np.insert(v, 5, 9.0); np.insert(x, 1, 5, axis=0); np.insert(x, [1, 7], y[:, :2], axis=1); np.insert(v, [3, 8], [1.0, 2.0])
interp: np.interp(v, [-2.0, 0.0, 2.0], [1.0, 5.0, 3.0]); np.interp(x, s[::2000], v[:10]); np.interp(v, [0.0, 1.0], [2.0, 3.0], left=-1, right=9); np.interp(v, [0.0, 1.0], [2j, 3.0]); np.interp(v, [0.5, 0.1], [1.0, 2.0], period=1)
intersect1d: np.intersect1d(v, w); np.intersect1d(k, n); np.intersect1d(k, n, return_indices=True)
isclose: np.isclose(x, y); np.isclose(x, 0.5); np.isclose(e, e, equal_nan=True); np.isclose(n, n + 1); np.isclose(z, z); np.isclose(x, y, rtol=np.abs(y), atol=0)
is_busday: np.is_busday("2024-01-01")
iscomplex: np.iscomplex(z)
iscomplexobj: np.iscomplexobj(z)
isfortran: np.isfortran(x); np.isfortran(np.asfortranarray(x))
isin: np.isin(k, [1, 2, 3]); np.isin(n, k[:50]); np.isin(v, w); np.isin(k, [5], invert=True); np.isin(v, s, assume_unique=True)
isneginf: np.isneginf(x); np.isneginf(x, out=b)
isposinf: np.isposinf(x)
isreal: np.isreal(z)
isrealobj: np.isrealobj(z)
iterable: np.iterable(x)
ix_: np.ix_(k, [1, 2]); np.ix_(v > 0, b[0])
kaiser: np.kaiser(20000, 14.0)
kron: np.kron(x, [[1, 2], [3, 4]]); np.kron(v, [1.0, 2.0]); np.kron([1, 2], x); np.kron(x[:20, :20], y[:10, :10])
lexsort: np.lexsort((v, k)); np.lexsort((x, n)); np.lexsort((x, n), axis=0); np.lexsort([k])
linspace: np.linspace(0, 1, 20000); np.linspace(0, 5, 20000, endpoint=False, dtype=np.float32); np.linspace(0, x[0], 150); np.linspace(0, 1, 20000, retstep=True); np.linspace(0j, 1, 20000)
load: np.load(path_of_array); np.load(path_of_arrays)["x"]; np.load(path_of_array, mmap_mode="r")
loadtxt: np.loadtxt(path_of_text)
logspace: np.logspace(0, 3, 20000); np.logspace(0, 3, 20000, base=2.0, endpoint=False); np.logspace(0, [1, 2], 20000); np.logspace(0, 1, 20000, dtype=np.float32)
mask_indices: np.mask_indices(150, np.triu)
matrix_transpose: np.matrix_transpose(x); np.matrix_transpose(t)
max: np.max(x); np.max(x, 0); np.max(n, axis=1, keepdims=True); np.max(x, initial=5.0, where=b); np.max(z); np.max(x, axis=1, out=o[:, 0])
may_share_memory: np.may_share_memory(x, x[1:]); np.may_share_memory(x, y)
mean: np.mean(x); np.mean(x, axis=0); np.mean(n, axis=1, keepdims=True); np.mean(f, dtype=float); np.mean(x, where=b); np.mean(n, where=b); np.mean(z, axis=1); np.mean(x, axis=1, out=o[:, 0])
median: np.median(v); np.median(x, axis=0); np.median(x, axis=(0, 1), keepdims=True); np.median(n); np.median(e, axis=1); np.median(x, axis=1, overwrite_input=False, out=o[:, 0])
meshgrid: np.meshgrid(x[0], x[:, 0]); np.meshgrid(v[:200], w[:150], indexing="ij"); np.meshgrid(x[0], x[:, 0], sparse=True); np.meshgrid(v[:200], w[:150], copy=False)
min: np.min(x); np.min(x, 0); np.min(n, axis=1, keepdims=True); np.min(x, initial=5.0, where=b); np.min(z); np.min(x, axis=1, out=o[:, 0])
moveaxis: np.moveaxis(t, 0, -1); np.moveaxis(t, [0, 1], [1, 0])
nan_to_num: np.nan_to_num(e); np.nan_to_num(e, nan=5.0, posinf=1.0); = np.nan_to_num(e, copy=False); e; np.nan_to_num(n); np.nan_to_num(z)
nanargmax: np.nanargmax(e); np.nanargmax(e, axis=0); np.nanargmax(x, axis=1, keepdims=True)
nanargmin: np.nanargmin(e); np.nanargmin(e, axis=0)
nancumprod: np.nancumprod(e); np.nancumprod(e, axis=1); np.nancumprod(n, axis=0)
nancumsum: np.nancumsum(e); np.nancumsum(e, axis=1); np.nancumsum(e, axis=0, out=o)
nanmax: np.nanmax(e); np.nanmax(e, axis=0); np.nanmax(e, axis=1, keepdims=True)
nanmean: np.nanmean(e); np.nanmean(e, axis=0); np.nanmean(n); np.nanmean(e, where=b)
nanmedian: np.nanmedian(e); np.nanmedian(e, axis=0); np.nanmedian(e, axis=1, keepdims=True); np.nanmedian(x)
nanmin: np.nanmin(e); np.nanmin(e, axis=0); np.nanmin(e, axis=1, keepdims=True)
nanpercentile: np.nanpercentile(e, 30); np.nanpercentile(e, [20, 70], axis=0); np.nanpercentile(e, 50, axis=1, method="lower")
nanprod: np.nanprod(e / 100); np.nanprod(e, axis=0)
nanquantile: np.nanquantile(e, 0.3); np.nanquantile(e, [0.2, 0.7], axis=0); np.nanquantile(e, 0.5, axis=1, keepdims=True)
nanstd: np.nanstd(e); np.nanstd(e, axis=0); np.nanstd(e, axis=1, ddof=1)
nansum: np.nansum(e); np.nansum(e, axis=0); np.nansum(n)
nanvar: np.nanvar(e); np.nanvar(e, axis=0); np.nanvar(z)
ndim: np.ndim(x)
nested_iters: [i.shape for i in np.nested_iters(np.zeros((2, 3)), [[0], [1]])]
nonzero: np.nonzero(n > 8); np.nonzero(v > 0); np.nonzero(t > 2)
ones: np.ones((150, 140)); np.ones(20000, dtype=int)
ones_like: np.ones_like(x); np.ones_like(x, dtype=int, shape=(200, 120))
outer: np.outer(v[:200], w[:150]); np.outer(x[0], x[:, 0]); np.outer(k[:200], v[:100])
packbits: np.packbits(u > 3); np.packbits(b, axis=0); np.packbits(b, axis=1, bitorder="little"); np.packbits(b)
pad: np.pad(v, 3); np.pad(x, ((1, 2), (3, 4)), "edge"); np.pad(x, 5, "reflect"); np.pad(x, 4, "linear_ramp", end_values=2); np.pad(x, 3, "mean"); np.pad(x, 3, "wrap"); np.pad(x, 2, "symmetric"); np.pad(x, 2, "maximum", stat_length=4); np.pad(x, 2, "median")
partition: np.sort(np.partition(v, 50)[:51]); np.partition(x, 5, axis=0)[5]; np.partition(x, [3, 9], axis=None)[3]
percentile: np.percentile(v, 30); np.percentile(x, [20, 70], axis=0); np.percentile(x, 50, axis=1, keepdims=True); np.percentile(n, 40, method="nearest"); np.percentile(v, 25, method="hazen"); np.percentile(v, 30, weights=np.abs(w), method="inverted_cdf")
permute_dims: np.permute_dims(t, (2, 0, 1))
piecewise: np.piecewise(x, [x < 0, x >= 0], [lambda q: -q, lambda q: q * 2]); np.piecewise(v, [v > 0], [1, 2])
place: = np.place(o, b, [1.0, 2.0, 3.0]); o; = np.place(o, x > 0, v); o
poly: np.poly(v[:9]); np.poly(x[:4, :4])
polyadd: np.polyadd(v, [1.0, 2.0]); np.polyadd(v, w)
polyder: np.polyder(v); np.polyder(v[:300], 2)
polydiv: np.polydiv(v[:30], [1.0, 2.0])
polyfit: np.polyfit(v, w, 2); np.polyfit(v, w, 1, full=True)[0]; np.polyfit(v, np.stack((v, w), 1), 1); np.polyfit(v, w, 1, w=np.abs(w) + 1)
polyint: np.polyint(v); np.polyint(v[:300], 2)
polymul: np.polymul(v, [1.0, 2.0])
polysub: np.polysub(v, [1.0, 2.0])
polyval: np.polyval([1.0, 2.0, 3.0], x); np.polyval(v[:5], w)
prod: np.prod(x / 9); np.prod(x, axis=0); np.prod(n, axis=1, keepdims=True, dtype=float); np.prod(x, initial=2.0, where=b)
ptp: np.ptp(x); np.ptp(x, axis=0); np.ptp(n, axis=1, keepdims=True)
put: = np.put(o, k, w); o; = np.put(o, [1, 5], [7.0, 8.0]); o; = np.put(o, [30000], 4.0, mode="wrap"); o; = np.put(o, k, 3.0, mode="clip"); o
put_along_axis: = np.put_along_axis(o, np.argmax(x, axis=1, keepdims=True), 99.0, axis=1); o; = np.put_along_axis(o, k, v, axis=None); o; = np.put_along_axis(o, np.argsort(x, axis=0, kind="stable"), y, axis=0); o
putmask: = np.putmask(o, b, x); o; = np.putmask(o, x > 0, [1.0, 2.0]); o
quantile: np.quantile(v, 0.3); np.quantile(x, [0.2, 0.7], axis=0); np.quantile(x, 0.5, axis=1, keepdims=True); np.quantile(v, 0.25, method="median_unbiased"); np.quantile(x, 0.4, axis=0, weights=np.abs(y), method="inverted_cdf")
r_: np.r_[v, w]; np.r_[v, 0.0, 1:100]; np.r_["0,2", v, w]; np.r_[x, y]; np.r_["-1", x, y]; np.r_[0:1:20000j]
ravel_multi_index: np.ravel_multi_index((k, k), (100, 100)); np.ravel_multi_index((n, n), (20, 10), order="F"); np.ravel_multi_index((k, k), (50, 40), mode="wrap"); np.ravel_multi_index((k, k), (50, 40), mode=("clip", "wrap"))
ravel: np.ravel(x); np.ravel(x.T); np.ravel(x, order="F"); np.ravel(x, "K")
real: np.real(z); np.real(x)
real_if_close: np.real_if_close(z); np.real_if_close(x + 0j)
repeat: np.repeat(v, 2); np.repeat(x, 2, axis=0); np.repeat(x, np.arange(140), axis=1); np.repeat(v, k); np.repeat(x, 3)
require: np.require(x, float, "C"); np.require(x, np.float32, ["F", "W"])
reshape: np.reshape(x, (140, 150)); np.reshape(x, -1); np.reshape(x.T, (100, 210)); np.reshape(x, (100, 210), order="F"); np.reshape(x, (75, 2, 140), order="A")
resize: np.resize(v, (200, 150)); np.resize(x, 100)
result_type: np.result_type(x, n)
roll: np.roll(v, 5); np.roll(x, (1, 2), axis=(0, 1)); np.roll(x, 3); np.roll(x, -1, axis=1)
rollaxis: np.rollaxis(t, 2)
roots: np.roots([1.0, -3.0, 2.0])
rot90: np.rot90(x); np.rot90(t, 3, (1, 2))
round: np.round(x, 1); np.round(z, 1); np.round(n, -1); np.round(x); np.round(f, 2); np.round(x, 1, out=o)
row_stack: np.row_stack((v, w))
save: = np.save(path, x); np.load(path); = np.save(path, np.asfortranarray(x)); np.load(path); = np.save(path, z); np.load(path)
savetxt: = np.savetxt(path, x); np.loadtxt(path); = np.savetxt(path, v, fmt="%.3f", delimiter=","); np.loadtxt(path, delimiter=","); = np.savetxt(path, n, fmt="%d", header="h", footer="f"); np.loadtxt(path)
savez: = np.savez(path, x=x, v=v); np.load(path)["v"]
savez_compressed: = np.savez_compressed(path, x=x, v=v); np.load(path)["v"]
searchsorted: np.searchsorted(s, v); np.searchsorted(s[:1000], x, side="right"); np.searchsorted([0.0, 1.0], v); np.searchsorted(s, 0.5); np.searchsorted(v, w, sorter=np.argsort(v))
select: np.select([x < 0, x < 1], [y, x], 5.0); np.select([b, ~b], [n, 2]); np.select([v > 0], [w])
setdiff1d: np.setdiff1d(v, w); np.setdiff1d(k, [3, 4])
setxor1d: np.setxor1d(v, w); np.setxor1d(k, n)
shape: np.shape(x)
shares_memory: np.shares_memory(x, x[1:])
sinc: np.sinc(x)
size: np.size(x); np.size(x, 0)
sort: np.sort(v); np.sort(x, axis=0); np.sort(n, axis=None); np.sort(x, kind="stable"); np.sort(z)
sort_complex: np.sort_complex(z); np.sort_complex(v)
split: np.split(x, 3); np.split(x, [3, 9], axis=1)
squeeze: np.squeeze(x[:, None]); np.squeeze(x[None], axis=0)
stack: np.stack((x, y)); np.stack([v, w], axis=1); np.stack((x, n), axis=-1, dtype=np.float32, casting="unsafe"); np.stack([x[:75], x[75:]], out=np.zeros((2, 75, 140)))
std: np.std(x); np.std(x, axis=0); np.std(n, axis=1, ddof=1, keepdims=True); np.std(z); np.std(x, where=b); np.std(x, axis=0, mean=np.mean(x, axis=0, keepdims=True)); np.std(f, dtype=float); np.std(x, axis=1, out=o[:, 0])
sum: np.sum(x); np.sum(x, axis=0); np.sum(n, axis=1, keepdims=True); np.sum(f, dtype=float); np.sum(x, where=b); np.sum(x, axis=0, initial=5.0); np.sum(b); np.sum(z, axis=1); np.sum(x, axis=1, out=o[:, 0]); np.sum(t, axis=(0, 2))
swapaxes: np.swapaxes(t, 0, 2)
take: np.take(v, k); np.take(x, [3, 1], axis=0); np.take(x, k); np.take(v, [30000], mode="wrap"); np.take(v, k, mode="clip"); np.take(x, np.arange(150)[::-1], axis=0, out=o)
take_along_axis: np.take_along_axis(x, np.argsort(x, axis=1), axis=1); np.take_along_axis(v, k, axis=None); np.take_along_axis(x, np.argmax(x, axis=0, keepdims=True), axis=0)
tensordot: np.tensordot(x, y.T, 1); np.tensordot(x, y, 2); np.tensordot(t, t, ([0, 2], [0, 2])); np.tensordot(v[:200], w[:100], 0)
tile: np.tile(v, 2); np.tile(x, (2, 3)); np.tile(v, (2, 1))
trace: np.trace(x); np.trace(t, 1, 1, 2); np.trace(n, dtype=float)
transpose: np.transpose(x); np.transpose(t, (1, 0, 2))
trapezoid: np.trapezoid(v); np.trapezoid(x, axis=0); np.trapezoid(v, s); np.trapezoid(x, dx=0.1)
tri: np.tri(150); np.tri(150, 140, 2, dtype=int)
tril: np.tril(x); np.tril(x, 3); np.tril(t)
tril_indices: np.tril_indices(150); np.tril_indices(150, 2, 140)
tril_indices_from: np.tril_indices_from(x)
trim_zeros: np.trim_zeros(v); np.trim_zeros(np.concatenate([np.zeros(5), v, np.zeros(9)])); np.trim_zeros(x)
triu: np.triu(x); np.triu(x, 3); np.triu(t)
triu_indices: np.triu_indices(150); np.triu_indices(150, 2, 140)
triu_indices_from: np.triu_indices_from(x)
union1d: np.union1d(v, w); np.union1d(k, n)
unique: np.unique(k); np.unique(n, return_counts=True); np.unique(v, return_index=True, return_inverse=True); np.unique(e); np.unique(n[:, :2], axis=0)
unique_all: np.unique_all(k)
unique_counts: np.unique_counts(k)
unique_inverse: np.unique_inverse(k)
unique_values: np.sort(np.unique_values(k))
unpackbits: np.unpackbits(u); np.unpackbits(u.reshape(200, 100), axis=1); np.unpackbits(u.reshape(200, 100), axis=0, count=90, bitorder="little")
unravel_index: np.unravel_index(k, (10, 10)); np.unravel_index(k, (10, 10), order="F"); np.unravel_index(n, (3, 4))
unstack: np.unstack(t); np.unstack(t[:, :, :3], axis=2)
unwrap: np.unwrap(v); np.unwrap(x, axis=0); np.unwrap(v, period=4)
vander: np.vander(v[:3000], 8); np.vander(v, 3, increasing=True)
var: np.var(x); np.var(x, axis=0); np.var(n, axis=1, ddof=1, keepdims=True); np.var(z); np.var(x, where=b); np.var(x, axis=0, mean=np.mean(x, axis=0, keepdims=True)); np.var(f, dtype=float); np.var(x, axis=1, out=o[:, 0]); np.var(x, correction=1)
vdot: np.vdot(v, w); np.vdot(z, z); np.vdot(x, y)
vsplit: np.vsplit(x, 3)
vstack: np.vstack((x, y)); np.vstack([v, w]); np.vstack((x, n), dtype=np.float32, casting="unsafe")
where: np.where(b, x, y); np.where(v > 0, 1, 0); np.where(n > 8); np.where(x > 0, x, 0.0)
zeros: np.zeros((150, 140)); np.zeros(20000, dtype=int)
zeros_like: np.zeros_like(x); np.zeros_like(x, dtype=int, shape=(200, 120))
"""

METHODS = r"""
T: x.T; t.T
all: b.all(); b.all(axis=0); b.all(axis=1, keepdims=True); b.all(where=n > 3)
any: b.any(); b.any(axis=0); b.any(axis=1, keepdims=True)
argmax: x.argmax(); x.argmax(axis=0); x.argmax(axis=1, keepdims=True)
argmin: x.argmin(); x.argmin(axis=0)
argpartition: np.take_along_axis(x, x.argpartition(5, axis=0), 0)[5]; np.sort(v.argpartition(50)[:51])
argsort: x.argsort(kind="stable"); v.argsort(stable=True); x.argsort(axis=0, kind="stable"); n.argsort(axis=None, kind="stable")
astype: x.astype(np.float32); x.astype(int, order="F"); x.astype(float, copy=False); n.astype(float, casting="safe"); x.astype(complex, casting="same_kind"); x.astype(np.float32, casting="same_kind", subok=False)
base: x[1:].base.shape
byteswap: x.byteswap().view(np.int64); = n.byteswap(inplace=True); n; z.byteswap().view(np.int64)
choose: (n % 2).choose([x, y]); n.choose([x, y], mode="wrap")
clip: x.clip(-1, 1); x.clip(min=0); x.clip(0, 1, out=o); n.clip(2, 5)
compress: v.compress(w > 0); x.compress([True, False, True], axis=1); x.compress(np.arange(150) % 2 == 0, axis=0)
conj: z.conj(); x.conj()
conjugate: z.conjugate(); x.conjugate()
copy: x.copy(); x.copy("F"); x.T.copy("K")
ctypes: type(np.asarray(3.0).ctypes.data) is int
cumprod: v.cumprod(); x.cumprod(axis=0); x.cumprod(1, out=o)
cumsum: v.cumsum(); x.cumsum(axis=0); x.cumsum(1, out=o); n.cumsum(axis=1, dtype=float)
data: x.data.nbytes
device: x.device
diagonal: x.diagonal(); t.diagonal(1, 1, 2)
dot: x.dot(y.T); v.dot(w); x.dot(x[0])
dtype: x.dtype
dump: = x.dump(path); np.load(path, allow_pickle=True)
dumps: len(x.dumps()) > 8 * 150 * 140
fill: = o.fill(4.0); o; = o.fill(n[0, 0]); o
flags: x.flags.c_contiguous
flat: x.flat[7]; x.flat[3:9]; = o.flat = v; o
flatten: x.flatten(); x.flatten("F"); x.T.flatten()
getfield: n.getfield(np.int32); n.getfield(np.int16, 2); z.getfield(float, 8)
imag: z.imag; x.imag
item: x.item(5); x.item(3, 4); v[:1].item()
itemsize: x.itemsize
mT: x.mT
max: x.max(); x.max(axis=0); x.max(axis=1, keepdims=True); x.max(initial=5.0, where=b); x.max(axis=1, out=o[:, 0])
mean: x.mean(); x.mean(axis=0); x.mean(axis=1, keepdims=True); x.mean(where=b); n.mean(axis=0, dtype=np.float32); x.mean(axis=1, out=o[:, 0])
min: x.min(); x.min(axis=0); x.min(axis=1, keepdims=True); x.min(initial=5.0, where=b)
nbytes: x.nbytes
ndim: x.ndim
nonzero: (n > 8).nonzero(); (v > 0).nonzero()
partition: = x.partition(5, axis=0); x[5]; = v.partition([7, 50]); v[50]
prod: x.prod(axis=0); x.prod(axis=1, keepdims=True); x.prod(axis=0, initial=2.0)
put: = o.put(k, w); o; = o.put([1, 5], [7.0, 8.0]); o; = o.put(k, 3.0, mode="clip"); o
ravel: x.ravel(); x.T.ravel(); x.ravel("F"); x.ravel("K")
real: z.real; x.real
repeat: v.repeat(2); x.repeat(2, axis=0); v.repeat(k)
reshape: x.reshape(140, 150); x.reshape(-1); x.T.reshape(100, 210); x.reshape((100, 210), order="F")
resize: = v.resize(30000, refcheck=False); v; = x.resize((50, 40), refcheck=False); x
round: x.round(1); x.round(); n.round(-1); z.round(1)
searchsorted: s.searchsorted(v); s.searchsorted(0.5); s.searchsorted(x, side="right"); v.searchsorted(w, sorter=np.argsort(v))
setfield: = n.setfield(7, np.int32); n; = z.setfield(x, float, 8); z
setflags: = x.setflags(write=False); x.flags.writeable
shape: x.shape; = x.shape = (140, 150); x
size: x.size
sort: = v.sort(); v; = x.sort(axis=0); x; = x.sort(kind="stable"); x
squeeze: x[:, None].squeeze(); x[None].squeeze(0)
std: x.std(); x.std(axis=0); x.std(axis=1, ddof=1, keepdims=True); z.std(); x.std(where=b)
strides: x.strides
sum: x.sum(); x.sum(axis=0); x.sum(axis=1, keepdims=True); x.sum(where=b); x.sum(axis=0, initial=5.0); f.sum(dtype=float); x.sum(axis=1, out=o[:, 0])
swapaxes: t.swapaxes(0, 2)
take: v.take(k); x.take([3, 1], axis=0); x.take(k); v.take([30000], mode="wrap")
to_device: x.to_device("cpu")
tobytes: x.tobytes()
tofile: = x.tofile(path); np.fromfile(path); = x.T.tofile(path); np.fromfile(path); = k.tofile(path, sep=" "); np.fromfile(path, sep=" ")
tolist: x.tolist()
trace: x.trace(); t.trace(1, 1, 2)
transpose: x.transpose(); t.transpose(1, 0, 2)
var: x.var(); x.var(axis=0); x.var(axis=1, ddof=1, keepdims=True); z.var(); x.var(where=b)
view: x.view(); x.view(np.int64); z.view(float); f.view(np.int32); x.view(np.float32)
"""


def _table(text, prefix=""):
    found = {}
    for line in text.strip().splitlines():
        name, _, uses = line.partition(": ")
        parts = re.split(r"; (?![^\[]*\])", uses)
        found[prefix + name] = []
        for part in parts:
            if found[prefix + name] and found[prefix + name][-1].startswith("=") and ";" not in found[prefix + name][-1]:
                found[prefix + name][-1] += "; " + part
            else:
                found[prefix + name].append(part)
    return found


def _of_ufuncs():
    """Uses of the ufuncs that take numbers."""
    found = {}
    for name in sorted(set(numpy.__all__)):
        ufunc = getattr(numpy, name)
        if isinstance(ufunc, numpy.ufunc) and name not in ("matmul", "matvec", "vecmat", "vecdot", "isnat"):
            operands = _operands_of(ufunc)
            found[name] = [f"np.{name}({', '.join(operands)})"]
            if ufunc.nout == 1:
                found[name].append(f"np.{name}({', '.join(operand + '[:, 0]' for operand in operands)})")
    found |= _table("matmul: np.matmul(x, y.T); np.matmul(x, x[0]); np.matmul(t, t.mT)\nmatvec: np.matvec(x, x[0]); np.matvec(t, t[:, 0])\n"
                    "vecmat: np.vecmat(x[:, 0], x); np.vecmat(t[:, :, 0], t)\nvecdot: np.vecdot(x, y); np.vecdot(z, z, axis=0)\nisnat: np.isnat(np.datetime64('NaT'))")
    return found


def _operands_of(ufunc):
    types = [kind.partition("->")[0] for kind in ufunc.types]
    if "dd" in types or "d" in types:
        return ["x", "y"][: ufunc.nin]
    if "dl" in types or "di" in types:
        return ["x", "n"]
    return ["n", "n"][: ufunc.nin]


USES = _of_ufuncs() | _table(FUNCTIONS) | _table(METHODS, "ndarray.")
