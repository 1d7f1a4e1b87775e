"""Arrays among Python's own tools: decorators, threads, containers, formatting."""

import numpy as np
import functools, time, contextlib, io, threading, queue, concurrent.futures, weakref, gc, copy, sys, inspect, operator, collections


def timed(f):
    @functools.wraps(f)
    def w(*a, **k):
        t = time.time()
        r = f(*a, **k)
        w.t = time.time() - t
        return r

    return w


@timed
def work(n):
    return np.linalg.norm(np.arange(n))


print(work(10), work.t >= 0)
buf = io.StringIO()
with contextlib.redirect_stdout(buf):
    print(np.arange(3))
print(repr(buf.getvalue()))
a = np.arange(5.0)
r = weakref.ref(a)
del a
gc.collect()
print(r() is None)
a = np.arange(3)
print(
    copy.copy(a) is a,
    copy.deepcopy([a, a])[0] is a,
    sys.getsizeof(a) > 0,
    operator.itemgetter(1)(a),
    operator.add(a, a),
    operator.matmul(a, a),
    operator.index(np.int64(3)),
    inspect.isfunction(np.mean) or callable(np.mean),
    inspect.signature(np.linspace).parameters["num"].default,
)
out = []
t = threading.Thread(target=lambda: out.append(np.ones(3).sum()))
t.start()
t.join()
print(out)
with concurrent.futures.ThreadPoolExecutor(1) as ex:
    print([f for f in ex.map(lambda k: float(np.arange(k).sum()), [1, 2, 3])])
d = collections.defaultdict(lambda: np.zeros(2))
d["a"] += 1
print(dict(d))
dq = collections.deque(maxlen=3)
[dq.append(np.full(2, i)) for i in range(5)]
print(np.mean(dq, axis=0), np.array(dq))
P = collections.namedtuple("P", "x y")
p = P(np.arange(2), 1)
print(p, p._replace(y=np.ones(1)))


class Lazy:
    @functools.cached_property
    def v(self):
        return np.arange(3)


l = Lazy()
print(l.v is l.v, vars(l))


def gen(n):
    for i in range(n):
        yield np.full(2, i)


print(np.stack(list(gen(3))), sum(gen(3)), np.concatenate([*gen(2)]), *gen(1))
print(*(f"{x:.1f}" for x in np.linspace(0, 1, 3)), sep="|")
x, *rest = np.arange(4)
print(x, rest)
assert np.all(np.ones(2)), "no"
i = np.arange(3)[1]
print(
    {i: "k"}[1],
    [10, 20][i],
    i in {1, 2},
    "%03d" % i,
    f"{i:>4}|{np.float32(0.5):.3f}|{np.True_}",
    str(i),
    int(i) == i,
    -i,
    i // 2,
    i.item(),
    i.dtype,
    i == 1 and "eq",
)
s = slice(*np.array([0, 2]))
print([1, 2, 3][s])
del i
try:
    np.ones(2)[None, :].bad
except AttributeError:
    print("AttributeError")
try:
    raise ValueError(np.arange(2))
except ValueError as e:
    print(e, repr(e))
print(
    np.ones(3) is np.ones(3),
    np.array([1]) == np.array([1]),
    (np.arange(2) == None),
    np.array_equal(None, None),
    np.ones(1) != "a",
    all(np.arange(3) == [0, 1, 2]),
    np.arange(3) in [np.arange(3)] if False else "",
)
while (a := a[:-1]).size:
    print(a.size, end=" ")
print(
    globals()["np"] is np,
    eval("np.arange(2) + 1"),
    exec("q = np.ones(1)") or q,
    (lambda *a: np.sum(a))(1, 2),
    [[np.zeros(1)] * 2] * 1,
    max([np.float64(1), 2]),
    min(np.arange(3), default=0),
    sorted([np.float64(2), 1]),
    sum([np.ones(2)] * 3),
    round(np.float32(1.26), 1),
    abs(np.int8(-5)),
    complex(np.complex128(1j)),
    bool(np.array([1])),
    int(np.array(5)),
    float(np.array(2.5)),
    list(np.array([[1, 2]])),
    tuple(np.arange(2)),
    set(np.arange(2).tolist()),
    str(np.array("s")),
    bytes(np.array([1, 2], "u1").tobytes()),
    np.array([1, 2]).__len__(),
    np.arange(6).reshape(2, 3).__getitem__((0, 1)),
    divmod(np.arange(3), 2),
    pow(np.arange(3), 2),
    np.arange(3) @ np.arange(3),
    ~np.arange(2),
    +np.arange(2),
    5 - np.arange(2),
    2 ** np.arange(3),
    7 // np.arange(1, 3),
    7 % np.arange(1, 3),
    1 << np.arange(3),
    6 & np.arange(3),
    1 | np.arange(2),
    3 ^ np.arange(2),
    3 > np.arange(2),
    np.arange(2) <= 1,
)
