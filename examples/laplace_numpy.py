"""Laplace's equation on the unit square by Jacobi's method.

The boundary is held at x*x - y*y, which solves the equation inside too. It takes: [POINTS [STEPS]]
"""

import sys
import time

import numpy as np


class Grid:
    """The unknown on n x n points, and the points' distances."""

    def __init__(self, n):
        self.dx = self.dy = 1.0 / (n - 1)
        x = np.linspace(0.0, 1.0, n)
        y = np.linspace(0.0, 1.0, n)
        self.u = np.zeros((n, n))
        self.u[0, :] = x**2
        self.u[-1, :] = x**2 - 1.0
        self.u[:, 0] = -(y**2)
        self.u[:, -1] = 1.0 - y**2


def time_step(grid):
    """Replaces each inner point by the mean of its neighbours; returns how far the points moved."""
    dx2, dy2 = grid.dx**2, grid.dy**2
    inv = 0.5 / (dx2 + dy2)
    u = grid.u
    old = u.copy()
    u[1:-1, 1:-1] = ((u[:-2, 1:-1] + u[2:, 1:-1]) * dy2 + (u[1:-1, :-2] + u[1:-1, 2:]) * dx2) * inv
    change = (u - old)[1:-1, 1:-1]
    return np.sqrt((change * change).sum())


def solve(grid, steps):
    """Takes the steps, or fewer if the points come to rest; returns the last change."""
    error = 0.0
    for _ in range(steps):
        error = time_step(grid)
        if error < 1e-12:
            break
    return error


def main():
    """Solves, and prints the last change and the time."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    grid = Grid(n)
    time_step(grid)
    start = time.perf_counter()
    error = solve(grid, steps)
    seconds = time.perf_counter() - start
    print(f"error: {float(error)!r}")
    print(f"seconds: {seconds:.4f}")


if __name__ == "__main__":
    main()
