//! Numbers in two parts, high and low, for what one rounding would spoil; and polynomials.
//!
//! # Rationale
//!
//! A kernel's last addition alone may round visibly, so the largest terms are kept in two parts. No operation here asks for a fused
//! multiply-add, which the baseline lacks: products are split by masks. Sources: T. J. Dekker, "A floating-point technique for
//! extending the available precision", Numerische Mathematik 18 (1971); D. E. Knuth, "The Art of Computer Programming" 2, 4.2.2.

use std::ops::{Add, Div, Mul, Sub};

/// A floating-point number with upper bits.
pub(super) trait Real:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// One.
    const ONE: Self;
    /// The upper half of its bits, 26 or 12: products of two such are exact.
    fn upper(self) -> Self;
}

impl Real for f64 {
    const ONE: f64 = 1.0;
    #[inline(always)]
    fn upper(self) -> f64 {
        f64::from_bits(self.to_bits() & 0xffff_ffff_f800_0000)
    }
}

impl Real for f32 {
    const ONE: f32 = 1.0;
    #[inline(always)]
    fn upper(self) -> f32 {
        f32::from_bits(self.to_bits() & 0xffff_f000)
    }
}

/// `a + b` and what rounding drops (Knuth).
#[inline(always)]
pub(super) fn two_sum<T: Real>(a: T, b: T) -> (T, T) {
    let sum = a + b;
    let b_part = sum - a;
    (sum, (a - (sum - b_part)) + (b - b_part))
}

/// `a + b` and what rounding drops, where `a` is 0 or not the smaller (Dekker).
#[inline(always)]
pub(super) fn fast_two_sum<T: Real>(a: T, b: T) -> (T, T) {
    let sum = a + b;
    (sum, (a - sum) + b)
}

/// The upper half of a number's bits.
#[inline(always)]
pub(super) fn upper<T: Real>(x: T) -> T {
    x.upper()
}

/// `a * b` and, but for the last bit, what rounding drops (Dekker).
#[inline(always)]
pub(super) fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    let (a_high, b_high) = (upper(a), upper(b));
    let (a_low, b_low) = (a - a_high, b - b_high);
    let rest = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    (product, rest)
}

/// The square of a number: that of its upper bits, which is exact, and what that lacks.
#[inline(always)]
pub(super) fn square(a: f64) -> (f64, f64) {
    let high = upper(a);
    (high * high, (a - high) * (high + a))
}

/// The quotient of two sums: its upper bits, and what they lack.
#[inline(always)]
pub(super) fn quotient<T: Real>(a: (T, T), b: (T, T)) -> (T, T) {
    let below = b.0 + b.1;
    let inverse = T::ONE / below;
    let high = upper((a.0 + a.1) * inverse);
    let below = upper(below);
    let below_low = (b.0 - below) + b.1;
    let rest = ((a.0 - high * below) - high * below_low) + a.1;
    (high, rest * inverse)
}

/// The square root of a sum that is not negative: its upper bits, and what they lack.
#[inline(always)]
pub(super) fn root(x: (f64, f64)) -> (f64, f64) {
    let whole = (x.0 + x.1).sqrt();
    let high = upper(whole);
    let low = ((x.0 - high * high) + x.1) / (whole + high);
    (high, if whole == 0.0 { 0.0 } else { low })
}

/// The square root of a positive sum, rounded once but for 2^-17 of a last bit: Newton's step from the rounded root, whose remainder is exact.
/// The step is shorter than a last bit, so an inverse of 17 bits will do, which takes fewer cycles than a division.
#[inline(always)]
pub(super) fn nearest_root(x: f64, x_low: f64) -> f64 {
    /// The bits of an exponent's mirror image: the difference from a number's bits is near those of its inverse.
    const MIRROR: u64 = 0x7fde_6238_22fc_16e6;
    let whole = (x + x_low).sqrt();
    let high = upper(whole);
    let low = whole - high;
    let rest = (((x - high * high) - (high + high) * low) - low * low) + x_low;
    let inverse = f64::from_bits(MIRROR.wrapping_sub(whole.to_bits()));
    let inverse = inverse * (2.0 - whole * inverse);
    let inverse = inverse * (2.0 - whole * inverse);
    whole + rest * (0.5 * inverse)
}

/// The polynomial in `z` with these coefficients, lowest power first, by G. Estrin's scheme (1960), which pairs terms.
macro_rules! polynomial {
    ($z:expr; $only:expr $(,)?) => { $only };
    ($z:expr; $($c:expr),+ $(,)?) => {{
        let z: f64 = $z;
        $crate::loops::parts::polynomial!(@pair z; []; $($c),+)
    }};
    (@pair $z:ident; [$($done:expr),*]; $a:expr, $b:expr, $($rest:expr),+) => {
        $crate::loops::parts::polynomial!(@pair $z; [$($done,)* $a + $b * $z]; $($rest),+)
    };
    (@pair $z:ident; [$($done:expr),*]; $a:expr, $b:expr) => {
        $crate::loops::parts::polynomial!($z * $z; $($done,)* $a + $b * $z)
    };
    (@pair $z:ident; [$($done:expr),*]; $a:expr) => {
        $crate::loops::parts::polynomial!($z * $z; $($done,)* $a)
    };
}
pub(super) use polynomial;
