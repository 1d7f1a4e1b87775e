//! `+ - *`, signs, extremes: the operations that are one or two machine instructions per element.

use super::binary::binary;
use super::native::B8;
use super::unary::{operations, unary};
use num_complex::Complex;

operations! {
    /// Sum; `or` of booleans.
    Add
    /// Difference.
    Subtract
    /// Product; `and` of booleans.
    Multiply
    /// Opposite, wrapping.
    Negative
    /// The element itself.
    Positive
    /// Magnitude, wrapping.
    Absolute
    /// Product with itself.
    Square
    /// One over the element.
    Reciprocal
    /// -1, 0 or 1; NaN stays.
    Sign
    /// The lesser; NaN wins.
    Minimum
    /// The greater; NaN wins.
    Maximum
    /// The lesser; NaN loses.
    Fmin
    /// The greater; NaN loses.
    Fmax
}

binary!(Add, |a, b| B8::new(a.get() | b.get()), same: B8);
binary!(Add, |a, b| a.wrapping_add(b), same: i8 i16 i32 i64 u8 u16 u32 u64);
binary!(Add, |a, b| a + b, hot: f32 f64 Complex<f32> Complex<f64>);

binary!(Subtract, |a, b| a.wrapping_sub(b), same: i8 i16 i32 i64 u8 u16 u32 u64);
binary!(Subtract, |a, b| a - b, hot: f32 f64 Complex<f32> Complex<f64>);

binary!(Multiply, |a, b| B8::new(a.get() & b.get()), same: B8);
binary!(Multiply, |a, b| a.wrapping_mul(b), same: i8 i16 i32 i64 u8 u16 u32 u64);
binary!(Multiply, |a, b| a * b, same: f32 f64);
binary!(Multiply, |a, b| Complex::new(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re),
    hot: Complex<f32> Complex<f64>);

unary!(Negative, |x| x.wrapping_neg(), same: i8 i16 i32 i64 u8 u16 u32 u64);
unary!(Negative, |x| -x, same: f32 f64 Complex<f32> Complex<f64>);

unary!(Positive, |x| x, same: i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 Complex<f32> Complex<f64>);

unary!(Absolute, |x| B8::new(x.get()), same: B8);
unary!(Absolute, |x| x.wrapping_abs(), same: i8 i16 i32 i64);
unary!(Absolute, |x| x, same: u8 u16 u32 u64);
unary!(Absolute, |x| x.abs(), same: f32 f64);

unary!(Square, |x| x.wrapping_mul(x), same: i8 i16 i32 i64 u8 u16 u32 u64);
unary!(Square, |x| x * x, same: f32 f64);
unary!(Square, |x| Complex::new(x.re * x.re - x.im * x.im, x.re * x.im + x.im * x.re),
    same: Complex<f32> Complex<f64>);

// One over an integer is 0 except for ±1; one over zero is what C's cast of infinity gives.
unary!(Reciprocal, |x| if x == 1 || x == -1 { x } else { 0 }, same: i8 i16);
unary!(Reciprocal, |x| if x == 1 || x == -1 { x } else if x == 0 { i32::MIN } else { 0 }, same: i32);
unary!(Reciprocal, |x| if x == 1 || x == -1 { x } else if x == 0 { i64::MIN } else { 0 }, same: i64);
unary!(Reciprocal, |x| if x == 1 { 1 } else { 0 }, same: u8 u16 u32 u64);
unary!(Reciprocal, |x| 1.0 / x, same: f32 f64);

unary!(Sign, |x| (x > 0) as i8 - (x < 0) as i8, same: i8);
unary!(Sign, |x| (x > 0) as i16 - (x < 0) as i16, same: i16);
unary!(Sign, |x| (x > 0) as i32 - (x < 0) as i32, same: i32);
unary!(Sign, |x| (x > 0) as i64 - (x < 0) as i64, same: i64);
unary!(Sign, |x| x.min(1), same: u8 u16 u32 u64);
unary!(Sign, |x| if x > 0.0 { 1.0 } else if x < 0.0 { -1.0 } else if x == 0.0 { 0.0 } else { x }, same: f32 f64);

binary!(Minimum, |a, b| B8::new(a.get() & b.get()), same: B8);
binary!(Minimum, |a, b| a.min(b), same: i8 i16 i32 i64 u8 u16 u32 u64);
// Equal operands give the second, as x86's instruction does: it shows in the sign of zero.
binary!(Minimum, |a, b| if (a < b) | a.is_nan() { a } else { b }, same: f32 f64);

binary!(Maximum, |a, b| B8::new(a.get() | b.get()), same: B8);
binary!(Maximum, |a, b| a.max(b), same: i8 i16 i32 i64 u8 u16 u32 u64);
binary!(Maximum, |a, b| if (a > b) | a.is_nan() { a } else { b }, same: f32 f64);

binary!(Fmin, |a, b| B8::new(a.get() & b.get()), same: B8);
binary!(Fmin, |a, b| a.min(b), same: i8 i16 i32 i64 u8 u16 u32 u64);
binary!(Fmin, |a, b| if (a < b) | b.is_nan() { a } else { b }, same: f32 f64);

binary!(Fmax, |a, b| B8::new(a.get() | b.get()), same: B8);
binary!(Fmax, |a, b| a.max(b), same: i8 i16 i32 i64 u8 u16 u32 u64);
binary!(Fmax, |a, b| if (a > b) | b.is_nan() { a } else { b }, same: f32 f64);
