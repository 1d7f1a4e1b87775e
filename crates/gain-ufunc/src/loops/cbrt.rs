//! The cube root.
//!
//! # Rationale
//!
//! x = 2^3q m with m in [1/2, 4). A polynomial gives m^(-1/3) with 17 bits, one step of Householder's iteration 50, without a
//! division; m z² is the root t, whose upper 26 bits are cubed exactly, so that the rest can be corrected. W. Kahan, "Computing a real
//! cube root" (1991), has the idea of the last step.

use super::exp::{ONE_BITS, ROUND, ROUND_F32, power_of_two};
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
        (x >= f32::MIN_POSITIVE) & (x < f32::INFINITY)
    }
    #[inline(always)]
    fn usual(x: f32) -> f32 {
        let (m, z, q) = reduce_f32(x);
        let root = m * (z * z);
        let t = upper(root);
        let square = t * t;
        let high = upper(square);
        let rest = (m - high * t) - (square - high) * t;
        let corrected = t + rest * (z * z) * ((1.0 + (root - t) * z) * (1.0 / 3.0));
        (corrected * f32::from_bits((q << 23).wrapping_add(0x3f80_0000))).copysign(x)
    }
    fn rare(x: f32) -> f32 {
        if x == 0.0 || !x.is_finite() {
            x
        } else {
            // 2^24 and its cube root.
            Self::usual(x * 16_777_216.0) / 256.0
        }
    }
}

/// As [`reduce`]; the approximation is a little worse than the type.
#[inline(always)]
fn reduce_f32(x: f32) -> (f32, f32, u32) {
    let bits = x.abs().to_bits();
    let fraction = f32::from_bits((bits & 0x007f_ffff) | 0x3f80_0000);
    let exponent = f32::from_bits((bits >> 23) | 0x4b00_0000) - (8_388_608.0 + 127.0);
    let shifted = exponent * (1.0 / 3.0) + ROUND_F32;
    let rest = exponent - 3.0 * (shifted - ROUND_F32);
    let (power, root) = if rest < 0.0 {
        (0.5, 1.259_921)
    } else if rest > 0.0 {
        (2.0, 0.793_700_5)
    } else {
        (1.0, 1.0)
    };
    let m = fraction * power;
    let z2 = fraction * fraction;
    let p = (1.781_055_8 - 1.566_021_3 * fraction)
        + ((1.243_774_5 - 0.597_864_75 * fraction)
            + (0.156_068_67 - 0.017_018_625 * fraction) * z2)
            * z2;
    let z = root * p;
    let e = 1.0 - m * (z * z * z);
    let z = z + z * (e * (1.0 / 3.0));
    (m, z, shifted.to_bits().wrapping_sub(ROUND_F32.to_bits()))
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
