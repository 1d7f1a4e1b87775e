//! Two to a power.
//!
//! # Rationale
//!
//! x = k + r with |r| <= 1/2 is exact; r ln 2, the largest term of 2^r - 1, is kept in two parts, the rest is a minimax polynomial. Then
//! as in `exp.rs`.

use super::exp::{ROUND, ROUND_F32, power_of_two, raise, raise_f32, scale, scale_f32};
use super::kernel::Kernel;
use super::parts::{fast_two_sum, polynomial, upper};
use super::unary::operations;
use std::f64::consts::LN_2;

operations! {
    /// 2 to the power of the element.
    Exp2
}

impl Kernel for Exp2<f64> {
    type T = f64;
    const STRAIGHT: bool = true;
    #[inline(always)]
    fn is_usual(x: f64) -> bool {
        x.abs() < 1021.0
    }
    #[inline(always)]
    fn usual(x: f64) -> f64 {
        let (y, k) = exp2_parts(x, 0.0);
        raise(y, k)
    }
    #[inline(always)]
    fn rare(x: f64) -> f64 {
        let x = if x > 1025.0 { 1025.0 } else { x };
        let x = if x < -1080.0 { -1080.0 } else { x };
        exp2_sum(x, 0.0)
    }
}

impl Kernel for Exp2<f32> {
    type T = f32;
    const STRAIGHT: bool = true;
    #[inline(always)]
    fn is_usual(x: f32) -> bool {
        x.abs() < 125.0
    }
    #[inline(always)]
    fn usual(x: f32) -> f32 {
        let (y, k) = exp2_parts_f32(x);
        raise_f32(y, k)
    }
    #[inline(always)]
    fn rare(x: f32) -> f32 {
        let x = if x > 129.0 { 129.0 } else { x };
        let x = if x < -152.0 { -152.0 } else { x };
        let (y, k) = exp2_parts_f32(x);
        scale_f32(y, k)
    }
}

/// ln 2: 26 bits, and what they lack.
const LN2_UPPER: f64 = 0.6931471675634384;
const LN2_REST: f64 = 1.2996506893889889e-08;

/// 2^(x + low) for -1100 <= x <= 1100 and a low that is small beside 1.
#[inline(always)]
pub(super) fn exp2_sum(x: f64, low: f64) -> f64 {
    let (y, k) = exp2_parts(x, low);
    scale(y, k)
}

/// The same as y 2^k.
#[inline(always)]
fn exp2_parts(x: f64, low: f64) -> (f64, u64) {
    let shifted = (x + low) + ROUND;
    let part = x - (shifted - ROUND);
    let r = part + low;
    let high = upper(r);
    let lacking = (part - high) + low;
    let first = high * LN2_UPPER;
    let q = polynomial!(
        r;
        0.24022650695910072,
        0.05550410866482164,
        0.00961812910762849,
        0.0013333558146401891,
        0.00015403530393346413,
        1.525273384694629e-05,
        1.3215486829941407e-06,
        1.0178054620195737e-07,
        7.05488907693712e-09,
        4.456208648516079e-10,
        2.5741018693157067e-11,
    );
    let rest = (high * LN2_REST + lacking * LN_2) + r * r * q;
    let (one, dropped) = fast_two_sum(1.0, first);
    let y = one + (dropped + rest);
    (y, shifted.to_bits().wrapping_sub(ROUND.to_bits()))
}

/// ln 2: 12 bits, and what they lack.
const LN2_UPPER_F32: f32 = 0.693_115_23;
const LN2_REST_F32: f32 = 3.194_618_3e-5;

/// 2^x = y 2^k for a moderate x.
#[inline(always)]
fn exp2_parts_f32(x: f32) -> (f32, u32) {
    let shifted = x + ROUND_F32;
    let r = x - (shifted - ROUND_F32);
    let high = upper(r);
    let first = high * LN2_UPPER_F32;
    let r2 = r * r;
    let q = (0.240_226_51 + 0.055_503_616 * r)
        + (0.009_618_021 + 0.001_339_045 * r + 0.000_154_724_39 * r2) * r2;
    let rest = (high * LN2_REST_F32 + (r - high) * std::f32::consts::LN_2) + r2 * q;
    let one = 1.0 + first;
    let y = one + (((1.0 - one) + first) + rest);
    (y, shifted.to_bits().wrapping_sub(ROUND_F32.to_bits()))
}

/// 2^x for |x| < 1022, with 33 bits.
#[inline(always)]
pub(super) fn exp2_short(x: f64) -> f64 {
    let shifted = x + ROUND;
    let r = x - (shifted - ROUND);
    let q = polynomial!(
        r;
        0.6931471805413744,
        0.24022651076034354,
        0.05550410963944873,
        0.009618036878400859,
        0.0013333429274473608,
        0.00015467122117222463,
        1.5315387684892457e-05,
    );
    (1.0 + r * q) * power_of_two(shifted.to_bits().wrapping_sub(ROUND.to_bits()))
}
