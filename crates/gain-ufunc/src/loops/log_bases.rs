//! Logarithms to the bases two and ten.
//!
//! # Rationale
//!
//! log(1 + f) as in `log.rs`, its upper bits apart from the rest, times the logarithm of e in two parts, so that products with the
//! upper bits are exact; the scheme of FreeBSD's `e_log2.c` (S. Kargl and others). f32 sums in f64.

use super::kernel::Kernel;
use super::log::{area_short, special, split, tail};
use super::parts::upper;
use super::unary::operations;
use std::f64::consts::{LOG2_E, LOG10_2, LOG10_E};

operations! {
    /// Logarithm to base 2.
    Log2
    /// Logarithm to base 10.
    Log10
}

/// A logarithm of two and the logarithm of e: the upper bits, and what they lack.
struct Base {
    two: (f64, f64),
    e: (f64, f64),
}

const TWO: Base = Base {
    two: (1.0, 0.0),
    e: (1.4426950216293335, 1.9259629911266175e-08),
};
const TEN: Base = Base {
    two: (0.30102999566361177, 3.694239077158931e-13),
    e: (0.4342944771051407, 4.798111141615973e-09),
};

/// The logarithm of 2^k (1 + f).
#[inline(always)]
fn logarithm(k: f64, f: f64, base: &Base) -> f64 {
    let half_square = 0.5 * f * f;
    let high = upper(f - half_square);
    let low = ((f - high) - half_square) + tail(f, half_square);
    let whole = k * base.two.0;
    let first = high * base.e.0;
    let rest = k * base.two.1 + ((low + high) * base.e.1 + low * base.e.0);
    let sum = whole + first;
    sum + (((whole - sum) + first) + rest)
}

macro_rules! logarithms {
    ($($op:ident $base:ident $two:expr, $e:expr;)+) => { $(
        impl Kernel for $op<f64> {
            type T = f64;
            #[expect(clippy::manual_range_contains, reason = "without a branch")]
            #[inline(always)]
            fn is_usual(x: f64) -> bool {
                (x >= f64::MIN_POSITIVE) & (x < f64::INFINITY)
            }
            #[inline(always)]
            fn usual(x: f64) -> f64 {
                let (k, f) = split(x);
                logarithm(k, f, &$base)
            }
            fn rare(x: f64) -> f64 {
                special(x).unwrap_or_else(|| {
                    let (k, f) = split(x * 18014398509481984.0);
                    logarithm(k - 54.0, f, &$base)
                })
            }
        }

        impl Kernel for $op<f32> {
            type T = f32;
            #[inline(always)]
            fn is_usual(x: f32) -> bool {
                (x > 0.0) & (x < f32::INFINITY)
            }
            #[inline(always)]
            fn usual(x: f32) -> f32 {
                let (k, f) = split(x as f64);
                (k * $two + area_short(f) * $e) as f32
            }
            fn rare(x: f32) -> f32 {
                special(x as f64).unwrap_or_default() as f32
            }
        }
    )+ };
}

logarithms! {
    Log2 TWO 1.0, LOG2_E;
    Log10 TEN LOG10_2, LOG10_E;
}
