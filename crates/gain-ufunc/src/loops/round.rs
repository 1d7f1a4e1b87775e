//! Rounding, square roots, signs of floating-point numbers.

use super::binary::binary;
use super::native::B8;
use super::unary::{operations, unary};
use num_complex::Complex;

operations! {
    /// Down.
    Floor
    /// Up.
    Ceil
    /// Towards zero.
    Trunc
    /// To the nearest, ties to even.
    Rint
    /// Square root, correctly rounded.
    SquareRoot
    /// Magnitude of the left with the sign of the right.
    CopySign
    /// Magnitude of a real floating-point number.
    FloatAbsolute
}

unary!(Floor, |x| x, same: B8 i8 i16 i32 i64 u8 u16 u32 u64);
unary!(Floor, |x| x.floor(), same: f32 f64);
unary!(Ceil, |x| x, same: B8 i8 i16 i32 i64 u8 u16 u32 u64);
unary!(Ceil, |x| x.ceil(), same: f32 f64);
unary!(Trunc, |x| x, same: B8 i8 i16 i32 i64 u8 u16 u32 u64);
unary!(Trunc, |x| x.trunc(), same: f32 f64);
unary!(Rint, |x| x.round_ties_even(), same: f32 f64);
unary!(Rint, |x| Complex::new(x.re.round_ties_even(), x.im.round_ties_even()), same: Complex<f32> Complex<f64>);
unary!(SquareRoot, |x| x.sqrt(), same: f32 f64);
binary!(CopySign, |a, b| a.copysign(b), same: f32 f64);
unary!(FloatAbsolute, |x| x.abs(), same: f32 f64);
