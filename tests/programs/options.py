"""Options by simulation, formula, least squares and a tree."""

import numpy as np
from math import erf

np.random.seed(42)
S0, K, T, r, sigma = 100.0, 105.0, 1.0, 0.05, 0.2
M, I = 50, 5000
dt = T / M
S = np.zeros((M + 1, I))
S[0] = S0
for t in range(1, M + 1):
    z = np.random.standard_normal(I)
    S[t] = S[t - 1] * np.exp((r - 0.5 * sigma**2) * dt + sigma * np.sqrt(dt) * z)
C0 = np.exp(-r * T) * np.sum(np.maximum(S[-1] - K, 0)) / I
print("European call %.6f" % C0)
N = np.vectorize(lambda x: 0.5 * (1 + erf(x / 2**0.5)))
d1 = (np.log(S0 / K) + (r + 0.5 * sigma**2) * T) / (sigma * np.sqrt(T))
d2 = d1 - sigma * np.sqrt(T)
print("BS", float(S0 * N(d1) - K * np.exp(-r * T) * N(d2)))
# American put by Longstaff-Schwartz
h = np.maximum(K - S, 0)
V = h[-1]
for t in range(M - 1, 0, -1):
    rg = np.polyfit(S[t], V * np.exp(-r * dt), 3)
    C = np.polyval(rg, S[t])
    V = np.where(h[t] > C, h[t], V * np.exp(-r * dt))
print("American put %.5f" % (np.exp(-r * dt) * V.mean()))
# binomial tree
n = 200
u = np.exp(sigma * np.sqrt(T / n))
d = 1 / u
q = (np.exp(r * T / n) - d) / (u - d)
ST = S0 * d ** np.arange(n, -1, -1) * u ** np.arange(0, n + 1)
val = np.maximum(ST - K, 0)
for i in range(n):
    val = np.exp(-r * T / n) * (q * val[1:] + (1 - q) * val[:-1])
print("CRR", val, val.item())
