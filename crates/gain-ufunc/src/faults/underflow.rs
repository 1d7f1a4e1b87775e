//! Results that are too small: zero, or without all the digits of their dtype, which no operand explains.
#![expect(
    unsafe_code,
    reason = "walks strided memory that the caller vouches for"
)]

use super::{Class, Exponent, UNDER, any_exponent, class, each, is_contiguous};
use crate::dtype::DType;
use crate::eager::{Operand, OperandMut};
use crate::ufunc::{self, Ufunc};
use half::f16;
use smallvec::SmallVec;

/// Whether a tiny result of the ufunc is an underflow: not where tiny results are exact, as those of sums.
pub fn underflows(ufunc: &'static Ufunc) -> bool {
    [
        ufunc::MULTIPLY,
        ufunc::DIVIDE,
        ufunc::SQUARE,
        ufunc::EXP,
        ufunc::EXP2,
        ufunc::POWER,
        ufunc::FLOAT_POWER,
    ]
    .iter()
    .any(|row| row.id() == ufunc.id())
}

/// Whether a result of the ufunc may be too small for its dtype: cheap, and true of zeros too.
///
/// # Safety
///
/// All elements that shape and strides reach are valid.
pub unsafe fn may_be_tiny(ufunc: &'static Ufunc, shape: &[usize], output: &OperandMut<'_>) -> bool {
    if !output.dtype.is_float() || !underflows(ufunc) {
        return false;
    }
    // SAFETY: as the caller promises.
    !is_contiguous(shape, output) || unsafe { any_exponent(Exponent::Zeros, shape, output) }
}

/// [`UNDER`] if a real result is zero or lacks digits because it is too small for its dtype, else 0. Products and quotients of numbers
/// of half or single precision are compared with their exact values, which double precision holds; of other results it is said
/// where all operands are finite and have all their digits.
///
/// # Safety
///
/// All elements that shape and strides reach are valid, and no input is the output.
pub unsafe fn find_underflow(
    ufunc: &'static Ufunc,
    shape: &[usize],
    inputs: &[Operand<'_>],
    output: &OperandMut<'_>,
) -> u8 {
    let smallest = smallest_normal(output.dtype);
    let is_short = matches!(output.dtype, DType::F16 | DType::F32)
        && inputs.iter().all(|input| input.dtype == output.dtype);
    let is_quotient = is_short && *ufunc == *ufunc::DIVIDE;
    let is_product = is_short && *ufunc == *ufunc::MULTIPLY;
    let strides: SmallVec<[&[isize]; 4]> = [output.strides]
        .into_iter()
        .chain(inputs.iter().map(|input| input.strides))
        .collect();
    let mut found = false;
    each(shape, &strides, |offsets| {
        // SAFETY: the offset is that of an element (caller).
        let result = unsafe { number(output.ptr.wrapping_offset(offsets[0]), output.dtype) };
        if result.abs() >= smallest || result.is_nan() {
            return;
        }
        let operand = |i: usize| {
            // SAFETY: as above.
            unsafe {
                number(
                    inputs[i].ptr.wrapping_offset(offsets[i + 1]),
                    inputs[i].dtype,
                )
            }
        };
        found |= if is_quotient {
            !operand(1).is_infinite() && result * operand(1) != operand(0)
        } else if is_product {
            operand(0) * operand(1) != result
        } else {
            (0..inputs.len())
                .map(operand)
                .all(|operand| operand.is_finite() && operand.abs() >= smallest)
        };
    });
    if found { UNDER } else { 0 }
}

/// The smallest positive number of a real dtype that has all its digits; 0 for other dtypes.
pub fn smallest_normal(dtype: DType) -> f64 {
    match dtype {
        DType::F16 => f16::MIN_POSITIVE.into(),
        DType::F32 => f32::MIN_POSITIVE.into(),
        DType::F64 => f64::MIN_POSITIVE,
        _ => 0.0,
    }
}

/// A real floating-point number; of what is none, 1, or 0 for zero.
///
/// # Safety
///
/// The pointer is that of an element of the dtype.
unsafe fn number(ptr: *const u8, dtype: DType) -> f64 {
    // SAFETY: the caller's promise; elements need not be aligned.
    unsafe {
        match dtype {
            DType::F64 => ptr.cast::<f64>().read_unaligned(),
            DType::F32 => ptr.cast::<f32>().read_unaligned().into(),
            DType::F16 => ptr.cast::<f16>().read_unaligned().into(),
            _ if class(ptr, dtype) == Class::Zero => 0.0,
            _ => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eager::apply;
    use crate::{OperandType, resolve};

    #[test]
    fn what_float16_can_not_hold_underflows() {
        let found = |ufunc: &'static Ufunc, a: f64, b: f64| {
            let (a, b) = (f16::from_f64(a), f16::from_f64(b));
            let signature = resolve(ufunc, &[OperandType::Array(DType::F16); 2]).expect("a loop");
            let operand = |x: &f16| Operand {
                ptr: std::ptr::from_ref(x).cast(),
                strides: &[],
                dtype: DType::F16,
            };
            let mut to = f16::ZERO;
            let ptr: *mut u8 = std::ptr::from_mut(&mut to).cast();
            let output = || OperandMut {
                ptr,
                strides: &[],
                dtype: DType::F16,
            };
            // SAFETY: three single numbers.
            unsafe {
                apply(
                    ufunc,
                    &signature,
                    &[],
                    &[operand(&a), operand(&b)],
                    output(),
                )
                .expect("done");
                find_underflow(ufunc, &[], &[operand(&a), operand(&b)], &output())
            }
        };
        let least = 2f64.powi(-14);
        assert_eq!(found(ufunc::MULTIPLY, 1e-4, 1e-4), UNDER);
        assert_eq!(found(ufunc::DIVIDE, least, 2048.0), UNDER);
        assert_eq!(found(ufunc::DIVIDE, least, 1024.0), 0);
        assert_eq!(found(ufunc::DIVIDE, 1.0, f64::INFINITY), 0);
        assert_eq!(found(ufunc::MULTIPLY, 0.0, 1e-4), 0);
    }

    #[test]
    fn a_tiny_result_is_seen_beside_others() {
        let tiny = |mut results: [f64; 4], step: isize| {
            let ptr: *mut u8 = results.as_mut_ptr().cast();
            let strides = &[step][..];
            let dtype = DType::F64;
            // SAFETY: four numbers, of which every one or every second is looked at.
            unsafe {
                let shape = [4 / (step as usize / 8)];
                may_be_tiny(
                    ufunc::EXP,
                    &shape,
                    &OperandMut {
                        ptr,
                        strides,
                        dtype,
                    },
                )
            }
        };
        assert!(tiny([1.0, 1e-310, 2.0, 3.0], 8));
        assert!(tiny([1.0, 2.0, 3.0, 0.0], 8));
        assert!(!tiny([1.0, f64::MIN_POSITIVE, f64::INFINITY, 2.0], 8));
        assert!(!tiny([f64::NAN, -1.0, -f64::MIN_POSITIVE, 1.0], 8));
        // What does not lie together is looked at element by element afterwards.
        assert!(tiny([1.0, 2.0, 3.0, 4.0], 16));
    }
}
