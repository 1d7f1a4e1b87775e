//! Inverse tangent, of a number and of a point.
//!
//! # Rationale
//!
//! The angle of (b, a) with 0 <= a <= b is atan c + atan((a - c b) / (b + c a)) with c 0, 1/2 or 1, so that the quotient, which is taken in
//! two parts, stays below 0.24; its inverse tangent is an odd minimax polynomial. The other octants follow by π/2 and π in two
//! parts. The reduction is that of fdlibm's `s_atan.c` (Sun Microsystems, 1993) with other bounds.

use super::kernel::kernels;
use super::pair_kernel::PairKernel;
use super::parts::{Real, fast_two_sum, polynomial, quotient, two_sum};
use super::unary::operations;
use std::f64::consts::{FRAC_PI_2, PI};
use std::ops::Neg;

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

/// A type and its constants, each with what it lacks.
trait Angle: Real + PartialOrd + Neg<Output = Self> {
    const ZERO: (Self, Self);
    /// The inverse tangent of 1/2, and 1/2.
    const HALF: ((Self, Self), Self);
    /// π/4.
    const EIGHTH: (Self, Self);
    /// π/2.
    const QUARTER: (Self, Self);
    /// π.
    const HALF_TURN: (Self, Self);
    /// Between what the three octants' quotients are reduced by.
    const BOUNDS: (Self, Self);
    /// (atan t - t) / t³ of t².
    fn tail(z: Self) -> Self;
}

impl Angle for f64 {
    const ZERO: (f64, f64) = (0.0, 0.0);
    const HALF: ((f64, f64), f64) = ((0.4636476090008061, 2.2698777452961687e-17), 0.5);
    const EIGHTH: (f64, f64) = (std::f64::consts::FRAC_PI_4, 3.061616997868383e-17);
    const QUARTER: (f64, f64) = (FRAC_PI_2, 6.123233995736766e-17);
    const HALF_TURN: (f64, f64) = (PI, 1.2246467991473532e-16);
    const BOUNDS: (f64, f64) = (0.236, 0.72);
    #[inline(always)]
    fn tail(z: f64) -> f64 {
        polynomial!(
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
        )
    }
}

impl Angle for f32 {
    const ZERO: (f32, f32) = (0.0, 0.0);
    const HALF: ((f32, f32), f32) = ((0.4636476, 5.0121587e-09), 0.5);
    const EIGHTH: (f32, f32) = (std::f32::consts::FRAC_PI_4, -2.1855694e-08);
    const QUARTER: (f32, f32) = (std::f32::consts::FRAC_PI_2, -4.371139e-08);
    const HALF_TURN: (f32, f32) = (std::f32::consts::PI, -8.742278e-08);
    const BOUNDS: (f32, f32) = (0.236, 0.72);
    #[inline(always)]
    fn tail(z: f32) -> f32 {
        (-0.333_333_28 + 0.199_990_46 * z) + (-0.142_333_66 + 0.099_646_32 * z) * (z * z)
    }
}

/// The angle of (b, a) for 0 <= a <= b, as a sum.
#[inline(always)]
fn octant<T: Angle>(a: T, b: T) -> (T, T) {
    let (c, (base, base_low)) = if a < T::BOUNDS.0 * b {
        (T::ZERO.0, T::ZERO)
    } else if a < T::BOUNDS.1 * b {
        (T::HALF.1, T::HALF.0)
    } else {
        (T::ONE, T::EIGHTH)
    };
    let (high, low) = quotient(two_sum(a, -(c * b)), fast_two_sum(b, c * a));
    let t = high + low;
    let z = t * t;
    let (sum, dropped) = fast_two_sum(base, high);
    (sum, dropped + (base_low + (low + t * (z * T::tail(z)))))
}

/// The angle of (x, y) but for y's sign, from that of (larger, smaller): `swapped` if y is the larger.
#[inline(always)]
fn turn<T: Angle>((high, low): (T, T), swapped: bool, left: bool) -> T {
    let (from, from_low) = if swapped {
        T::QUARTER
    } else if left {
        T::HALF_TURN
    } else {
        T::ZERO
    };
    let (high, low) = if swapped == left {
        (high, low)
    } else {
        (-high, -low)
    };
    let (sum, dropped) = fast_two_sum(from, high);
    sum + (dropped + (from_low + low))
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

#[inline(always)]
fn arctan_f32(x: f32) -> f32 {
    let size = x.abs();
    let size = if size > 1e30 { 1e30 } else { size };
    let swapped = size > 1.0;
    let (a, b) = if swapped { (1.0, size) } else { (size, 1.0) };
    turn(octant(a, b), swapped, false).copysign(x)
}

/// As [`LARGEST`] and [`SMALLEST`].
const LARGEST_F32: f32 = 1e16;
const SMALLEST_F32: f32 = 1e-16;

impl PairKernel for Arctan2<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(y: f32, x: f32) -> bool {
        let (y, x) = (y.abs(), x.abs());
        let (small, large) = if y > x { (x, y) } else { (y, x) };
        (large >= SMALLEST_F32)
            & (large <= LARGEST_F32)
            & ((small >= SMALLEST_F32) | (small == 0.0))
    }
    #[inline(always)]
    fn usual(y: f32, x: f32) -> f32 {
        let (height, width) = (y.abs(), x.abs());
        let swapped = height > width;
        let (a, b) = if swapped {
            (width, height)
        } else {
            (height, width)
        };
        turn(octant(a, b), swapped, x < 0.0).copysign(y)
    }
    fn rare(y: f32, x: f32) -> f32 {
        (y as f64).atan2(x as f64) as f32
    }
}
