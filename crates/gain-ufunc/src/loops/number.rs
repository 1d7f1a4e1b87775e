//! Divisors, remainders of C, steps, angles, counted bits.

use super::binary::binary;
use super::unary::{operations, unary};

operations! {
    /// The remainder with the dividend's sign.
    FloatRemainder
    /// Greatest common divisor.
    Gcd
    /// Lowest common multiple.
    Lcm
    /// 0 below zero, 1 above, the right at zero.
    Heaviside
    /// Radians as degrees.
    Degrees
    /// Degrees as radians.
    Radians
    /// Ones among the bits of the magnitude.
    BitCount
}

/// Euclid's algorithm.
macro_rules! divisor {
    ($a:expr, $b:expr) => {{
        let (mut a, mut b) = ($a, $b);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    }};
}

macro_rules! multiple {
    ($a:expr, $b:expr) => {{
        let (a, b) = ($a, $b);
        let divisor = divisor!(a, b);
        if divisor == 0 {
            0
        } else {
            (a / divisor).wrapping_mul(b)
        }
    }};
}

macro_rules! integers {
    ($($signed:ty, $unsigned:ty;)+) => {
        $(
            binary!(FloatRemainder, |a, b| if b == 0 { 0 } else { a.wrapping_rem(b) }, cold: $signed $unsigned);
            binary!(Gcd, |a, b| divisor!(a, b), cold: $unsigned);
            binary!(Gcd, |a, b| divisor!(a.unsigned_abs(), b.unsigned_abs()) as $signed, cold: $signed);
            binary!(Lcm, |a, b| multiple!(a, b), cold: $unsigned);
            binary!(Lcm, |a, b| multiple!(a.unsigned_abs(), b.unsigned_abs()) as $signed, cold: $signed);
            unary!(BitCount, |x| x.count_ones() as u8, u8: $unsigned);
            unary!(BitCount, |x| x.unsigned_abs().count_ones() as u8, u8: $signed);
        )+
    };
}
integers! {
    i8, u8;
    i16, u16;
    i32, u32;
    i64, u64;
}

macro_rules! floats {
    ($($t:ident)+) => {
        $(
            binary!(Heaviside, |x, middle| {
                if x.is_nan() {
                    x
                } else if x == 0.0 {
                    middle
                } else if x < 0.0 {
                    0.0
                } else {
                    1.0
                }
            }, same: $t);
            unary!(Degrees, |x| x * (180.0 / std::$t::consts::PI), same: $t);
            unary!(Radians, |x| x * (std::$t::consts::PI / 180.0), same: $t);
        )+
    };
}
floats!(f32 f64);
