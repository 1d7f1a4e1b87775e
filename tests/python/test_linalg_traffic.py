"""Messages and bytes of each algorithm of docs/linalg.md, by a rank: no more than is said there."""

import math
import warnings

import gain
import numpy
import pytest

from gain import _decompositions

RANKS = gain.n_ranks()
# In so many messages of a rank all ranks tell all, or one tells all.
ROUNDS = math.ceil(math.log2(RANKS))
N, PANEL = 512, 64
MATRIX = 8 * N * N
# Into panels, the panels to all ranks (each of which sends its own, or hands on another's), and back.
TO_PANELS, TO_ALL, BACK = MATRIX, MATRIX * (RANKS - 1) / 2, MATRIX
STEPS = ROUNDS * (N // PANEL)
LEAF = 4096

A, B, TALL, SLIM, STACK = (N, N), (N, N), (8192, 64), (1 << 17, 8), (3000, 4, 4)

# What is done: bytes, and messages beyond a dozen for each round: for agreements, few words, and moves to a layout and from it.
ALGORITHMS = {
    "summa": (lambda a, b: a @ b, (A, B), MATRIX * (RANKS - 1) / RANKS, 0),
    "large operand stays": (lambda a, b: a @ b[:, :32], (TALL, (64, 64)), 8 * 64 * 32, 0),
    "tree of products": (lambda a: a.T @ a, (SLIM,), 2 * 2 * LEAF * 8 * 8, RANKS),
    "matrix and vector": (lambda a, b: a @ b[0], (A, B), 8 * N * RANKS, 0),
    "vector and matrix": (lambda a, b: b[0] @ a, (A, B), 8 * N * 20, RANKS),
    "vectors": (lambda a: a[:, 0] @ a[:, 0], (SLIM,), 256, 0),
    "norm": (lambda a: gain.linalg.norm(a), (A,), 256, 0),
    "rows": (lambda a: gain.vecdot(a, a), (SLIM,), 0, 0),
    "stack of products": (lambda a: a @ a, (STACK,), 0, 0),
    "stack of inverses": (lambda a: gain.linalg.inv(a), (STACK,), 256, 0),
    "solve": (lambda a, b: gain.linalg.solve(a, b[0]), (A, B), TO_PANELS + TO_ALL + 0.3 * MATRIX, STEPS),
    "solve many": (lambda a, b: gain.linalg.solve(a, b), (A, B), 2 * TO_PANELS + 2 * TO_ALL + BACK, 2 * STEPS),
    "inv": (lambda a: gain.linalg.inv(a), (A,), TO_PANELS + 2 * TO_ALL + BACK, 2 * STEPS),
    "slogdet": (lambda a: gain.linalg.slogdet(a), (A,), TO_PANELS + TO_ALL, STEPS),
    "cholesky": (lambda a: gain.linalg.cholesky(a), (A,), TO_PANELS + TO_ALL + BACK, STEPS),
    "qr": (lambda a: gain.linalg.qr(a), (A,), TO_PANELS + 2 * TO_ALL + 2 * BACK, 2 * STEPS),
    "tall qr": (lambda a: gain.linalg.qr(a), (SLIM,), 16 * 8 * 8 * 8 * RANKS + 8 * 8 * 512, 0),
    "tall svd": (lambda a: gain.linalg.svd(a, full_matrices=False), (SLIM,), 16 * 8 * 8 * 8 * RANKS + 8 * 8 * 512, 0),
    "lstsq": (lambda a: gain.linalg.lstsq(a, a[:, 0] + 1), (SLIM,), 16 * 9 * 9 * 8 * RANKS + 9 * 8 * 512, 0),
    # A message for each column.
    "eigvalsh": (lambda a: gain.linalg.eigvalsh(a), (A,), TO_PANELS + MATRIX / 2, ROUNDS * N),
    "eigh": (lambda a: gain.linalg.eigh(a), (A,), TO_PANELS + MATRIX / 2 + BACK, ROUNDS * (N + 4 * N // PANEL)),
    # Three QR of 2n x n, three solutions, eigh.
    "svd": (lambda a: gain.linalg.svd(a[:256, :256]), (A,), 30 * MATRIX / 4, ROUNDS * (256 + 40 * 256 // PANEL)),
}


@pytest.mark.parametrize("name", ALGORITHMS)
def test_no_more_travels(name, monkeypatch):
    monkeypatch.setattr(_decompositions, "is_spread", lambda a: RANKS > 1)
    call, shapes, most, messages = ALGORITHMS[name]
    rng = numpy.random.default_rng(5)
    operands = [gain.array(rng.standard_normal(shape)) for shape in shapes]
    if shapes[0] == A:
        # Symmetric, and far from singular.
        operands[0] = operands[0] + operands[0].T + 4 * N * gain.eye(N)
    gain.sync()
    before = gain._gain.counters()
    with warnings.catch_warnings():
        warnings.simplefilter("error", gain.FallbackWarning)
        held = call(*operands)
        gain.sync()
    sent = {kind: count - before[kind] for kind, count in gain._gain.counters().items()}
    del held
    assert sent["messages_sent"] <= 12 * ROUNDS + messages, (name, sent)
    assert sent["bytes_sent"] <= (1.2 * most + 4096 * ROUNDS if RANKS > 1 else 0), (name, sent, most)
