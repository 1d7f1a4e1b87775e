//! Hyperbolic sine and cosine.
//!
//! # Rationale
//!
//! e^|x| in two parts and its reciprocal are added or subtracted; below 1 the sine is an odd minimax polynomial. Everything
//! is halved, so that only the last step overflows.

use super::exp::{power_of_two, reduce};
use super::expm1::expm1_short;
use super::kernel::{Kernel, kernels};
use super::parts::{fast_two_sum, polynomial, two_sum};
use super::unary::operations;

operations! {
    /// Hyperbolic sine.
    Sinh
    /// Hyperbolic cosine.
    Cosh
}

impl Kernel for Sinh<f64> {
    type T = f64;
    #[inline(always)]
    fn is_usual(x: f64) -> bool {
        x.abs() <= LIMIT
    }
    #[inline(always)]
    fn usual(x: f64) -> f64 {
        let size = x.abs();
        let large = half_exponentials(size, -1.0);
        let z = x * x;
        let q = polynomial!(
            z;
            0.16666666666666666,
            0.008333333333333573,
            0.00019841269841061165,
            2.755731931008537e-06,
            2.505208941468753e-08,
            1.6061338830925005e-10,
            7.503293687307071e-13,
            6.474406723200082e-15,
        );
        let small = size + size * (z * q);
        (if size < 1.0 { small } else { large }).copysign(x)
    }
    fn rare(x: f64) -> f64 {
        x * f64::INFINITY
    }
}

impl Kernel for Cosh<f64> {
    type T = f64;
    #[inline(always)]
    fn is_usual(x: f64) -> bool {
        x.abs() <= LIMIT
    }
    #[inline(always)]
    fn usual(x: f64) -> f64 {
        half_exponentials(x.abs(), 1.0)
    }
    fn rare(x: f64) -> f64 {
        x.abs() * f64::INFINITY
    }
}

kernels! {
    Sinh: f32 = sinh_f32;
    Cosh: f32 = cosh_f32;
}

/// Beyond this both are infinite.
const LIMIT: f64 = 710.5;

/// (e^x + sign e^-x) / 2 for 0 <= x <= LIMIT.
#[inline(always)]
fn half_exponentials(x: f64, sign: f64) -> f64 {
    let reduced = reduce(x);
    // A quarter of e^x in two parts.
    let quarter = power_of_two(reduced.k.wrapping_sub(2));
    let (one, dropped) = fast_two_sum(1.0, reduced.r);
    let (high, low) = fast_two_sum(one * quarter, (dropped + reduced.rest()) * quarter);
    let other = sign * (0.0625 / high);
    let (sum, dropped) = two_sum(high, other);
    2.0 * (sum + (dropped + low))
}

#[inline(always)]
fn sinh_f32(x: f32) -> f32 {
    let size = x.abs();
    let bounded = if size > 100.0 { 100.0 } else { size };
    let t = expm1_short(bounded as f64);
    ((0.5 * (t + t / (t + 1.0))) as f32).copysign(x)
}

#[inline(always)]
fn cosh_f32(x: f32) -> f32 {
    let size = x.abs();
    let bounded = if size > 100.0 { 100.0 } else { size };
    let power = expm1_short(bounded as f64) + 1.0;
    (0.5 * (power + 1.0 / power)) as f32
}
