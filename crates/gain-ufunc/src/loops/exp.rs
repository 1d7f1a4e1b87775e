//! The exponential.
//!
//! # Rationale
//!
//! x = k ln 2 + r with |r| <= ln 2 / 2 by Cody and Waite's two-part constant, then a minimax polynomial (Remez, computed for
//! this file), then the exponent, or, near the ends of the range,
//! two scalings by powers of two so that subnormal results are rounded once. f32 goes the same way.

use super::kernel::Kernel;
use super::unary::operations;

operations! {
    /// e to the power of the element.
    Exp
}

impl Kernel for Exp<f64> {
    type T = f64;
    const STRAIGHT: bool = true;
    #[inline(always)]
    fn is_usual(x: f64) -> bool {
        x.abs() < 708.0
    }
    #[inline(always)]
    fn usual(x: f64) -> f64 {
        let reduced = reduce(x);
        raise(1.0 + reduced.expm1(), reduced.k)
    }
    #[inline(always)]
    fn rare(x: f64) -> f64 {
        exp(x)
    }
}

impl Kernel for Exp<f32> {
    type T = f32;
    const STRAIGHT: bool = true;
    #[inline(always)]
    fn is_usual(x: f32) -> bool {
        x.abs() < 87.0
    }
    #[inline(always)]
    fn usual(x: f32) -> f32 {
        let (y, k) = exp_parts_f32(x);
        raise_f32(y, k)
    }
    #[inline(always)]
    fn rare(x: f32) -> f32 {
        let x = if x > 89.0 { 89.0 } else { x };
        let x = if x < -104.0 { -104.0 } else { x };
        let (y, k) = exp_parts_f32(x);
        scale_f32(y, k)
    }
}

pub(super) const LOG2_E: f64 = std::f64::consts::LOG2_E;
/// ln 2, its low 21 bits zero, so that products with exponents are exact.
pub(super) const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
/// What [`LN2_HIGH`] lacks.
pub(super) const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
/// Added to a small number, leaves its nearest integer in the low bits.
pub(super) const ROUND: f64 = 6755399441055744.0;
/// The bits of one.
pub(super) const ONE_BITS: u64 = 0x3ff0_0000_0000_0000;

/// An argument x = k ln 2 + r + c.
pub(super) struct Reduced {
    /// k, as an integer that wraps.
    pub(super) k: u64,
    /// r.
    pub(super) r: f64,
    /// What r lacks.
    pub(super) c: f64,
}

impl Reduced {
    /// e^(r + c) - 1 - r.
    #[inline(always)]
    pub(super) fn rest(&self) -> f64 {
        let r = self.r;
        let r2 = r * r;
        let r4 = r2 * r2;
        let a = (0.5000000000000013 + 0.166666666666667 * r)
            + (0.04166666666651433 + 0.00833333333330702 * r) * r2;
        let b = (0.001388888894732948 + 0.00019841269917793367 * r)
            + (2.480148959211455e-05 + 2.755721592961607e-06 * r) * r2;
        let d = 2.763141331659174e-07 + 2.5117980001777013e-08 * r;
        let q = a + (b + d * r4) * r4;
        r2 * q + self.c
    }

    /// e^(r + c) - 1, with an error below 2^-55.
    #[inline(always)]
    pub(super) fn expm1(&self) -> f64 {
        self.r + self.rest()
    }
}

/// Splits a moderate argument (|x| < 800); NaN stays NaN.
#[inline(always)]
pub(super) fn reduce(x: f64) -> Reduced {
    let shifted = x * LOG2_E + ROUND;
    let k = shifted - ROUND;
    let high = x - k * LN2_HIGH;
    let low = k * LN2_LOW;
    let r = high - low;
    let c = (high - r) - low;
    Reduced {
        k: shifted.to_bits().wrapping_sub(ROUND.to_bits()),
        r,
        c,
    }
}

/// 2^k for -1022 <= k <= 1023.
#[inline(always)]
pub(super) fn power_of_two(k: u64) -> f64 {
    f64::from_bits((k << 52).wrapping_add(ONE_BITS))
}

#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    // Beyond these bounds the result is infinite or zero anyway; NaN passes.
    let x = if x > 710.0 { 710.0 } else { x };
    let x = if x < -746.0 { -746.0 } else { x };
    let reduced = reduce(x);
    scale(1.0 + reduced.expm1(), reduced.k)
}

/// y 2^k, where both y and the result are normal numbers.
#[inline(always)]
pub(super) fn raise(y: f64, k: u64) -> f64 {
    f64::from_bits(y.to_bits().wrapping_add(k << 52))
}

/// y 2^k, where k may lie beyond the exponents of normal numbers.
#[inline(always)]
pub(super) fn scale(y: f64, k: u64) -> f64 {
    // Both halves of k are exponents of normal numbers; shifting the sum avoids an arithmetic shift, which SSE2 lacks.
    let half = (k.wrapping_add(2048) >> 1).wrapping_sub(1024);
    y * power_of_two(half) * power_of_two(k.wrapping_sub(half))
}

/// As the constants of the same name.
const LN2_HIGH_F32: f32 = 0.693_145_75;
const LN2_LOW_F32: f32 = 1.428_606_8e-6;
pub(super) const ROUND_F32: f32 = 12_582_912.0;
const ONE_BITS_F32: u32 = 0x3f80_0000;

/// e^x = y 2^k for a moderate x.
#[inline(always)]
fn exp_parts_f32(x: f32) -> (f32, u32) {
    let shifted = x * std::f32::consts::LOG2_E + ROUND_F32;
    let k = shifted - ROUND_F32;
    let high = x - k * LN2_HIGH_F32;
    let low = k * LN2_LOW_F32;
    let r = high - low;
    let c = (high - r) - low;
    let r2 = r * r;
    let q =
        (0.5 + 0.166_665_19 * r) + (0.041_666_195 + 0.008_368_898 * r + 0.001_395_125 * r2) * r2;
    let y = 1.0 + (r + (r2 * q + c));
    (y, shifted.to_bits().wrapping_sub(ROUND_F32.to_bits()))
}

/// As [`raise`].
#[inline(always)]
pub(super) fn raise_f32(y: f32, k: u32) -> f32 {
    f32::from_bits(y.to_bits().wrapping_add(k << 23))
}

/// As [`scale`].
#[inline(always)]
pub(super) fn scale_f32(y: f32, k: u32) -> f32 {
    let power = |k: u32| f32::from_bits((k << 23).wrapping_add(ONE_BITS_F32));
    let half = (k.wrapping_add(256) >> 1).wrapping_sub(128);
    y * power(half) * power(k.wrapping_sub(half))
}
