//! Operations that complex numbers need of their own: division by Smith's method, ordering, magnitude, sign.
//!
//! # Rationale
//!
//! Results equal NumPy's bit for bit, so each formula is evaluated in NumPy's order of operations.
//! Division: R. L. Smith, "Algorithm 116: Complex division", CACM 5 (1962).

use super::binary::binary;
use super::native::Native;
use super::unary::{operations, unary};
use super::{Fmax, Fmin, Maximum, Minimum, Reciprocal, Sign, TrueDivide};
use num_complex::Complex;

operations! {
    /// Complex conjugate.
    Conjugate
}

/// A part of a complex number.
pub(crate) trait Part: Native + num_complex::ComplexFloat<Real = Self> + PartialOrd {
    /// One.
    const ONE: Self;
    /// Zero.
    const ZERO: Self;
    /// Not a number.
    const NAN: Self;
    /// Length of the hypotenuse.
    fn hypotenuse(self, other: Self) -> Self;
}

impl Part for f32 {
    const ONE: f32 = 1.0;
    const ZERO: f32 = 0.0;
    const NAN: f32 = f32::NAN;
    #[inline(always)]
    fn hypotenuse(self, other: f32) -> f32 {
        self.hypot(other)
    }
}

impl Part for f64 {
    const ONE: f64 = 1.0;
    const ZERO: f64 = 0.0;
    const NAN: f64 = f64::NAN;
    #[inline(always)]
    fn hypotenuse(self, other: f64) -> f64 {
        self.hypot(other)
    }
}

/// `a / b` as NumPy computes it.
#[inline(always)]
pub(crate) fn divide<T: Part>(a: Complex<T>, b: Complex<T>) -> Complex<T> {
    let re_abs = b.re.abs();
    let im_abs = b.im.abs();
    if re_abs >= im_abs {
        if re_abs == T::ZERO && im_abs == T::ZERO {
            return Complex::new(a.re / re_abs, a.im / re_abs);
        }
        let ratio = b.im / b.re;
        let scale = T::ONE / (b.re + b.im * ratio);
        Complex::new((a.re + a.im * ratio) * scale, (a.im - a.re * ratio) * scale)
    } else {
        let ratio = b.re / b.im;
        let scale = T::ONE / (b.im + b.re * ratio);
        Complex::new((a.re * ratio + a.im) * scale, (a.im * ratio - a.re) * scale)
    }
}

#[inline(always)]
fn reciprocal<T: Part>(x: Complex<T>) -> Complex<T> {
    if x.im.abs() <= x.re.abs() {
        let ratio = x.im / x.re;
        let denominator = x.re + x.im * ratio;
        Complex::new(T::ONE / denominator, -ratio / denominator)
    } else {
        let ratio = x.re / x.im;
        let denominator = x.re * ratio + x.im;
        Complex::new(ratio / denominator, -T::ONE / denominator)
    }
}

#[inline(always)]
fn sign<T: Part>(x: Complex<T>) -> Complex<T> {
    let unit = |part: T| if part > T::ZERO { T::ONE } else { -T::ONE };
    let magnitude = x.re.hypotenuse(x.im);
    if magnitude.is_nan() {
        Complex::new(T::NAN, T::NAN)
    } else if magnitude.is_infinite() {
        match (x.re.is_infinite(), x.im.is_infinite()) {
            (true, true) => Complex::new(T::NAN, T::NAN),
            (true, false) => Complex::new(unit(x.re), T::ZERO),
            _ => Complex::new(T::ZERO, unit(x.im)),
        }
    } else if magnitude == T::ZERO {
        Complex::new(T::ZERO, T::ZERO)
    } else {
        Complex::new(x.re / magnitude, x.im / magnitude)
    }
}

/// Real parts first, then imaginary parts; a NaN in an imaginary part makes unequal real parts incomparable.
#[inline(always)]
pub(crate) fn less<T: Part>(a: Complex<T>, b: Complex<T>) -> bool {
    (a.re < b.re && !a.im.is_nan() && !b.im.is_nan()) || (a.re == b.re && a.im < b.im)
}

/// As [`less`], or equal.
#[inline(always)]
pub(crate) fn less_equal<T: Part>(a: Complex<T>, b: Complex<T>) -> bool {
    (a.re < b.re && !a.im.is_nan() && !b.im.is_nan()) || (a.re == b.re && a.im <= b.im)
}

#[inline(always)]
pub(crate) fn is_nan<T: Part>(x: Complex<T>) -> bool {
    x.re.is_nan() || x.im.is_nan()
}

macro_rules! complex {
    ($($part:ty)+) => {
        $(
            binary!(TrueDivide, |a, b| divide(a, b), same: Complex<$part>);
            binary!(Minimum, |a, b| if less_equal(a, b) || is_nan(a) { a } else { b }, same: Complex<$part>);
            binary!(Maximum, |a, b| if less_equal(b, a) || is_nan(a) { a } else { b }, same: Complex<$part>);
            binary!(Fmin, |a, b| if less_equal(a, b) || is_nan(b) { a } else { b }, same: Complex<$part>);
            binary!(Fmax, |a, b| if less_equal(b, a) || is_nan(b) { a } else { b }, same: Complex<$part>);
            unary!(Reciprocal, |x| reciprocal(x), same: Complex<$part>);
            unary!(Sign, |x| sign(x), same: Complex<$part>);
            unary!(Conjugate, |x| Complex::new(x.re, -x.im), same: Complex<$part>);
            unary!(Conjugate, |x| x, same: $part);
        )+
    };
}

complex!(f32 f64);
unary!(Conjugate, |x| x, same: i8 i16 i32 i64 u8 u16 u32 u64);
