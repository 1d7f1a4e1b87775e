//! Sine, cosine and tangent.
//!
//! # Rationale
//!
//! The polynomials of sine and cosine (minimax, computed for this file) on ±π/4 are both evaluated and the quadrant selects, or both in
//! two parts are divided. f32 goes through f64 with shorter polynomials.

use super::angle::{LIMIT, LIMIT_F32, Reduced, reduce, reduce_f32, reduce_huge};
use super::kernel::Kernel;
use super::parts::quotient;
use super::unary::operations;

operations! {
    /// Sine.
    Sin
    /// Cosine.
    Cos
    /// Tangent.
    Tan
}

impl Kernel for Sin<f64> {
    type T = f64;
    #[inline(always)]
    fn is_usual(x: f64) -> bool {
        x.abs() <= LIMIT
    }
    #[inline(always)]
    fn usual(x: f64) -> f64 {
        let y = select(reduce(x), 0);
        // Below 2^-27 the sine is its argument, and zero keeps its sign.
        if x.abs() < 7.450580596923828e-9 { x } else { y }
    }
    fn rare(x: f64) -> f64 {
        if x.is_finite() {
            select(reduce_huge(x), 0)
        } else {
            f64::NAN
        }
    }
}

impl Kernel for Cos<f64> {
    type T = f64;
    #[inline(always)]
    fn is_usual(x: f64) -> bool {
        x.abs() <= LIMIT
    }
    #[inline(always)]
    fn usual(x: f64) -> f64 {
        select(reduce(x), 1)
    }
    fn rare(x: f64) -> f64 {
        if x.is_finite() {
            select(reduce_huge(x), 1)
        } else {
            f64::NAN
        }
    }
}

impl Kernel for Sin<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(x: f32) -> bool {
        x.abs() <= LIMIT_F32
    }
    #[inline(always)]
    fn usual(x: f32) -> f32 {
        let y = select_f32(x, 0);
        if x == 0.0 { x } else { y }
    }
    fn rare(x: f32) -> f32 {
        if x.is_finite() {
            select(reduce_huge(x as f64), 0) as f32
        } else {
            f32::NAN
        }
    }
}

impl Kernel for Cos<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(x: f32) -> bool {
        x.abs() <= LIMIT_F32
    }
    #[inline(always)]
    fn usual(x: f32) -> f32 {
        select_f32(x, 1)
    }
    fn rare(x: f32) -> f32 {
        if x.is_finite() {
            select(reduce_huge(x as f64), 1) as f32
        } else {
            f32::NAN
        }
    }
}

impl Kernel for Tan<f64> {
    type T = f64;
    #[inline(always)]
    fn is_usual(x: f64) -> bool {
        x.abs() <= LIMIT
    }
    #[inline(always)]
    fn usual(x: f64) -> f64 {
        let y = tangent(reduce(x));
        if x.abs() < 7.450580596923828e-9 { x } else { y }
    }
    fn rare(x: f64) -> f64 {
        if x.is_finite() {
            tangent(reduce_huge(x))
        } else {
            f64::NAN
        }
    }
}

impl Kernel for Tan<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(x: f32) -> bool {
        x.abs() <= LIMIT_F32
    }
    #[inline(always)]
    fn usual(x: f32) -> f32 {
        let (quadrant, r) = reduce_f32(x);
        let (sine, cosine) = (sine_f32(r), cosine_f32(r));
        let y = if quadrant & 1 == 0 {
            sine / cosine
        } else {
            -cosine / sine
        };
        if x == 0.0 { x } else { y as f32 }
    }
    fn rare(x: f32) -> f32 {
        if x.is_finite() {
            tangent(reduce_huge(x as f64)) as f32
        } else {
            f32::NAN
        }
    }
}

/// Sine (`turn` 0) or cosine (1) of a reduced angle.
#[inline(always)]
fn select(angle: Reduced, turn: u64) -> f64 {
    let quadrant = angle.quadrant.wrapping_add(turn);
    let (sine, cosine) = (sine(&angle), cosine(&angle));
    let y = if quadrant & 1 == 0 {
        sine.0 + sine.1
    } else {
        cosine.0 + cosine.1
    };
    f64::from_bits(y.to_bits() ^ ((quadrant & 2) << 62))
}

/// The tangent of a reduced angle.
#[inline(always)]
fn tangent(angle: Reduced) -> f64 {
    let (sine, cosine) = (sine(&angle), cosine(&angle));
    let odd = angle.quadrant & 1 != 0;
    let (above, below) = if odd { (cosine, sine) } else { (sine, cosine) };
    let (high, low) = quotient(above, below);
    let y = high + low;
    if odd { -y } else { y }
}

/// The sine of what is left of an angle, as a sum.
#[inline(always)]
fn sine(angle: &Reduced) -> (f64, f64) {
    let (x, low) = (angle.high, angle.low);
    let z = x * x;
    let z2 = z * z;
    let cube = x * z;
    let s = (0.008333333333322413 + -0.0001984126982980796 * z)
        + (2.755731369195842e-06 + -2.5050758120444772e-08 * z + 1.5896795908244844e-10 * z2) * z2;
    let rest = (z * (0.5 * low - cube * s) - low) - cube * -0.16666666666666632;
    (x, -rest)
}

/// The cosine of what is left of an angle, as a sum.
#[inline(always)]
fn cosine(angle: &Reduced) -> (f64, f64) {
    let (x, low) = (angle.high, angle.low);
    let z = x * x;
    let z2 = z * z;
    let c = (0.041666666666666595 + -0.001388888888887304 * z)
        + ((2.4801587288841214e-05 + -2.7557314176191374e-07 * z)
            + (2.0875700409886573e-09 + -1.1358513647183972e-11 * z) * z2)
            * z2;
    let half = 0.5 * z;
    let one = 1.0 - half;
    (one, ((1.0 - one) - half) + (z2 * c - x * low))
}

#[inline(always)]
fn select_f32(x: f32, turn: u64) -> f32 {
    let (quadrant, r) = reduce_f32(x);
    let quadrant = quadrant.wrapping_add(turn);
    let (sine, cosine) = (sine_f32(r), cosine_f32(r));
    let y = if quadrant & 1 == 0 { sine } else { cosine };
    f64::from_bits(y.to_bits() ^ ((quadrant & 2) << 62)) as f32
}

#[inline(always)]
fn sine_f32(r: f64) -> f64 {
    let z = r * r;
    let z2 = z * z;
    r + (r * z)
        * ((-0.16666666641608324 + 0.008333329383568512 * z)
            + (-0.00019839334061195964 + 2.7183039627907193e-06 * z) * z2)
}

#[inline(always)]
fn cosine_f32(r: f64) -> f64 {
    let z = r * r;
    let z2 = z * z;
    (1.0 - 0.5 * z)
        + z2 * (0.041666666619452966
            + -0.0013888883496750825 * z
            + (2.479945927739631e-05 + -2.7205681850243137e-07 * z) * z2)
}
