//! Inverse tangent, of a number and of a point.
//!
//! # Rationale
//!
//! The angle of (b, a) with 0 <= a <= b is atan c + atan((a - c b) / (b + c a)) with c 0, 1/2 or 1, so that the quotient, which is taken in
//! two parts, stays below 0.24; its inverse tangent is an odd minimax polynomial. The other octants follow by π/2 and π in two
//! parts. The reduction is that of fdlibm's `s_atan.c` (Sun Microsystems, 1993) with other bounds.

use super::kernel::kernels;
use super::pair_kernel::PairKernel;
use super::parts::{fast_two_sum, polynomial, quotient, two_sum};
use super::unary::operations;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

operations! {
    /// Inverse tangent.
    Arctan
    /// Angle of a point.
    Arctan2
}

kernels! {
    Arctan: f64 = arctan;
    Arctan: f32 = arctan_f32;
}

/// What [`FRAC_PI_2`] lacks.
const HALF_PI_LOW: f64 = 6.123233995736766e-17;
/// The inverse tangent of 1/2, and what it lacks.
const HALF: (f64, f64) = (0.4636476090008061, 2.2698777452961687e-17);

/// The angle of (b, a) for 0 <= a <= b, as a sum.
#[inline(always)]
fn octant(a: f64, b: f64) -> (f64, f64) {
    let (c, base, base_low) = if a < 0.236 * b {
        (0.0, 0.0, 0.0)
    } else if a < 0.72 * b {
        (0.5, HALF.0, HALF.1)
    } else {
        (1.0, FRAC_PI_4, 0.5 * HALF_PI_LOW)
    };
    let (high, low) = quotient(two_sum(a, -c * b), fast_two_sum(b, c * a));
    let t = high + low;
    let z = t * t;
    let q = polynomial!(
        z;
        -0.33333333333333326,
        0.19999999999994897,
        -0.1428571428450191,
        0.11111110969749267,
        -0.09090899751153425,
        0.07691933971865178,
        -0.06657408435709414,
        0.05742751897705243,
        -0.04070214956727902,
    );
    let (sum, dropped) = fast_two_sum(base, high);
    (sum, dropped + (base_low + (low + t * (z * q))))
}

/// The angle of (x, y) but for y's sign, from that of (larger, smaller): `swapped` if y is the larger.
#[inline(always)]
fn turn((high, low): (f64, f64), swapped: bool, left: bool) -> f64 {
    let (from, from_low) = if swapped {
        (FRAC_PI_2, HALF_PI_LOW)
    } else if left {
        (PI, 2.0 * HALF_PI_LOW)
    } else {
        (0.0, 0.0)
    };
    let (high, low) = if swapped == left {
        (high, low)
    } else {
        (-high, -low)
    };
    let sum = from + high;
    sum + (((from - sum) + high) + (from_low + low))
}

#[inline(always)]
fn arctan(x: f64) -> f64 {
    let size = x.abs();
    // Beyond this the result is π/2 anyway; NaN passes.
    let size = if size > 1e300 { 1e300 } else { size };
    let swapped = size > 1.0;
    let (a, b) = if swapped { (1.0, size) } else { (size, 1.0) };
    turn(octant(a, b), swapped, false).copysign(x)
}

/// Where nothing overflows or loses bits to underflow.
const LARGEST: f64 = 1e120;
const SMALLEST: f64 = 1e-120;

impl PairKernel for Arctan2<f64> {
    type T = f64;
    #[inline(always)]
    fn is_usual(y: f64, x: f64) -> bool {
        let (y, x) = (y.abs(), x.abs());
        let (small, large) = if y > x { (x, y) } else { (y, x) };
        (large >= SMALLEST) & (large <= LARGEST) & ((small >= SMALLEST) | (small == 0.0))
    }
    #[inline(always)]
    fn usual(y: f64, x: f64) -> f64 {
        let (height, width) = (y.abs(), x.abs());
        let swapped = height > width;
        let (a, b) = if swapped {
            (width, height)
        } else {
            (height, width)
        };
        turn(octant(a, b), swapped, x < 0.0).copysign(y)
    }
    fn rare(y: f64, x: f64) -> f64 {
        y.atan2(x)
    }
}

/// As [`octant`], with 34 bits.
#[inline(always)]
fn octant_short(a: f64, b: f64) -> f64 {
    let (c, base) = if a < 0.4142 * b {
        (0.0, 0.0)
    } else {
        (1.0, FRAC_PI_4)
    };
    let t = (a - c * b) / (b + c * a);
    let z = t * t;
    let q = polynomial!(
        z;
        -0.33333332495561513,
        0.19999903575337205,
        -0.14281997799926885,
        0.11044564126520304,
        -0.08475542286771788,
        0.04742533428357248,
    );
    base + (t + t * (z * q))
}

#[inline(always)]
fn arctan_f32(x: f32) -> f32 {
    let size = x.abs() as f64;
    let size = if size > 1e40 { 1e40 } else { size };
    let swapped = size > 1.0;
    let (a, b) = if swapped { (1.0, size) } else { (size, 1.0) };
    let angle = octant_short(a, b);
    ((if swapped { FRAC_PI_2 - angle } else { angle }) as f32).copysign(x)
}

impl PairKernel for Arctan2<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(y: f32, x: f32) -> bool {
        let (y, x) = (y.abs(), x.abs());
        (y < f32::INFINITY) & (x < f32::INFINITY) & (y + x > 0.0)
    }
    #[inline(always)]
    fn usual(y: f32, x: f32) -> f32 {
        let (height, width) = (y.abs() as f64, x.abs() as f64);
        let swapped = height > width;
        let (a, b) = if swapped {
            (width, height)
        } else {
            (height, width)
        };
        let angle = octant_short(a, b);
        let angle = if swapped { FRAC_PI_2 - angle } else { angle };
        ((if x < 0.0 { PI - angle } else { angle }) as f32).copysign(y)
    }
    fn rare(y: f32, x: f32) -> f32 {
        y.atan2(x)
    }
}
