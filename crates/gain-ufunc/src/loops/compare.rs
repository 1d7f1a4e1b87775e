//! Comparisons, logic, and the questions about NaN and infinity: loops that give booleans.

use super::binary::{Binary, binary};
use super::complex::{is_nan, less, less_equal};
use super::native::B8;
use super::unary::{operations, unary};
use num_complex::Complex;

operations! {
    /// `==`
    Equal
    /// `!=`
    NotEqual
    /// `<`
    Less
    /// `<=`
    LessEqual
    /// `>`
    Greater
    /// `>=`
    GreaterEqual
    /// Both true.
    LogicalAnd
    /// One true.
    LogicalOr
    /// Exactly one true.
    LogicalXor
    /// Not true.
    LogicalNot
    /// Not a number.
    IsNan
    /// Infinite.
    IsInf
    /// Neither infinite nor NaN.
    IsFinite
    /// The sign bit is set.
    SignBit
}

/// Whether an element counts as true.
trait Truth: Copy {
    fn truth(self) -> bool;
}

macro_rules! truths {
    ($($t:ty)+) => { $(impl Truth for $t {
        #[inline(always)]
        fn truth(self) -> bool { self != <$t>::default() }
    })+ };
}
truths!(i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 Complex<f32> Complex<f64>);

impl Truth for B8 {
    #[inline(always)]
    fn truth(self) -> bool {
        self.get()
    }
}

binary!(Equal, |a, b| a.get() == b.get(), B8: B8);
binary!(NotEqual, |a, b| a.get() != b.get(), B8: B8);
binary!(Less, |a, b| !a.get() & b.get(), B8: B8);
binary!(LessEqual, |a, b| !a.get() | b.get(), B8: B8);
binary!(Greater, |a, b| a.get() & !b.get(), B8: B8);
binary!(GreaterEqual, |a, b| a.get() | !b.get(), B8: B8);

macro_rules! ordered {
    ($($op:ident $sign:tt)+) => {
        $(binary!($op, |a, b| a $sign b, B8: i8 i16 i32 i64 u8 u16 u32 u64 f32 f64);)+
    };
}
ordered!(Equal == NotEqual != Less < LessEqual <= Greater > GreaterEqual >=);

binary!(Equal, |a, b| (a.re == b.re) & (a.im == b.im), B8: Complex<f32> Complex<f64>);
binary!(NotEqual, |a, b| (a.re != b.re) | (a.im != b.im), B8: Complex<f32> Complex<f64>);
binary!(Less, |a, b| less(a, b), B8: Complex<f32> Complex<f64>);
binary!(LessEqual, |a, b| less_equal(a, b), B8: Complex<f32> Complex<f64>);
binary!(Greater, |a, b| less(b, a), B8: Complex<f32> Complex<f64>);
binary!(GreaterEqual, |a, b| less_equal(b, a), B8: Complex<f32> Complex<f64>);

/// Stands for the types of a comparison of `int64` with `uint64` by exact value.
pub(crate) struct SignedUnsigned;

/// Stands for the types of a comparison of `uint64` with `int64` by exact value.
pub(crate) struct UnsignedSigned;

macro_rules! mixed {
    ($($op:ident $sign:tt $below:literal $above:literal)+) => {
        $(
            impl Binary for $op<SignedUnsigned> {
                type A = i64;
                type B = u64;
                type Out = B8;
                const HOT: bool = false;
                #[inline(always)]
                fn apply(a: i64, b: u64) -> B8 { B8::new(if a < 0 { $below } else { (a as u64) $sign b }) }
            }
            impl Binary for $op<UnsignedSigned> {
                type A = u64;
                type B = i64;
                type Out = B8;
                const HOT: bool = false;
                #[inline(always)]
                fn apply(a: u64, b: i64) -> B8 { B8::new(if b < 0 { $above } else { a $sign (b as u64) }) }
            }
        )+
    };
}
mixed! {
    Equal == false false
    NotEqual != true true
    Less < true false
    LessEqual <= true false
    Greater > false true
    GreaterEqual >= false true
}

binary!(LogicalAnd, |a, b| a.truth() & b.truth(), B8:
    B8 i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 Complex<f32> Complex<f64>);
binary!(LogicalOr, |a, b| a.truth() | b.truth(), B8:
    B8 i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 Complex<f32> Complex<f64>);
binary!(LogicalXor, |a, b| a.truth() ^ b.truth(), B8:
    B8 i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 Complex<f32> Complex<f64>);
unary!(LogicalNot, |x| B8::new(!x.truth()), B8:
    B8 i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 Complex<f32> Complex<f64>);

unary!(IsNan, |_x| B8::new(false), B8: B8 i8 i16 i32 i64 u8 u16 u32 u64);
unary!(IsNan, |x| B8::new(x.is_nan()), B8: f32 f64);
unary!(IsNan, |x| B8::new(is_nan(x)), B8: Complex<f32> Complex<f64>);
unary!(IsInf, |_x| B8::new(false), B8: B8 i8 i16 i32 i64 u8 u16 u32 u64);
unary!(IsInf, |x| B8::new(x.is_infinite()), B8: f32 f64);
unary!(IsInf, |x| B8::new(x.re.is_infinite() | x.im.is_infinite()), B8: Complex<f32> Complex<f64>);
unary!(IsFinite, |_x| B8::new(true), B8: B8 i8 i16 i32 i64 u8 u16 u32 u64);
unary!(IsFinite, |x| B8::new(x.is_finite()), B8: f32 f64);
unary!(IsFinite, |x| B8::new(x.re.is_finite() & x.im.is_finite()), B8: Complex<f32> Complex<f64>);
unary!(SignBit, |x| B8::new(x.is_sign_negative()), B8: f32 f64);
