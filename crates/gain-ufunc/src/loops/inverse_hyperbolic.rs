//! Inverse hyperbolic functions.
//!
//! # Rationale
//!
//! Each is a logarithm of one plus a number that is computed in two parts: arcsinh x = log1p(x + x² / (1 + sqrt(x² + 1))),
//! arccosh x = log1p(w + sqrt(w² + 2 w)) with w = x - 1, arctanh x = log1p(2 x / (1 - x)) / 2. Of large x the first two are
//! log(2 x). W. Kahan, "Branch cuts for complex elementary functions" (1987), has the real ones too.

use super::kernel::Kernel;
use super::log1p::{log1p, log1p_short};
use super::parts::{fast_two_sum, quotient, root, square, two_sum};
use super::unary::operations;

operations! {
    /// Inverse hyperbolic sine.
    Arcsinh
    /// Inverse hyperbolic cosine.
    Arccosh
    /// Inverse hyperbolic tangent.
    Arctanh
}

/// Beyond this, 1 is nothing beside the square.
const LARGE: f64 = 1e20;

impl Kernel for Arcsinh<f64> {
    type T = f64;
    const SPLIT: bool = true;
    #[inline(always)]
    fn is_usual(x: f64) -> bool {
        x.abs() < f64::INFINITY
    }
    #[inline(always)]
    fn usual(x: f64) -> f64 {
        Self::second(x, Self::first(x))
    }
    #[inline(always)]
    fn first(x: f64) -> [f64; 2] {
        let a = x.abs();
        let below = square(a);
        let (sum, dropped) = two_sum(below.0, 1.0);
        let root = root((sum, dropped + below.1));
        let (one, dropped) = fast_two_sum(root.0, 1.0);
        let quotient = quotient(below, (one, dropped + root.1));
        let (t, dropped) = two_sum(a, quotient.0);
        let (t, low) = fast_two_sum(t, dropped + quotient.1);
        [t, low]
    }
    #[inline(always)]
    fn second(x: f64, sum: [f64; 2]) -> f64 {
        logarithm(x.abs(), sum).copysign(x)
    }
}

impl Kernel for Arccosh<f64> {
    type T = f64;
    const SPLIT: bool = true;
    #[inline(always)]
    fn is_usual(x: f64) -> bool {
        (x >= 1.0) & (x < f64::INFINITY)
    }
    #[inline(always)]
    fn usual(x: f64) -> f64 {
        Self::second(x, Self::first(x))
    }
    fn rare(x: f64) -> f64 {
        if x < 1.0 { f64::NAN } else { x }
    }
    #[inline(always)]
    fn first(x: f64) -> [f64; 2] {
        let (w, w_low) = two_sum(x, -1.0);
        let (high, low) = square(w);
        let (sum, dropped) = two_sum(high, 2.0 * w);
        let low = dropped + (low + 2.0 * (w * w_low + w_low));
        let root = root((sum, low));
        let (t, dropped) = two_sum(w, root.0);
        let (t, low) = fast_two_sum(t, dropped + (w_low + root.1));
        [t, low]
    }
    #[inline(always)]
    fn second(x: f64, sum: [f64; 2]) -> f64 {
        logarithm(x, sum)
    }
}

/// log(1 + sum), or log(2 x) of a large x, whose square may be too large for the sum.
#[inline(always)]
fn logarithm(x: f64, [high, low]: [f64; 2]) -> f64 {
    let large = x > LARGE;
    let (t, low, twos) = if large {
        (x, 0.0, 1.0)
    } else {
        (high, low, 0.0)
    };
    log1p(t, low, twos)
}

impl Kernel for Arctanh<f64> {
    type T = f64;
    #[inline(always)]
    fn is_usual(x: f64) -> bool {
        x.abs() < 1.0
    }
    #[inline(always)]
    fn usual(x: f64) -> f64 {
        let size = x.abs();
        let (high, low) = quotient((2.0 * size, 0.0), fast_two_sum(1.0, -size));
        let (t, low) = fast_two_sum(high, low);
        (0.5 * log1p(t, low, 0.0)).copysign(x)
    }
    fn rare(x: f64) -> f64 {
        pole(x)
    }
}

fn pole(x: f64) -> f64 {
    if x.abs() == 1.0 {
        x * f64::INFINITY
    } else {
        f64::NAN
    }
}

impl Kernel for Arcsinh<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(x: f32) -> bool {
        x.abs() < f32::INFINITY
    }
    #[inline(always)]
    fn usual(x: f32) -> f32 {
        let a = x.abs() as f64;
        let square = a * a;
        let t = a + square / (1.0 + (square + 1.0).sqrt());
        (log1p_short(t) as f32).copysign(x)
    }
}

impl Kernel for Arccosh<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(x: f32) -> bool {
        (x >= 1.0) & (x < f32::INFINITY)
    }
    #[inline(always)]
    fn usual(x: f32) -> f32 {
        let w = x as f64 - 1.0;
        log1p_short(w + (w * (w + 2.0)).sqrt()) as f32
    }
    fn rare(x: f32) -> f32 {
        if x < 1.0 { f32::NAN } else { x }
    }
}

impl Kernel for Arctanh<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(x: f32) -> bool {
        x.abs() < 1.0
    }
    #[inline(always)]
    fn usual(x: f32) -> f32 {
        let a = x.abs() as f64;
        ((0.5 * log1p_short((a + a) / (1.0 - a))) as f32).copysign(x)
    }
    fn rare(x: f32) -> f32 {
        pole(x as f64) as f32
    }
}
