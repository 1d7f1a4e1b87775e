//! Rows: roots, exponentials, logarithms, trigonometric and hyperbolic functions.

use super::{rows, ufunc};
use num_complex::{Complex32 as C32, Complex64 as C64};

ufunc!(
    SQRT = "sqrt",
    1,
    None,
    Search,
    "The non-negative square-root of an array, element-wise.",
    rows![unary_row SquareRoot: f16_in_f32 f32 f64 C32 C64]
);
ufunc!(
    CBRT = "cbrt",
    1,
    None,
    Search,
    "The cube-root of an array, element-wise.",
    rows![kernel_row CubeRoot: f16_in_f32 f32 f64]
);
ufunc!(
    EXP = "exp",
    1,
    None,
    Search,
    "The exponential of all elements in the input array.",
    rows![kernel_row Exp: f16_in_f32 f32 f64; unary_row ComplexExp: C32 C64]
);
ufunc!(
    EXP2 = "exp2",
    1,
    None,
    Search,
    "2**p for all p in the input array.",
    rows![kernel_row Exp2: f16_in_f32 f32 f64; unary_row Exp2: C32 C64]
);
ufunc!(
    EXPM1 = "expm1",
    1,
    None,
    Search,
    "exp(x) - 1 for all elements in the array.",
    rows![kernel_row Expm1: f16_in_f32 f32 f64; unary_row Expm1: C32 C64]
);
ufunc!(
    LOG = "log",
    1,
    None,
    Search,
    "Natural logarithm, element-wise.",
    rows![kernel_row Log: f16_in_f32 f32 f64; unary_row ComplexLog: C32 C64]
);
ufunc!(
    LOG2 = "log2",
    1,
    None,
    Search,
    "Base-2 logarithm of x.",
    rows![kernel_row Log2: f16_in_f32 f32 f64; unary_row Log2: C32 C64]
);
ufunc!(
    LOG10 = "log10",
    1,
    None,
    Search,
    "The base 10 logarithm of the input array, element-wise.",
    rows![kernel_row Log10: f16_in_f32 f32 f64; unary_row Log10: C32 C64]
);
ufunc!(
    LOG1P = "log1p",
    1,
    None,
    Search,
    "The natural logarithm of one plus the input array, element-wise.",
    rows![kernel_row Log1p: f16_in_f32 f32 f64; unary_row Log1p: C32 C64]
);
ufunc!(
    SIN = "sin",
    1,
    None,
    Search,
    "Trigonometric sine, element-wise.",
    rows![kernel_row Sin: f16_in_f32 f32 f64; unary_row ComplexSin: C32 C64]
);
ufunc!(
    COS = "cos",
    1,
    None,
    Search,
    "Cosine element-wise.",
    rows![kernel_row Cos: f16_in_f32 f32 f64; unary_row ComplexCos: C32 C64]
);
ufunc!(
    TAN = "tan",
    1,
    None,
    Search,
    "Compute tangent element-wise.",
    rows![kernel_row Tan: f16_in_f32 f32 f64; unary_row Tan: C32 C64]
);
ufunc!(ARCSIN = "arcsin" or "asin", 1, None, Search, "Inverse sine, element-wise.",
    rows![kernel_row Arcsin: f16_in_f32 f32 f64; unary_row Arcsin: C32 C64]);
ufunc!(ARCCOS = "arccos" or "acos", 1, None, Search, "Trigonometric inverse cosine, element-wise.",
    rows![kernel_row Arccos: f16_in_f32 f32 f64; unary_row Arccos: C32 C64]);
ufunc!(ARCTAN = "arctan" or "atan", 1, None, Search, "Trigonometric inverse tangent, element-wise.",
    rows![kernel_row Arctan: f16_in_f32 f32 f64; unary_row Arctan: C32 C64]);
ufunc!(ARCTAN2 = "arctan2" or "atan2", 2, None, Search, "Element-wise arc tangent of x1/x2 choosing the quadrant correctly.",
    rows![pair_row Arctan2: f16_in_f32 f32 f64]);
ufunc!(
    HYPOT = "hypot",
    2,
    Some(0),
    Search,
    "The hypotenuse of a right triangle, given its legs.",
    rows![pair_row Hypot: f16_in_f32 f32 f64]
);
ufunc!(
    SINH = "sinh",
    1,
    None,
    Search,
    "Hyperbolic sine, element-wise.",
    rows![kernel_row Sinh: f16_in_f32 f32 f64; unary_row Sinh: C32 C64]
);
ufunc!(
    COSH = "cosh",
    1,
    None,
    Search,
    "Hyperbolic cosine, element-wise.",
    rows![kernel_row Cosh: f16_in_f32 f32 f64; unary_row Cosh: C32 C64]
);
ufunc!(
    TANH = "tanh",
    1,
    None,
    Search,
    "Hyperbolic tangent element-wise.",
    rows![kernel_row Tanh: f16_in_f32 f32 f64; unary_row ComplexTanh: C32 C64]
);
ufunc!(ARCSINH = "arcsinh" or "asinh", 1, None, Search, "Inverse hyperbolic sine element-wise.",
    rows![kernel_row Arcsinh: f16_in_f32 f32 f64; unary_row Arcsinh: C32 C64]);
ufunc!(ARCCOSH = "arccosh" or "acosh", 1, None, Search, "Inverse hyperbolic cosine, element-wise.",
    rows![kernel_row Arccosh: f16_in_f32 f32 f64; unary_row Arccosh: C32 C64]);
ufunc!(ARCTANH = "arctanh" or "atanh", 1, None, Search, "Inverse hyperbolic tangent element-wise.",
    rows![kernel_row Arctanh: f16_in_f32 f32 f64; unary_row Arctanh: C32 C64]);
ufunc!(
    LOGADDEXP = "logaddexp",
    2,
    None,
    Search,
    "Logarithm of the sum of exponentials of the inputs.",
    rows![pair_row LogAddExp: f16_in_f32 f32 f64]
);
ufunc!(
    LOGADDEXP2 = "logaddexp2",
    2,
    None,
    Search,
    "Logarithm of the sum of exponentials of the inputs in base 2.",
    rows![pair_row LogAddExp2: f16_in_f32 f32 f64]
);
ufunc!(
    DEGREES = "degrees",
    1,
    None,
    Search,
    "Angles in radians as degrees.",
    rows![unary_row Degrees: f16_in_f32 f32 f64]
);
ufunc!(
    RAD2DEG = "rad2deg",
    1,
    None,
    Search,
    "Angles in radians as degrees.",
    rows![unary_row Degrees: f16_in_f32 f32 f64]
);
ufunc!(
    RADIANS = "radians",
    1,
    None,
    Search,
    "Angles in degrees as radians.",
    rows![unary_row Radians: f16_in_f32 f32 f64]
);
ufunc!(
    DEG2RAD = "deg2rad",
    1,
    None,
    Search,
    "Angles in degrees as radians.",
    rows![unary_row Radians: f16_in_f32 f32 f64]
);
