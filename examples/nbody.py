"""Bodies that attract one another, in the plane: all pairs by broadcasting, leapfrog steps in time.

It takes: [BODIES [STEPS]]
"""

import sys
import time

import gain as np

SOFTENING = 0.05


def acceleration(position, mass):
    """The pull of all bodies on each; position is n x 2."""
    apart = position[None, :, :] - position[:, None, :]
    squared = (apart * apart).sum(axis=2) + SOFTENING**2
    weight = mass[None, :] / (squared * np.sqrt(squared))
    return (weight[:, :, None] * apart).sum(axis=1)


def energy(position, velocity, mass):
    """Kinetic and potential energy, which together should stay."""
    kinetic = 0.5 * (mass[:, None] * velocity * velocity).sum()
    apart = position[None, :, :] - position[:, None, :]
    distance = np.sqrt((apart * apart).sum(axis=2) + SOFTENING**2)
    potential = -0.5 * ((mass[:, None] * mass[None, :]) / distance).sum()
    return kinetic + potential


def first_state(n):
    """Bodies on a spiral, each on its way around the middle."""
    k = np.arange(n)
    radius = 0.2 + 0.8 * k / n
    angle = 2.399963 * k
    position = np.zeros((n, 2))
    position[:, 0] = radius * np.cos(angle)
    position[:, 1] = radius * np.sin(angle)
    velocity = np.zeros((n, 2))
    velocity[:, 0] = -0.5 * position[:, 1]
    velocity[:, 1] = 0.5 * position[:, 0]
    return position, velocity, np.full(n, 1.0 / n)


def main():
    """Moves the bodies, and prints their centre and energy."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    position, velocity, mass = first_state(n)
    dt = 0.01
    before = energy(position, velocity, mass)
    start = time.perf_counter()
    pull = acceleration(position, mass)
    for _ in range(steps):
        velocity += 0.5 * dt * pull
        position += dt * velocity
        pull = acceleration(position, mass)
        velocity += 0.5 * dt * pull
    after = energy(position, velocity, mass)
    centre = position.mean(axis=0)
    print(f"centre: {centre[0]:.9f} {centre[1]:.9f}")
    print(f"energy: {before:.9f} before, {after:.9f} after {steps} steps")
    print(f"seconds: {time.perf_counter() - start:.4f}", file=sys.stderr)


if __name__ == "__main__":
    main()
