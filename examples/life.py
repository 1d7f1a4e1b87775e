"""Conway's Game of Life on a board without neighbours beyond its edge.

It takes: [SIDE [GENERATIONS]]
"""

import sys
import time

import gain as np


def neighbours(board):
    """How many of the eight cells around each inner cell live."""
    return (
        board[:-2, :-2] + board[:-2, 1:-1] + board[:-2, 2:]
        + board[1:-1, :-2] + board[1:-1, 2:]
        + board[2:, :-2] + board[2:, 1:-1] + board[2:, 2:]
    )


def generation(board):
    """The board's next state, in place."""
    count = neighbours(board)
    alive = board[1:-1, 1:-1] == 1
    born = ~alive & (count == 3)
    stays = alive & ((count == 2) | (count == 3))
    board[1:-1, 1:-1] = born | stays


def first_board(side):
    """A board that looks random, alike in every run; its edge is dead."""
    row = np.arange(side)[:, None]
    column = np.arange(side)[None, :]
    mixed = (row * 73856093) ^ (column * 19349663) ^ (row * column * 83492791)
    board = np.zeros((side, side), dtype=np.int8)
    board[1:-1, 1:-1] = ((mixed % 7) < 3)[1:-1, 1:-1]
    return board


def main():
    """Plays, and prints how many cells live."""
    side = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    generations = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    board = first_board(side)
    print(f"at first: {board.sum()} of {board.size} live")
    start = time.perf_counter()
    for _ in range(generations):
        generation(board)
    print(f"after {generations} generations: {board.sum()} live, {board.any(axis=1).sum()} rows have life")
    print(f"seconds: {time.perf_counter() - start:.4f}", file=sys.stderr)


if __name__ == "__main__":
    main()
