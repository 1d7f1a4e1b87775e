"""`__array_function__`: gain's functions on other classes' objects, NumPy's functions on gain's arrays, and `like=`."""

import copy
import pickle
import warnings

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


class Recording(gain.lib.mixins.NDArrayOperatorsMixin):
    """A class that is written for gain: it says what it was asked."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return ufunc, method, [type(item) for item in inputs], kwargs


@pytest.mark.parametrize("code, method, kwargs", [
    ("np.add(a, r)", "__call__", {}), ("a + r", "__call__", {}), ("r + a", "__call__", {}), ("np.add(a, a, r)", "__call__", {"out": "r"}), ("np.add(a, a, out=r)", "__call__", {"out": "r"}),
    ("np.add(r, a, out=None)", "__call__", {}), ("np.add(a, a, where=r)", "__call__", {"where": "r"}), ("np.add(r, a, sig='dd->d')", "__call__", {"signature": "dd->d"}),
    ("np.add.reduce(r, 1, None, None, True)", "reduce", {"axis": 1, "dtype": None, "keepdims": True}), ("np.add.reduce(r, out=r)", "reduce", {"out": "r"}),
    ("np.add.accumulate(r, 1)", "accumulate", {"axis": 1}), ("np.add.reduceat(r, [0, 1])", "reduceat", {}), ("np.add.outer(a, r)", "outer", {}), ("np.add.at(r, [0], 1)", "at", {}),
])
def test_a_class_written_for_gain_decides(code, method, kwargs):
    r = Recording()
    ufunc, asked, classes, given = eval(code, {"np": gain, "a": gain.arange(3.0), "r": r})
    assert ufunc is gain.add and asked == method
    assert given == {key: (r,) if key == "out" else r if value == "r" else value for key, value in kwargs.items()}
    assert set(classes) <= {Recording, gain.ndarray, int, list}


def test_python_functions_ask_it_too():
    thrice = gain.frompyfunc(lambda x: 3 * x, 1, 1)
    assert thrice(Recording())[:2] == (thrice, "__call__")


def test_nobody_answers():
    class Silent:
        def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
            return NotImplemented

    with pytest.raises(TypeError, match=r"all returned NotImplemented from __array_ufunc__\(<ufunc 'add'>, '__call__'"):
        gain.arange(3) + Silent()
    with pytest.raises(TypeError, match="got an unexpected keyword argument 'no_such'"):
        gain.add(Silent(), 1, no_such=2)
    assert gain.arange(3).__array_ufunc__(numpy.add, "__call__", gain.arange(3), Silent()) is NotImplemented


@pytest.mark.parametrize("attribute", [("__array_ufunc__", None), ("__array_priority__", 10.0)])
def test_operators_defer_before_anything_is_gathered(attribute):
    theirs = {f"__{name}__": lambda self, other, name=name: (name, type(other)) for name in ("radd", "rsub", "rpow", "rmatmul", "rdivmod", "gt", "eq")}
    kind = type("Apart", (), {attribute[0]: attribute[1], **theirs})
    a, x = gain.ones((3, 3)), kind()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = [a + x, a - x, a**x, a @ x, divmod(a, x), a < x, a == x]
    assert found == [(name, gain.ndarray) for name in ("radd", "rsub", "rpow", "rmatmul", "rdivmod", "gt", "eq")]
    if attribute[1] is None:
        for call in (lambda: gain.add(a, x), lambda: gain.multiply.reduce(x), lambda: gain.matmul(a, x), lambda: numpy.add(a, x)):
            with pytest.raises(TypeError, match="operand 'Apart' does not support ufuncs"):
                call()


def test_objects_that_wrap_results():
    class Wrapped:
        def __init__(self, content):
            self.content = content

        def __array__(self, dtype=None, copy=None):
            return self.content

        def __array_wrap__(self, array, context, return_scalar):
            self.context = context
            return Wrapped(array)

    x = Wrapped(gain.arange(3.0))
    found = gain.maximum(x, 1)
    assert type(found) is Wrapped and type(found.content) is gain.ndarray and found.content.tolist() == [1, 1, 2]
    assert x.context[0] is gain.maximum and x.context[1][0] is x
    assert type(gain.add.reduce(gain.ones((2, 2)).view(numpy.matrix), 0)) is numpy.matrix
