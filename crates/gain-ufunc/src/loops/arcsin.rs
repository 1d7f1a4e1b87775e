//! Inverse sine and cosine.
//!
//! # Rationale
//!
//! Up to 1/2 the inverse sine is an odd minimax polynomial; beyond, arcsin x = π/2 - 2 arcsin(sqrt((1 - x) / 2)), with the root in
//! two parts. One polynomial serves both. After fdlibm's `e_asin.c` (Sun Microsystems, 1993), which divides two polynomials.

use super::kernel::kernels;
use super::parts::{polynomial, root};
use super::unary::operations;
use std::f64::consts::{FRAC_PI_2, PI};

operations! {
    /// Inverse sine.
    Arcsin
    /// Inverse cosine.
    Arccos
}

kernels! {
    Arcsin: f64 = arcsin;
    Arccos: f64 = arccos;
    Arcsin: f32 = arcsin_f32;
    Arccos: f32 = arccos_f32;
}

/// What [`FRAC_PI_2`] lacks.
const HALF_PI_LOW: f64 = 6.123233995736766e-17;

/// The inverse sine of a number up to 1/2, or of the root that replaces a larger one: as a sum.
#[inline(always)]
fn reduce(size: f64) -> (bool, f64, f64) {
    let near = size <= 0.5;
    let z = if near { size * size } else { 0.5 - 0.5 * size };
    let (high, low) = root((z, 0.0));
    let (high, low) = if near { (size, 0.0) } else { (high, low) };
    let s = high + low;
    let q = polynomial!(
        z;
        0.1666666666666676,
        0.07499999999970866,
        0.044642857174561686,
        0.03038194270979745,
        0.022372214938493666,
        0.017351612797815608,
        0.013980812045683832,
        0.011398975980763794,
        0.010779921936806113,
        0.0037075751840795266,
        0.021704780110267413,
        -0.020995495462649064,
        0.03262650515169329,
    );
    (near, high, low + s * (z * q))
}

#[inline(always)]
fn arcsin(x: f64) -> f64 {
    let (near, s, rest) = reduce(x.abs());
    let high = FRAC_PI_2 - 2.0 * s;
    let low = (FRAC_PI_2 - high) - 2.0 * s;
    let far = high + (low + (HALF_PI_LOW - 2.0 * rest));
    (if near { s + rest } else { far }).copysign(x)
}

#[inline(always)]
fn arccos(x: f64) -> f64 {
    let (near, s, rest) = reduce(x.abs());
    // From π/2 the signed inverse sine is subtracted; the doubled one from π, or from nothing.
    let negative = x < 0.0;
    let times = if near { 1.0 } else { 2.0 };
    let (s, rest) = (times * s, times * rest);
    let (from, from_low) = if near {
        (FRAC_PI_2, HALF_PI_LOW)
    } else if negative {
        (PI, 2.0 * HALF_PI_LOW)
    } else {
        (0.0, 0.0)
    };
    let positive = if near { negative } else { !negative };
    let (s, rest) = if positive { (s, rest) } else { (-s, -rest) };
    let high = from + s;
    let low = (from - high) + s;
    high + (low + (from_low + rest))
}

/// The same with 34 bits.
#[inline(always)]
fn reduce_short(size: f64) -> (bool, f64) {
    let near = size <= 0.5;
    let z = if near { size * size } else { 0.5 - 0.5 * size };
    let s = if near { size } else { z.sqrt() };
    let q = polynomial!(
        z;
        0.16666667180196001,
        0.07499948902924124,
        0.04465997065664318,
        0.030112546423701682,
        0.024604554559138448,
        0.007510073442318568,
        0.03464542142644621,
    );
    (near, s + s * (z * q))
}

#[inline(always)]
fn arcsin_f32(x: f32) -> f32 {
    let (near, s) = reduce_short((x as f64).abs());
    ((if near { s } else { FRAC_PI_2 - 2.0 * s }) as f32).copysign(x)
}

#[inline(always)]
fn arccos_f32(x: f32) -> f32 {
    let (near, s) = reduce_short((x as f64).abs());
    let large = if x < 0.0 { PI - 2.0 * s } else { 2.0 * s };
    let small = FRAC_PI_2 - s.copysign(x as f64);
    (if near { small } else { large }) as f32
}
