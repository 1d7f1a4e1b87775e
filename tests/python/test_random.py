"""Random numbers: NumPy's streams, the same on every rank."""

import gain
import numpy
import pytest
from checking import check


@pytest.mark.parametrize("code", [
    "np.random.seed(5); np.random.rand(4, 3)", "np.random.seed(5); np.random.randn(3), np.random.randint(0, 9, 5), np.random.random()", "np.random.seed(7); np.random.permutation(6)", "np.random.default_rng(3).normal(size=(2, 3))",
    "np.random.default_rng(3).integers(0, 10, 5)", "np.random.RandomState(4).uniform(0, 1, 6)", "g = np.random.default_rng(1); a = np.arange(9); g.shuffle(a); a", "np.random.default_rng(np.random.PCG64(3)).random(3)",
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
