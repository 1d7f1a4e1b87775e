"""A file in memory on which the ranks of one machine show each other how a test went; it needs no MPI, so it outlives a hang of MPI."""

import mmap
import time

# More outcomes than a run has: three phases a test, and one for every example of Hypothesis.
STEPS = 1 << 20


def make(path, ranks):
    """An empty board at `path`."""
    with open(path, "wb") as file:
        file.truncate(ranks * STEPS)


class Board:
    """One rank's view of the board: a row of bytes for each rank, 0 where it has not come yet."""

    def __init__(self, path, rank, ranks):
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), ranks * STEPS)
        self.rank, self.ranks, self.step = rank, ranks, 0

    def exchange(self, outcome):
        """All ranks' outcomes (small integers) of this step. Collective; waits for ever: the driver ends what hangs."""
        self.memory[self.rank * STEPS + self.step] = outcome + 1
        places = [rank * STEPS + self.step for rank in range(self.ranks)]
        turns = 0
        while not all(self.memory[place] for place in places):
            turns += 1
            time.sleep(0 if turns < 100 else 0.0005)
        self.step += 1
        return [self.memory[place] - 1 for place in places]
