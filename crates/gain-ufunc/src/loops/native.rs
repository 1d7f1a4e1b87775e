//! The types that loops compute with, and memory without alignment.

use crate::dtype::DType;
use num_complex::Complex;

/// A boolean in an array: any byte but 0 is true; results are 0 or 1.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(crate) struct B8(pub(crate) u8);

impl B8 {
    #[inline(always)]
    pub(crate) fn new(value: bool) -> B8 {
        B8(value as u8)
    }

    #[inline(always)]
    pub(crate) fn get(self) -> bool {
        self.0 != 0
    }
}

/// What loops ask of an element type.
pub(crate) trait Native: Copy + 'static {
    /// Its dtype.
    const DTYPE: DType;
    /// Whether its loops are worth a version for each instruction set.
    const HOT: bool;
    /// A value that fills the unused end of a tile: cheap and harmless for every operation.
    const FILL: Self;
}

macro_rules! native {
    ($($rust:ty => $dtype:ident, $hot:literal, $fill:expr;)+) => {
        $(
            impl Native for $rust {
                const DTYPE: DType = DType::$dtype;
                const HOT: bool = $hot;
                const FILL: Self = $fill;
            }
        )+
    };
}

native! {
    B8 => Bool, false, B8(1);
    i8 => I8, false, 1;
    i16 => I16, false, 1;
    i32 => I32, true, 1;
    i64 => I64, true, 1;
    u8 => U8, false, 1;
    u16 => U16, false, 1;
    u32 => U32, false, 1;
    u64 => U64, false, 1;
    f32 => F32, true, 0.5;
    f64 => F64, true, 0.5;
    Complex<f32> => C64, false, Complex { re: 0.5, im: 0.5 };
    Complex<f64> => C128, false, Complex { re: 0.5, im: 0.5 };
}

/// An element wherever it lies.
#[derive(Clone, Copy)]
#[repr(C, packed)]
pub(crate) struct Unaligned<T: Copy>(pub(crate) T);
