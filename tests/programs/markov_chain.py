"""A Markov chain, and random numbers of every kind."""

import numpy as np

P = np.array([[0.9, 0.1, 0], [0.4, 0.4, 0.2], [0, 0.3, 0.7]])
w, v = np.linalg.eig(P.T)
s = np.real(v[:, np.isclose(w, 1)]).ravel()
s /= s.sum()
print(s.round(8))
print(np.linalg.matrix_power(P, 50)[0].round(8))
rng = np.random.default_rng(2)
st = 0
c = np.zeros(3, int)
for i in range(300):
    c[st] += 1
    st = rng.choice(3, p=P[st])
print(c, (c / c.sum()).round(4))
cum = np.cumsum(P, axis=1)
print(cum, np.searchsorted(cum[0], 0.95))
print(
    np.random.RandomState(3).multinomial(10, [0.2, 0.8]),
    np.random.RandomState(3).poisson(3, 4),
    np.random.RandomState(1).choice(5, 3, replace=False),
)
np.random.seed(5)
print(
    np.random.randn(2).round(6),
    np.random.permutation(4),
    np.random.uniform(size=2).round(6),
    np.random.binomial(5, 0.5, 3),
    np.random.normal(0, 1, (2, 2)).round(5),
    np.random.randint(0, 9, (2, 2)),
    np.random.random(2).round(6),
    np.random.beta(1, 2),
    np.random.standard_normal(1)[0].round(6),
)
