//! Rows: comparisons, logic, extremes and selection.

use super::{rows, ufunc, value_rows};
use crate::loops::{B8, SignedUnsigned, UnsignedSigned};
use half::f16;
use num_complex::{Complex32 as C32, Complex64 as C64};

/// All types, with NumPy's exact comparisons of `int64` and `uint64` after the integers.
macro_rules! comparison {
    ($op:ident) => {
        rows![
            binary_row $op: B8 i8 u8 i16 u16 i32 u32 i64 u64 SignedUnsigned UnsignedSigned f16_in_f32 f32 f64 C32 C64
        ]
    };
}

ufunc!(
    EQUAL = "equal",
    2,
    None,
    Search,
    "(x1 == x2) element-wise.",
    comparison!(Equal)
);
ufunc!(
    NOT_EQUAL = "not_equal",
    2,
    None,
    Search,
    "(x1 != x2) element-wise.",
    comparison!(NotEqual)
);
ufunc!(
    LESS = "less",
    2,
    None,
    Search,
    "The truth value of (x1 < x2) element-wise.",
    comparison!(Less)
);
ufunc!(
    LESS_EQUAL = "less_equal",
    2,
    None,
    Search,
    "The truth value of (x1 <= x2) element-wise.",
    comparison!(LessEqual)
);
ufunc!(
    GREATER = "greater",
    2,
    None,
    Search,
    "The truth value of (x1 > x2) element-wise.",
    comparison!(Greater)
);
ufunc!(
    GREATER_EQUAL = "greater_equal",
    2,
    None,
    Search,
    "The truth value of (x1 >= x2) element-wise.",
    comparison!(GreaterEqual)
);
ufunc!(
    LOGICAL_AND = "logical_and",
    2,
    Some(1),
    Logical,
    "The truth value of x1 AND x2 element-wise.",
    rows![binary_row LogicalAnd: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64 C32 C64]
);
ufunc!(
    LOGICAL_OR = "logical_or",
    2,
    Some(0),
    Logical,
    "The truth value of x1 OR x2 element-wise.",
    rows![binary_row LogicalOr: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64 C32 C64]
);
ufunc!(
    LOGICAL_XOR = "logical_xor",
    2,
    Some(0),
    Logical,
    "The truth value of x1 XOR x2, element-wise.",
    rows![binary_row LogicalXor: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64 C32 C64]
);
ufunc!(
    LOGICAL_NOT = "logical_not",
    1,
    None,
    Search,
    "The truth value of NOT x element-wise.",
    rows![unary_row LogicalNot: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64 C32 C64]
);
ufunc!(
    MINIMUM = "minimum",
    2,
    None,
    Search,
    "Element-wise minimum of array elements; NaN where an element is NaN.",
    rows![binary_row Minimum: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64 C32 C64]
);
ufunc!(
    MAXIMUM = "maximum",
    2,
    None,
    Search,
    "Element-wise maximum of array elements; NaN where an element is NaN.",
    rows![binary_row Maximum: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64 C32 C64]
);
ufunc!(
    FMIN = "fmin",
    2,
    None,
    Search,
    "Element-wise minimum of array elements, ignoring NaN.",
    rows![binary_row Fmin: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64 C32 C64]
);
ufunc!(
    FMAX = "fmax",
    2,
    None,
    Search,
    "Element-wise maximum of array elements, ignoring NaN.",
    rows![binary_row Fmax: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64 C32 C64]
);
ufunc!(
    WHERE = "where",
    3,
    None,
    Select,
    "Elements of the second where the first is true, else of the third.",
    value_rows![select_row: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64 C32 C64]
);
ufunc!(
    CLIP = "clip",
    3,
    None,
    Search,
    "The first limited to the interval between the second and the third.",
    value_rows![clip_row: B8 i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64 C32 C64]
);
