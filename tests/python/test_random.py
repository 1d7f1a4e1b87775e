"""Random numbers: NumPy's streams, the same on every rank."""

import gain
import numpy
import pytest
from checking import check


@pytest.mark.parametrize("code", [
    "np.random.seed(5); np.random.rand(4, 3)", "np.random.seed(5); np.random.randn(3), np.random.randint(0, 9, 5), np.random.random()", "np.random.seed(7); np.random.permutation(6)", "np.random.default_rng(3).normal(size=(2, 3))",
    "np.random.default_rng(3).integers(0, 10, 5)", "np.random.RandomState(4).uniform(0, 1, 6)", "g = np.random.default_rng(1); a = np.arange(9); g.shuffle(a); a", "g = np.random.default_rng(1); a = np.arange(9); g.shuffle(a[1::2]); a", "np.random.seed(1); a = np.arange(8).reshape(4, 2) + 1; np.random.shuffle(a[::-1]); a",
    "g = np.random.default_rng(1); a = np.arange(12).reshape(4, 3); g.shuffle(a, axis=1); a.T", "g = np.random.default_rng(1); g.shuffle(np.broadcast_to(np.arange(3), (2, 3)))", "np.random.default_rng(np.random.PCG64(3)).random(3)",
    "np.random.Generator(np.random.Philox(7)).standard_normal(4)", "np.random.default_rng([1, 2]).choice(5, 3)", "np.random.default_rng(3).random()", "np.random.default_rng(9).spawn(2)[1].random(3)", "np.random.Generator(np.random.MT19937(2)).random(2)",
    "x = [3, 1, 2, 5]; np.random.seed(2); np.random.shuffle(x); x", "g = np.random.default_rng(1); a = np.zeros(4); g.random(out=a); a", "np.random.seed(1); np.random.choice([5, 6, 7], 4)", "np.random.default_rng(5).multivariate_normal([0, 0], np.eye(2))",
])
def test_streams(code):
    check(code, close="multivariate" in code)


def test_types():
    rng = gain.random.default_rng(3)
    assert isinstance(rng, numpy.random.Generator) and isinstance(rng.random(3), gain.ndarray)
    assert isinstance(gain.random.rand(3), gain.ndarray) and isinstance(gain.random.rand(), float)


@pytest.mark.parametrize("code", [
    "gain.random.default_rng().random(4)", "gain.random.RandomState().rand(4)", "gain.random.Generator(gain.random.PCG64()).random(4)", "(gain.random.seed(), gain.random.rand(4))[1]", "gain.random.SeedSequence().generate_state(4)",
    "gain.random.RandomState(gain.random.MT19937()).rand(4)",
])
def test_unseeded_streams_agree(code):
    drawn = numpy.asarray(eval(code)).tobytes()
    assert gain._gain.broadcast(drawn) == drawn
    assert numpy.asarray(eval(code)).tobytes() != drawn


@pytest.mark.parametrize("call", [
    "random((5, 4))", "random_sample(size=11)", "rand(5, 2, 2)", "randn(23)", "uniform(2, 3, (9, 2))", "uniform(size=9, high=4.0)", "normal(size=(5, 3))", "normal(0.0, 2.0, 23)", "standard_normal(9)",
    "exponential(2.0, 9)", "gamma(2.0, 1.0, (3, 5))", "beta(1, 2, size=10)", "poisson(3.0, 15)", "binomial(10, 0.5, 15)", "triangular(0, 1, 2, 9)", "hypergeometric(5, 5, 3, (4, 3))", "vonmises(0, 1, 9)",
    "integers(10, size=15)", "integers(0, 1 << 40, 15)", "integers(0, 9, 15, dtype='u1')", "randint(10, size=15)", "randint(0, 1 << 40, (5, 3))", "randint(0, 2, 15, 'i1')", "random(15, dtype='f4')", "standard_normal(15, 'f4')", "random((2, 9))",
    "random((0, 9))", "zipf(2.0, 15)", "wald(1.0, 1.0, 9)", "choice(9, 15)", "random((9, 0, 2))",
])
def test_chunks_are_parts_of_the_whole(monkeypatch, call):
    """What is drawn in chunks, of which each rank keeps its part, has the numbers of one call, and the stream goes on behind them."""
    monkeypatch.setattr(gain._random, "CHUNK", 7)
    made = [(numpy.random.default_rng(3), gain.random.default_rng(3)), (numpy.random.RandomState(3), gain.random.RandomState(3)), (numpy.random, gain.random)]
    for theirs, ours in made:
        if not hasattr(theirs, call.partition("(")[0]) or "'f4'" in call and theirs is not made[0][0]:
            continue
        numpy.random.seed(4)
        found = eval(f"x.{call}, x.standard_normal(), x.{call}", {"x": ours})
        numpy.random.seed(4)
        wanted = eval(f"x.{call}, x.standard_normal(), x.{call}", {"x": theirs})
        for one, other in zip(found, wanted):
            assert isinstance(one, gain.ndarray if numpy.ndim(other) else type(other))
            assert numpy.array_equal(numpy.asarray(one), other) and numpy.asarray(one).dtype == numpy.asarray(other).dtype
