"""Prices of European options by the formula of Black and Scholes.

It takes: [OPTIONS]
"""

import sys
import time

import gain as np


def normal_cdf(x):
    """The normal distribution's integral, by the rational approximation 26.2.17 of Abramowitz and Stegun."""
    t = 1.0 / (1.0 + 0.2316419 * np.abs(x))
    series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    upper = np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi) * series
    return np.where(x < 0.0, upper, 1.0 - upper)


def prices(spot, strike, years, rate, volatility):
    """Call and put prices."""
    deviation = volatility * np.sqrt(years)
    d1 = (np.log(spot / strike) + (rate + 0.5 * volatility**2) * years) / deviation
    d2 = d1 - deviation
    present = strike * np.exp(-rate * years)
    call = spot * normal_cdf(d1) - present * normal_cdf(d2)
    put = call - spot + present
    return call, put


def main():
    """Prices a book of options, and prints means and extremes."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    k = np.arange(n)
    spot = 80.0 + 40.0 * ((k * 7919) % 1000) / 1000.0
    strike = 80.0 + 40.0 * ((k * 104729) % 997) / 997.0
    years = 0.1 + 1.9 * ((k * 1299709) % 991) / 991.0
    start = time.perf_counter()
    call, put = prices(spot, strike, years, 0.03, 0.25)
    print(f"call: mean {call.mean():.6f}, from {call.min():.6f} to {call.max():.6f}")
    print(f"put: mean {put.mean():.6f}, from {put.min():.6f} to {put.max():.6f}")
    print(f"calls worth more than the put: {(call > put).sum()} of {n}")
    print(f"seconds: {time.perf_counter() - start:.4f}", file=sys.stderr)


if __name__ == "__main__":
    main()
