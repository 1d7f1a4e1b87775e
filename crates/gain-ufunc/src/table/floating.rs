//! Rows: rounding, and what floating-point numbers are made of.

use super::{rows, ufunc};
use crate::loops::B8;
use half::f16;
use num_complex::{Complex32 as C32, Complex64 as C64};

ufunc!(
    FLOOR = "floor",
    1,
    None,
    Search,
    "The floor of the input, element-wise.",
    rows![unary_row Floor: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16_in_f32 f32 f64]
);
ufunc!(
    CEIL = "ceil",
    1,
    None,
    Search,
    "The ceiling of the input, element-wise.",
    rows![unary_row Ceil: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16_in_f32 f32 f64]
);
ufunc!(
    TRUNC = "trunc",
    1,
    None,
    Search,
    "The truncated value of the input, element-wise.",
    rows![unary_row Trunc: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16_in_f32 f32 f64]
);
ufunc!(
    RINT = "rint",
    1,
    None,
    Search,
    "Round elements to the nearest integer, ties to even.",
    rows![unary_row Rint: f16_in_f32 f32 f64 C32 C64]
);
ufunc!(
    ISNAN = "isnan",
    1,
    None,
    Search,
    "Test element-wise for NaN.",
    rows![unary_row IsNan: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64 C32 C64]
);
ufunc!(
    ISINF = "isinf",
    1,
    None,
    Search,
    "Test element-wise for positive or negative infinity.",
    rows![unary_row IsInf: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64 C32 C64]
);
ufunc!(
    ISFINITE = "isfinite",
    1,
    None,
    Search,
    "Test element-wise for finiteness (not infinity and not NaN).",
    rows![unary_row IsFinite: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64 C32 C64]
);
ufunc!(
    SIGNBIT = "signbit",
    1,
    None,
    Search,
    "True where the sign bit is set (less than zero, or -0.0).",
    rows![unary_row SignBit: f16 f32 f64]
);
ufunc!(
    COPYSIGN = "copysign",
    2,
    None,
    Search,
    "The magnitude of x1 with the sign of x2, element-wise.",
    rows![binary_row CopySign: f16 f32 f64]
);
ufunc!(
    FABS = "fabs",
    1,
    None,
    Search,
    "The absolute values element-wise, as floating-point numbers.",
    rows![unary_row FloatAbsolute: f16 f32 f64]
);
ufunc!(
    HEAVISIDE = "heaviside",
    2,
    None,
    Search,
    "The Heaviside step function: 0 below zero, x2 at zero, 1 above.",
    rows![binary_row Heaviside: f16_in_f32 f32 f64]
);
ufunc!(
    LDEXP = "ldexp",
    2,
    None,
    Scale,
    "x1 * 2**x2, element-wise.",
    rows![binary_row ScaleInt: f16_in_f32; binary_row ScaleLong: f16_in_f32; binary_row ScaleInt: f32; binary_row ScaleLong: f32; binary_row ScaleInt: f64; binary_row ScaleLong: f64]
);
ufunc!(
    NEXTAFTER = "nextafter",
    2,
    None,
    Search,
    "The next floating-point value after x1 towards x2, element-wise.",
    rows![binary_row NextAfter: f16 f32 f64]
);
ufunc!(
    SPACING = "spacing",
    1,
    None,
    Search,
    "The distance between x and the nearest adjacent number away from zero.",
    rows![unary_row Spacing: f16 f32 f64]
);
ufunc!(
    MODF_FRACTION = "modf_fraction",
    1,
    None,
    Search,
    "The first output of modf: what is left behind the point.",
    rows![unary_row Fraction: f16_in_f32 f32 f64]
);
ufunc!(
    MODF_INTEGRAL = "modf_integral",
    1,
    None,
    Search,
    "The second output of modf: the whole number towards zero.",
    rows![unary_row Trunc: f16_in_f32 f32 f64]
);
ufunc!(
    FREXP_MANTISSA = "frexp_mantissa",
    1,
    None,
    Search,
    "The first output of frexp: the number divided by a power of two.",
    rows![unary_row Mantissa: f16_in_f32 f32 f64]
);
ufunc!(
    FREXP_EXPONENT = "frexp_exponent",
    1,
    None,
    Search,
    "The second output of frexp: the exponent of that power.",
    rows![unary_row Exponent: f16_in_f32 f32 f64]
);
