"""Descriptive statistics of random numbers."""

import numpy as np

np.random.seed(0)
x = np.random.normal(5, 2, 1000)
y = np.random.exponential(1, (50, 4))
print(np.round([x.mean(), x.std(), x.var(ddof=1), np.median(x), x.min(), x.max(), np.ptp(x)], 8))
print(np.round(np.percentile(x, [25, 50, 75]), 8), np.round(np.quantile(y, 0.3, axis=0), 8))
print(np.round(np.cov(y.T), 6))
print(np.round(np.average(x, weights=np.arange(1000)), 8), np.digitize([0.2, 4.5], [0, 1, 2, 5]), np.searchsorted(np.arange(10), [3.5, 7]))
z = (x - x.mean()) / x.std()
print(np.round((z**3).mean(), 8))
print(np.argsort(y[:, 0])[:5], np.sort(x)[:3].round(6))
print(np.cumsum(y[:5, 1]).round(8), np.cumprod([1, 2, 3, 4]), np.diff([1, 4, 9, 16]))
mov = np.convolve(x[:20], np.ones(5) / 5, mode="valid")
print(mov.round(6))
print(np.unique(np.round(x[:30]), return_counts=True))
print(np.nanmean([1, np.nan, 3]), np.isnan([1, np.nan]).sum(), np.nan_to_num([np.nan, np.inf, 1.0])[2])
print(np.histogram2d(x[:100], x[100:200], bins=3)[0])
print(np.interp([1.5, 2.5], [1, 2, 3], [10, 20, 30]), np.trapezoid([1, 2, 3]), np.corrcoef(y[:, 0], y[:, 1]).round(6))
