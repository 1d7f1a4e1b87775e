//! The element types of global arrays.

use num_complex::Complex;

/// How [`crate::GlobalArray::accumulate`] joins what is there with what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccumulateOp {
    /// The sum; integers wrap around.
    Sum,
    /// The smaller; what is there stays when it can not be compared. Not for complex numbers.
    Min,
    /// The larger; what is there stays when it can not be compared. Not for complex numbers.
    Max,
}

/// The number a network knows an element as; a complex one is two of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberKind {
    /// 8-bit signed integer.
    I8,
    /// 16-bit signed integer.
    I16,
    /// 32-bit signed integer.
    I32,
    /// 64-bit signed integer.
    I64,
    /// 8-bit unsigned integer.
    U8,
    /// 16-bit unsigned integer.
    U16,
    /// 32-bit unsigned integer.
    U32,
    /// 64-bit unsigned integer.
    U64,
    /// Single precision.
    F32,
    /// Double precision.
    F64,
}

/// A number that a [`crate::GlobalArray`] holds: integers of 8 to 64 bits, `f32`, `f64`, `Complex<f32>`, `Complex<f64>`.
pub trait Element: bytemuck::Pod + PartialEq + std::fmt::Debug + sealed::Sealed {
    /// What it is to a network.
    #[doc(hidden)]
    const KIND: NumberKind;
    /// Numbers of that kind in an element.
    #[doc(hidden)]
    const PARTS: usize;
    /// Joins what is there with what comes. Local.
    #[must_use]
    fn accumulate(op: AccumulateOp, there: Self, comes: Self) -> Self;
}

/// An integer that [`crate::GlobalArray::read_inc`] can count with: `i64`, `u64`.
pub trait Counter: Element {}
impl Counter for i64 {}
impl Counter for u64 {}

mod sealed {
    pub trait Sealed {}
}

macro_rules! element {
    ($($t:ty: $kind:ident, $add:expr;)*) => {$(
        impl sealed::Sealed for $t {}
        impl Element for $t {
            const KIND: NumberKind = NumberKind::$kind;
            const PARTS: usize = 1;
            fn accumulate(op: AccumulateOp, there: Self, comes: Self) -> Self {
                match op {
                    AccumulateOp::Sum => $add(there, comes),
                    AccumulateOp::Min => if comes < there { comes } else { there },
                    AccumulateOp::Max => if comes > there { comes } else { there },
                }
            }
        }
    )*};
}

element! {
    i8: I8, i8::wrapping_add;
    i16: I16, i16::wrapping_add;
    i32: I32, i32::wrapping_add;
    i64: I64, i64::wrapping_add;
    u8: U8, u8::wrapping_add;
    u16: U16, u16::wrapping_add;
    u32: U32, u32::wrapping_add;
    u64: U64, u64::wrapping_add;
    f32: F32, |a: f32, b: f32| a + b;
    f64: F64, |a: f64, b: f64| a + b;
}

macro_rules! complex_element {
    ($($t:ty: $kind:ident;)*) => {$(
        impl sealed::Sealed for Complex<$t> {}
        impl Element for Complex<$t> {
            const KIND: NumberKind = NumberKind::$kind;
            const PARTS: usize = 2;
            fn accumulate(op: AccumulateOp, there: Self, comes: Self) -> Self {
                match op {
                    AccumulateOp::Sum => there + comes,
                    // Refused before it comes here: complex numbers have no order.
                    AccumulateOp::Min | AccumulateOp::Max => there,
                }
            }
        }
    )*};
}

complex_element! {
    f32: F32;
    f64: F64;
}
