//! NumPy's ufuncs by name, on arrays: `elementwise::sqrt(&a)?`, `elementwise::maximum(&a, 0.0)?`.
//!
//! Each is [`operate::ufunc`](crate::operate::ufunc()) with its row of the table: dtypes are promoted and shapes broadcast as in NumPy, the
//! work is recorded and fused with its neighbours. The first operand is an array, the second an array or a number, which takes the array's
//! dtype where it can. Operators (`&a + &b`, `&a * 2.0`, `-&a`, `&a & &b`, `!&a`) are the same.
//!
//! # Collective
//! All ranks call, in the same order.
//!
//! # Errors
//! All of these functions: [`Error::Ufunc`](crate::Error::Ufunc) (NumPy's `TypeError`) when no loop takes the dtypes,
//! [`Error::Broadcast`](crate::Error::Broadcast) (`ValueError`) when the shapes do not fit, `OverflowError` when a number does not fit the
//! array's integers, [`Error::Memory`](crate::Error::Memory).
//!
//! # Examples
//! ```
//! use gain_core::{Runtime, Settings, create, elementwise as np};
//!
//! let rt = Runtime::single(Settings::default());
//! let x = create::from_slice(&rt, &[2, 2], &[3.0, -1.0, 8.0, 0.5])?;
//! let y = create::from_slice(&rt, &[2], &[4.0, 6.0])?;
//! let length = np::hypot(&x, &y)?;
//! assert_eq!(length.to_vec::<f64>()?[0], 5.0);
//! let inside = (&np::less(&x, 4.0)? & &np::greater_equal(&x, 0)?)?;
//! assert_eq!(inside.to_vec::<bool>()?, [true, false, false, true]);
//! assert!(np::add(&x, &create::from_slice(&rt, &[3], &[0i64; 3])?).is_err());
//! # Ok::<(), gain_core::Error>(())
//! ```

use gain_ufunc::ufunc;

use crate::array::Array;
use crate::error::Result;
use crate::operand::Operand;
use crate::operate;

macro_rules! unary {
    ($($name:ident $row:ident)+) => {
        $(
            #[doc = concat!("NumPy's `", stringify!($name), "` of every element, as a new array.")]
            pub fn $name(x: &Array) -> Result<Array> {
                operate::ufunc(x.runtime(), ufunc::$row, &[x.into()])
            }
        )+
    };
}

macro_rules! binary {
    ($($name:ident $row:ident)+) => {
        $(
            #[doc = concat!("NumPy's `", stringify!($name), "` of every pair of elements, as a new array.")]
            pub fn $name<'a>(x: &'a Array, y: impl Into<Operand<'a>>) -> Result<Array> {
                operate::ufunc(x.runtime(), ufunc::$row, &[x.into(), y.into()])
            }
        )+
    };
}

unary! {
    negative NEGATIVE  positive POSITIVE  absolute ABSOLUTE  square SQUARE  reciprocal RECIPROCAL  sign SIGN  conjugate CONJUGATE
    bitwise_count BITWISE_COUNT  invert INVERT  logical_not LOGICAL_NOT  floor FLOOR  ceil CEIL  trunc TRUNC  rint RINT  fabs FABS
    isnan ISNAN  isinf ISINF  isfinite ISFINITE  signbit SIGNBIT  spacing SPACING  sqrt SQRT  cbrt CBRT  exp EXP  exp2 EXP2
    expm1 EXPM1  log LOG  log2 LOG2  log10 LOG10  log1p LOG1P  sin SIN  cos COS  tan TAN  arcsin ARCSIN  arccos ARCCOS
    arctan ARCTAN  sinh SINH  cosh COSH  tanh TANH  arcsinh ARCSINH  arccosh ARCCOSH  arctanh ARCTANH  degrees DEGREES
    radians RADIANS
}

binary! {
    add ADD  subtract SUBTRACT  multiply MULTIPLY  divide DIVIDE  floor_divide FLOOR_DIVIDE  remainder REMAINDER  fmod FMOD
    power POWER  float_power FLOAT_POWER  gcd GCD  lcm LCM  bitwise_and BITWISE_AND  bitwise_or BITWISE_OR  bitwise_xor BITWISE_XOR
    left_shift LEFT_SHIFT  right_shift RIGHT_SHIFT  equal EQUAL  not_equal NOT_EQUAL  less LESS  less_equal LESS_EQUAL
    greater GREATER  greater_equal GREATER_EQUAL  logical_and LOGICAL_AND  logical_or LOGICAL_OR  logical_xor LOGICAL_XOR
    minimum MINIMUM  maximum MAXIMUM  fmin FMIN  fmax FMAX  copysign COPYSIGN  heaviside HEAVISIDE  ldexp LDEXP
    nextafter NEXTAFTER  arctan2 ARCTAN2  hypot HYPOT  logaddexp LOGADDEXP  logaddexp2 LOGADDEXP2
}
