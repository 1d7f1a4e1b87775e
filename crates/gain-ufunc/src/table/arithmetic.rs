//! Rows: arithmetic and bit-wise operations.

use super::{rows, ufunc};
use crate::loops::B8;
use half::f16;
use num_complex::{Complex32 as C32, Complex64 as C64};

ufunc!(
    ADD = "add",
    2,
    Some(0),
    Search,
    "Add arguments element-wise.",
    rows![binary_row Add: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16_in_f32 f32 f64 C32 C64]
);
ufunc!(
    SUBTRACT = "subtract",
    2,
    None,
    Subtract,
    "Subtract arguments, element-wise.",
    rows![binary_row Subtract: i8 u8 i16 u16 i32 u32 i64 u64 f16_in_f32 f32 f64 C32 C64]
);
ufunc!(
    MULTIPLY = "multiply",
    2,
    Some(1),
    Search,
    "Multiply arguments element-wise.",
    rows![binary_row Multiply: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16_in_f32 f32 f64 C32 C64]
);
ufunc!(DIVIDE = "divide" or "true_divide", 2, None, Divide, "Divide arguments element-wise.",
    rows![binary_row TrueDivide: f16_in_f32 f32 f64 C32 C64]);
ufunc!(
    FLOOR_DIVIDE = "floor_divide",
    2,
    None,
    Search,
    "The largest integer less than or equal to the quotient of the inputs.",
    rows![binary_row FloorDivide: i8 u8 i16 u16 i32 u32 i64 u64; pair_row FloorDivide: f16_in_f32 f32 f64]
);
ufunc!(REMAINDER = "remainder" or "mod", 2, None, Search, "The element-wise remainder of division, with the sign of the divisor.",
    rows![binary_row Remainder: i8 u8 i16 u16 i32 u32 i64 u64; pair_row Remainder: f16_in_f32 f32 f64]);
ufunc!(POWER = "power" or "pow", 2, None, Search, "First array elements raised to powers from second array, element-wise.",
    rows![binary_row Power: i8 u8 i16 u16 i32 u32 i64 u64; pair_row Power: f16_in_f32 f32 f64; binary_row Power: C32 C64]);
ufunc!(
    NEGATIVE = "negative",
    1,
    None,
    Negative,
    "Numerical negative, element-wise.",
    rows![unary_row Negative: i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64 C32 C64]
);
ufunc!(
    POSITIVE = "positive",
    1,
    None,
    Exact,
    "Numerical positive, element-wise.",
    rows![unary_row Positive: i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64 C32 C64]
);
ufunc!(ABSOLUTE = "absolute" or "abs", 1, None, Search, "The absolute value element-wise.",
    rows![unary_row Absolute: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64; magnitude_row Magnitude: C32 C64]);
ufunc!(
    SQUARE = "square",
    1,
    None,
    Search,
    "The element-wise square of the input.",
    rows![unary_row Square: i8 u8 i16 u16 i32 u32 i64 u64 f16_in_f32 f32 f64 C32 C64]
);
ufunc!(
    RECIPROCAL = "reciprocal",
    1,
    None,
    Search,
    "The reciprocal of the argument, element-wise.",
    rows![unary_row Reciprocal: i8 u8 i16 u16 i32 u32 i64 u64 f16_in_f32 f32 f64 C32 C64]
);
ufunc!(
    SIGN = "sign",
    1,
    None,
    Exact,
    "An element-wise indication of the sign of a number; z/|z| of a complex one.",
    rows![unary_row Sign: i8 u8 i16 u16 i32 u32 i64 u64 f16_in_f32 f32 f64 C32 C64]
);
ufunc!(CONJUGATE = "conjugate" or "conj", 1, None, Search, "The complex conjugate, element-wise.",
    rows![unary_row Conjugate: i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64 C32 C64]);
ufunc!(
    BITWISE_AND = "bitwise_and",
    2,
    Some(-1),
    Search,
    "The bit-wise AND of two arrays element-wise.",
    rows![binary_row BitwiseAnd: B8 i8 u8 i16 u16 i32 u32 i64 u64]
);
ufunc!(
    BITWISE_OR = "bitwise_or",
    2,
    Some(0),
    Search,
    "The bit-wise OR of two arrays element-wise.",
    rows![binary_row BitwiseOr: B8 i8 u8 i16 u16 i32 u32 i64 u64]
);
ufunc!(
    BITWISE_XOR = "bitwise_xor",
    2,
    Some(0),
    Search,
    "The bit-wise XOR of two arrays element-wise.",
    rows![binary_row BitwiseXor: B8 i8 u8 i16 u16 i32 u32 i64 u64]
);
ufunc!(INVERT = "invert" or "bitwise_not" or "bitwise_invert", 1, None, Search, "Bit-wise inversion, or bit-wise NOT, element-wise.",
    rows![unary_row Invert: B8 i8 u8 i16 u16 i32 u32 i64 u64]);
ufunc!(LEFT_SHIFT = "left_shift" or "bitwise_left_shift", 2, None, Search, "Shift the bits of an integer to the left.",
    rows![binary_row LeftShift: i8 u8 i16 u16 i32 u32 i64 u64]);
ufunc!(RIGHT_SHIFT = "right_shift" or "bitwise_right_shift", 2, None, Search, "Shift the bits of an integer to the right.",
    rows![binary_row RightShift: i8 u8 i16 u16 i32 u32 i64 u64]);
ufunc!(
    FMOD = "fmod",
    2,
    None,
    Search,
    "The element-wise remainder of division, with the sign of the dividend.",
    rows![binary_row FloatRemainder: i8 u8 i16 u16 i32 u32 i64 u64; pair_row FloatRemainder: f16_in_f32 f32 f64]
);
ufunc!(
    FLOAT_POWER = "float_power",
    2,
    None,
    Search,
    "First array elements raised to powers from second array, as float64 or complex128.",
    rows![pair_row Power: f64; binary_row Power: C64]
);
ufunc!(
    GCD = "gcd",
    2,
    Some(0),
    Exact,
    "The greatest common divisor of |x1| and |x2|.",
    rows![binary_row Gcd: i8 u8 i16 u16 i32 u32 i64 u64]
);
ufunc!(
    LCM = "lcm",
    2,
    None,
    Exact,
    "The lowest common multiple of |x1| and |x2|.",
    rows![binary_row Lcm: i8 u8 i16 u16 i32 u32 i64 u64]
);
ufunc!(
    BITWISE_COUNT = "bitwise_count",
    1,
    None,
    Search,
    "The number of 1-bits in the absolute value.",
    rows![unary_row BitCount: i8 u8 i16 u16 i32 u32 i64 u64]
);
