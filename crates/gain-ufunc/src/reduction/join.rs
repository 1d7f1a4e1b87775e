//! What two elements combine to, per reduction and element type.

use num_complex::Complex;

/// How two partial results of one reduction combine.
pub(crate) trait Join: 'static {
    /// A partial result.
    type Item: Copy + 'static;
    fn join(a: Self::Item, b: Self::Item) -> Self::Item;
}

/// A boolean's byte: true unless 0.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(crate) struct Byte(pub(crate) u8);

/// Arithmetic and order of an element type, as NumPy has them.
pub(crate) trait Number: Copy + 'static {
    fn plus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    /// False if either is NaN.
    fn at_most(self, other: Self) -> bool;
    /// Whether the ufunc `minimum` takes `self` of the two, neither being NaN.
    #[inline(always)]
    fn is_minimum(self, other: Self) -> bool {
        self.at_most(other)
    }
    /// Whether the ufunc `maximum` takes `self` of the two, neither being NaN.
    #[inline(always)]
    fn is_maximum(self, other: Self) -> bool {
        other.at_most(self)
    }
    fn is_nan(self) -> bool;
}

macro_rules! integers {
    ($($t:ty),+) => {$(
        impl Number for $t {
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            #[inline(always)]
            fn times(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }
            #[inline(always)]
            fn at_most(self, other: Self) -> bool {
                self <= other
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                false
            }
        }
    )+};
}

integers!(i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! floats {
    ($($t:ty),+) => {$(
        impl Number for $t {
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self + other
            }
            #[inline(always)]
            fn times(self, other: Self) -> Self {
                self * other
            }
            #[inline(always)]
            fn at_most(self, other: Self) -> bool {
                self <= other
            }
            // Of two zeros the second, as the processor has it.
            #[inline(always)]
            fn is_minimum(self, other: Self) -> bool {
                self < other
            }
            #[inline(always)]
            fn is_maximum(self, other: Self) -> bool {
                self > other
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                self != self
            }
        }

        impl Number for Complex<$t> {
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                Complex { re: self.re + other.re, im: self.im + other.im }
            }
            #[inline(always)]
            fn times(self, other: Self) -> Self {
                Complex {
                    re: self.re * other.re - self.im * other.im,
                    im: self.re * other.im + self.im * other.re,
                }
            }
            #[inline(always)]
            fn at_most(self, other: Self) -> bool {
                let ordered = self.re < other.re || (self.re == other.re && self.im <= other.im);
                ordered && !Number::is_nan(self) && !Number::is_nan(other)
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                self.re != self.re || self.im != self.im
            }
        }
    )+};
}

floats!(f32, f64);

impl Number for Byte {
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Byte(u8::from(self.0 | other.0 != 0))
    }
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        Byte(u8::from(self.0 != 0) & u8::from(other.0 != 0))
    }
    #[inline(always)]
    fn at_most(self, other: Self) -> bool {
        u8::from(self.0 != 0) <= u8::from(other.0 != 0)
    }
    #[inline(always)]
    fn is_nan(self) -> bool {
        false
    }
}

macro_rules! joins {
    ($($(#[$meta:meta])* $name:ident = |$a:ident, $b:ident| $value:expr;)+) => {$(
        $(#[$meta])*
        pub(crate) struct $name<T>(std::marker::PhantomData<T>);

        impl<T: Number> Join for $name<T> {
            type Item = T;
            #[inline(always)]
            fn join($a: T, $b: T) -> T {
                $value
            }
        }
    )+};
}

joins! {
    /// Sum, and any of booleans.
    Sum = |a, b| a.plus(b);
    /// Product, and all of booleans.
    Prod = |a, b| a.times(b);
    /// The ufunc `minimum`; the first NaN.
    Min = |a, b| if a.is_minimum(b) | a.is_nan() { a } else { b };
    /// The ufunc `maximum`; the first NaN.
    Max = |a, b| if a.is_maximum(b) | a.is_nan() { a } else { b };
    /// The ufunc `fmin`: no NaN, if the other is none.
    FMin = |a, b| if a.is_minimum(b) | b.is_nan() { a } else { b };
    /// The ufunc `fmax`: no NaN, if the other is none.
    FMax = |a, b| if a.is_maximum(b) | b.is_nan() { a } else { b };
}
