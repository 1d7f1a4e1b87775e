"""Spectra, windows and filters."""

import numpy as np

fs = 500
t = np.arange(0, 1, 1 / fs)
rng = np.random.default_rng(0)
s = np.sin(2 * np.pi * 50 * t) + 0.5 * np.sin(2 * np.pi * 120 * t) + 0.3 * rng.standard_normal(t.size)
F = np.fft.rfft(s)
f = np.fft.rfftfreq(s.size, 1 / fs)
psd = np.abs(F) ** 2 / s.size
top = np.argsort(psd)[::-1][:2]
print(f[top], psd[top])
F2 = F.copy()
F2[f > 80] = 0
y = np.fft.irfft(F2)
print(y[:4], y.size)
win = np.hanning(51)
sm = np.convolve(win / win.sum(), s, mode="same")
print(sm[:3], np.hamming(5), np.blackman(5), np.bartlett(5), np.kaiser(5, 14))
b = np.sinc(2 * 0.1 * (np.arange(21) - 10)) * np.hamming(21)
b /= b.sum()
print(np.convolve(s, b)[10:14])
seg = np.lib.stride_tricks.sliding_window_view(s, 128)[::64]
S = np.abs(np.fft.rfft(seg * np.hanning(128), axis=1))
print(S.shape, S.argmax(1))
y = np.zeros_like(s)
for n in range(1, len(s)):
    y[n] = 0.9 * y[n - 1] + 0.1 * s[n]
print(
    y[-1],
    np.unwrap(np.angle(F))[:3],
    np.sqrt(np.mean(s**2)),
    20 * np.log10(np.abs(F[50])),
    np.where(np.diff(np.signbit(s)))[0][:5],
    np.correlate([1, 2, 3], [0, 1, 0.5], "full"),
    np.fft.fft(np.eye(2)),
    np.i0([0, 1.0]),
)
x = np.arange(8.0)
print(
    np.real_if_close(np.fft.ifft(np.fft.fft(x))),
    np.fft.fft(x, n=4),
    np.fft.fft(x, norm="ortho")[:2],
    np.fft.fft2(np.ones((2, 3)), axes=(0,)),
)
