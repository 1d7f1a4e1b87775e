"""Random products and factorisations: shapes (none, one, primes, more than the grid has places), dtypes, views and odd cuts.

Products are within the bound of a sum's rounding; factorisations leave residuals as backward stable algorithms do, for matrices that are
ill-conditioned or singular, too. Every rank draws the same.
"""

import gain
import numpy
import pytest
from checking import quiet
from drawing import Draw

from gain import _decompositions

LENGTHS = [0, 1, 1, 2, 3, 5, 7, 13, 31, 67]
DTYPES = ["float64", "float64", "complex128", "float32", "complex64", "int32", "uint8", "bool", "float16"]

PRODUCTS = {
    "a @ b": ("mk", "kn"), "a.T @ b": ("km", "kn"), "np.dot(a, b)": ("mk", "k"), "b.T @ a": ("k", "kn"), "np.vdot(a, b)": ("mk", "mk"), "np.inner(a, b)": ("mk", "nk"),
    "np.vecdot(a, b)": ("mk", "mk"), "np.matvec(a, b)": ("smk", "sk"), "np.vecmat(a, b)": ("k", "skn"), "np.matmul(a, b)": ("smk", "skn"), "np.matmul(b, a)": ("kn", "smk"),
    "np.tensordot(a, b, 1)": ("smk", "kn"), "np.einsum('ik,jk->ji', a, b)": ("mk", "nk"), "np.einsum('ik,ik->k', a, b)": ("mk", "mk"), "np.outer(a, b)": ("m", "n"),
    "np.kron(a, b)": ("st", "ts"), "a.dot(b)": ("k", "k"),
}


def made(draw, shape, dtype):
    """Small numbers of both signs, and what gain sees of them."""
    rng = numpy.random.default_rng(draw.random.randrange(2**32))
    whole = rng.integers(-9, 10, shape)
    if numpy.dtype(dtype).kind in "fc":
        whole = (whole + 1j * rng.integers(-9, 10, shape) if dtype.startswith("complex") else whole) / 7
    return draw.seen(whole.astype(dtype))


@pytest.mark.parametrize("code", PRODUCTS)
def test_products(code):
    draw = Draw(code)
    for _ in range(20):
        lens = {"s": draw.random.choice([0, 1, 2, 3, 8]), "t": draw.random.choice([1, 2, 3]), **{axis: draw.random.choice(LENGTHS) for axis in "mkn"}}
        operands = [made(draw, tuple(lens[axis] for axis in axes), draw.random.choice(DTYPES)) for axes in PRODUCTS[code]]
        theirs, ours = zip(*operands)
        with quiet():
            wanted = eval(code, {"np": numpy, "a": theirs[0], "b": theirs[1]})
            found = eval(code, {"np": gain, "a": ours[0], "b": ours[1]})
            # The same of magnitudes bounds the rounding of each element.
            sizes = eval(code, {"np": numpy, **{name: abs(one.astype("complex128")).real for name, one in zip("ab", theirs)}})
        note = f"{code} {lens} {[one.dtype.name for one in theirs]}"
        assert found.dtype == wanted.dtype and found.shape == wanted.shape, note
        found = numpy.asarray(found)
        if wanted.dtype.kind in "fc":
            # Both round: each sum by its length, each product of complex numbers by a little more.
            error = abs(found.astype("complex128") - wanted.astype("complex128"))
            assert (error <= 2 * (lens["k"] + lens["m"] + 4) * numpy.finfo(wanted.dtype).eps * sizes).all(), note
        else:
            numpy.testing.assert_array_equal(found, wanted, err_msg=note)


class Matrices(Draw):
    """Random matrices of all conditions."""

    def __init__(self, seed):
        super().__init__(seed)
        self.dtype = self.random.choice(["float64", "float64", "complex128", "float32", "complex64"])
        self.eps = numpy.finfo(self.dtype).eps

    def plain(self, m, n):
        """A matrix of normal numbers."""
        rng = numpy.random.default_rng(self.random.randrange(2**32))
        a = rng.standard_normal((m, n))
        return (a + 1j * rng.standard_normal((m, n)) if self.dtype.startswith("complex") else a).astype(self.dtype)

    def matrix(self, m, n):
        """A matrix that may be ill-conditioned, singular, zero, large or small."""
        a, kind = self.plain(m, n), self.random.choice(["plain", "plain", "graded", "singular", "nothing", "large", "small"])
        if kind == "graded":
            a *= (10.0 ** -numpy.linspace(0, 13, n)).astype(a.real.dtype)
        elif kind == "singular" and n:
            a[:, self.random.randrange(n)] = 0
        elif kind != "plain":
            a *= a.real.dtype.type({"nothing": 0, "large": 1e9, "small": 1e-9}.get(kind, 1))
        return a

    def lens(self):
        """Rows and columns."""
        return self.random.choice(LENGTHS), self.random.choice(LENGTHS)

    def near(self, residual, *sizes):
        """Whether a residual is a small multiple of the unit roundoff times the product of these norms."""
        bound = 60 * self.eps * max(residual.shape or (1,), default=1) * numpy.prod([norm(size) for size in sizes])
        assert norm(residual) <= bound, (norm(residual), bound, self.dtype)

    def orthonormal(self, q):
        """Whether the columns are orthonormal."""
        self.near(adjoint(q) @ q - numpy.eye(q.shape[1]), numpy.eye(max(1, q.shape[1])))


def norm(a):
    return numpy.linalg.norm(numpy.asarray(a).astype("complex128"))


def adjoint(a):
    return numpy.conj(numpy.swapaxes(a, -1, -2))


def both(name, theirs, ours, **keywords):
    """The results of a function of numpy.linalg, as tuples of NumPy's arrays; None if both raise LinAlgError."""
    outcomes = []
    for np, operands in ((numpy, theirs), (gain, ours)):
        try:
            with quiet():
                found = getattr(np.linalg, name)(*operands, **keywords)
            outcomes.append([numpy.asarray(one) for one in (found if isinstance(found, tuple) else (found,))])
        except numpy.linalg.LinAlgError as error:
            outcomes.append(str(error))
    wanted, found = outcomes
    if isinstance(wanted, str) or isinstance(found, str):
        assert wanted == found
        return None
    for one, other in zip(wanted, found, strict=True):
        assert (one.shape, one.dtype) == (other.shape, other.dtype), (name, one.shape, one.dtype, other.shape, other.dtype)
    return wanted, found


@pytest.fixture(autouse=True)
def spread(monkeypatch):
    """Matrices count as large whatever their size."""
    monkeypatch.setattr(_decompositions, "is_spread", lambda a: gain.n_ranks() > 1 and a.size > 0)


def solve(draw):
    (n, k), b = draw.lens(), None
    a, ours = draw.seen(draw.matrix(n, n))
    b, right = draw.seen(draw.plain(n, k) if draw.random.random() < 0.6 else draw.plain(n, 1)[:, 0])
    if outcome := both("solve", (a, b), (ours, right)):
        x = outcome[1][0]
        draw.near(a @ x - b, a, x)
    if outcome := both("inv", (a,), (ours,)):
        draw.near(a @ outcome[1][0] - numpy.eye(n), a, outcome[1][0])
    wanted, found = both("det", (a,), (ours,))
    # Hadamard's bound of what a backward error may do.
    columns = numpy.sqrt((abs(a.astype("complex128")) ** 2).sum(axis=0))
    assert wanted[0] == found[0] or abs(complex(wanted[0]) - complex(found[0])) <= 60 * draw.eps * max(n, 1) ** 2 * numpy.prod(columns)


def cholesky(draw):
    n = draw.lens()[0]
    m = draw.matrix(n, n)
    a, ours = draw.seen(m @ adjoint(m) + (numpy.eye(n, dtype=m.dtype) * norm(m) ** 2 if draw.random.random() < 0.8 else -numpy.eye(n, dtype=m.dtype)))
    upper = draw.random.random() < 0.5
    if outcome := both("cholesky", (a,), (ours,), upper=upper):
        factor = outcome[1][0]
        draw.near((adjoint(factor) @ factor if upper else factor @ adjoint(factor)) - a, a)
        assert not (numpy.tril(factor, -1) if upper else numpy.triu(factor, 1)).any()


def qr(draw):
    a, ours = draw.seen(draw.matrix(*draw.lens()))
    q, r = both("qr", (a,), (ours,), mode=draw.random.choice(["reduced", "complete"]))[1]
    draw.near(q @ r - a, a)
    draw.orthonormal(q)
    assert not numpy.tril(r, -1).any()


def svd(draw):
    a, ours = draw.seen(draw.matrix(*draw.lens()))
    (_, values, _), (u, s, vh) = both("svd", (a,), (ours,), full_matrices=draw.random.random() < 0.5)
    least = len(s)
    draw.near((u[:, :least] * s) @ vh[:least] - a, a)
    draw.near(s - values, a)
    draw.orthonormal(u)
    draw.orthonormal(adjoint(vh))
    assert (numpy.diff(s) <= 0).all() and (s >= 0).all()


def eigh(draw):
    m = draw.matrix(*[draw.lens()[0]] * 2)
    a, ours = draw.seen(m + adjoint(m))
    (values, _), (w, v) = both("eigh", (a,), (ours,), UPLO=draw.random.choice("LU"))
    draw.near(a @ v - v * w, a)
    draw.near(w - values, a)
    draw.orthonormal(v)
    assert (numpy.diff(w) >= 0).all()


def eig(draw):
    a, ours = draw.seen(draw.matrix(*[draw.lens()[0]] * 2))
    w, v = both("eig", (a,), (ours,))[1]
    draw.near(a @ v - v * w, a, numpy.eye(max(1, len(a))))


def lstsq(draw):
    m, n = draw.lens()
    if m * n == 0:
        return
    a, ours = draw.seen(draw.matrix(m, n))
    b, right = draw.seen(draw.plain(m, 1)[:, 0])
    wanted, found = both("lstsq", (a, b), (ours, right))
    assert wanted[2] == found[2]
    # The gradient is as small as that of NumPy's least squares.
    gradient = norm(adjoint(a) @ (a @ found[0] - b))
    assert gradient <= 60 * draw.eps * (m + n) * norm(a) * (norm(a) * norm(found[0]) + norm(b)) + 2 * norm(adjoint(a) @ (a @ wanted[0] - b))


def pinv(draw):
    a, ours = draw.seen(draw.plain(*draw.lens()))
    p = both("pinv", (a,), (ours,))[1][0]
    draw.near(a @ p @ a - a, a, a, p)
    draw.near(p @ a @ p - p, p, a, p)


@pytest.mark.parametrize("check", [solve, cholesky, qr, svd, eigh, eig, lstsq, pinv])
def test_factorisations(check):
    for seed in range(30):
        draw = Matrices(f"{check.__name__} {seed}")
        try:
            check(draw)
        except AssertionError as difference:
            raise AssertionError(f"{check.__name__}, seed {seed}") from difference
