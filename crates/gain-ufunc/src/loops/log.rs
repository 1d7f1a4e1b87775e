//! The natural logarithm.
//!
//! # Rationale
//!
//! x = 2^k m with m in [sqrt(1/2), sqrt(2)), f = m - 1, s = f / (2 + f): log(1 + f) = f - (f²/2 - s (f²/2 + R(s²))), the scheme of
//! fdlibm's `e_log.c` (Sun Microsystems, 1993), here with a minimax polynomial R computed for this file. f32 goes the same way. Zero, negative and subnormal numbers, infinity and NaN are rare arguments.

use super::exp::{LN2_HIGH, LN2_LOW, ONE_BITS};
use super::kernel::Kernel;
use super::parts::polynomial;
use super::unary::operations;

operations! {
    /// Natural logarithm.
    Log
}

impl Kernel for Log<f64> {
    type T = f64;
    #[inline(always)]
    fn is_usual(x: f64) -> bool {
        (x >= f64::MIN_POSITIVE) & (x < f64::INFINITY)
    }
    #[inline(always)]
    fn usual(x: f64) -> f64 {
        let (k, f) = split(x);
        log(k, f, 0.0)
    }
    fn rare(x: f64) -> f64 {
        special(x).unwrap_or_else(|| {
            let (k, f) = split(x * 18014398509481984.0);
            log(k - 54.0, f, 0.0)
        })
    }
}

impl Kernel for Log<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(x: f32) -> bool {
        (x >= f32::MIN_POSITIVE) & (x < f32::INFINITY)
    }
    #[inline(always)]
    fn usual(x: f32) -> f32 {
        let (k, f) = split_f32(x);
        log_f32(k, f)
    }
    fn rare(x: f32) -> f32 {
        match special(x as f64) {
            Some(y) => y as f32,
            None => {
                let (k, f) = split_f32(x * 16777216.0);
                log_f32(k - 24.0, f)
            }
        }
    }
}

/// The bits of sqrt(1/2), rounded to the upper half of the word.
const ROOT_HALF: u64 = 0x3fe6_a09e_0000_0000;
const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;

/// k and f of a positive normal number.
#[inline(always)]
pub(super) fn split(x: f64) -> (f64, f64) {
    let shifted = x.to_bits().wrapping_add(ONE_BITS - ROOT_HALF);
    let m = f64::from_bits((shifted & MANTISSA).wrapping_add(ROOT_HALF));
    // An integer below 2^52 becomes a float by taking the place of 2^52's mantissa.
    let k = f64::from_bits((shifted >> 52) | 0x4330_0000_0000_0000) - (4503599627370496.0 + 1023.0);
    (k, m - 1.0)
}

/// The logarithm of what is no positive finite number; `None` for subnormal (and other) numbers.
pub(super) fn special(x: f64) -> Option<f64> {
    if x > 0.0 && x < f64::INFINITY {
        None
    } else if x == 0.0 {
        Some(f64::NEG_INFINITY)
    } else if x < 0.0 {
        Some(f64::NAN)
    } else {
        Some(x)
    }
}

/// k ln 2 + log(1 + f) + low, where low is small beside the sum.
#[inline(always)]
pub(super) fn log(k: f64, f: f64, low: f64) -> f64 {
    let half_square = 0.5 * f * f;
    k * LN2_HIGH - ((half_square - (tail(f, half_square) + (k * LN2_LOW + low))) - f)
}

/// log(1 + f) - f + f²/2, given f²/2.
#[inline(always)]
pub(super) fn tail(f: f64, half_square: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let z2 = z * z;
    let r = z
        * ((0.6666666666666735 + 0.3999999999941109 * z)
            + ((0.2857142874326371 + 0.2222219847584909 * z)
                + (0.18183569747331255 + 0.15313903052210914 * z + 0.14797509666436426 * z2) * z2)
                * z2);
    s * (half_square + r)
}

/// As [`split`].
#[inline(always)]
pub(super) fn split_f32(x: f32) -> (f32, f32) {
    const ROOT_HALF: u32 = 0x3f35_04f3;
    let shifted = x.to_bits().wrapping_add(0x3f80_0000 - ROOT_HALF);
    let m = f32::from_bits((shifted & 0x007f_ffff).wrapping_add(ROOT_HALF));
    let k = f32::from_bits((shifted >> 23) | 0x4b00_0000) - (8_388_608.0 + 127.0);
    (k, m - 1.0)
}

#[inline(always)]
fn log_f32(k: f32, f: f32) -> f32 {
    let half_square = 0.5 * f * f;
    let small = tail_f32(f, half_square) + k * 1.428_606_8e-6;
    k * 0.693_145_75 - ((half_square - small) - f)
}

/// As [`tail`].
#[inline(always)]
pub(super) fn tail_f32(f: f32, half_square: f32) -> f32 {
    let s = f / (2.0 + f);
    let z = s * s;
    let r = z * ((0.666_667_76 + 0.399_775_58 * z) + 0.298_714_33 * (z * z));
    s * (half_square + r)
}

/// log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)), with 36 bits.
#[inline(always)]
pub(super) fn area_short(f: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let q = polynomial!(
        z;
        0.33333332823486395,
        0.20000167486415873,
        0.1426865791841028,
        0.11791051480028905,
    );
    let twice = s + s;
    twice + twice * (z * q)
}
