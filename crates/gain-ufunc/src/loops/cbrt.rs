//! The cube root.
//!
//! # Rationale
//!
//! x = 2^3q m with m in [1/2, 4). A polynomial gives m^(-1/3) with 17 bits, one step of Householder's iteration 50, without a
//! division; m z² is the root t, whose upper 26 bits are cubed exactly, so that the rest can be corrected. W. Kahan, "Computing a real
//! cube root" (1991), has the idea of the last step.

use super::exp::{ONE_BITS, ROUND, power_of_two};
use super::kernel::Kernel;
use super::parts::{polynomial, upper};
use super::unary::operations;

operations! {
    /// Cube root.
    CubeRoot
}

impl Kernel for CubeRoot<f64> {
    type T = f64;
    #[inline(always)]
    fn is_usual(x: f64) -> bool {
        let x = x.abs();
        (x >= f64::MIN_POSITIVE) & (x < f64::INFINITY)
    }
    #[inline(always)]
    fn usual(x: f64) -> f64 {
        let (m, z, q) = reduce(x);
        let root = m * (z * z);
        let t = upper(root);
        let square = t * t;
        let high = upper(square);
        let rest = (m - high * t) - (square - high) * t;
        // m - t³ = (r - t) (r² + r t + t²) for the exact root r, and z is 1 / r.
        let corrected = t + rest * (z * z) * ((1.0 + (root - t) * z) * (1.0 / 3.0));
        (corrected * power_of_two(q)).copysign(x)
    }
    fn rare(x: f64) -> f64 {
        if x == 0.0 || !x.is_finite() {
            x
        } else {
            // 2^54 and its cube root.
            Self::usual(x * 18014398509481984.0) / 262144.0
        }
    }
}

impl Kernel for CubeRoot<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(x: f32) -> bool {
        let x = x.abs();
        (x > 0.0) & (x < f32::INFINITY)
    }
    #[inline(always)]
    fn usual(x: f32) -> f32 {
        let (m, z, q) = reduce(x as f64);
        ((m * (z * z) * power_of_two(q)) as f32).copysign(x)
    }
}

/// m, an approximation of its inverse cube root, and q.
#[inline(always)]
fn reduce(x: f64) -> (f64, f64, u64) {
    let bits = x.abs().to_bits();
    let fraction = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | ONE_BITS);
    let exponent =
        f64::from_bits((bits >> 52) | 0x4330_0000_0000_0000) - (4503599627370496.0 + 1023.0);
    let shifted = exponent * (1.0 / 3.0) + ROUND;
    let rest = exponent - 3.0 * (shifted - ROUND);
    let (power, root) = if rest < 0.0 {
        (0.5, 1.2599210498948732)
    } else if rest > 0.0 {
        (2.0, 0.7937005259840998)
    } else {
        (1.0, 1.0)
    };
    let m = fraction * power;
    let z = root
        * polynomial!(
            fraction;
            1.7810557482812477,
            -1.5660213357009234,
            1.2437745491979764,
            -0.5978647535841405,
            0.15606866930223215,
            -0.017018624668221898,
        );
    let e = 1.0 - m * (z * z * z);
    let z = z + z * (e * ((1.0 / 3.0) + (2.0 / 9.0) * e));
    (m, z, shifted.to_bits().wrapping_sub(ROUND.to_bits()))
}
