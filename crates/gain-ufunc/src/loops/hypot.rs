//! The hypotenuse, and with it the magnitude of complex numbers.
//!
//! # Rationale
//!
//! Squares, their sum and its root in two parts: Dekker's arithmetic, as C. F. Borges analyses it in "An improved algorithm for hypot(a, b)"
//! (2019). Where a square would overflow or lose bits both legs are scaled by a power of two. f32 squares in f64, exactly.

use super::native::Native;
use super::pair_kernel::{PairKernel, parts_row};
use super::parts::{fast_two_sum, nearest_root, square};
use super::unary::operations;
use crate::ufunc::Loop;
use num_complex::Complex;

operations! {
    /// Length of the hypotenuse.
    Hypot
}

impl PairKernel for Hypot<f64> {
    type T = f64;
    #[inline(always)]
    fn is_usual(x: f64, y: f64) -> bool {
        let (x, y) = (x.abs(), y.abs());
        let larger = if x > y { x } else { y };
        // Both comparisons: a NaN must not hide behind the other leg.
        (x <= LARGEST) & (y <= LARGEST) & (larger >= SMALLEST)
    }
    #[inline(always)]
    fn usual(x: f64, y: f64) -> f64 {
        Self::second(x, y, Self::first(x, y))
    }
    const SPLIT: bool = true;
    #[inline(always)]
    fn first(x: f64, y: f64) -> [f64; 2] {
        let (x, y) = (x.abs(), y.abs());
        let (small, large) = if y > x { (x, y) } else { (y, x) };
        let (small, large) = (square(small), square(large));
        let (sum, dropped) = fast_two_sum(large.0, small.0);
        [sum, dropped + (large.1 + small.1)]
    }
    #[inline(always)]
    fn second(_x: f64, _y: f64, [sum, rest]: [f64; 2]) -> f64 {
        nearest_root(sum, rest)
    }
    fn rare(x: f64, y: f64) -> f64 {
        let (x, y) = (x.abs(), y.abs());
        if x.is_infinite() || y.is_infinite() {
            return f64::INFINITY;
        }
        let larger = if x > y { x } else { y };
        if x.is_nan() || y.is_nan() || larger == 0.0 {
            return x + y;
        }
        let scale = if larger > 1.0 { DOWN } else { UP };
        let (small, large) = if x > y { (y, x) } else { (x, y) };
        Self::usual(small * scale, large * scale) / scale
    }
}

/// Where no square overflows or loses bits that matter.
const LARGEST: f64 = 1e150;
const SMALLEST: f64 = 1e-120;
/// Powers of two that bring the others there.
const DOWN: f64 = f64::from_bits((1023 - 700) << 52);
const UP: f64 = f64::from_bits((1023 + 700) << 52);

impl PairKernel for Hypot<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(x: f32, y: f32) -> bool {
        (x.abs() < f32::INFINITY) & (y.abs() < f32::INFINITY)
    }
    #[inline(always)]
    fn usual(x: f32, y: f32) -> f32 {
        let (x, y) = (x as f64, y as f64);
        (x * x + y * y).sqrt() as f32
    }
    fn rare(x: f32, y: f32) -> f32 {
        if x.is_infinite() || y.is_infinite() {
            f32::INFINITY
        } else {
            x + y
        }
    }
}

/// The magnitude of a complex number: the hypotenuse of its parts.
pub(crate) struct Magnitude<C>(std::marker::PhantomData<C>);

/// A magnitude as its row sees it.
pub(crate) trait OfParts {
    /// The complex number.
    type Of: Native;
    /// The function of its parts.
    type Function: PairKernel;
}

impl OfParts for Magnitude<Complex<f32>> {
    type Of = Complex<f32>;
    type Function = Hypot<f32>;
}

impl OfParts for Magnitude<Complex<f64>> {
    type Of = Complex<f64>;
    type Function = Hypot<f64>;
}

/// The row of a magnitude.
pub(crate) const fn magnitude_row<M: OfParts>() -> Loop {
    parts_row::<M::Function>(M::Of::DTYPE)
}
