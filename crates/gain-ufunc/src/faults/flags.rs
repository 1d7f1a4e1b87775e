//! The processor's sticky flags, for a quick "no": where none was raised, no value need be looked at.
//!
//! A raised flag proves nothing (vector kernels compute lanes that nobody asked for); the values then decide, so that what is said is the same
//! by any instruction set.

#![expect(unsafe_code, reason = "reads the register of the flags")]

use super::{DIVIDE, INVALID, OVER, UNDER};
use crate::dtype::DType;
use crate::ufunc::{self, Signature, Ufunc};

/// What may have gone wrong as far as nobody has looked.
const ANYTHING: u8 = DIVIDE | OVER | UNDER | INVALID;

/// A watch over the flags while a loop runs on this thread.
pub struct Watch {
    tells: bool,
}

impl Watch {
    /// Begins; of loops that are not the processor's own arithmetic the watch says that anything may be.
    #[inline]
    pub fn begin(ufunc: &'static Ufunc, signature: &Signature, output: DType) -> Watch {
        let tells = cfg!(target_arch = "x86_64") && is_arithmetic(ufunc, signature, output);
        if tells {
            mxcsr::forget();
        }
        Watch { tells }
    }

    /// The faults that may have happened since, as bits: those not among them did not.
    #[inline]
    pub fn end(&self) -> u8 {
        match self.tells {
            true => mxcsr::raised(),
            false => ANYTHING,
        }
    }
}

/// Whether each result is one rounded operation in `f32` or `f64`, which raises a flag for each fault.
fn is_arithmetic(ufunc: &'static Ufunc, signature: &Signature, output: DType) -> bool {
    let rows = [
        ufunc::ADD,
        ufunc::SUBTRACT,
        ufunc::MULTIPLY,
        ufunc::DIVIDE,
        ufunc::SQUARE,
        ufunc::SQRT,
    ];
    matches!(output, DType::F32 | DType::F64)
        && signature.output == output
        && signature.inputs.iter().all(|&input| input == output)
        && rows.iter().any(|row| row.id() == ufunc.id())
}

#[cfg(target_arch = "x86_64")]
mod mxcsr {
    use super::{DIVIDE, INVALID, OVER, UNDER};
    use std::arch::asm;

    /// The sticky flags of the register: invalid, denormal, zero divide, overflow, underflow, precision.
    const FLAGS: u32 = 0b11_1111;

    fn read() -> u32 {
        let mut control = 0u32;
        // SAFETY: the instruction writes the register to the four bytes of `control`.
        unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut control, options(nostack)) };
        control
    }

    /// Lowers all flags.
    #[inline]
    pub(super) fn forget() {
        let control = read();
        if control & FLAGS != 0 {
            let lowered = control & !FLAGS;
            // SAFETY: the flags alone change, which belong to nobody: an `asm!` block may leave them in any state.
            unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const lowered, options(nostack)) };
        }
    }

    /// The flags that are up, as faults.
    #[inline]
    pub(super) fn raised() -> u8 {
        const MEANINGS: [(u32, u8); 4] = [(1, INVALID), (4, DIVIDE), (8, OVER), (16, UNDER)];
        let control = read();
        let up = MEANINGS.iter().filter(|(flag, _)| control & flag != 0);
        up.fold(0, |faults, (_, fault)| faults | fault)
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod mxcsr {
    pub(super) fn forget() {}

    pub(super) fn raised() -> u8 {
        super::ANYTHING
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Operand, OperandMut, OperandType, apply, resolve};

    fn possible(ufunc: &'static Ufunc, a: f64, b: f64) -> u8 {
        let types = [OperandType::Array(DType::F64); 2];
        let signature = resolve(ufunc, &types[..ufunc.n_in]).expect("a loop");
        // More numbers than a vector register has, and some that are left over.
        let (a, b, mut to) = ([a; 11], [b; 11], [0.0_f64; 11]);
        let operand = |array: &[f64; 11]| Operand {
            ptr: array.as_ptr().cast(),
            strides: &[8],
            dtype: DType::F64,
        };
        let output = OperandMut {
            ptr: to.as_mut_ptr().cast(),
            strides: &[8],
            dtype: DType::F64,
        };
        let operands = [operand(&a), operand(&b)];
        let watch = Watch::begin(ufunc, &signature, DType::F64);
        // SAFETY: three arrays of eleven contiguous numbers.
        unsafe { apply(ufunc, &signature, &[11], &operands[..ufunc.n_in], output).expect("done") };
        watch.end()
    }

    #[test]
    fn what_happened_is_possible_and_what_did_not_is_ruled_out() {
        let said = |ufunc, a, b, fault| {
            assert_eq!(
                possible(ufunc, a, b) & fault,
                fault,
                "{ufunc} of {a} and {b}"
            );
        };
        said(ufunc::DIVIDE, 1.0, 0.0, DIVIDE);
        said(ufunc::DIVIDE, 0.0, 0.0, INVALID);
        said(ufunc::MULTIPLY, 1e200, 1e200, OVER);
        said(ufunc::MULTIPLY, 1e-200, 1e-200, UNDER);
        said(ufunc::ADD, f64::MAX, f64::MAX, OVER);
        said(ufunc::SUBTRACT, f64::INFINITY, f64::INFINITY, INVALID);
        said(ufunc::SQUARE, 1e200, 0.0, OVER);
        said(ufunc::SQRT, -1.0, 0.0, INVALID);
        if cfg!(target_arch = "x86_64") {
            assert_eq!(possible(ufunc::ADD, 1.0, f64::INFINITY), 0);
            assert_eq!(possible(ufunc::DIVIDE, 1.0, 3.0), 0);
        }
        assert_eq!(possible(ufunc::EXP, 1.0, 0.0), ANYTHING);
    }
}
