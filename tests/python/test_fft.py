"""`gain.fft` against `numpy.fft`."""

import numpy as np
import pytest

import gain

RNG = np.random.default_rng(6)
A, Z, T = RNG.standard_normal((30, 40)), RNG.standard_normal((30, 16)) + 1j, RNG.standard_normal((4, 6, 10))

CODES = [
    "np.fft.fft(a)", "np.fft.fft(a, axis=0)", "np.fft.fft(z, 20)", "np.fft.ifft(z)", "np.fft.rfft(a)", "np.fft.rfft(a, axis=0, norm='ortho')",
    "np.fft.irfft(z)", "np.fft.irfft(z, 31)", "np.fft.hfft(z)", "np.fft.ihfft(a)", "np.fft.fft2(a)", "np.fft.ifft2(z)", "np.fft.rfft2(a)",
    "np.fft.irfft2(z)", "np.fft.fftn(t)", "np.fft.fftn(t, axes=(0, 2))", "np.fft.ifftn(t)", "np.fft.rfftn(t)", "np.fft.irfftn(t + 0j)",
    "np.fft.fftshift(a)", "np.fft.fftshift(t, axes=1)", "np.fft.ifftshift(a)", "np.fft.fftfreq(9, 0.1)", "np.fft.rfftfreq(8)", "np.fft.fft(a[0])",
    "np.fft.fft(a, 0)", "np.fft.fft(a, axis=5)", "np.fft.fft2(a, s=(8, 50))", "np.fft.rfft(a.astype('f'))",
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("code", CODES)
def test_fft(code):
    results = []
    for module in (np, gain):
        operands = {"a": A, "z": Z, "t": T}
        if module is gain:
            operands = {name: gain.asarray(array) for name, array in operands.items()}
        try:
            results.append(eval(code, {"np": module, **operands}))
        except Exception as error:  # noqa: BLE001
            results.append(error)
    wanted, found = results
    if isinstance(wanted, Exception) or isinstance(found, Exception):
        assert type(found) is type(wanted)
        return
    assert type(found) is gain.ndarray
    found = np.asarray(found)
    assert found.shape == wanted.shape and found.dtype == wanted.dtype
    np.testing.assert_allclose(found, wanted, rtol=1e-5 if found.dtype.char in "fF" else 1e-12, atol=1e-4 if found.dtype.char in "fF" else 1e-12)


@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"])
@pytest.mark.parametrize("axis, n", [(-1, None), (0, None), (1, 7), (0, 9)])
def test_threads_share_out_the_lines(monkeypatch, name, axis, n):
    """A line's transform is NumPy's, bit for bit, whichever thread has it."""
    monkeypatch.setattr(gain.fft, "_SHARED", 1)
    monkeypatch.setattr(gain.fft, "_N_THREADS", 3)
    for a in (T, T[..., ::-1], T[0], T[:2, 0], T[0, 0]) if axis != 1 else (T, T.T):
        axes = min(axis, a.ndim - 1)
        wanted = getattr(np.fft, name)(a, n, axes)
        found = getattr(gain.fft, name)(gain.asarray(a), n, axes)
        assert found.dtype == wanted.dtype and np.array_equal(np.asarray(found), wanted)
