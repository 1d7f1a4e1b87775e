"""What has no native form works through NumPy: results, warnings, and what is written back."""

import sys
import warnings

import gain
import numpy
import pytest
from checking import check, sample

from gain import _coverage, _fallback


@pytest.mark.parametrize("code", [
    "np.concatenate([a, b])", "np.concatenate((a, b), axis=1)", "np.stack([a, b])", "np.vstack([a, b])", "np.hstack([a, b])", "np.tile(a, 2)", "np.repeat(a, 2, axis=0)", "np.unique(a)",
    "np.cumsum(a)", "np.diff(a)", "np.sort(a, axis=0)", "np.argsort(a)", "np.roll(a, 1)", "np.pad(a, 1)", "np.outer(a, b)", "np.kron(a, b)", "np.einsum('ij,ij->i', a, b)", "np.tensordot(a, b)",
    "np.histogram(a, 4)", "np.percentile(a, 30)", "np.median(a, axis=0)", "np.nonzero(a)", "np.argwhere(a > 0)", "np.allclose(a, b)", "np.array_equal(a, a)", "np.isclose(a, b)", "np.linalg.norm(a)",
    "np.linalg.det(a[:, :3])", "np.linalg.svd(a)[1]", "np.linalg.solve(a[:3, :3] + 20 * np.eye(3), b[0, :3])", "np.fft.fft(a)", "np.fft.fftfreq(4)", "np.interp([1.5], [1, 2], [3, 4])", "np.polyfit([0, 1, 2], [1, 3, 5], 1)",
    "np.trapezoid(a)", "np.gradient(a)", "np.cross(a[:, :3], b[:, :3])", "np.apply_along_axis(np.sum, 0, a)", "np.vectorize(lambda x: x + 1)(a)", "np.nan_to_num(a)", "np.searchsorted([1, 2, 3], a[0])",
    "np.select([a > 0], [a])", "np.piecewise(a, [a > 0], [1, 2])", "np.triu(a)", "np.count_nonzero(a)", "np.nansum(a)", "np.unravel_index(5, (2, 3))", "np.ix_([0, 1], [1, 2])", "np.result_type(a, 1)", "np.can_cast('i4', 'f8')",
    "np.modf(a)", "np.frexp(a)", "np.ldexp(a, 2)", "np.heaviside(a, 0.5)", "np.logaddexp(a, b)", "np.isin(a, [1, 2])", "np.cov(a)", "np.corrcoef(a)", "np.insert(a, 1, 0)", "np.delete(a, 0, axis=0)", "np.append(a, 1)",
    "np.array_str(a)", "np.array_repr(a)", "np.array2string(a)", "np.iterable(a)", "np.isscalar(a)", "np.issubdtype(a.dtype, np.floating)", "np.dstack([a, b])", "np.linalg.eigh(a[:, :3] + a[:, :3].T)[0]", "np.emath.sqrt(-1)",
    "np.lexsort((a[0], b[0]))", "np.digitize(a, [0, 1])", "np.bincount([1, 1, 2])", "np.convolve(a[0], b[0])",
])
def test_functions(code):
    check(code, sample((3, 4)), sample((3, 4), seed=1), close=True)


@pytest.mark.parametrize("code", [
    "np.put(a, [0, 1], 9); a", "np.fill_diagonal(a, 7); a", "np.place(a, a > 0, [1, 2]); a", "np.putmask(a, a > 0, 0); a", "np.put_along_axis(a, np.argsort(a), 5, 1); a", "np.cumsum(a, axis=0, out=b); b",
    "np.concatenate([a[:1], a[:2]], out=b); b", "np.nan_to_num(a, copy=False); a", "a.partition(2); a", "np.put(a[1:], 0, 100); a", "np.modf(a, b, a); (a, b)", "np.clip(a, 0, 1, out=a); a", "np.einsum('ij->ij', a, out=b); b",
    "np.random.seed(3); np.random.shuffle(a); a", "np.take(a, [0, 1, 2], axis=0, out=b); b", "np.copyto(a, 'x'); a", "np.cumsum(a, 0, None, b); b",
])
def test_written_operands(code):
    check(code, sample((3, 4)), sample((3, 4), seed=1), text=False)


def test_results_are_gain_arrays():
    a = gain.arange(6.0).reshape(2, 3)
    assert isinstance(gain.concatenate([a, a]), gain.ndarray)
    assert isinstance(numpy.concatenate([a, a]), gain.ndarray)
    assert isinstance(numpy.linalg.inv(gain.eye(3)), gain.ndarray)
    assert isinstance(numpy.fft.fft(a), gain.ndarray)
    assert all(isinstance(part, gain.ndarray) for part in gain.linalg.svd(a))
    assert gain.linalg.svd(a)._fields == ("U", "S", "Vh")
    assert type(numpy.sum(a)) is numpy.float64 and numpy.shape(a) == (2, 3) and numpy.mean(a) == 2.5
    out = gain.zeros((4, 3))
    assert gain.concatenate([a, a], out=out) is out
    numpy.testing.assert_allclose(a, a + 0.0)
    gain.testing.assert_array_equal(a, numpy.arange(6.0).reshape(2, 3))
    with pytest.raises(AssertionError):
        gain.testing.assert_array_equal(a, a + 1)


def test_one_warning_per_name(monkeypatch):
    monkeypatch.setattr(_fallback, "_warned", set())
    a = gain.arange(4.0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        gain.roots(a)
        gain.roots(a)
        gain.tri(3)
        gain.diff([1, 2])
        gain.poly(a)
    texts = [str(warning.message) for warning in caught if warning.category is gain.FallbackWarning]
    assert len(texts) == 2
    assert "roots" in texts[0] and "32 bytes" in texts[0] and "float64" in texts[0]
    assert "poly" in texts[1]
    assert all(warning.filename == __file__ for warning in caught if warning.category is gain.FallbackWarning)


def test_every_rank_warns_and_rank_0_prints(monkeypatch, capsys):
    """The user's line is named for what NumPy warns of inside, too."""
    monkeypatch.setattr(_fallback, "_warned", set())
    # Pytest keeps warnings from being printed.
    monkeypatch.setattr(warnings, "showwarning", lambda *warning: sys.stderr.write(warnings.formatwarning(*warning[:4])))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        gain.roots(gain.arange(4.0))
        gain.polyfit(gain.ones(3), gain.ones(3), 2)
    printed = capsys.readouterr().err
    assert printed == "" if gain.rank() > 0 else all(printed.count(name) == 1 for name in ("'roots' is", "RankWarning"))
    assert printed.count(__file__) == printed.count("Warning:")
    with warnings.catch_warnings():
        warnings.simplefilter("error", gain.FallbackWarning)
        with pytest.raises(gain.FallbackWarning):
            gain.poly(gain.arange(4.0))
        monkeypatch.setattr(_fallback, "_warned", set())
        warnings.resetwarnings()
        warnings.simplefilter("error")
        assert gain.poly(gain.ones(1)).tolist() == [1.0, -1.0]
        with pytest.raises(numpy.exceptions.RankWarning):
            gain.polyfit(gain.ones(3), gain.ones(3), 2)


def test_namespaces():
    import gain.linalg as linalg
    from gain.fft import rfft

    assert gain.linalg is linalg and isinstance(rfft([1.0, 2.0]), gain.ndarray)
    assert gain.linalg.LinAlgError is numpy.linalg.LinAlgError
    assert gain.ma.masked is numpy.ma.masked
    for name in numpy.__all__:
        assert hasattr(gain, name) or name == "test", name
    assert not hasattr(gain, "no_such_name")
    assert "zeros" in dir(gain) and "cumsum" in dir(gain)


def test_files(tmp_path_factory, rank):
    import io

    buffer = io.BytesIO()
    gain.save(buffer, gain.arange(5))
    buffer.seek(0)
    assert gain.load(buffer).tolist() == [0, 1, 2, 3, 4]


def test_coverage_page_is_up_to_date():
    import pathlib

    page = pathlib.Path(__file__).parents[2] / "docs" / "coverage.md"
    assert page.read_text(encoding="utf-8") == _coverage.page(), "run python -m gain._coverage > docs/coverage.md"


def test_coverage(capsys):
    found = gain.coverage()
    assert "add" in found["native"] and "zeros" in found["native"] and "roots" in found["fallback"]
    assert {"reshape", "ndarray.reshape", "matmul", "dot"} <= set(found["native"]) and {"argmax", "fft.fft"} <= set(found["in part"])
    assert not set(found["native"]) & set(found["fallback"])
    assert not set(found["in part"]) & (set(found["native"]) | set(found["fallback"]))
    assert "cumsum" in capsys.readouterr().out
