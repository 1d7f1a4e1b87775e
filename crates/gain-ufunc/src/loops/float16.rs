//! `float16`: what is done on its bits. All other loops of it are `float32`'s, between conversions ([`in_f32`](super::in_f32)).

use super::binary::binary;
use super::native::{B8, Native};
use super::unary::unary;
use super::{Absolute, Conjugate, CopySign, FloatAbsolute, Negative, Positive};
use super::{Fmax, Fmin, IsFinite, IsInf, IsNan, Maximum, Minimum, SignBit};
use super::{LogicalAnd, LogicalNot, LogicalOr, LogicalXor, NextAfter, Spacing};
use crate::dtype::DType;
use crate::reduction::Number;
use half::f16;

impl Native for f16 {
    const DTYPE: DType = DType::F16;
    const HOT: bool = false;
    const FILL: Self = f16::from_f32_const(0.5);
}

const SIGN: u16 = 0x8000;
const INFINITY: u16 = 0x7c00;

#[inline(always)]
fn magnitude(x: f16) -> u16 {
    x.to_bits() & !SIGN
}

#[inline(always)]
fn is_nan(x: f16) -> bool {
    magnitude(x) > INFINITY
}

/// A whole number in the order of the elements that are not NaN; both zeros are 0.
#[inline(always)]
fn rank(x: f16) -> i16 {
    let magnitude = magnitude(x) as i16;
    if x.to_bits() & SIGN == 0 {
        magnitude
    } else {
        -magnitude
    }
}

/// The element of a rank.
fn at_rank(rank: i16) -> f16 {
    let sign = if rank < 0 { SIGN } else { 0 };
    f16::from_bits(rank.unsigned_abs() | sign)
}

unary!(Negative, |x| f16::from_bits(x.to_bits() ^ SIGN), same: f16);
unary!(Positive, |x| x, same: f16);
unary!(Conjugate, |x| x, same: f16);
unary!(Absolute, |x| f16::from_bits(magnitude(x)), same: f16);
unary!(FloatAbsolute, |x| f16::from_bits(magnitude(x)), same: f16);
binary!(CopySign, |a, b| f16::from_bits(magnitude(a) | (b.to_bits() & SIGN)), same: f16);

// Of equal operands the first, unlike the wider types: it shows in the sign of zero.
binary!(Minimum, |a, b| if (rank(a) <= rank(b) && !is_nan(b)) | is_nan(a) { a } else { b }, same: f16);
binary!(Maximum, |a, b| if (rank(a) >= rank(b) && !is_nan(b)) | is_nan(a) { a } else { b }, same: f16);
binary!(Fmin, |a, b| if (rank(a) <= rank(b) && !is_nan(a)) | is_nan(b) { a } else { b }, same: f16);
binary!(Fmax, |a, b| if (rank(a) >= rank(b) && !is_nan(a)) | is_nan(b) { a } else { b }, same: f16);

unary!(IsNan, |x| B8::new(is_nan(x)), B8: f16);
unary!(IsInf, |x| B8::new(magnitude(x) == INFINITY), B8: f16);
unary!(IsFinite, |x| B8::new(magnitude(x) < INFINITY), B8: f16);
unary!(SignBit, |x| B8::new(x.to_bits() & SIGN != 0), B8: f16);
unary!(LogicalNot, |x| B8::new(magnitude(x) == 0), B8: f16);
binary!(LogicalAnd, |a, b| (magnitude(a) != 0) & (magnitude(b) != 0), B8: f16);
binary!(LogicalOr, |a, b| (magnitude(a) != 0) | (magnitude(b) != 0), B8: f16);
binary!(LogicalXor, |a, b| (magnitude(a) != 0) != (magnitude(b) != 0), B8: f16);

binary!(NextAfter, |x, to| {
    if is_nan(x) || is_nan(to) {
        f16::NAN
    } else if rank(x) == rank(to) {
        x
    } else if magnitude(x) == 0 {
        f16::from_bits(1 | (to.to_bits() & SIGN))
    } else if (rank(x) < rank(to)) == (x.to_bits() & SIGN == 0) {
        f16::from_bits(x.to_bits() + 1)
    } else {
        f16::from_bits(x.to_bits() - 1)
    }
}, same: f16);

// NumPy's distance is that to the next number above, for negative numbers too.
unary!(Spacing, |x| {
    if magnitude(x) >= INFINITY {
        f16::NAN
    } else {
        f16::from_f32(at_rank(rank(x) + 1).to_f32() - x.to_f32())
    }
}, same: f16);

/// Sums and products of partial results round at every step; [`accumulator`](crate::accumulator) therefore takes them in `float32`.
impl Number for f16 {
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        f16::from_f32(self.to_f32() + other.to_f32())
    }
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        f16::from_f32(self.to_f32() * other.to_f32())
    }
    #[inline(always)]
    fn at_most(self, other: Self) -> bool {
        (rank(self) <= rank(other)) & !is_nan(self) & !is_nan(other)
    }
    #[inline(always)]
    fn is_nan(self) -> bool {
        is_nan(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loops::{Binary, Unary};

    #[test]
    fn ranks_are_the_order_of_the_values() {
        let all = || (0..=u16::MAX).map(f16::from_bits);
        let mut finite: Vec<f16> = all().filter(|x| !is_nan(*x)).collect();
        finite.sort_by(|a, b| a.to_f32().total_cmp(&b.to_f32()));
        assert!(finite.windows(2).all(|pair| rank(pair[0]) <= rank(pair[1])));
        for x in finite {
            assert_eq!(at_rank(rank(x)).to_f32(), x.to_f32());
        }
        assert_eq!(all().filter(|x| is_nan(*x)).count(), 2 * 1023);
    }

    #[test]
    fn steps_lead_through_zero_and_to_infinity() {
        let next = |x: f16, to: f16| NextAfter::<f16>::apply(x, to).to_bits();
        let (zero, one) = (f16::ZERO, f16::ONE);
        assert_eq!(next(zero, one), 1);
        assert_eq!(next(zero, -one), SIGN | 1);
        assert_eq!(next(f16::MAX, f16::INFINITY), INFINITY);
        assert_eq!(Spacing::<f16>::apply(f16::MAX), f16::INFINITY);
        assert_eq!(
            Spacing::<f16>::apply(-one),
            f16::EPSILON / f16::from_f32(2.0)
        );
    }
}
