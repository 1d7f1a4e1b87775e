"""A spectrum and its way back."""

import numpy as np

t = np.arange(256) / 256
s = np.sin(2 * np.pi * 5 * t) + 0.5 * np.cos(2 * np.pi * 20 * t)
F = np.fft.rfft(s)
p = np.abs(F)
print(np.argsort(p)[-2:], p.max().round(6))
f = np.fft.fftfreq(8, 0.1)
print(f)
r = np.fft.irfft(F)
print(np.allclose(r, s))
F2 = np.fft.fft2(np.outer(s[:16], s[:16]))
print(np.abs(F2).sum().round(5))
print(np.fft.fftshift(np.arange(5)))
