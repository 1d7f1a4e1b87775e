//! Division of many signed integers by one positive integer: a multiplication by its reciprocal, which gives the same quotients.
//!
//! # Rationale
//!
//! T. Granlund and P. L. Montgomery, "Division by invariant integers using multiplication" (PLDI 1994), for dividends of 63 bits: with
//! `2^bits >= d` and `m = floor(2^(63 + bits) / d) + 1`, the quotient is `floor(x m / 2^(63 + bits))`. A negative dividend is replaced by
//! its complement, whose quotient is the complement of the one rounded down.

/// A positive divisor.
#[derive(Clone, Copy)]
struct Divisor {
    multiplier: u64,
    shift: u32,
}

impl Divisor {
    /// None for divisors that have no such reciprocal.
    fn of(divisor: i64) -> Option<Divisor> {
        if divisor < 2 {
            return None;
        }
        let bits = 64 - (divisor - 1).leading_zeros();
        let multiplier = (1u128 << (63 + bits)) / divisor as u128 + 1;
        Some(Divisor {
            multiplier: multiplier as u64,
            shift: bits - 1,
        })
    }

    /// The quotient rounded down.
    #[inline(always)]
    fn quotient(self, dividend: i64) -> i64 {
        let sign = dividend >> 63;
        let high = (u128::from((dividend ^ sign) as u64) * u128::from(self.multiplier)) >> 64;
        ((high as u64) >> self.shift) as i64 ^ sign
    }
}

/// A signed integer.
pub(super) trait Signed: Copy {
    fn wide(self) -> i64;
    /// Of a number that is in range.
    fn narrow(wide: i64) -> Self;
}

macro_rules! signed {
    ($($t:ty)+) => {$(
        impl Signed for $t {
            #[inline(always)]
            fn wide(self) -> i64 {
                i64::from(self)
            }
            #[inline(always)]
            fn narrow(wide: i64) -> $t {
                wide as $t
            }
        }
    )+};
}

signed!(i8 i16 i32 i64);

/// The quotient by one integer, rounded down; `None` where it has no reciprocal.
#[inline(always)]
pub(super) fn quotient<T: Signed>(by: T) -> Option<impl Fn(T) -> T> {
    let divisor = Divisor::of(by.wide())?;
    Some(move |dividend: T| T::narrow(divisor.quotient(dividend.wide())))
}

/// What the quotient leaves, with the divisor's sign.
#[inline(always)]
pub(super) fn rest<T: Signed>(by: T) -> Option<impl Fn(T) -> T> {
    let (divisor, by) = (Divisor::of(by.wide())?, by.wide());
    Some(move |dividend: T| {
        let dividend = dividend.wide();
        T::narrow(dividend - divisor.quotient(dividend) * by)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_are_those_of_division() {
        let near = |x: i64| (-3..4).map(move |d| x.wrapping_add(d));
        let numbers: Vec<i64> = (0..63)
            .flat_map(|bit| near(1 << bit))
            .chain(near(i64::MIN))
            .collect();
        for &by in numbers.iter().filter(|&&by| by >= 2) {
            let divisor = Divisor::of(by).expect("it is above 1");
            for &x in numbers.iter().chain(&[7, 1_000_003, by.wrapping_mul(3)]) {
                for x in [x, x.wrapping_neg(), x.wrapping_mul(by)] {
                    assert_eq!(divisor.quotient(x), x.div_euclid(by), "{x} / {by}");
                }
            }
        }
    }
}
