//! Bit-wise logic and shifts.

use super::binary::binary;
use super::native::B8;
use super::unary::{operations, unary};

operations! {
    /// `&`
    BitwiseAnd
    /// `|`
    BitwiseOr
    /// `^`
    BitwiseXor
    /// `~`
    Invert
    /// `<<`; 0 when the distance is the width or more, or negative.
    LeftShift
    /// `>>`; only the sign is left when the distance is the width or more, or negative.
    RightShift
}

binary!(BitwiseAnd, |a, b| B8::new(a.get() & b.get()), same: B8);
binary!(BitwiseAnd, |a, b| a & b, same: i8 i16 i32 i64 u8 u16 u32 u64);
binary!(BitwiseOr, |a, b| B8::new(a.get() | b.get()), same: B8);
binary!(BitwiseOr, |a, b| a | b, same: i8 i16 i32 i64 u8 u16 u32 u64);
binary!(BitwiseXor, |a, b| B8::new(a.get() ^ b.get()), same: B8);
binary!(BitwiseXor, |a, b| a ^ b, same: i8 i16 i32 i64 u8 u16 u32 u64);
unary!(Invert, |x| B8::new(!x.get()), same: B8);
unary!(Invert, |x| !x, same: i8 i16 i32 i64 u8 u16 u32 u64);

macro_rules! shifts {
    ($($signed:ty, $unsigned:ty;)+) => {
        $(
            binary!(LeftShift, |a, b| if (b as $unsigned) < <$unsigned>::BITS as $unsigned {
                a.wrapping_shl(b as u32)
            } else { 0 }, same: $signed $unsigned);
            binary!(RightShift, |a, b| {
                let width = <$unsigned>::BITS as $unsigned;
                a >> (if (b as $unsigned) < width { b as u32 } else { <$unsigned>::BITS - 1 })
            }, same: $signed);
            binary!(RightShift, |a, b| if b < <$unsigned>::BITS as $unsigned {
                a.wrapping_shr(b as u32)
            } else { 0 }, same: $unsigned);
        )+
    };
}
shifts! {
    i8, u8;
    i16, u16;
    i32, u32;
    i64, u64;
}
