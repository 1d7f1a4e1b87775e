//! One vector register of `f64` or `f32`, per instruction set, and plain numbers for the ends of loops.

#![expect(
    unsafe_code,
    reason = "vector registers are loaded from and stored to raw memory"
)]

/// A vector register's worth of one float type. The operations are IEEE's, so all implementations give the same bits.
pub(super) trait Lanes: Copy {
    /// Bytes in memory.
    const BYTES: usize;
    unsafe fn zero() -> Self;
    unsafe fn load(from: *const u8) -> Self;
    unsafe fn store(self, to: *mut u8);
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn sub(self, other: Self) -> Self;
    unsafe fn mul(self, other: Self) -> Self;
    unsafe fn div(self, other: Self) -> Self;
    unsafe fn neg(self) -> Self;
    unsafe fn abs(self) -> Self;
    unsafe fn sqrt(self) -> Self;
}

macro_rules! plain {
    ($($t:ty),+) => {$(
        impl Lanes for $t {
            const BYTES: usize = size_of::<$t>();
            #[inline(always)]
            unsafe fn zero() -> Self {
                0.0
            }
            #[inline(always)]
            unsafe fn load(from: *const u8) -> Self {
                // SAFETY: the caller passes readable memory.
                unsafe { from.cast::<$t>().read_unaligned() }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut u8) {
                // SAFETY: the caller passes writable memory.
                unsafe { to.cast::<$t>().write_unaligned(self) }
            }
            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                self + other
            }
            #[inline(always)]
            unsafe fn sub(self, other: Self) -> Self {
                self - other
            }
            #[inline(always)]
            unsafe fn mul(self, other: Self) -> Self {
                self * other
            }
            #[inline(always)]
            unsafe fn div(self, other: Self) -> Self {
                self / other
            }
            #[inline(always)]
            unsafe fn neg(self) -> Self {
                -self
            }
            #[inline(always)]
            unsafe fn abs(self) -> Self {
                <$t>::abs(self)
            }
            #[inline(always)]
            unsafe fn sqrt(self) -> Self {
                <$t>::sqrt(self)
            }
        }
    )+};
}

plain!(f32, f64);

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Lanes;
    use std::arch::x86_64::*;

    macro_rules! vector {
        ($($name:ident = $t:ty, $load:ident, $store:ident, $zero:ident, $splat:ident, $add:ident, $sub:ident, $mul:ident, $div:ident,
           $xor:ident, $andnot:ident, $sqrt:ident;)+) => {$(
            #[derive(Clone, Copy)]
            #[repr(transparent)]
            pub(in crate::run) struct $name($t);

            impl Lanes for $name {
                const BYTES: usize = size_of::<$t>();
                #[inline(always)]
                unsafe fn zero() -> Self {
                    // SAFETY: the caller runs on a machine with this instruction set; so below.
                    unsafe { $name($zero()) }
                }
                #[inline(always)]
                unsafe fn load(from: *const u8) -> Self {
                    // SAFETY: as above, and the caller passes readable memory.
                    unsafe { $name($load(from.cast())) }
                }
                #[inline(always)]
                unsafe fn store(self, to: *mut u8) {
                    // SAFETY: as above, and the caller passes writable memory.
                    unsafe { $store(to.cast(), self.0) }
                }
                #[inline(always)]
                unsafe fn add(self, other: Self) -> Self {
                    // SAFETY: as in `zero`.
                    unsafe { $name($add(self.0, other.0)) }
                }
                #[inline(always)]
                unsafe fn sub(self, other: Self) -> Self {
                    // SAFETY: as in `zero`.
                    unsafe { $name($sub(self.0, other.0)) }
                }
                #[inline(always)]
                unsafe fn mul(self, other: Self) -> Self {
                    // SAFETY: as in `zero`.
                    unsafe { $name($mul(self.0, other.0)) }
                }
                #[inline(always)]
                unsafe fn div(self, other: Self) -> Self {
                    // SAFETY: as in `zero`.
                    unsafe { $name($div(self.0, other.0)) }
                }
                #[inline(always)]
                unsafe fn neg(self) -> Self {
                    // SAFETY: as in `zero`.
                    unsafe { $name($xor(self.0, $splat(-0.0))) }
                }
                #[inline(always)]
                unsafe fn abs(self) -> Self {
                    // SAFETY: as in `zero`.
                    unsafe { $name($andnot($splat(-0.0), self.0)) }
                }
                #[inline(always)]
                unsafe fn sqrt(self) -> Self {
                    // SAFETY: as in `zero`.
                    unsafe { $name($sqrt(self.0)) }
                }
            }
        )+};
    }

    vector! {
        F64x2 = __m128d, _mm_loadu_pd, _mm_storeu_pd, _mm_setzero_pd, _mm_set1_pd, _mm_add_pd, _mm_sub_pd, _mm_mul_pd, _mm_div_pd,
            _mm_xor_pd, _mm_andnot_pd, _mm_sqrt_pd;
        F32x4 = __m128, _mm_loadu_ps, _mm_storeu_ps, _mm_setzero_ps, _mm_set1_ps, _mm_add_ps, _mm_sub_ps, _mm_mul_ps, _mm_div_ps,
            _mm_xor_ps, _mm_andnot_ps, _mm_sqrt_ps;
        F64x4 = __m256d, _mm256_loadu_pd, _mm256_storeu_pd, _mm256_setzero_pd, _mm256_set1_pd, _mm256_add_pd, _mm256_sub_pd, _mm256_mul_pd,
            _mm256_div_pd, _mm256_xor_pd, _mm256_andnot_pd, _mm256_sqrt_pd;
        F32x8 = __m256, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_setzero_ps, _mm256_set1_ps, _mm256_add_ps, _mm256_sub_ps, _mm256_mul_ps,
            _mm256_div_ps, _mm256_xor_ps, _mm256_andnot_ps, _mm256_sqrt_ps;
        F64x8 = __m512d, _mm512_loadu_pd, _mm512_storeu_pd, _mm512_setzero_pd, _mm512_set1_pd, _mm512_add_pd, _mm512_sub_pd, _mm512_mul_pd,
            _mm512_div_pd, _mm512_xor_pd, _mm512_andnot_pd, _mm512_sqrt_pd;
        F32x16 = __m512, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_setzero_ps, _mm512_set1_ps, _mm512_add_ps, _mm512_sub_ps, _mm512_mul_ps,
            _mm512_div_ps, _mm512_xor_ps, _mm512_andnot_ps, _mm512_sqrt_ps;
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86::*;
