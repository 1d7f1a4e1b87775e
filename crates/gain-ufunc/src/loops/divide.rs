//! Division in all its forms, and powers of integers.

use super::binary::binary;
use super::divisor;
use super::status;
use super::unary::operations;

operations! {
    /// Quotient of real and complex numbers.
    TrueDivide
    /// Quotient rounded down.
    FloorDivide
    /// What [`FloorDivide`] leaves, with the divisor's sign.
    Remainder
    /// The left to the power of the right.
    Power
}

binary!(TrueDivide, |a, b| a / b, same: f32 f64);

/// Square and multiply, wrapping.
macro_rules! integer_power {
    ($base:expr, $exponent:expr) => {{
        let (mut base, mut exponent, mut result) = ($base, $exponent, 1);
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = base.wrapping_mul(result);
            }
            base = base.wrapping_mul(base);
            exponent >>= 1;
        }
        result
    }};
}
macro_rules! signed_division {
    ($($t:ty)+) => {
        $(
            binary!(FloorDivide, |a, b| {
                if b == 0 {
                    0
                } else {
                    let quotient = a.wrapping_div(b);
                    let inexact = a.wrapping_rem(b) != 0;
                    if inexact & ((a < 0) != (b < 0)) { quotient - 1 } else { quotient }
                }
            }, by_one: divisor::quotient, $t);
            binary!(Remainder, |a, b| {
                if b == 0 {
                    0
                } else {
                    let rest = a.wrapping_rem(b);
                    if (rest != 0) & ((rest < 0) != (b < 0)) { rest + b } else { rest }
                }
            }, by_one: divisor::rest, $t);
            binary!(Power, |a, b| {
                if b < 0 {
                    status::negative_power();
                    0
                } else {
                    integer_power!(a, b)
                }
            }, cold: $t);
        )+
    };
}

macro_rules! unsigned_division {
    ($($t:ty)+) => {
        $(
            binary!(FloorDivide, |a, b| if b == 0 { 0 } else { a / b }, cold: $t);
            binary!(Remainder, |a, b| if b == 0 { 0 } else { a % b }, cold: $t);
            binary!(Power, |a, b| integer_power!(a, b), cold: $t);
        )+
    };
}

signed_division!(i8 i16 i32 i64);
unsigned_division!(u8 u16 u32 u64);
