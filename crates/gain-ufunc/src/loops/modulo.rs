//! Remainders and whole quotients of floating-point numbers.
//!
//! # Rationale
//!
//! The magnitude |a| less n times |b|, n being the whole part of |a| / |b|, is a floating-point number, and for moderate quotients it is found exactly: f64
//! splits |b| so that both products with n have at most 53 bits, and what is left in between is a multiple of |b|'s last bit below twice
//! |b|'s power of two; f32 has room enough in f64. The quotient may have been rounded up to an integer, never down past one: n is then
//! one too large, the rest negative, and both are put right. Larger quotients are left to C's `fmod`, which subtracts bit by bit.
//!
//! NumPy takes a whole quotient from `(a - rest) / b`, rounded to an integer: while that is off by less than 1/2, it is n.

use super::native::Native;
use super::pair_kernel::PairKernel;
use super::parts::upper;
use super::{FloatRemainder, FloorDivide, Remainder};

/// A number with a remainder.
pub(crate) trait Modulo: Native {
    /// Whether [`divide`](Modulo::divide) is right: the quotient is below a bound, and the divisor neither zero, infinite nor NaN.
    fn is_usual(a: Self, b: Self) -> bool;
    /// The whole part of |a| / |b|, and what is left of |a|.
    fn divide(a: Self, b: Self) -> (Self, Self);
}

#[inline(always)]
fn divide_f64(a: f64, b: f64) -> (f64, f64) {
    let (a, b) = (a.abs(), b.abs());
    let whole = (a / b).trunc();
    let high = upper(b);
    put_right(whole, (a - whole * high) - whole * (b - high), b)
}

#[inline(always)]
fn divide_f32(a: f32, b: f32) -> (f32, f32) {
    let (a, b) = (f64::from(a.abs()), f64::from(b.abs()));
    let whole = (a / b).trunc();
    let (whole, rest) = put_right(whole, a - whole * b, b);
    (whole as f32, rest as f32)
}

/// The whole part and the rest where the quotient may have been rounded up to an integer.
#[inline(always)]
fn put_right(whole: f64, rest: f64, b: f64) -> (f64, f64) {
    if rest < 0.0 {
        (whole - 1.0, rest + b)
    } else {
        (whole, rest)
    }
}

macro_rules! floats {
    ($($t:ty: quotients below 2^$most:literal by $divide:ident;)+) => {
        $(
            impl Modulo for $t {
                #[inline(always)]
                fn is_usual(a: $t, b: $t) -> bool {
                    const MOST: $t = (1u64 << $most) as $t;
                    (a.abs() < b.abs() * MOST) & (b.abs() < <$t>::INFINITY)
                }
                #[inline(always)]
                fn divide(a: $t, b: $t) -> ($t, $t) { $divide(a, b) }
            }

            impl PairKernel for FloatRemainder<$t> {
                type T = $t;
                #[inline(always)]
                fn is_usual(a: $t, b: $t) -> bool { Modulo::is_usual(a, b) }
                #[inline(always)]
                fn usual(a: $t, b: $t) -> $t {
                    let (_, rest) = <$t>::divide(a, b);
                    rest.copysign(a)
                }
                fn rare(a: $t, b: $t) -> $t { a % b }
            }

            impl PairKernel for Remainder<$t> {
                type T = $t;
                #[inline(always)]
                fn is_usual(a: $t, b: $t) -> bool { Modulo::is_usual(a, b) }
                #[inline(always)]
                fn usual(a: $t, b: $t) -> $t {
                    let (_, rest) = <$t>::divide(a, b);
                    Self::with_sign_of(rest.copysign(a), b)
                }
                fn rare(a: $t, b: $t) -> $t {
                    let rest = a % b;
                    if b == 0.0 { rest } else { Self::with_sign_of(rest, b) }
                }
            }

            impl Remainder<$t> {
                /// C's remainder with the divisor's sign.
                #[inline(always)]
                fn with_sign_of(rest: $t, b: $t) -> $t {
                    let moved = if (b < 0.0) != (rest < 0.0) { rest + b } else { rest };
                    if rest == 0.0 { (0.0 as $t).copysign(b) } else { moved }
                }
            }

            impl PairKernel for FloorDivide<$t> {
                type T = $t;
                #[inline(always)]
                fn is_usual(a: $t, b: $t) -> bool { Modulo::is_usual(a, b) }
                #[inline(always)]
                fn usual(a: $t, b: $t) -> $t {
                    let (whole, rest) = <$t>::divide(a, b);
                    let sign = (1.0 as $t).copysign(a) * (1.0 as $t).copysign(b);
                    let below = if (sign < 0.0) & (rest != 0.0) { whole + 1.0 } else { whole };
                    below * sign
                }
                fn rare(a: $t, b: $t) -> $t {
                    if b == 0.0 {
                        return a / b;
                    }
                    let rest = a % b;
                    let mut quotient = (a - rest) / b;
                    if rest != 0.0 && (b < 0.0) != (rest < 0.0) {
                        quotient -= 1.0;
                    }
                    if quotient == 0.0 {
                        return (0.0 as $t).copysign(a / b);
                    }
                    // (a - rest) / b is near an integer: take that one.
                    let floor = quotient.floor();
                    if quotient - floor > 0.5 { floor + 1.0 } else { floor }
                }
            }
        )+
    };
}
floats! {
    f32: quotients below 2^20 by divide_f32;
    f64: quotients below 2^26 by divide_f64;
}
