"""Prints the coefficients of the polynomials in src/loops: minimax, by Remez' exchange (E. Remez, 1934) in 60 digits.

Run with mpmath: `python coefficients.py [NAME ...]`. Each row below is a function g, its interval, the number of coefficients and a weight:
the largest |weight(z) (p(z) - g(z))| is made as small as it gets, and printed as a power of two. Weights make that the error relative to
the function that a kernel computes with p. The first two coefficients are rounded before the others are fitted, so that rounding them costs nothing.
"""

import sys

from mpmath import mp, mpf

mp.dps = 60


def odd(f):
    """g with f(t) = t + t^3 g(t^2)."""

    def g(z):
        t = mp.sqrt(z)
        return (f(t) - t) / t**3

    return g


def relative(f):
    """The weight of `odd`'s g in f."""

    def weight(z):
        t = mp.sqrt(z)
        return t**3 / f(t)

    return weight


def area(s):
    """log((1 + s) / (1 - s)) / 2."""
    return mp.log((1 + s) / (1 - s)) / 2


def log_tail(z):
    """g with 3 atanh(s) = 3 s + s^3 + s^5 g(s^2)."""
    s = mp.sqrt(z)
    return (3 * area(s) - 3 * s - s**3) / s**5


LN2 = mp.log(2)
SMALL = mpf(10) ** -6
ROWS = {
    # exp2.rs
    "exp2": (lambda r: (2**r - 1 - r * LN2) / r**2, -0.5, 0.5001, 11, lambda r: r**2),
    "exp2_single": (lambda r: (2**r - 1 - r * LN2) / r**2, -0.5, 0.5001, 5, lambda r: r**2),
    "exp2_f32": (lambda r: (2**r - 1) / r, -0.5, 0.5001, 7, abs),
    # expm1.rs, hyperbolic.rs
    "expm1": (lambda r: (mp.expm1(r) - r - r**2 / 2) / r**3, -0.3466, 0.3467, 9, lambda r: abs(r) ** 3),
    "exp_single": (lambda r: (mp.expm1(r) - r) / r**2, -0.3466, 0.3467, 5, lambda r: r**2),
    "expm1_f32": (lambda r: (mp.expm1(r) - r) / r**2, -0.3466, 0.3467, 6, lambda r: r**2),
    "sinh": (odd(mp.sinh), SMALL, 1, 8, relative(mp.sinh)),
    # log1p.rs, log_bases.rs, power.rs
    "log_f32": (odd(area), SMALL, 0.02945, 4, relative(area)),
    "log_single": (odd(area), SMALL, 0.02945, 3, relative(area)),
    "log_power": (log_tail, SMALL, 0.01021, 6, lambda z: z**2),
    # arctan.rs
    "arctan": (odd(mp.atan), SMALL, 0.05575, 9, relative(mp.atan)),
    "arctan_single": (odd(mp.atan), SMALL, 0.05575, 4, relative(mp.atan)),
    # arcsin.rs
    "arcsin": (odd(mp.asin), SMALL, 0.25, 13, relative(mp.asin)),
    "arcsin_f32": (odd(mp.asin), SMALL, 0.25, 7, relative(mp.asin)),
    # cbrt.rs
    "inverse_cbrt": (lambda m: m ** (-1 / mpf(3)), 1, 2, 6, lambda m: m ** (1 / mpf(3))),
}


def solve(f, weight, low, high, n):
    """Coefficients of the n lowest powers and the error, by exchange on a grid of Chebyshev points."""
    nodes = [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * i / n) for i in range(n + 1)]
    grid = [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * i / (40 * n)) for i in range(40 * n + 1)]
    values = [f(z) for z in grid]
    weights = [weight(z) for z in grid]
    for _ in range(12):
        rows = [[z**k for k in range(n)] + [(-1) ** i / weight(z)] for i, z in enumerate(nodes)]
        *c, _ = mp.lu_solve(mp.matrix(rows), mp.matrix([f(z) for z in nodes]))
        errors = [w * (mp.polyval(c[::-1], z) - g) for z, g, w in zip(grid, values, weights)]
        extremes = []
        for z, e in zip(grid, errors):
            if extremes and (extremes[-1][1] > 0) == (e > 0):
                if abs(e) > abs(extremes[-1][1]):
                    extremes[-1] = (z, e)
            else:
                extremes.append((z, e))
        while len(extremes) > n + 1:
            extremes.pop(0 if abs(extremes[0][1]) < abs(extremes[-1][1]) else -1)
        if len(extremes) < n + 1:
            break
        nodes = [z for z, _ in extremes]
    return c, max(abs(e) for e in errors)


def rounded(g, low, high, n, weight):
    """Coefficients as doubles; the first two are rounded before the others are fitted. With the error before rounding."""
    low, high = mpf(low), mpf(high)
    c, error = solve(g, weight, low, high, n)
    done = []
    while low == SMALL and len(done) < 2:
        done.append(float(c[0]))
        shift = len(done)

        def rest(z, shift=shift):
            return (g(z) - mp.polyval([mpf(x) for x in done[::-1]], z)) / z**shift

        c, _ = solve(rest, lambda z, shift=shift: weight(z) * z**shift, low, high, n - shift)
    return done + [float(x) for x in c], error


for name in sys.argv[1:] or ROWS:
    g, low, high, n, weight = ROWS[name]
    coefficients, error = rounded(g, low, high, n, weight)
    print(f"{name}: 2^{float(mp.log(error, 2)):.1f}")
    for c in coefficients:
        print(f"    {c!r},")
