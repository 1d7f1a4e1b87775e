//! One value of any dtype.
#![expect(
    unsafe_code,
    reason = "values are read from and written to raw bytes by the cast loops"
)]

use crate::dtype::{DType, Element};
use crate::loops::cast_loop;
use num_complex::Complex;
use std::fmt;

/// One element with its dtype.
///
/// # Examples
///
/// ```
/// use gain_ufunc::{DType, Scalar};
///
/// let x = Scalar::from(2.75_f64);
/// assert_eq!(x.cast(DType::I32), Scalar::from(2_i32));
/// assert_eq!(x.as_f64(), 2.75);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(C, align(16))]
pub struct Scalar {
    /// The element's memory; the bytes beyond its size are 0.
    bytes: [u8; 16],
    dtype: DType,
}

impl Scalar {
    /// The scalar whose memory is `bytes`.
    ///
    /// # Panics
    ///
    /// Unless there are as many bytes as an element has.
    pub fn from_bytes(dtype: DType, bytes: &[u8]) -> Scalar {
        assert_eq!(
            bytes.len(),
            dtype.size(),
            "a {dtype} has {} bytes",
            dtype.size()
        );
        let mut all = [0; 16];
        all[..bytes.len()].copy_from_slice(bytes);
        if dtype.is_bool() {
            all[0] = u8::from(all[0] != 0);
        }
        Scalar { bytes: all, dtype }
    }

    /// Zero (false).
    pub const fn zero(dtype: DType) -> Scalar {
        Scalar {
            bytes: [0; 16],
            dtype,
        }
    }

    /// One (true).
    pub fn one(dtype: DType) -> Scalar {
        Scalar::from(true).cast(dtype)
    }

    /// The element type.
    #[inline]
    pub const fn dtype(&self) -> DType {
        self.dtype
    }

    /// The element's memory.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.dtype.size()]
    }

    /// Where the element's memory starts; aligned to 16 bytes.
    #[inline]
    pub const fn as_ptr(&self) -> *const u8 {
        self.bytes.as_ptr()
    }

    /// The value in another dtype, by the rules of NumPy's `astype`.
    pub fn cast(self, dtype: DType) -> Scalar {
        if dtype == self.dtype {
            return self;
        }
        let mut result = Scalar::zero(dtype);
        let ptrs = [
            self.bytes.as_ptr().cast_mut(),
            result.bytes.as_mut_ptr(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
        ];
        // SAFETY: both buffers hold 16 bytes, enough for one element of any dtype, and the loop only reads the first.
        unsafe { cast_loop(self.dtype, dtype)(1, &ptrs, &[0; 4]) };
        result
    }

    /// The value as a Rust value, if its dtype is the type's.
    pub fn get<T: Element>(&self) -> Option<T> {
        // SAFETY: the bytes are an element of `T::DTYPE` (bools are 0 or 1 by construction), aligned to 16 bytes.
        (self.dtype == T::DTYPE).then(|| unsafe { self.bytes.as_ptr().cast::<T>().read() })
    }

    fn value<T: Element + Default>(self) -> T {
        self.cast(T::DTYPE).get().unwrap_or_default()
    }

    /// The value as `float64`; the imaginary part of a complex number is dropped.
    pub fn as_f64(&self) -> f64 {
        self.value()
    }

    /// The value as `int64`, as `astype` casts.
    pub fn as_i64(&self) -> i64 {
        self.value()
    }

    /// The value as `complex128`.
    pub fn as_complex(&self) -> Complex<f64> {
        self.value()
    }

    /// Whether the value differs from zero (NaN does).
    pub fn as_bool(&self) -> bool {
        self.value()
    }
}

impl<T: Element> From<T> for Scalar {
    fn from(value: T) -> Scalar {
        let mut scalar = Scalar::zero(T::DTYPE);
        // SAFETY: the 16 aligned bytes have room for any element.
        unsafe { scalar.bytes.as_mut_ptr().cast::<T>().write(value) };
        scalar
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dtype {
            DType::Bool => self.as_bool().fmt(f),
            DType::U64 => self.value::<u64>().fmt(f),
            DType::F16 | DType::F32 => self.value::<f32>().fmt(f),
            DType::F64 => self.as_f64().fmt(f),
            DType::C64 | DType::C128 => self.as_complex().fmt(f),
            _ => self.as_i64().fmt(f),
        }
    }
}

impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({self})", self.dtype)
    }
}
