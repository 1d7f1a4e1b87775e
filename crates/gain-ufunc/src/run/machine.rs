//! Runs super-instructions: each step on a chunk of vector registers, chunk after chunk along the tile.
//!
//! # Rationale
//!
//! The jump per step and chunk is the same for every chunk, so it is predicted; a chunk of eight registers pays for it. Between
//! the steps nothing but the accumulator lives in registers, and operands come straight from the arrays.

#![expect(
    unsafe_code,
    reason = "operands are raw memory, and functions are compiled per instruction set"
)]

use super::lanes::Lanes;
#[cfg(target_arch = "x86_64")]
use super::lanes::{F32x4, F32x8, F32x16, F64x2, F64x4, F64x8};
use crate::isa::Isa;
use crate::program::MicroOp;

/// Bytes of the longest chunk: uniform operands are repeated over as many, and scratch slots are as long.
pub(super) const CHUNK_BYTES: usize = 512;

/// A [`Micro`](crate::program::Micro) with addresses. The masks are all ones for memory that moves on with the chunks, 0 for uniforms and scratch.
#[derive(Clone, Copy)]
pub(super) struct Bound {
    pub(super) op: MicroOp,
    pub(super) a: *mut u8,
    pub(super) a_mask: usize,
    pub(super) b: *mut u8,
    pub(super) b_mask: usize,
}

/// Runs steps over `n_bytes` bytes of elements.
///
/// # Safety
///
/// Moving operands have `n_bytes` readable (for stores writable) bytes, the others [`CHUNK_BYTES`]; the machine has the instruction set.
pub(super) type Machine = unsafe fn(n_bytes: usize, steps: &[Bound]);

/// The machine for `f64` or `f32`.
pub(super) fn machine(isa: Isa, double: bool) -> Machine {
    #[cfg(target_arch = "x86_64")]
    match (isa, double) {
        (Isa::Baseline, true) => sse2_f64,
        (Isa::Baseline, false) => sse2_f32,
        (Isa::Avx2, true) => avx2_f64,
        (Isa::Avx2, false) => avx2_f32,
        (Isa::Avx512, true) => avx512_f64,
        (Isa::Avx512, false) => avx512_f32,
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = isa;
        if double { portable_f64 } else { portable_f32 }
    }
}

macro_rules! machines {
    ($($(#[$feature:meta])* $name:ident = $vector:ty, $one:ty, $chunk:literal;)+) => {$(
        $(#[$feature])*
        unsafe fn $name(n_bytes: usize, steps: &[Bound]) {
            const { assert!(<$vector as Lanes>::BYTES * $chunk <= CHUNK_BYTES) };
            // SAFETY: the caller keeps the contract of `Machine`.
            unsafe { run::<$vector, $one, $chunk>(n_bytes, steps) }
        }
    )+};
}

#[cfg(target_arch = "x86_64")]
machines! {
    sse2_f64 = F64x2, f64, 8;
    sse2_f32 = F32x4, f32, 8;
    #[target_feature(enable = "avx2,bmi1,bmi2")]
    avx2_f64 = F64x4, f64, 8;
    #[target_feature(enable = "avx2,bmi1,bmi2")]
    avx2_f32 = F32x8, f32, 8;
    #[target_feature(enable = "avx2,bmi1,bmi2,avx512f,avx512bw,avx512dq,avx512vl")]
    avx512_f64 = F64x8, f64, 8;
    #[target_feature(enable = "avx2,bmi1,bmi2,avx512f,avx512bw,avx512dq,avx512vl")]
    avx512_f32 = F32x16, f32, 8;
}

#[cfg(not(target_arch = "x86_64"))]
machines! {
    portable_f64 = f64, f64, 16;
    portable_f32 = f32, f32, 16;
}

#[inline(always)]
unsafe fn run<V: Lanes, One: Lanes, const K: usize>(n_bytes: usize, steps: &[Bound]) {
    let mut at = 0;
    // SAFETY: each chunk ends at or before `n_bytes`; the rest is the caller's contract.
    unsafe {
        while at + V::BYTES * K <= n_bytes {
            chunk::<V, K>(at, steps);
            at += V::BYTES * K;
        }
        while at + V::BYTES <= n_bytes {
            chunk::<V, 1>(at, steps);
            at += V::BYTES;
        }
        while at < n_bytes {
            chunk::<One, 1>(at, steps);
            at += One::BYTES;
        }
    }
}

#[inline(always)]
unsafe fn chunk<V: Lanes, const K: usize>(at: usize, steps: &[Bound]) {
    // SAFETY: the caller of `run` promises memory for every operand; `at` is inside, or masked away.
    unsafe {
        let mut acc = [V::zero(); K];
        for step in steps {
            let a = step.a.add(at & step.a_mask);
            macro_rules! with_a {
                (|$acc:ident, $a:ident| $value:expr) => {
                    for k in 0..K {
                        let ($acc, $a) = (acc[k], V::load(a.add(k * V::BYTES)));
                        acc[k] = $value;
                    }
                };
            }
            // Plain loops: a closure of `array::map` would not be compiled for the instruction set.
            macro_rules! alone {
                (|$acc:ident| $value:expr) => {
                    for k in 0..K {
                        let $acc = acc[k];
                        acc[k] = $value;
                    }
                };
            }
            macro_rules! pair {
                (|$a:ident, $b:ident| $value:expr) => {{
                    let b = step.b.add(at & step.b_mask);
                    for k in 0..K {
                        let ($a, $b) = (V::load(a.add(k * V::BYTES)), V::load(b.add(k * V::BYTES)));
                        acc[k] = $value;
                    }
                }};
            }
            match step.op {
                MicroOp::Load => with_a!(|_x, a| a),
                MicroOp::Add => with_a!(|x, a| x.add(a)),
                MicroOp::Sub => with_a!(|x, a| x.sub(a)),
                MicroOp::SubFrom => with_a!(|x, a| a.sub(x)),
                MicroOp::Mul => with_a!(|x, a| x.mul(a)),
                MicroOp::Div => with_a!(|x, a| x.div(a)),
                MicroOp::DivInto => with_a!(|x, a| a.div(x)),
                MicroOp::AddPair => pair!(|a, b| a.add(b)),
                MicroOp::SubPair => pair!(|a, b| a.sub(b)),
                MicroOp::MulPair => pair!(|a, b| a.mul(b)),
                MicroOp::DivPair => pair!(|a, b| a.div(b)),
                MicroOp::Neg => alone!(|x| x.neg()),
                MicroOp::Abs => alone!(|x| x.abs()),
                MicroOp::Sqrt => alone!(|x| x.sqrt()),
                MicroOp::Store => {
                    for (k, value) in acc.iter().enumerate() {
                        value.store(a.add(k * V::BYTES));
                    }
                }
            }
        }
    }
}
