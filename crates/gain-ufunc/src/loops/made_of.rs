//! What floating-point numbers are made of: fraction and exponent, whole and rest, neighbours.

use super::binary::{Binary, binary};
use super::unary::{operations, unary};

operations! {
    /// What is left behind the point, with the number's sign.
    Fraction
    /// The number divided by a power of two, so that it lies in [0.5, 1) or is 0.
    Mantissa
    /// That power of two.
    Exponent
    /// The left times two to the power of the right, an `int32`.
    ScaleInt
    /// The left times two to the power of the right, an `int64`.
    ScaleLong
    /// The next number after the left in the direction of the right.
    NextAfter
    /// The distance to the next number away from zero.
    Spacing
}

/// `x * 2^n`, rounded once.
///
/// Steps of at most 2^1023; those downwards leave 53 bits in hand, so that only the last one rounds.
fn scale(x: f64, n: i64) -> f64 {
    const UP: f64 = f64::from_bits(0x7fe << 52);
    const DOWN: f64 = f64::from_bits((0x3ff - 969) << 52);
    let (mut x, mut n) = (x, n.clamp(-4000, 4000));
    for _ in 0..2 {
        if n > 1023 {
            x *= UP;
            n -= 1023;
        } else if n < -1022 {
            x *= DOWN;
            n += 969;
        }
    }
    let n = n.clamp(-1022, 1023);
    x * f64::from_bits(((0x3ff + n) as u64) << 52)
}

/// Mantissa and exponent.
fn split(x: f64) -> (f64, i32) {
    const MASK: u64 = 0x7ff << 52;
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    let exponent = ((x.to_bits() & MASK) >> 52) as i32;
    if exponent == 0 {
        let (mantissa, exponent) = split(x * 18446744073709551616.0);
        return (mantissa, exponent - 64);
    }
    let mantissa = f64::from_bits((x.to_bits() & !MASK) | (0x3fe << 52));
    (mantissa, exponent - 0x3fe)
}

unary!(Fraction, |x| if x.is_infinite() { (0.0f32).copysign(x) } else { (x - x.trunc()).copysign(x) }, same: f32);
unary!(Fraction, |x| if x.is_infinite() { (0.0f64).copysign(x) } else { (x - x.trunc()).copysign(x) }, same: f64);
unary!(Mantissa, |x| split(x.into()).0 as f32, same: f32);
unary!(Mantissa, |x| split(x).0, same: f64);
unary!(Exponent, |x| split(x.into()).1, i32: f32);
unary!(Exponent, |x| split(x).1, i32: f64);

macro_rules! scales {
    ($op:ident, $exponent:ty: $($t:ty)+) => {
        $(
            impl Binary for $op<$t> {
                type A = $t;
                type B = $exponent;
                type Out = $t;
                const HOT: bool = false;
                #[inline(always)]
                fn apply(x: $t, n: $exponent) -> $t { scale(f64::from(x), i64::from(n)) as $t }
            }
        )+
    };
}
scales!(ScaleInt, i32: f32 f64);
scales!(ScaleLong, i64: f32 f64);

macro_rules! neighbours {
    ($($t:ty)+) => {
        $(
            binary!(NextAfter, |x, to| {
                if x.is_nan() || to.is_nan() {
                    x + to
                } else if x == to {
                    to
                } else if x == 0.0 {
                    <$t>::from_bits(1).copysign(to)
                } else if x < to {
                    x.next_up()
                } else {
                    x.next_down()
                }
            }, cold: $t);
            unary!(Spacing, |x| {
                if !x.is_finite() {
                    <$t>::NAN
                } else if x == 0.0 {
                    <$t>::from_bits(1)
                } else if x > 0.0 {
                    x.next_up() - x
                } else {
                    x.next_down() - x
                }
            }, same: $t);
        )+
    };
}
neighbours!(f32 f64);
