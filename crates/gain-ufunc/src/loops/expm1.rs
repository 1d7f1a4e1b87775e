//! The exponential less one.
//!
//! # Rationale
//!
//! With `exp.rs`'s x = k ln 2 + r: e^x - 1 = (2^k - 1) + 2^k (e^r - 1), where the first part is exact as long as it matters and e^r - 1,
//! whose largest terms are r and r²/2, is kept in two parts. All is halved, so that the largest results overflow only in the last step.

use super::exp::{LOG2_E, ROUND, Reduced, power_of_two, reduce};
use super::kernel::kernels;
use super::parts::{fast_two_sum, polynomial, square, two_sum};
use super::unary::operations;
use std::f64::consts::LN_2;

operations! {
    /// exp(x) - 1.
    Expm1
}

kernels! {
    Expm1: f64 = expm1;
    Expm1: f32 = expm1_f32;
}

#[inline(always)]
fn expm1(x: f64) -> f64 {
    let bounded = if x > 710.0 { 710.0 } else { x };
    let bounded = if bounded < -50.0 { -50.0 } else { bounded };
    let Reduced { k, r, c } = reduce(bounded);
    let q = polynomial!(
        r;
        0.16666666666666688,
        0.041666666666602785,
        0.008333333333312685,
        0.0013888888927270139,
        0.00019841269908254898,
        2.4801508090355662e-05,
        2.7557222534112903e-06,
        2.762542018832766e-07,
        2.5116388598019167e-08,
    );
    let half = power_of_two(k.wrapping_sub(1));
    let (double, lacking) = square(r);
    let (high, dropped) = fast_two_sum(r, 0.5 * double);
    let low = dropped + (0.5 * lacking + (r * r * r * q + c));
    let (sum, dropped) = two_sum(half - 0.5, half * high);
    let y = 2.0 * (sum + (dropped + half * low));
    // Below 2^-54 the result is its argument, and zero keeps its sign.
    if x.abs() < 5.551115123125783e-17 {
        x
    } else {
        y
    }
}

#[inline(always)]
fn expm1_f32(x: f32) -> f32 {
    let bounded = if x > 89.0 { 89.0 } else { x };
    let bounded = if bounded < -40.0 { -40.0 } else { bounded };
    let y = expm1_short(bounded as f64) as f32;
    if x == 0.0 { x } else { y }
}

/// e^x - 1 for |x| < 700, with 33 bits.
#[inline(always)]
pub(super) fn expm1_short(x: f64) -> f64 {
    let shifted = x * LOG2_E + ROUND;
    let r = x - (shifted - ROUND) * LN_2;
    let q = polynomial!(
        r;
        0.5000000077934758,
        0.1666666686485783,
        0.04166626980850193,
        0.00833326317482811,
        0.0013946084083686428,
        0.00019919150531472085,
    );
    let scale = power_of_two(shifted.to_bits().wrapping_sub(ROUND.to_bits()));
    (scale - 1.0) + scale * (r + r * r * q)
}
