//! Every loop with every kind of operand (strides of any sign, offsets, scalars, in place) and in every instruction set against
//! itself one element at a time.
#![expect(unsafe_code, reason = "calls loops on raw memory")]

use gain_ufunc::{
    DType, Isa, LoopFn, Operand, OperandMut, Scalar, apply, cast_loop_for, copy, isa, ufunc,
};
use num_complex::Complex;
use proptest::prelude::*;

/// Elements of an operand: `values[i]` lies at byte `start + i * stride` of `memory`.
struct Strided {
    memory: Vec<u8>,
    start: usize,
    stride: isize,
    dtype: DType,
}

impl Strided {
    fn new(
        dtype: DType,
        n: usize,
        step: isize,
        offset: usize,
        values: &dyn Fn(usize) -> Scalar,
    ) -> Strided {
        let stride = step * dtype.size() as isize;
        let span = stride.unsigned_abs() * n.max(1) + dtype.size();
        let start = offset
            + if stride < 0 {
                stride.unsigned_abs() * n.saturating_sub(1)
            } else {
                0
            };
        let mut result = Strided {
            memory: vec![0xa5; span + offset + 64],
            start,
            stride,
            dtype,
        };
        for i in 0..n {
            let at = result.at(i);
            result.memory[at..at + dtype.size()].copy_from_slice(values(i).bytes());
        }
        result
    }

    fn at(&self, i: usize) -> usize {
        self.start.wrapping_add_signed(self.stride * i as isize)
    }

    fn get(&self, i: usize) -> Scalar {
        let at = self.at(i);
        Scalar::from_bytes(self.dtype, &self.memory[at..at + self.dtype.size()])
    }

    fn ptr(&mut self) -> *mut u8 {
        // SAFETY: the start lies within the memory.
        unsafe { self.memory.as_mut_ptr().add(self.start) }
    }
}

/// Values that differ, with special ones among them.
fn value(dtype: DType, seed: u64) -> Scalar {
    let bits = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let real = match bits >> 59 {
        0 => f64::NAN,
        1 => f64::INFINITY,
        2 => -0.0,
        3 => 1e7,
        _ => (bits >> 20) as i32 as f64 / 1e8,
    };
    if dtype.is_complex() {
        let im = (bits >> 8) as i32 as f64 / 1e9;
        return Scalar::from(Complex::new(real, im)).cast(dtype);
    }
    if dtype.is_float() {
        Scalar::from(real).cast(dtype)
    } else {
        Scalar::from((bits >> 7) as i64 >> (bits % 56)).cast(dtype)
    }
}

fn same(a: Scalar, b: Scalar) -> bool {
    let parts = |x: Scalar| [x.as_complex().re, x.as_complex().im];
    a == b
        || !a.dtype().is_integer()
            && parts(a)
                .iter()
                .zip(parts(b))
                .all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan())
}

/// The result for single elements, by the baseline loop.
fn single(function: LoopFn, inputs: &[Scalar], output: DType) -> Scalar {
    let mut inputs = inputs.to_vec();
    let mut result = [0_u8; 16];
    let mut ptrs = [std::ptr::null_mut(); 4];
    for (ptr, input) in ptrs.iter_mut().zip(&mut inputs) {
        *ptr = input.as_ptr().cast_mut();
    }
    ptrs[inputs.len()] = result.as_mut_ptr();
    // SAFETY: every operand has room for an element.
    unsafe { function(1, &ptrs, &[16; 4]) };
    Scalar::from_bytes(output, &result[..output.size()])
}

/// How an operand lies: the step in elements (0 for a scalar) and the offset in bytes.
type Lie = (isize, usize);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Apart,
    In(usize),
}

#[expect(
    clippy::too_many_arguments,
    reason = "one check, of which the tests are the data"
)]
fn check(
    reference: LoopFn,
    function: LoopFn,
    inputs: &[DType],
    output: DType,
    n: usize,
    lies: &[Lie; 4],
    place: Place,
    seed: u64,
) -> Result<(), String> {
    let mut operands: Vec<Strided> = Vec::new();
    for (k, &dtype) in inputs.iter().enumerate() {
        let (step, offset) = lies[k];
        let scalar = step == 0;
        let values = move |i: usize| {
            value(
                dtype,
                seed + k as u64 * 1000 + if scalar { 0 } else { i as u64 },
            )
        };
        operands.push(Strided::new(dtype, n, step, offset, &values));
    }
    let wanted: Vec<Scalar> = (0..n)
        .map(|i| {
            single(
                reference,
                &operands.iter().map(|o| o.get(i)).collect::<Vec<_>>(),
                output,
            )
        })
        .collect();
    let mut result = Strided::new(
        output,
        n,
        if lies[3].0 == 0 { 1 } else { lies[3].0 },
        lies[3].1,
        &|_| Scalar::zero(output),
    );
    let (mut ptrs, mut strides) = ([std::ptr::null_mut(); 4], [0; 4]);
    for (k, operand) in operands.iter_mut().enumerate() {
        (ptrs[k], strides[k]) = (operand.ptr(), operand.stride);
    }
    let last = inputs.len();
    (ptrs[last], strides[last]) = match place {
        Place::Apart => (result.ptr(), result.stride),
        Place::In(k) => (ptrs[k], strides[k]),
    };
    // SAFETY: the operands' memory holds n elements at these strides; the output is apart or exactly one of them.
    unsafe { function(n, &ptrs, &strides) };
    let found = match place {
        Place::Apart => &result,
        Place::In(k) => &operands[k],
    };
    for (i, wanted) in wanted.iter().enumerate() {
        if !same(found.get(i), *wanted) {
            return Err(format!(
                "element {i} of {n}: {:?}, not {wanted:?} ({lies:?} {place:?})",
                found.get(i)
            ));
        }
    }
    Ok(())
}

fn lie() -> impl Strategy<Value = Lie> {
    (
        prop_oneof![4 => Just(1_isize), 2 => Just(0), 1 => Just(-1), 1 => 2..4_isize, 1 => Just(-3)],
        0..9_usize,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn loops_agree_with_single_elements(n in 0..100_usize, lies in [lie(), lie(), lie(), lie()], seed in 0..1000_u64) {
        for ufunc in ufunc::UFUNCS {
            for row in ufunc.signatures {
                let signature = row.signature();
                let reference = ufunc.loop_for_isa(&signature, Isa::Baseline);
                for isa in isa::available() {
                    let function = ufunc.loop_for_isa(&signature, isa);
                    let mut places = vec![Place::Apart];
                    let fits = |k: &usize| row.inputs()[*k] == row.output && (lies[*k].0 != 0 || n <= 1);
                    places.extend((0..ufunc.n_in).filter(fits).map(Place::In));
                    for place in places {
                        let result = check(reference, function, row.inputs(), row.output, n, &lies, place, seed);
                        prop_assert_eq!(result, Ok(()), "{} {} {:?}", ufunc, signature, isa);
                    }
                }
            }
        }
        let _ = gain_ufunc::status::take();
    }

    #[test]
    fn casts_agree_with_single_elements(n in 0..100_usize, lies in [lie(), lie(), lie(), lie()], seed in 0..1000_u64) {
        for from in DType::ALL {
            for to in DType::ALL {
                let reference = cast_loop_for(from, to, Isa::Baseline);
                for isa in isa::available() {
                    let function = cast_loop_for(from, to, isa);
                    let result = check(reference, function, &[from], to, n, &lies, Place::Apart, seed);
                    prop_assert_eq!(result, Ok(()), "{} {} {:?}", from, to, isa);
                }
            }
        }
    }

    #[test]
    fn the_eager_path_walks_and_casts(
        shape in prop::collection::vec(0..5_usize, 0..4),
        steps in prop::collection::vec((1..3_isize, any::<bool>()), 4),
        a in 0..DType::COUNT, b in 0..DType::COUNT, c in 0..DType::COUNT,
        broadcast in 0..4_usize, transposed in any::<bool>(),
    ) {
        let (a, b, c) = (DType::ALL[a], DType::ALL[b], DType::ALL[c]);
        // Memory for a C-ordered (or transposed) array whose axes step over elements or run backwards.
        let lay = |dtype: DType, transposed: bool| {
            let (mut size, mut start) = (dtype.size() as isize, 0);
            let mut strides = vec![0; shape.len()];
            let order: Vec<usize> = if transposed { (0..shape.len()).collect() } else { (0..shape.len()).rev().collect() };
            for d in order {
                let (step, backwards) = steps[d];
                let stride = size * step;
                strides[d] = if backwards { -stride } else { stride };
                if backwards { start += stride * (shape[d] as isize - 1).max(0) }
                size = stride * shape[d].max(1) as isize;
            }
            (vec![0_u8; size as usize], start as usize, strides)
        };
        let indices: Vec<Vec<usize>> = shape.iter().fold(vec![vec![]], |all, &len| {
            all.iter().flat_map(|head| (0..len).map(|i| { let mut x = head.clone(); x.push(i); x }).collect::<Vec<_>>()).collect()
        });
        let at = |index: &[usize], strides: &[isize], start: usize| {
            let offset: isize = index.iter().zip(strides).map(|(&i, s)| i as isize * s).sum();
            start.wrapping_add_signed(offset)
        };
        let signature = gain_ufunc::resolve(ufunc::ADD, &[gain_ufunc::OperandType::Array(a), gain_ufunc::OperandType::Array(b)]).unwrap();
        let (mut x, x_start, x_strides) = lay(a, false);
        let (mut y, y_start, mut y_strides) = lay(b, transposed);
        if broadcast < y_strides.len() { y_strides[broadcast] = 0 }
        let (mut z, z_start, z_strides) = lay(c, !transposed);
        for (i, index) in indices.iter().enumerate() {
            let p = at(index, &x_strides, x_start);
            x[p..p + a.size()].copy_from_slice(value(a, i as u64).bytes());
            let p = at(index, &y_strides, y_start);
            y[p..p + b.size()].copy_from_slice(value(b, i as u64 + 77).bytes());
        }
        // SAFETY: shapes, strides and starts were laid out within the three buffers.
        unsafe {
            let inputs = [
                Operand { ptr: x.as_ptr().wrapping_add(x_start), strides: &x_strides, dtype: a },
                Operand { ptr: y.as_ptr().wrapping_add(y_start), strides: &y_strides, dtype: b },
            ];
            let output = OperandMut { ptr: z.as_mut_ptr().wrapping_add(z_start), strides: &z_strides, dtype: c };
            apply(ufunc::ADD, &signature, &shape, &inputs, output).unwrap();
        }
        let function = ufunc::ADD.loop_for_isa(&signature, Isa::Baseline);
        let element = |memory: &[u8], p: usize, dtype: DType| Scalar::from_bytes(dtype, &memory[p..p + dtype.size()]);
        for index in &indices {
            let p = element(&x, at(index, &x_strides, x_start), a).cast(signature.inputs[0]);
            let q = element(&y, at(index, &y_strides, y_start), b).cast(signature.inputs[1]);
            let wanted = single(function, &[p, q], signature.output).cast(c);
            let found = element(&z, at(index, &z_strides, z_start), c);
            prop_assert!(same(found, wanted), "{:?} {:?}: {:?}, not {:?}", index, signature, found, wanted);
        }
        // SAFETY: as above.
        unsafe {
            let from = Operand { ptr: x.as_ptr().wrapping_add(x_start), strides: &x_strides, dtype: a };
            copy(&shape, from, OperandMut { ptr: z.as_mut_ptr().wrapping_add(z_start), strides: &z_strides, dtype: c });
        }
        for index in &indices {
            let wanted = element(&x, at(index, &x_strides, x_start), a).cast(c);
            prop_assert!(same(element(&z, at(index, &z_strides, z_start), c), wanted));
        }
    }
}

#[test]
fn a_negative_integer_power_is_noticed() {
    let power = |exponent: i32| {
        gain_ufunc::evaluate::<i32>(
            ufunc::POWER,
            &[
                gain_ufunc::evaluate::Argument::scalar(2_i32),
                gain_ufunc::evaluate::Argument::scalar(exponent),
            ],
        )
    };
    assert_eq!(power(-1), Err(gain_ufunc::Error::NegativeIntegerPower));
    assert_eq!(power(5).unwrap().into_raw_vec_and_offset().0, [32]);
}
