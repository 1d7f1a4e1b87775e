//! Which floating-point numbers a cast to an integer dtype may be given: others are an invalid operation, whatever integer comes out.
#![expect(
    unsafe_code,
    reason = "walks strided memory that the caller vouches for"
)]

use crate::dtype::DType;
use crate::eager::Operand;
use half::f16;

/// The numbers between which a cast to this integer dtype is one, both excluded. As in NumPy, short integers are cut from an `int32`, and
/// `uint32` from an `int64`.
pub fn castable(dtype: DType) -> (f64, f64) {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    match dtype {
        DType::U32 | DType::I64 => (below(-TWO_63), TWO_63),
        DType::U64 => (below(-TWO_63), 2.0 * TWO_63),
        _ => (-2_147_483_649.0, 2_147_483_648.0),
    }
}

/// The next number below a negative one.
fn below(value: f64) -> f64 {
    f64::from_bits(value.to_bits() + 1)
}

/// Whether a cast of all these numbers to an integer dtype is one.
///
/// # Safety
///
/// All elements that shape and strides reach are valid, and of a real floating-point dtype.
pub unsafe fn all_castable(shape: &[usize], input: &Operand<'_>, dtype: DType) -> bool {
    let (low, high) = castable(dtype);
    let fits = |value: f64| (value > low) & (value < high);
    // SAFETY: as the caller promises.
    unsafe {
        match input.dtype {
            DType::F16 => all(shape, input, |value: f16| fits(value.to_f64())),
            DType::F32 => all(shape, input, |value: f32| fits(value.into())),
            _ => all(shape, input, fits),
        }
    }
}

/// # Safety
///
/// All elements that shape and strides reach are valid elements of `T`.
unsafe fn all<T: Copy>(
    shape: &[usize],
    input: &Operand<'_>,
    fits: impl Fn(T) -> bool + Copy,
) -> bool {
    let Some((&len, outer)) = shape.split_last() else {
        // SAFETY: one element (caller), which need not be aligned.
        return fits(unsafe { input.ptr.cast::<T>().read_unaligned() });
    };
    let (strides, step) = input.strides.split_at(outer.len());
    let row = |ptr: *const u8| {
        // No branches, so that rows become vectors.
        (0..len as isize).fold(true, |fine, i| {
            // SAFETY: an element of the row (caller), which need not be aligned.
            fine & fits(unsafe { ptr.offset(i * step[0]).cast::<T>().read_unaligned() })
        })
    };
    if outer.is_empty() {
        return row(input.ptr);
    }
    let rows: usize = outer.iter().product();
    (0..rows).all(|mut number| {
        let mut ptr = input.ptr;
        for (&len, &stride) in outer.iter().zip(strides).rev() {
            ptr = ptr.wrapping_offset((number % len) as isize * stride);
            number /= len;
        }
        row(ptr)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(dtype: DType, fine: &[f64], wrong: &[f64]) {
        let is_fine = |value: &f64| {
            let row = [0.0, *value, 1.0];
            let input = Operand {
                ptr: row.as_ptr().cast(),
                strides: &[0, 8],
                dtype: DType::F64,
            };
            // SAFETY: three numbers that follow one another, twice.
            unsafe { all_castable(&[2, 3], &input, dtype) }
        };
        assert!(fine.iter().all(is_fine), "{dtype:?}");
        assert!(!wrong.iter().any(is_fine), "{dtype:?}");
    }

    #[test]
    fn what_an_integer_may_be_cast_from() {
        let none = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 2e19, -1e19];
        for dtype in [
            DType::I8,
            DType::U16,
            DType::I32,
            DType::U32,
            DType::I64,
            DType::U64,
        ] {
            check(dtype, &[300.7, -2_147_483_648.5, 2_147_483_647.5], &none);
        }
        check(DType::U8, &[], &[2_147_483_648.0, -2_147_483_649.0]);
        check(DType::I64, &[-(2.0f64.powi(63))], &[2.0f64.powi(63)]);
        check(DType::U64, &[1e19], &[]);
    }
}
