//! Compiled loops for chains of two to four arithmetic operations: `(((a . b) . c) . d) . e`.
//!
//! # Rationale
//!
//! A chain visits its operands as a hand-written loop does and leaves one result per element, which makes a sweep of a stencil two passes over
//! a tile. All chains of `+`, `-` and `*` (and reversed `-`) are compiled; division ends a chain early, as it is dear enough to
//! pay for a pass. Operands that are the same for all elements are read from a repeated chunk, so that there is no version per
//! mixture of vectors and scalars.
//!
//! # Limitations
//!
//! There are chains for AVX2 and AVX-512; the baseline runs its steps on the [`machine`](super::machine).

#![expect(
    unsafe_code,
    reason = "operands are raw memory, and functions are compiled per instruction set"
)]

#[cfg(target_arch = "x86_64")]
use super::lanes::{F32x8, F32x16, F64x4, F64x8, Lanes};
use crate::isa::Isa;
use crate::program::MicroOp;

/// Most operands of a chain.
pub(super) const MAX_OPERANDS: usize = 5;

/// Chains run over multiples of so many bytes.
pub(super) const VECTOR_BYTES: usize = 64;

/// Where a chain reads and writes; the masks are as in [`Bound`](super::machine::Bound).
#[derive(Clone, Copy)]
pub(super) struct Operands {
    pub(super) from: [*const u8; MAX_OPERANDS],
    pub(super) masks: [usize; MAX_OPERANDS],
    pub(super) to: *mut u8,
    pub(super) to_mask: usize,
    /// How many of them there are.
    pub(super) n: usize,
}

/// Runs a chain over the bytes `at..end` of its operands, a multiple of [`VECTOR_BYTES`] apart.
///
/// # Safety
///
/// The chain's operands are readable as their masks say, `to` is writable and disjoint from them or exactly one of them; the machine has
/// the instruction set.
pub(super) type Chain = unsafe fn(at: usize, end: usize, operands: &Operands);

/// The compiled loop for a chain whose first operation is a `Pair` and whose others combine the result so far with one operand.
pub(super) fn chain(isa: Isa, double: bool, ops: &[MicroOp]) -> Option<Chain> {
    #[cfg(target_arch = "x86_64")]
    {
        let mut codes = [NONE; 4];
        for (code, &op) in codes.iter_mut().zip(ops) {
            *code = code_of(op)?;
        }
        if ops.len() > 4 {
            return None;
        }
        match (isa, double) {
            (Isa::Avx2, true) => first::<Avx2F64>(codes),
            (Isa::Avx2, false) => first::<Avx2F32>(codes),
            (Isa::Avx512, true) => first::<Avx512F64>(codes),
            (Isa::Avx512, false) => first::<Avx512F32>(codes),
            (Isa::Baseline, _) => None,
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = (isa, double, ops);
        None
    }
}

/// Whether an operation may stand at a position of a chain that is `len` operations long before it. The rule of [`chain`], without an instruction set.
pub(crate) const fn may_follow(op: MicroOp, len: usize, divides: bool) -> bool {
    match op {
        MicroOp::Add | MicroOp::Sub | MicroOp::SubFrom | MicroOp::Mul => {
            len < if divides { 3 } else { 4 } && len > 0
        }
        MicroOp::Div | MicroOp::DivInto => len == 1,
        _ => false,
    }
}

/// Runs a chain over `n_bytes` bytes from `at` on that do not fill a vector, in vectors of their own.
///
/// # Safety
///
/// As [`Chain`], for these bytes.
pub(super) unsafe fn run_rest(chain: Chain, operands: &Operands, at: usize, n_bytes: usize) {
    #[repr(align(64))]
    struct Vectors([[u8; VECTOR_BYTES]; MAX_OPERANDS + 1]);
    let mut vectors = Vectors([[0; VECTOR_BYTES]; MAX_OPERANDS + 1]);
    let mut short = *operands;
    // SAFETY: the operands have `n_bytes` bytes from `at` on, less than a vector.
    unsafe {
        for (i, vector) in vectors.0.iter_mut().take(operands.n).enumerate() {
            if operands.masks[i] != 0 {
                std::ptr::copy_nonoverlapping(
                    operands.from[i].wrapping_add(at & operands.masks[i]),
                    vector.as_mut_ptr(),
                    n_bytes,
                );
                short.from[i] = vector.as_ptr();
            }
        }
        let result = vectors.0[MAX_OPERANDS].as_mut_ptr();
        short.to = result;
        chain(0, VECTOR_BYTES, &short);
        std::ptr::copy_nonoverlapping(
            result,
            operands.to.wrapping_add(at & operands.to_mask),
            n_bytes,
        );
    }
}

#[cfg(target_arch = "x86_64")]
mod compiled {
    use super::*;

    pub(super) const NONE: u8 = 0;
    const ADD: u8 = 1;
    const SUB: u8 = 2;
    const FROM: u8 = 3;
    const MUL: u8 = 4;
    const DIV: u8 = 5;
    const INTO: u8 = 6;

    pub(super) fn code_of(op: MicroOp) -> Option<u8> {
        Some(match op {
            MicroOp::Add | MicroOp::AddPair => ADD,
            MicroOp::Sub | MicroOp::SubPair => SUB,
            MicroOp::SubFrom => FROM,
            MicroOp::Mul | MicroOp::MulPair => MUL,
            MicroOp::Div | MicroOp::DivPair => DIV,
            MicroOp::DivInto => INTO,
            _ => return None,
        })
    }

    #[inline(always)]
    unsafe fn step<V: Lanes, const OP: u8>(x: V, from: *const u8) -> V {
        // SAFETY: the caller of the chain gives readable memory.
        unsafe {
            match OP {
                ADD => x.add(V::load(from)),
                SUB => x.sub(V::load(from)),
                FROM => V::load(from).sub(x),
                MUL => x.mul(V::load(from)),
                DIV => x.div(V::load(from)),
                INTO => V::load(from).div(x),
                _ => x,
            }
        }
    }

    #[inline(always)]
    unsafe fn block<
        V: Lanes,
        const K: usize,
        const A: u8,
        const B: u8,
        const C: u8,
        const D: u8,
    >(
        at: usize,
        operands: &Operands,
    ) {
        let Operands {
            from,
            masks,
            to,
            to_mask,
            ..
        } = operands;
        let place = |i: usize| from[i].wrapping_add(at & masks[i]);
        let to = to.wrapping_add(at & to_mask);
        let (a, b, c, d, e) = (place(0), place(1), place(2), place(3), place(4));
        // SAFETY: the caller's contract: all places have `K` vectors from here on.
        unsafe {
            for k in 0..K {
                let here = |from: *const u8| from.wrapping_add(k * V::BYTES);
                let x = step::<V, A>(V::load(here(a)), here(b));
                let x = step::<V, B>(x, here(c));
                let x = step::<V, C>(x, here(d));
                let x = step::<V, D>(x, here(e));
                x.store(to.add(k * V::BYTES));
            }
        }
    }

    #[inline(always)]
    unsafe fn body<V: Lanes, const A: u8, const B: u8, const C: u8, const D: u8>(
        mut at: usize,
        end: usize,
        operands: &Operands,
    ) {
        let operands = *operands;
        // SAFETY: the caller's contract; blocks end at or before `end`.
        unsafe {
            while at + 4 * V::BYTES <= end {
                block::<V, 4, A, B, C, D>(at, &operands);
                at += 4 * V::BYTES;
            }
            while at < end {
                block::<V, 1, A, B, C, D>(at, &operands);
                at += V::BYTES;
            }
        }
    }

    /// The chains of one instruction set and float type.
    pub(super) trait Chains {
        fn get<const A: u8, const B: u8, const C: u8, const D: u8>() -> Chain;
    }

    macro_rules! chains {
        ($($name:ident = $vector:ty, $feature:literal;)+) => {$(
            pub(super) struct $name;

            impl Chains for $name {
                fn get<const A: u8, const B: u8, const C: u8, const D: u8>() -> Chain {
                    #[target_feature(enable = $feature)]
                    unsafe fn compiled<const A: u8, const B: u8, const C: u8, const D: u8>(at: usize, end: usize, operands: &Operands) {
                        // SAFETY: the caller keeps the contract of `Chain`.
                        unsafe { body::<$vector, A, B, C, D>(at, end, operands) }
                    }
                    compiled::<A, B, C, D>
                }
            }
        )+};
    }

    chains! {
        Avx2F64 = F64x4, "avx2,bmi1,bmi2";
        Avx2F32 = F32x8, "avx2,bmi1,bmi2";
        Avx512F64 = F64x8, "avx2,bmi1,bmi2,avx512f,avx512bw,avx512dq,avx512vl";
        Avx512F32 = F32x16, "avx2,bmi1,bmi2,avx512f,avx512bw,avx512dq,avx512vl";
    }

    pub(super) fn first<S: Chains>(codes: [u8; 4]) -> Option<Chain> {
        match codes[0] {
            ADD => second::<S, ADD>(codes),
            SUB => second::<S, SUB>(codes),
            MUL => second::<S, MUL>(codes),
            DIV => after_division::<S>(codes),
            _ => None,
        }
    }

    fn second<S: Chains, const A: u8>(codes: [u8; 4]) -> Option<Chain> {
        match codes[1] {
            NONE => Some(S::get::<A, NONE, NONE, NONE>()),
            ADD => third::<S, A, ADD>(codes),
            SUB => third::<S, A, SUB>(codes),
            FROM => third::<S, A, FROM>(codes),
            MUL => third::<S, A, MUL>(codes),
            DIV if codes[2] == NONE => Some(S::get::<A, DIV, NONE, NONE>()),
            INTO if codes[2] == NONE => Some(S::get::<A, INTO, NONE, NONE>()),
            _ => None,
        }
    }

    fn third<S: Chains, const A: u8, const B: u8>(codes: [u8; 4]) -> Option<Chain> {
        match codes[2] {
            NONE => Some(S::get::<A, B, NONE, NONE>()),
            ADD => fourth::<S, A, B, ADD>(codes),
            SUB => fourth::<S, A, B, SUB>(codes),
            FROM => fourth::<S, A, B, FROM>(codes),
            MUL => fourth::<S, A, B, MUL>(codes),
            _ => None,
        }
    }

    fn fourth<S: Chains, const A: u8, const B: u8, const C: u8>(codes: [u8; 4]) -> Option<Chain> {
        match codes[3] {
            NONE => Some(S::get::<A, B, C, NONE>()),
            ADD => Some(S::get::<A, B, C, ADD>()),
            SUB => Some(S::get::<A, B, C, SUB>()),
            FROM => Some(S::get::<A, B, C, FROM>()),
            MUL => Some(S::get::<A, B, C, MUL>()),
            _ => None,
        }
    }

    fn after_division<S: Chains>(codes: [u8; 4]) -> Option<Chain> {
        fn two<S: Chains, const B: u8>(codes: [u8; 4]) -> Option<Chain> {
            match codes[2] {
                NONE => Some(S::get::<DIV, B, NONE, NONE>()),
                ADD => Some(S::get::<DIV, B, ADD, NONE>()),
                SUB => Some(S::get::<DIV, B, SUB, NONE>()),
                FROM => Some(S::get::<DIV, B, FROM, NONE>()),
                MUL => Some(S::get::<DIV, B, MUL, NONE>()),
                _ => None,
            }
        }
        if codes[3] != NONE {
            return None;
        }
        match codes[1] {
            NONE => Some(S::get::<DIV, NONE, NONE, NONE>()),
            ADD => two::<S, ADD>(codes),
            SUB => two::<S, SUB>(codes),
            FROM => two::<S, FROM>(codes),
            MUL => two::<S, MUL>(codes),
            DIV if codes[2] == NONE => Some(S::get::<DIV, DIV, NONE, NONE>()),
            INTO if codes[2] == NONE => Some(S::get::<DIV, INTO, NONE, NONE>()),
            _ => None,
        }
    }
}

#[cfg(target_arch = "x86_64")]
use compiled::*;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_says_which_chains_there_are() {
        use MicroOp::*;
        let then = [Add, Sub, SubFrom, Mul, Div, DivInto];
        let isa = crate::isa::active();
        if isa == Isa::Baseline {
            return;
        }
        for start in [AddPair, SubPair, MulPair, DivPair] {
            let mut chains = vec![vec![start]];
            for _ in 0..4 {
                for ops in std::mem::take(&mut chains) {
                    assert!(chain(isa, true, &ops).is_some(), "{ops:?}");
                    for op in then {
                        let divides = ops.iter().any(|op| matches!(op, Div | DivInto | DivPair));
                        let more = [ops.clone(), vec![op]].concat();
                        let allowed = may_follow(op, ops.len(), divides)
                            && !matches!(ops.last(), Some(Div | DivInto));
                        assert_eq!(allowed, chain(isa, true, &more).is_some(), "{more:?}");
                        if allowed {
                            chains.push(more);
                        }
                    }
                }
            }
        }
    }
}
