//! Logarithms of sums of powers.
//!
//! # Rationale
//!
//! The larger operand plus log(1 + t), where t is the power of the difference, in two parts, and the logarithm is that of `log1p.rs`.
//!
//! # Limitations
//!
//! Where a negative operand and the logarithm nearly cancel, the error is small beside them, not beside the result, as in NumPy.

use super::exp::{reduce, scale};
use super::exp2::exp2_short;
use super::log1p::{log1p_parts, log1p_short};
use super::pair_kernel::PairKernel;
use super::parts::{fast_two_sum, two_product, two_sum};
use super::unary::operations;
use std::f64::consts::{LN_2, LOG2_E};

operations! {
    /// Logarithm of the sum of exponentials.
    LogAddExp
    /// The same to base two.
    LogAddExp2
}

/// The larger, and the difference in two parts, at least `least`, whose power is 0.
#[inline(always)]
fn order(a: f64, b: f64, least: f64) -> (f64, f64, f64) {
    let (larger, smaller) = if a > b { (a, b) } else { (b, a) };
    let (difference, low) = two_sum(smaller, -larger);
    if difference < least {
        (larger, least, 0.0)
    } else {
        (larger, difference, low)
    }
}

/// e^(x + low) in two parts, for -750 <= x <= 0.
#[inline(always)]
fn exponential(x: f64, low: f64) -> (f64, f64) {
    let reduced = reduce(x);
    let (one, dropped) = fast_two_sum(1.0, reduced.r);
    let rest = reduced.rest();
    let rest = dropped + (rest + (one + rest) * low);
    fast_two_sum(scale(one, reduced.k), scale(rest, reduced.k))
}

impl PairKernel for LogAddExp<f64> {
    type T = f64;
    #[inline(always)]
    fn is_usual(a: f64, b: f64) -> bool {
        (a.abs() < f64::INFINITY) & (b.abs() < f64::INFINITY)
    }
    #[inline(always)]
    fn usual(a: f64, b: f64) -> f64 {
        let (larger, difference, low) = order(a, b, -750.0);
        let (t, low) = exponential(difference, low);
        let (high, low) = log1p_parts(t, low);
        let (sum, dropped) = two_sum(larger, high);
        sum + (dropped + low)
    }
    fn rare(a: f64, b: f64) -> f64 {
        infinite(a, b)
    }
}

impl PairKernel for LogAddExp2<f64> {
    type T = f64;
    #[inline(always)]
    fn is_usual(a: f64, b: f64) -> bool {
        (a.abs() < f64::INFINITY) & (b.abs() < f64::INFINITY)
    }
    #[inline(always)]
    fn usual(a: f64, b: f64) -> f64 {
        let (larger, difference, low) = order(a, b, -1080.0);
        let (power, dropped) = two_product(difference, LN_2);
        let low = dropped + (low * LN_2 + difference * 2.3190468138462996e-17);
        let (t, low) = exponential(power, low);
        let (high, low) = log1p_parts(t, low);
        let (product, dropped) = two_product(high, LOG2_E);
        let low = dropped + (low * LOG2_E + high * 2.0355273740931033e-17);
        let (sum, dropped) = two_sum(larger, product);
        let y = sum + (dropped + low);
        // Twice a power is exact.
        if a == b { a + 1.0 } else { y }
    }
    fn rare(a: f64, b: f64) -> f64 {
        infinite(a, b)
    }
}

/// Of operands that are not both finite: infinity beats what is smaller, NaN stays.
fn infinite(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        a + b
    } else {
        // What is added turns -0 into 0.
        (if a > b { a } else { b }) + 0.0
    }
}

impl PairKernel for LogAddExp<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(a: f32, b: f32) -> bool {
        (a.abs() < f32::INFINITY) & (b.abs() < f32::INFINITY)
    }
    #[inline(always)]
    fn usual(a: f32, b: f32) -> f32 {
        let (larger, difference, _) = order(a as f64, b as f64, -160.0);
        (larger + log1p_short(exp2_short(LOG2_E * difference))) as f32
    }
    fn rare(a: f32, b: f32) -> f32 {
        infinite(a as f64, b as f64) as f32
    }
}

impl PairKernel for LogAddExp2<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(a: f32, b: f32) -> bool {
        (a.abs() < f32::INFINITY) & (b.abs() < f32::INFINITY)
    }
    #[inline(always)]
    fn usual(a: f32, b: f32) -> f32 {
        let (larger, difference, _) = order(a as f64, b as f64, -160.0);
        (larger + LOG2_E * log1p_short(exp2_short(difference))) as f32
    }
    fn rare(a: f32, b: f32) -> f32 {
        infinite(a as f64, b as f64) as f32
    }
}
