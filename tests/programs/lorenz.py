"""The Lorenz system by Runge and Kutta."""

import numpy as np


def f(t, y):
    return np.array([10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1], y[0] * y[1] - 8 / 3 * y[2]])


y = np.array([1.0, 1.0, 1.0])
ts = np.linspace(0, 2, 201)
out = np.empty((len(ts), 3))
h = ts[1] - ts[0]
for i, t in enumerate(ts):
    out[i] = y
    k1 = f(t, y)
    k2 = f(t + h / 2, y + h / 2 * k1)
    k3 = f(t + h / 2, y + h / 2 * k2)
    k4 = f(t + h, y + h * k3)
    y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
print(out[-1].round(6), out.max(axis=0).round(6), out[::50, 0].round(6))
