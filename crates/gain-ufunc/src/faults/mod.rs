//! What went wrong with numbers in a call on small arrays: division by zero, overflow, an invalid operation.
//!
//! # Rationale
//! NumPy reads the processor's sticky flags. Ours would depend on the instruction set (vector kernels compute lanes that nobody asked for):
//! they serve to say that nothing happened (`flags.rs`), and otherwise faults are read off the values: a NaN or an infinity in the result that no operand explains. That is deterministic, alike on all
//! ranks, and costs one pass over a result that is still in the first-level cache; operands are looked at only where the result is not
//! finite.
//!
//! # Limitations
//! Underflow (`underflow.rs`) is looked for only in the rows that [`underflows`] names. Loops of Programs, which fuse operations and keep
//! no intermediate results, are not looked at here: gain-core asks the same questions of its arrays.
#![expect(
    unsafe_code,
    reason = "walks strided memory that the caller vouches for"
)]

mod flags;
mod underflow;

use crate::dtype::DType;
use crate::eager::{Operand, OperandMut};
use crate::ufunc::{self, Ufunc};
pub use flags::Watch;
use half::f16;
use num_complex::Complex;
use smallvec::SmallVec;
pub use underflow::{find_underflow, may_be_tiny, smallest_normal, underflows};

/// A division by zero.
pub const DIVIDE: u8 = 1;
/// A result too large for its dtype.
pub const OVER: u8 = 2;
/// A result too small for its dtype.
pub const UNDER: u8 = 4;
/// A result that is not a number though all operands are.
pub const INVALID: u8 = 8;

/// What stands for a cast in place of a ufunc's number.
pub const CAST: usize = usize::MAX;
/// What stands for a sum or product along axes.
pub const REDUCTION: usize = usize::MAX - 1;

/// Which infinite results of finite operands are divisions by zero; the others are overflows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pole {
    /// None.
    Never,
    /// All: the function has its pole there.
    Always,
    /// Where the operand of this number is zero.
    AtZeroOf(usize),
}

/// Where a ufunc's infinite results come from.
pub fn pole(ufunc: &'static Ufunc) -> Pole {
    let is = |rows: &[&Ufunc]| rows.iter().any(|row| row.id() == ufunc.id());
    if is(&[
        ufunc::LOG,
        ufunc::LOG2,
        ufunc::LOG10,
        ufunc::LOG1P,
        ufunc::ARCTANH,
        ufunc::RECIPROCAL,
    ]) {
        Pole::Always
    } else if is(&[ufunc::DIVIDE, ufunc::FLOOR_DIVIDE]) {
        Pole::AtZeroOf(1)
    } else if is(&[ufunc::POWER, ufunc::FLOAT_POWER]) {
        Pole::AtZeroOf(0)
    } else {
        Pole::Never
    }
}

/// Whether the ufunc's result, if it is a floating-point number, can be a fault: not where it is one of the operands, its sign or its rounding.
pub fn can_fault(ufunc: &'static Ufunc) -> bool {
    ![
        ufunc::POSITIVE,
        ufunc::NEGATIVE,
        ufunc::ABSOLUTE,
        ufunc::FABS,
        ufunc::CONJUGATE,
        ufunc::MAXIMUM,
        ufunc::MINIMUM,
        ufunc::FMAX,
        ufunc::FMIN,
        ufunc::COPYSIGN,
        ufunc::SIGN,
        ufunc::FLOOR,
        ufunc::CEIL,
        ufunc::TRUNC,
        ufunc::RINT,
        ufunc::WHERE,
    ]
    .iter()
    .any(|row| row.id() == ufunc.id())
}

/// What kind of number an element is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Zero,
    Finite,
    Infinite,
    Nan,
}

/// Whether an array of real or complex floating-point numbers holds a NaN or an infinity. False for other dtypes.
///
/// # Safety
///
/// All elements that shape and strides reach are valid.
pub unsafe fn is_strange(shape: &[usize], array: &OperandMut<'_>) -> bool {
    if !(array.dtype.is_float() || array.dtype.is_complex()) {
        return false;
    }
    if is_contiguous(shape, array) {
        // SAFETY: the elements follow one another (caller, and the strides).
        return unsafe { any_exponent(Exponent::Ones, shape, array) };
    }
    let mut found = false;
    let strides = [array.strides];
    each(shape, &strides, |offsets| {
        // SAFETY: the offset is that of an element (caller).
        let class = unsafe { class(array.ptr.wrapping_offset(offsets[0]), array.dtype) };
        found |= matches!(class, Class::Infinite | Class::Nan);
    });
    found
}

fn is_contiguous(shape: &[usize], array: &OperandMut<'_>) -> bool {
    let mut step = array.dtype.size() as isize;
    shape
        .iter()
        .zip(array.strides)
        .rev()
        .all(|(&len, &stride)| {
            let fits = len == 1 || stride == step;
            step *= len as isize;
            fits
        })
}

/// The exponents that ordinary numbers have not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exponent {
    /// Of infinities and NaN.
    Ones,
    /// Of zeros and of numbers without all their digits.
    Zeros,
}

/// Whether an element has such an exponent. One loop without branches: adding one to an exponent of ones, or taking one from an
/// exponent of zeros, carries into the sign's place.
///
/// # Safety
///
/// The array's elements are valid, real or complex floating-point numbers, and follow one another.
unsafe fn any_exponent(exponent: Exponent, shape: &[usize], array: &OperandMut<'_>) -> bool {
    let n_bytes = shape.iter().product::<usize>() * array.dtype.size();
    // SAFETY: the reads stay inside the run (caller) and need no alignment.
    unsafe {
        macro_rules! carries {
            ($t:ty, $mask:expr, $one:expr) => {{
                let step: $t = match exponent {
                    Exponent::Ones => $one,
                    Exponent::Zeros => <$t>::wrapping_neg($one),
                };
                (0..n_bytes / size_of::<$t>()).fold(0, |carries, i| {
                    let number = array.ptr.cast::<$t>().add(i).read_unaligned();
                    carries | (number & $mask).wrapping_add(step)
                }) >> (<$t>::BITS - 1)
                    != 0
            }};
        }
        match array.dtype.real() {
            DType::F16 => carries!(u16, 0x7c00, 0x0400),
            DType::F32 => carries!(u32, 0x7f80_0000, 0x0080_0000),
            _ => carries!(u64, 0x7ff << 52, 1 << 52),
        }
    }
}

/// The faults of a call, as bits. An input that is the output held finite numbers before the call.
///
/// # Safety
///
/// All elements that shape and strides reach are valid.
pub unsafe fn find(
    ufunc: &'static Ufunc,
    shape: &[usize],
    inputs: &[Operand<'_>],
    output: &OperandMut<'_>,
) -> u8 {
    let strides: SmallVec<[&[isize]; 4]> = inputs
        .iter()
        .map(|input| input.strides)
        .chain([output.strides])
        .collect();
    let mut faults = 0;
    each(shape, &strides, |offsets| {
        // SAFETY: the offsets are those of elements (caller).
        let result = unsafe {
            class(
                output.ptr.wrapping_offset(offsets[inputs.len()]),
                output.dtype,
            )
        };
        if matches!(result, Class::Zero | Class::Finite) {
            return;
        }
        let classes: SmallVec<[Class; 3]> = inputs
            .iter()
            .zip(offsets)
            // An input that is the output was finite before the call, or the call is not looked at.
            .map(
                |(input, &offset)| match input.ptr == output.ptr.cast_const() {
                    true => Class::Finite,
                    // SAFETY: as above.
                    false => unsafe { class(input.ptr.wrapping_offset(offset), input.dtype) },
                },
            )
            .collect();
        faults |= fault(ufunc, result, &classes);
        if output.dtype == DType::F16 && *ufunc == *ufunc::SPACING {
            // NumPy's float16 alone minds a NaN here.
            faults |= INVALID;
        }
    });
    faults
}

/// The faults of a cast, as bits: a finite number that the output's floating-point dtype can not hold.
///
/// # Safety
///
/// All elements that shape and strides reach are valid.
pub unsafe fn find_in_cast(shape: &[usize], input: &Operand<'_>, output: &OperandMut<'_>) -> u8 {
    let mut faults = 0;
    each(shape, &[input.strides, output.strides], |offsets| {
        // SAFETY: the offsets are those of elements (caller).
        let (from, to) = unsafe {
            (
                class(input.ptr.wrapping_offset(offsets[0]), input.dtype),
                class(output.ptr.wrapping_offset(offsets[1]), output.dtype),
            )
        };
        if to == Class::Infinite && from == Class::Finite {
            faults = OVER;
        }
    });
    faults
}

/// The faults of a division of integers in `dtype`, as bits: a divisor of zero, and the least number over -1, whose quotient is too
/// large by one.
///
/// # Safety
///
/// All elements that shape and strides reach are valid.
pub unsafe fn find_in_division(
    ufunc: &'static Ufunc,
    dtype: DType,
    shape: &[usize],
    operands: [&Operand<'_>; 2],
) -> u8 {
    let least = least(dtype).filter(|_| ufunc.id() == ufunc::FLOOR_DIVIDE.id());
    let mut faults = 0;
    each(shape, &operands.map(|operand| operand.strides), |offsets| {
        // SAFETY: the offsets are those of elements (caller).
        let value = |place: usize| unsafe {
            integer(
                operands[place].ptr.wrapping_offset(offsets[place]),
                operands[place].dtype,
            )
        };
        match value(1) {
            0 => faults |= DIVIDE,
            -1 if least.is_some_and(|least| value(0) == least) => faults |= OVER,
            _ => {}
        }
    });
    faults
}

/// The least integer of a signed dtype.
pub fn least(dtype: DType) -> Option<i64> {
    dtype
        .is_signed()
        .then(|| i64::MIN >> (64 - 8 * dtype.size()))
}

/// # Safety
///
/// The pointer is that of a boolean or an integer of the dtype.
unsafe fn integer(ptr: *const u8, dtype: DType) -> i64 {
    let mut bytes = [0u8; 8];
    // SAFETY: so many bytes lie there (caller), and an integer has 8 at most.
    unsafe { std::ptr::copy_nonoverlapping(ptr, bytes.as_mut_ptr(), dtype.size()) };
    let value = i64::from_le_bytes(bytes);
    let unused = 64 - 8 * dtype.size() as u32;
    match dtype.is_signed() {
        true => value << unused >> unused,
        false => value,
    }
}

fn fault(ufunc: &'static Ufunc, result: Class, operands: &[Class]) -> u8 {
    if operands.contains(&Class::Nan) {
        return 0;
    }
    if result == Class::Nan {
        return INVALID;
    }
    if operands.contains(&Class::Infinite) {
        // A step to infinity from the largest number.
        if *ufunc == *ufunc::NEXTAFTER && operands[0] != Class::Infinite {
            return OVER;
        }
        return 0;
    }
    let divides = match pole(ufunc) {
        Pole::Never => false,
        Pole::Always => true,
        Pole::AtZeroOf(operand) => operands.get(operand) == Some(&Class::Zero),
    };
    if divides { DIVIDE } else { overflow(ufunc) }
}

/// The faults of a result that is too large. NumPy rounds a quotient by its remainder, which is no number then.
pub fn overflow(ufunc: &'static Ufunc) -> u8 {
    match *ufunc == *ufunc::FLOOR_DIVIDE {
        true => OVER | INVALID,
        false => OVER,
    }
}

/// # Safety
///
/// The pointer is that of an element of the dtype.
#[inline(always)]
unsafe fn class(ptr: *const u8, dtype: DType) -> Class {
    // SAFETY: the caller's promise; elements need not be aligned.
    unsafe {
        match dtype {
            DType::F16 => real(ptr.cast::<f16>().read_unaligned().to_f64()),
            DType::F64 => real(ptr.cast::<f64>().read_unaligned()),
            DType::F32 => real(ptr.cast::<f32>().read_unaligned().into()),
            DType::C128 => complex(ptr.cast::<Complex<f64>>().read_unaligned()),
            DType::C64 => {
                let value = ptr.cast::<Complex<f32>>().read_unaligned();
                complex(Complex::new(value.re.into(), value.im.into()))
            }
            _ => {
                let bytes = std::slice::from_raw_parts(ptr, dtype.size());
                if bytes.iter().all(|byte| *byte == 0) {
                    Class::Zero
                } else {
                    Class::Finite
                }
            }
        }
    }
}

#[inline(always)]
fn real(value: f64) -> Class {
    if value.is_nan() {
        Class::Nan
    } else if value.is_infinite() {
        Class::Infinite
    } else if value == 0.0 {
        Class::Zero
    } else {
        Class::Finite
    }
}

fn complex(value: Complex<f64>) -> Class {
    match (real(value.re), real(value.im)) {
        (Class::Nan, _) | (_, Class::Nan) => Class::Nan,
        (Class::Infinite, _) | (_, Class::Infinite) => Class::Infinite,
        (Class::Zero, Class::Zero) => Class::Zero,
        _ => Class::Finite,
    }
}

/// Calls `look` with each element's byte offset in every operand.
fn each(shape: &[usize], strides: &[&[isize]], mut look: impl FnMut(&[isize])) {
    let n: usize = shape.iter().product();
    let mut offsets: SmallVec<[isize; 4]> = SmallVec::from_elem(0, strides.len());
    let mut index: SmallVec<[usize; 6]> = SmallVec::from_elem(0, shape.len());
    for _ in 0..n {
        look(&offsets);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            let wraps = index[axis] == shape[axis];
            let steps = if wraps { 1 - shape[axis] as isize } else { 1 };
            for (offset, strides) in offsets.iter_mut().zip(strides) {
                *offset += strides[axis] * steps;
            }
            if !wraps {
                break;
            }
            index[axis] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OperandType, apply, resolve};

    fn faults(ufunc: &'static Ufunc, a: &[f64; 2], b: &[f64; 2]) -> u8 {
        let signature = resolve(ufunc, &[OperandType::Array(DType::F64); 2]).expect("a loop");
        let operand = |array: &[f64; 2]| Operand {
            ptr: array.as_ptr().cast(),
            strides: &[8],
            dtype: DType::F64,
        };
        let mut to = [0.0_f64; 2];
        let ptr: *mut u8 = to.as_mut_ptr().cast();
        let output = || OperandMut {
            ptr,
            strides: &[8],
            dtype: DType::F64,
        };
        // SAFETY: three arrays of two contiguous numbers.
        unsafe {
            apply(ufunc, &signature, &[2], &[operand(a), operand(b)], output()).expect("done");
            find(ufunc, &[2], &[operand(a), operand(b)], &output())
        }
    }

    #[test]
    fn faults_are_those_that_no_operand_explains() {
        assert_eq!(faults(ufunc::DIVIDE, &[1.0, 2.0], &[0.0, 1.0]), DIVIDE);
        assert_eq!(
            faults(ufunc::DIVIDE, &[1.0, 0.0], &[0.0, 0.0]),
            DIVIDE | INVALID
        );
        assert_eq!(faults(ufunc::MULTIPLY, &[1e200, 2.0], &[1e200, 1.0]), OVER);
        assert_eq!(
            faults(ufunc::ADD, &[f64::NAN, f64::INFINITY], &[1.0, 1.0]),
            0
        );
        assert_eq!(
            faults(
                ufunc::SUBTRACT,
                &[f64::INFINITY, 1.0],
                &[f64::INFINITY, 1.0]
            ),
            INVALID
        );
    }
}
