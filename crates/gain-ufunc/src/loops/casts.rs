//! Casts between all pairs of dtypes, with NumPy's results for what does not fit.
//!
//! # Rationale
//!
//! A float that an integer type cannot hold gives in NumPy what C compilers make of x86's instructions: conversions to 8 and 16
//! bits keep the low bits of a conversion to 32, those to unsigned types go through the signed one of the same width.
//! The formulas here say so in arithmetic, so that every machine and instruction set agrees.
#![expect(unsafe_code, reason = "conversions that are guarded by a range check")]

use super::LoopFn;
use super::in_f32::{self, InSingle};
use super::native::{B8, Native};
use super::unary::{Unary, unary_loops, unary_row};
use crate::dtype::DType;
use crate::isa::{self, Isa};
use crate::ufunc::Loop;
use num_complex::Complex;
use std::marker::PhantomData;

/// The conversion of an element.
trait To<T>: Native {
    fn to(self) -> T;
}

struct Cast<A, B>(PhantomData<(A, B)>);

impl<A: To<B>, B: Native> Unary for Cast<A, B> {
    type In = A;
    type Out = B;
    const HOT: bool = (A::HOT || B::HOT) && wanted(A::DTYPE) && wanted(B::DTYPE);
    #[inline(always)]
    fn apply(x: A) -> B {
        x.to()
    }
}

const fn wanted(dtype: DType) -> bool {
    !dtype.is_complex()
}

macro_rules! plain {
    ($($from:ty => $($to:ty)+;)+) => { $($(
        impl To<$to> for $from {
            #[inline(always)]
            fn to(self) -> $to { self as $to }
        }
    )+)+ };
}
plain! {
    i8 => i8 i16 i32 i64 u8 u16 u32 u64 f32 f64;
    i16 => i8 i16 i32 i64 u8 u16 u32 u64 f32 f64;
    i32 => i8 i16 i32 i64 u8 u16 u32 u64 f32 f64;
    i64 => i8 i16 i32 i64 u8 u16 u32 u64 f32 f64;
    u8 => i8 i16 i32 i64 u8 u16 u32 u64 f32 f64;
    u16 => i8 i16 i32 i64 u8 u16 u32 u64 f32 f64;
    u32 => i8 i16 i32 i64 u8 u16 u32 u64 f32 f64;
    u64 => i8 i16 i32 i64 u8 u16 u32 u64 f32 f64;
    f32 => f32 f64;
    f64 => f32 f64;
}

macro_rules! from_float {
    ($($from:ty)+) => { $(
        impl To<i32> for $from {
            #[inline(always)]
            fn to(self) -> i32 {
                // f32 has no number between 2^31 - 128 and 2^31, so the bounds are exact for both types.
                if (self as f64) > -2147483649.0 && (self as f64) < 2147483648.0 {
                    // SAFETY: the truncated value lies within the type.
                    unsafe { self.to_int_unchecked() }
                } else {
                    i32::MIN
                }
            }
        }
        impl To<i64> for $from {
            #[inline(always)]
            fn to(self) -> i64 {
                if (-9223372036854775808.0..9223372036854775808.0).contains(&self) {
                    // SAFETY: the truncated value lies within the type.
                    unsafe { self.to_int_unchecked() }
                } else {
                    i64::MIN
                }
            }
        }
        impl To<u32> for $from {
            #[inline(always)]
            fn to(self) -> u32 {
                if self >= 2147483648.0 {
                    let low: i32 = (self - 2147483648.0).to();
                    low as u32 ^ 0x8000_0000
                } else {
                    let low: i32 = self.to();
                    low as u32
                }
            }
        }
        impl To<u64> for $from {
            #[inline(always)]
            fn to(self) -> u64 {
                if self >= 9223372036854775808.0 {
                    let low: i64 = (self - 9223372036854775808.0).to();
                    low as u64 ^ 0x8000_0000_0000_0000
                } else {
                    let low: i64 = self.to();
                    low as u64
                }
            }
        }
        from_float!(@narrow $from: i8 i16 u8 u16);
    )+ };
    (@narrow $from:ty: $($to:ty)+) => { $(
        impl To<$to> for $from {
            #[inline(always)]
            fn to(self) -> $to {
                let wide: i32 = self.to();
                wide as $to
            }
        }
    )+ };
}
from_float!(f32 f64);

macro_rules! booleans {
    ($($t:ty)+) => { $(
        impl To<B8> for $t {
            #[inline(always)]
            fn to(self) -> B8 { B8::new(self != <$t>::default()) }
        }
        impl To<$t> for B8 {
            #[inline(always)]
            fn to(self) -> $t { self.get() as u8 as $t }
        }
    )+ };
}
booleans!(i8 i16 i32 i64 u8 u16 u32 u64 f32 f64);

impl To<B8> for B8 {
    #[inline(always)]
    fn to(self) -> B8 {
        B8::new(self.get())
    }
}

macro_rules! complexes {
    ($part:ty: $($t:ty)+) => {
        $(
            impl To<Complex<$part>> for $t {
                #[inline(always)]
                fn to(self) -> Complex<$part> { Complex::new(self.to(), 0.0) }
            }
            impl To<$t> for Complex<$part> {
                #[inline(always)]
                fn to(self) -> $t { self.re.to() }
            }
        )+
        impl To<B8> for Complex<$part> {
            #[inline(always)]
            fn to(self) -> B8 { B8::new((self.re != 0.0) | (self.im != 0.0)) }
        }
        impl To<Complex<$part>> for B8 {
            #[inline(always)]
            fn to(self) -> Complex<$part> { Complex::new(self.to(), 0.0) }
        }
        impl To<Complex<f32>> for Complex<$part> {
            #[inline(always)]
            fn to(self) -> Complex<f32> { Complex::new(self.re as f32, self.im as f32) }
        }
        impl To<Complex<f64>> for Complex<$part> {
            #[inline(always)]
            fn to(self) -> Complex<f64> { Complex::new(self.re as f64, self.im as f64) }
        }
    };
}
complexes!(f32: i8 i16 i32 i64 u8 u16 u32 u64 f32 f64);
complexes!(f64: i8 i16 i32 i64 u8 u16 u32 u64 f32 f64);

/// A cast to `float16`: to a `float32` that rounds to the same `float16`, and on.
struct ToHalf<A>(PhantomData<A>);

/// A cast from `float16`, which `float32` holds.
struct FromHalf<B>(PhantomData<B>);

/// A `float64`, or the real part of a complex number, as a `float32` with an odd last bit unless it is exact: so the second rounding is
/// the only one (Boldo and Melquiond, 2008). Of the narrower types only integers beyond 2^24 are rounded, and those overflow `float16`.
struct Odd<A>(PhantomData<A>);

impl Unary for Odd<f64> {
    type In = f64;
    type Out = f32;
    #[inline(always)]
    fn apply(x: f64) -> f32 {
        let near = x as f32;
        let rest = x - f64::from(near);
        let bits = near.to_bits();
        if (rest == 0.0) | (bits & 1 == 1) | rest.is_nan() {
            near
        } else if (rest > 0.0) == near.is_sign_positive() {
            f32::from_bits(bits + 1)
        } else {
            f32::from_bits(bits - 1)
        }
    }
}

impl Unary for Odd<Complex<f64>> {
    type In = Complex<f64>;
    type Out = f32;
    #[inline(always)]
    fn apply(x: Complex<f64>) -> f32 {
        Odd::<f64>::apply(x.re)
    }
}

/// NumPy's cast from `float16` to `uint32`: of infinities and NaN 0, unlike that from `float32`.
struct LowWord;

impl Unary for LowWord {
    type In = f32;
    type Out = u32;
    #[inline(always)]
    fn apply(x: f32) -> u32 {
        let wide: i64 = x.to();
        wide as u32
    }
}

macro_rules! halves {
    ($($t:ty: $to:ty, $from:ty;)+) => { $(
        impl InSingle for ToHalf<$t> {
            const ROW: Loop = unary_row::<$to>();
            const HALVES: [bool; 4] = [false, true, false, false];
        }
        impl InSingle for FromHalf<$t> {
            const ROW: Loop = unary_row::<$from>();
            const HALVES: [bool; 4] = [true, false, false, false];
        }
    )+ };
}
halves! {
    B8: Cast<B8, f32>, Cast<f32, B8>;
    i8: Cast<i8, f32>, Cast<f32, i8>;
    i16: Cast<i16, f32>, Cast<f32, i16>;
    i32: Cast<i32, f32>, Cast<f32, i32>;
    i64: Cast<i64, f32>, Cast<f32, i64>;
    u8: Cast<u8, f32>, Cast<f32, u8>;
    u16: Cast<u16, f32>, Cast<f32, u16>;
    u32: Cast<u32, f32>, LowWord;
    u64: Cast<u64, f32>, Cast<f32, u64>;
    f32: Cast<f32, f32>, Cast<f32, f32>;
    f64: Odd<f64>, Cast<f32, f64>;
    Complex<f32>: Cast<Complex<f32>, f32>, Cast<f32, Complex<f32>>;
    Complex<f64>: Odd<Complex<f64>>, Cast<f32, Complex<f64>>;
}

/// All casts from one type, indexed by the target's number.
const fn from<A>() -> [[LoopFn; Isa::COUNT]; DType::COUNT]
where
    A: To<B8> + To<i8> + To<i16> + To<i32> + To<i64> + To<u8> + To<u16> + To<u32> + To<u64>,
    A: To<f32> + To<f64> + To<Complex<f32>> + To<Complex<f64>>,
    ToHalf<A>: InSingle,
{
    [
        unary_loops::<Cast<A, B8>>(),
        unary_loops::<Cast<A, i8>>(),
        unary_loops::<Cast<A, i16>>(),
        unary_loops::<Cast<A, i32>>(),
        unary_loops::<Cast<A, i64>>(),
        unary_loops::<Cast<A, u8>>(),
        unary_loops::<Cast<A, u16>>(),
        unary_loops::<Cast<A, u32>>(),
        unary_loops::<Cast<A, u64>>(),
        in_f32::loops::<ToHalf<A>>(),
        unary_loops::<Cast<A, f32>>(),
        unary_loops::<Cast<A, f64>>(),
        unary_loops::<Cast<A, Complex<f32>>>(),
        unary_loops::<Cast<A, Complex<f64>>>(),
    ]
}

const FROM_HALF: [[LoopFn; Isa::COUNT]; DType::COUNT] = [
    in_f32::loops::<FromHalf<B8>>(),
    in_f32::loops::<FromHalf<i8>>(),
    in_f32::loops::<FromHalf<i16>>(),
    in_f32::loops::<FromHalf<i32>>(),
    in_f32::loops::<FromHalf<i64>>(),
    in_f32::loops::<FromHalf<u8>>(),
    in_f32::loops::<FromHalf<u16>>(),
    in_f32::loops::<FromHalf<u32>>(),
    in_f32::loops::<FromHalf<u64>>(),
    // The bits as they are.
    unary_loops::<Cast<u16, u16>>(),
    in_f32::loops::<FromHalf<f32>>(),
    in_f32::loops::<FromHalf<f64>>(),
    in_f32::loops::<FromHalf<Complex<f32>>>(),
    in_f32::loops::<FromHalf<Complex<f64>>>(),
];

static CASTS: [[[LoopFn; Isa::COUNT]; DType::COUNT]; DType::COUNT] = [
    from::<B8>(),
    from::<i8>(),
    from::<i16>(),
    from::<i32>(),
    from::<i64>(),
    from::<u8>(),
    from::<u16>(),
    from::<u32>(),
    from::<u64>(),
    FROM_HALF,
    from::<f32>(),
    from::<f64>(),
    from::<Complex<f32>>(),
    from::<Complex<f64>>(),
];

/// The loop that casts elements, for the instruction set in use. A cast to the same dtype copies (and makes booleans 0 or 1).
#[inline]
pub fn cast_loop(from: DType, to: DType) -> LoopFn {
    cast_loop_for(from, to, isa::active())
}

/// As [`cast_loop`], for one of the [`available`](isa::available) instruction sets; to call a better one is undefined behaviour.
#[inline]
pub fn cast_loop_for(from: DType, to: DType, isa: Isa) -> LoopFn {
    CASTS[from as usize][to as usize][isa as usize]
}
