"""Every function of NumPy's main namespace and every method of arrays, in its uses: NumPy's value, and nothing gathered where it is said to be native."""

import gain
import measuring
import numpy
import pytest
import uses

from gain import _coverage, _fallback

MODULES = ("linalg.", "fft.", "random.")


@pytest.fixture(scope="module")
def files():
    """Paths of files to read."""
    with measuring.folder() as folder:
        yield measuring.files(folder) | {"folder": folder}


def alike(wanted, found):
    """Asserts that gain's value is NumPy's: nearly, for sums have another order."""
    if isinstance(wanted, (tuple, list)):
        assert len(wanted) == len(found)
        for one, other in zip(wanted, found):
            alike(one, other)
    elif isinstance(wanted, (numpy.ndarray, numpy.generic)):
        assert isinstance(found, gain.ndarray) if isinstance(wanted, numpy.ndarray) else type(found) is type(wanted)
        found = numpy.asarray(found)
        assert found.dtype == wanted.dtype and found.shape == wanted.shape
        if wanted.dtype.kind in "fc":
            single = wanted.dtype.itemsize == (4 if wanted.dtype.kind == "f" else 8)
            numpy.testing.assert_allclose(found, wanted, rtol=3e-5 if single else 1e-9, atol=1e-5 if single else 1e-10)
        else:
            numpy.testing.assert_array_equal(found, wanted)
    else:
        assert found == wanted


def known_uses():
    return [(name, use) for name, of_name in uses.USES.items() for use in of_name]


@pytest.mark.parametrize("name, use", known_uses(), ids=[use for _, use in known_uses()])
def test_use(name, use, files, request):
    suffix = {"savetxt": ".txt", "savez": ".npz", "savez_compressed": ".npz"}.get(name, ".npy")
    ours, theirs = (str(files["folder"] / f"{kind}{suffix}") for kind in ("ours", f"theirs-{gain.rank()}"))
    wanted = measuring.value(use, numpy, files | {"path": theirs})
    gain.sync()
    with measuring.counted() as gathered:
        found = measuring.value(use, gain, files | {"path": ours})
    alike(wanted, found)
    if name not in _coverage.FALLBACK and name not in _coverage.IN_PART:
        assert not gathered, f"{name} is said to be native"


def test_all_names_are_in_use():
    found = gain.coverage()
    names = {name for kind in found for name in found[kind] if not name.startswith(MODULES)}
    assert names == set(uses.USES)


def test_the_fallbacks_are_told():
    for name in uses.USES:
        what = getattr(gain.ndarray, name.removeprefix("ndarray.")) if name.startswith("ndarray.") else getattr(gain, name)
        if _fallback.is_fallback(what):
            assert name in _coverage.FALLBACK or name in _coverage.IN_PART, name
    assert not set(_coverage.FALLBACK) & set(_coverage.IN_PART)
    assert set(_coverage.FALLBACK) | set(_coverage.IN_PART) <= set(uses.USES)


def test_the_share_that_is_native():
    found = gain.coverage()
    main = {kind: [name for name in found[kind] if not name.startswith(MODULES)] for kind in found}
    assert len(main["native"]) >= 0.85 * sum(map(len, main.values()))


@pytest.mark.parametrize("use", [
    "np.argmax(z)", "np.percentile(x, 30, axis=0, weights=np.abs(y), method='inverted_cdf')", "np.convolve(v, w[:15000])", "x.view(complex)", "x.getfield(np.int16, 1)",
])
def test_uses_that_gather(use):
    with measuring.counted() as gathered:
        found = measuring.value(use, gain, {})
    alike(measuring.value(use, numpy, {}), found)
    # On one rank everything is there.
    assert gathered or gain.n_ranks() == 1 or "weights" in use
