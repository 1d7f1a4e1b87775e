"""Arithmetic of every dtype."""

import numpy as np

for dt in (np.int8, np.uint8, np.int16, np.int32, np.int64, np.float16, np.float32, np.float64, np.complex64, np.complex128, bool):
    a = np.arange(5).astype(dt)
    b = a + a
    print(np.dtype(dt).name, b.dtype, (a * 2).dtype, a.sum().dtype, a.mean().dtype, (a + 1.5).dtype, np.sqrt(a).dtype, a.max(), b)
print(
    np.int32(5) + np.int64(3),
    np.uint8(200) + np.uint8(100) if False else 0,
    np.array([200], np.uint8) + np.array([100], np.uint8),
    (np.array([1], np.int8) + np.array([1], np.uint8)).dtype,
    np.result_type(np.float32, np.int64),
    np.array([1, 2.5, True]).dtype,
    np.array([1, 2]) / 2,
    np.array([7, -7]) // 2,
    np.array([7, -7]) % 3,
    np.array([1, 2]) ** (-1.0),
    ~np.array([True, False]),
    np.array([5]) & 3,
    np.array([1]) << 3,
    np.finfo(float).eps,
    np.iinfo(np.int32).max,
)
print(
    np.array([1 + 2j, 3]).real,
    np.array([1 + 2j]).conj(),
    np.abs(np.array([3 + 4j])),
    np.angle(np.array([1j])).round(6),
    np.iscomplexobj(np.array([1j])),
    np.array(3),
    np.array(3).shape,
    np.array(3)[()],
    np.float32(1) / 3,
    np.array([1e20, 1e-05]),
    np.array([1.0, np.nan, np.inf]),
    np.array([[1.5, 2], [3, 4]]),
    np.zeros((2, 0)),
    np.array([]),
    np.arange(2000),
    np.array([True, False]),
    np.arange(3.0) / 7,
)
x = np.arange(10)
print(
    x.astype(str),
    x.astype("f4").dtype,
    x.view("u8").dtype,
    x.byteswap()[1],
    np.can_cast("i4", "f4"),
    np.array(["1", "2"]).astype(int),
    np.array([1.7, -1.7]).astype(int),
    np.round([1.5, 2.5, -0.5]),
    np.array([1, 2], dtype=">i4") + 1,
    np.longdouble(1),
)
