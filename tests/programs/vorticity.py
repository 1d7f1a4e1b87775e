"""Vorticity by Fourier transforms."""

import numpy as np

n = 32
x = np.linspace(0, 2 * np.pi, n, endpoint=False)
X, Y = np.meshgrid(x, x, indexing="ij")
k = np.fft.fftfreq(n, 1 / n)
KX, KY = np.meshgrid(k, k, indexing="ij")
K2 = KX**2 + KY**2
K2[0, 0] = 1
w = np.exp(-((X - np.pi) ** 2 + (Y - np.pi) ** 2))
for t in range(10):
    wh = np.fft.fft2(w)
    psi = wh / K2
    psi[0, 0] = 0
    u = np.fft.ifft2(1j * KY * psi).real
    v = -np.fft.ifft2(1j * KX * psi).real
    wx = np.fft.ifft2(1j * KX * wh).real
    wy = np.fft.ifft2(1j * KY * wh).real
    w = w + 0.01 * (-(u * wx + v * wy) + 0.01 * np.fft.ifft2(-K2 * wh).real)
print(w.max().round(8), w.sum().round(6), np.abs(np.fft.fft2(w)).argmax())
print(w[::8, ::8].round(6))
