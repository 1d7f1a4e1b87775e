"""`__array_function__`: gain's functions on other classes' objects, NumPy's functions on gain's arrays, and `like=`."""

import copy
import pickle

import gain
import numpy
import pytest


class Duck:
    """An array of another library, which registers what it does for the functions it was given."""

    handled = {}

    def __init__(self, value=0):
        self.value = value

    def __array_function__(self, func, types, args, kwargs):
        if func not in self.handled:
            return NotImplemented
        return self.handled[func](types, *args, **kwargs)


for function in (gain.sum, gain.median, gain.concatenate, gain.std, gain.zeros, gain.arange, gain.array, gain.frombuffer, numpy.cumsum):
    Duck.handled[function] = lambda types, *args, _name=function.__name__, **kwargs: (_name, len(types), len(args), sorted(kwargs))


@pytest.mark.parametrize("code, found", [
    ("gain.sum(d)", ("sum", 1, 1, [])), ("gain.median(d, axis=0)", ("median", 1, 1, ["axis"])), ("gain.std(gain.arange(3), where=d)", ("std", 2, 1, ["where"])),
    ("gain.concatenate([gain.arange(3), d])", ("concatenate", 2, 1, [])), ("gain.concatenate([d, Duck()])", ("concatenate", 1, 1, [])), ("gain.cumsum(d)", ("cumsum", 1, 1, [])),
    ("gain.zeros(3, like=d)", ("zeros", 0, 1, [])), ("gain.arange(3, like=d)", ("arange", 1, 1, [])), ("gain.array([1], dtype=int, like=d)", ("array", 1, 1, ["dtype"])),
    ("gain.frombuffer(b'1234', like=d)", ("frombuffer", 1, 1, [])),
])
def test_other_classes(code, found):
    answer = eval(code, {"gain": gain, "d": Duck(3), "Duck": Duck})
    assert answer[0] == found[0] and answer[2:] == found[2:]


@pytest.mark.parametrize("code, text", [
    ("gain.argsort(d)", "no implementation found for 'numpy.argsort'"), ("gain.ones(3, like=d)", "no implementation found for 'numpy.ones'"),
    ("gain.concatenate([gain.arange(2), object])", ""), ("gain.zeros(3, like=5)", "The `like` argument must be an array-like that implements"),
    ("gain.array(3, like=[1])", "The `like` argument must be an array-like that implements"), ("gain.array(1, no_such=True, like=d)", "no_such"),
])
def test_refusals(code, text):
    with pytest.raises((TypeError, ValueError)) as raised:
        eval(code, {"gain": gain, "d": Duck(3)})
    assert text in str(raised.value)


@pytest.mark.parametrize("code", ["gain.zeros(3, like=a)", "gain.arange(3, like=n)", "gain.full(3, 2, like=a)", "gain.eye(2, like=a)", "gain.asarray([1], like=None)", "gain.fromiter(range(3), int, like=a)"])
def test_like_arrays(code):
    found = eval(code, {"gain": gain, "a": gain.ones(2), "n": numpy.ones(2)})
    assert type(found) is gain.ndarray


@pytest.mark.parametrize("code", [
    "numpy.concatenate([a, n])", "numpy.concatenate([n, a])", "numpy.stack([n, a])", "numpy.median(a)", "numpy.sort(a)", "numpy.where(a > 2, a, n)", "numpy.linalg.norm(a)", "numpy.fft.fft(a)", "numpy.var(a)",
    "numpy.clip(a, 1, 2)", "numpy.dot(a, n)", "numpy.add.reduce(a)", "numpy.hypot(n, a)", "numpy.vstack((a, n))", "numpy.pad(a, 1)", "numpy.unique(a)", "numpy.tensordot(n, a, 1)", "numpy.einsum('i,i', a, n)", "numpy.shape(a)",
])
def test_functions_of_numpy(code):
    n = numpy.arange(5.0)[::-1]
    expected = eval(code, {"numpy": numpy, "a": numpy.arange(5.0), "n": n})
    found = eval(code, {"numpy": numpy, "a": gain.arange(5.0), "n": n})
    assert type(found) is type(expected) if not isinstance(expected, numpy.ndarray) else type(found) is gain.ndarray
    numpy.testing.assert_allclose(numpy.asarray(found), expected)


def test_the_protocol_itself():
    a = gain.arange(3)
    assert a.__array_function__(func=numpy.sum, types=(gain.ndarray,), args=(a,), kwargs={}) == 3
    assert a.__array_function__(func=numpy.sum, types=(gain.ndarray, Duck), args=(a,), kwargs={}) is NotImplemented
    assert a.__array_function__(func=lambda x: x * 2, types=(), args=(a,), kwargs={}).tolist() == [0, 2, 4]
    with pytest.raises(TypeError, match="args must be a tuple"):
        a.__array_function__(numpy.sum, (gain.ndarray,), a, {})
    with pytest.raises(TypeError, match="kwargs must be a dict"):
        a.__array_function__(numpy.sum, (gain.ndarray,), (a,), 1)


def test_derived_classes():
    class Derived(gain.ndarray):
        def __array_function__(self, func, types, args, kwargs):
            return "own", super().__array_function__(func, types, args, kwargs)

    derived = gain.arange(3).view(Derived)
    assert type(derived.view(gain.ndarray)) is numpy.ndarray and isinstance(derived.view(gain.ndarray), gain.ndarray)
    assert gain.sum(derived) == ("own", 3)
    made = gain.arange(3, like=derived)
    assert made[0] == "own" and made[1].tolist() == [0, 1, 2]


@pytest.mark.parametrize("again", [pickle.loads, None], ids=["pickle", "copy"])
@pytest.mark.parametrize("made", [lambda: gain.arange(7.0).reshape(7, 1), lambda: gain.zeros((0, 2), int), lambda: gain.array(3j), lambda: gain.arange(24).reshape(4, 6)[1::2, ::-1]])
def test_pickle_and_copies(again, made):
    a = made()
    copies = [again(pickle.dumps(a, protocol)) for protocol in range(2, 6)] if again else [copy.copy(a), copy.deepcopy(a), copy.deepcopy([a, a])[1]]
    for b in copies:
        assert type(b) is gain.ndarray and b.dtype == a.dtype and b.shape == a.shape and bool((b == a).all())
        b[...] = 5
        assert b.size == 0 or not bool((a == b).all())


def test_functions_are_pickled_by_name():
    for function in (gain.concatenate, gain.median, gain.sum, gain.add, gain.array, gain.roots):
        assert pickle.loads(pickle.dumps(function)) is function


def test_hash_and_comparison():
    a = gain.arange(3)
    with pytest.raises(TypeError, match="unhashable type"):
        hash(a)
    assert (a == None).tolist() == [False] * 3 and (a != "x").tolist() == [True] * 3  # noqa: E711
    with pytest.raises(ValueError, match="ambiguous"):
        bool(a == a)
