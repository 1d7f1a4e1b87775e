//! Logarithms to the bases two and ten.
//!
//! # Rationale
//!
//! log(1 + f) as in `log.rs`, its upper bits apart from the rest, times the logarithm of e in two parts, so that products with the
//! upper bits are exact; the scheme of FreeBSD's `e_log2.c` (S. Kargl and others). f32 goes the same way.

use super::kernel::Kernel;
use super::log::{special, split, split_f32, tail, tail_f32};
use super::parts::upper;
use super::unary::operations;

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

/// The same for `float32`.
struct ShortBase {
    two: (f32, f32),
    e: (f32, f32),
}

const TWO_F32: ShortBase = ShortBase {
    two: (1.0, 0.0),
    e: (1.442_382_8, 3.122_284e-4),
};
const TEN_F32: ShortBase = ShortBase {
    two: (0.301_025_39, 4.605_039e-6),
    e: (0.434_204_1, 9.038_034e-5),
};

/// As [`logarithm`].
#[inline(always)]
fn logarithm_f32(k: f32, f: f32, base: &ShortBase) -> f32 {
    let half_square = 0.5 * f * f;
    let high = upper(f - half_square);
    let low = ((f - high) - half_square) + tail_f32(f, half_square);
    let whole = k * base.two.0;
    let first = high * base.e.0;
    let rest = k * base.two.1 + ((low + high) * base.e.1 + low * base.e.0);
    let sum = whole + first;
    sum + (((whole - sum) + first) + rest)
}

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
    ($($op:ident $base:ident $short:ident;)+) => { $(
        impl Kernel for $op<f64> {
            type T = f64;
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
                (x >= f32::MIN_POSITIVE) & (x < f32::INFINITY)
            }
            #[inline(always)]
            fn usual(x: f32) -> f32 {
                let (k, f) = split_f32(x);
                logarithm_f32(k, f, &$short)
            }
            fn rare(x: f32) -> f32 {
                match special(x as f64) {
                    Some(y) => y as f32,
                    None => {
                        let (k, f) = split_f32(x * 16777216.0);
                        logarithm_f32(k - 24.0, f, &$short)
                    }
                }
            }
        }
    )+ };
}

logarithms! {
    Log2 TWO TWO_F32;
    Log10 TEN TEN_F32;
}
