//! Small arrays that every rank holds: done at once, with no graph, no message and no allocation but the result.
#![expect(
    unsafe_code,
    reason = "the loops of gain-ufunc take addresses of local blocks"
)]

use gain_ufunc::casts_to_integers::all_castable;
use gain_ufunc::eager::{Operand as Input, OperandMut as Output, apply, copy};
use gain_ufunc::reduction::reduce_small;
use gain_ufunc::{DType, Reduction, Scalar, Signature, Ufunc, faults, status, ufunc};
use smallvec::SmallVec;

use crate::array::Array;
use crate::base::Base;
use crate::error::{Error, Result};
use crate::layout::{Layout, c_place, c_strides};
use crate::operand::Operand;
use crate::operate::{constant, weak_value};
use crate::runtime::Runtime;

/// The largest array, in elements, that is worked on at once: up to here the call costs more than the loop.
pub(crate) const MOST_ELEMENTS: usize = 4096;

/// The same for a loop without a search for faults behind it, and for a reduction to few results: a plan still costs more than the loop. From
/// about 10,000 elements on, chains of statements gain more by fusion than single ones lose by the plan.
const MOST_OF_LOOPS: usize = 1 << 13;

/// Results that are few: for more of them a program takes several rows at a time.
const FEW_RESULTS: usize = 16;

pub(crate) type Strides = SmallVec<[isize; 4]>;

/// Whether a new array of this shape is worked on at once.
pub(crate) fn is_small(rt: &Runtime, shape: &[usize]) -> bool {
    let size = shape.iter().product();
    size <= MOST_ELEMENTS && (rt.is_small(size) || shape.is_empty())
}

/// Whether a loop over so many elements runs at once: those that are small, and larger ones whose faults nobody minds at the statement.
fn is_quick(rt: &Runtime, size: usize) -> bool {
    size <= MOST_ELEMENTS || size <= MOST_OF_LOOPS && rt.watched(None) == 0
}

/// Whether the array can be read right now.
#[inline]
pub(crate) fn is_ready(array: &Array) -> bool {
    array.base.replicated && array.base.is_placed() && !array.base.is_written()
}

/// Whether the array can be written right now.
#[inline]
pub(crate) fn is_free(array: &Array) -> bool {
    is_ready(array) && !array.base.is_busy()
}

/// Address of the view's first element.
#[inline]
pub(crate) fn address(array: &Array) -> *mut u8 {
    let place = c_place(&array.layout.origin, &array.base.shape);
    // SAFETY: the origin of a layout is an index of its base, and a replicated base holds all its elements here, in C order.
    unsafe { array.base.address().add(place * array.itemsize()) }
}

/// Byte strides of the view, broadcast to `shape`.
#[inline]
pub(crate) fn strides(array: &Array, shape: &[usize]) -> Option<Strides> {
    // The commonest case by far: a vector that is its base.
    if let ([len], [wanted]) = (array.shape(), shape)
        && len == wanted
        && let [_] = array.base.shape[..]
    {
        let step = array.layout.walks[0].map_or(0, |walk| walk.step);
        return Some(SmallVec::from_slice(&[step * array.itemsize() as isize]));
    }
    let own = array
        .layout
        .strides(&array.base.byte_strides(&array.base.shape));
    if array.shape() == shape {
        return Some(own);
    }
    let missing = shape.len().checked_sub(own.len())?;
    let mut wide: Strides = SmallVec::from_elem(0, missing);
    for ((&have, &want), stride) in array.shape().iter().zip(&shape[missing..]).zip(own) {
        match have {
            _ if have == want => wide.push(stride),
            1 => wide.push(0),
            _ => return None,
        }
    }
    Some(wide)
}

/// Whether something is ready, perhaps after the flush that the next recorded statement would begin with: so a loop over parts of
/// an array does not go on recording for ever what could be done at once.
#[inline]
fn is_ready_now(rt: &Runtime, is_ready: impl Fn() -> bool) -> Result<bool> {
    if is_ready() {
        return Ok(true);
    }
    if !rt.is_due() {
        return Ok(false);
    }
    rt.flush(None)?;
    Ok(is_ready())
}

/// A ufunc of operands, if all are small, here and ready.
#[inline]
pub(crate) fn ufunc(
    rt: &Runtime,
    ufunc: &'static Ufunc,
    signature: &Signature,
    operands: &[Operand<'_>],
    shape: &[usize],
) -> Result<Option<Array>> {
    let size = shape.iter().product();
    let is_whole = rt.is_small(size) || shape.is_empty();
    if !is_whole || !is_quick(rt, size) || !is_ready_now(rt, || are_ready(operands))? {
        return Ok(None);
    }
    let base = Base::replicated(signature.output, SmallVec::from_slice(shape))?;
    let out_strides = base.byte_strides(shape);
    let out = Output {
        ptr: base.address(),
        strides: &out_strides,
        dtype: signature.output,
    };
    call(rt, ufunc, signature, operands, shape, out)?;
    Ok(Some(Array::whole(rt, base)))
}

/// A ufunc of operands into an array, if all are small, here and ready; whether it was done.
pub(crate) fn ufunc_into(
    ufunc: &'static Ufunc,
    signature: &Signature,
    operands: &[Operand<'_>],
    out: &Array,
) -> Result<bool> {
    let are_all_ready = || is_free(out) && are_ready(operands);
    if !is_quick(out.runtime(), out.size()) || !is_ready_now(out.runtime(), are_all_ready)? {
        return Ok(false);
    }
    // The loops allow an output that is exactly an input; anything else that shares memory is computed apart.
    let shares = operands.iter().any(|operand| match operand {
        Operand::Array(array) => array.same_memory(out) && array.layout != out.layout,
        _ => false,
    });
    if shares {
        return Ok(false);
    }
    let out_strides = strides(out, out.shape()).expect("its own shape");
    let target = Output {
        ptr: address(out),
        strides: &out_strides,
        dtype: out.dtype(),
    };
    call(
        out.runtime(),
        ufunc,
        signature,
        operands,
        out.shape(),
        target,
    )?;
    Ok(true)
}

#[inline]
fn are_ready(operands: &[Operand<'_>]) -> bool {
    operands.iter().all(|operand| match operand {
        Operand::Array(array) => is_ready(array),
        _ => true,
    })
}

#[inline]
fn call(
    rt: &Runtime,
    ufunc: &'static Ufunc,
    signature: &Signature,
    operands: &[Operand<'_>],
    shape: &[usize],
    out: Output<'_>,
) -> Result<()> {
    // Values live here while the loop reads them.
    let mut values: SmallVec<[Scalar; 3]> = SmallVec::new();
    let mut all_strides: SmallVec<[Strides; 3]> = SmallVec::new();
    for (operand, &dtype) in operands.iter().zip(&signature.inputs) {
        match operand {
            Operand::Array(array) => {
                all_strides.push(
                    strides(array, shape).expect("the operands' shapes were broadcast to this one"),
                );
                values.push(Scalar::zero(DType::Bool));
            }
            value => {
                all_strides.push(SmallVec::from_elem(0, shape.len()));
                values.push(constant(value, dtype)?);
            }
        }
    }
    let inputs: SmallVec<[Input<'_>; 3]> = operands
        .iter()
        .zip(&values)
        .zip(&all_strides)
        .map(|((operand, value), strides)| match operand {
            Operand::Array(array) => Input {
                ptr: address(array),
                strides,
                dtype: array.dtype(),
            },
            _ => Input {
                ptr: value.as_ptr(),
                strides,
                dtype: value.dtype(),
            },
        })
        .collect();
    let in_place = inputs.iter().any(|input| input.ptr == out.ptr);
    // SAFETY: the views lie inside placed, replicated bases, and the output shares memory only with an identical input (callers).
    unsafe {
        if shape.iter().product::<usize>() > MOST_ELEMENTS {
            return Ok(apply(ufunc, signature, shape, &inputs, out)?);
        }
        let can_fault = !out.dtype.is_integer() && faults::can_fault(ufunc);
        // An operand that is overwritten can't explain a result afterwards: with strange numbers in it nothing is said.
        let watched = can_fault && (!in_place || !faults::is_strange(shape, &out));
        let mut found = match signature.output.is_integer() && divides(ufunc) {
            true => {
                let operands = [&inputs[0], &inputs[1]];
                faults::find_in_division(ufunc, signature.output, shape, operands)
            }
            false => 0,
        };
        let watch = faults::Watch::begin(ufunc, signature, out.dtype);
        apply(ufunc, signature, shape, &inputs, out)?;
        let possible = watch.end();
        if watched && possible & !faults::UNDER != 0 && faults::is_strange(shape, &out) {
            found = faults::find(ufunc, shape, &inputs, &out);
        }
        // Operands are looked at only where a result is tiny and someone wants to know.
        if !in_place
            && possible & faults::UNDER != 0
            && faults::may_be_tiny(ufunc, shape, &out)
            && rt.watched(Some(shape.iter().product())) & faults::UNDER != 0
        {
            found |= faults::find_underflow(ufunc, shape, &inputs, &out);
        }
        if found != 0 {
            status::note_faults(found, ufunc.id());
        }
    }
    Ok(())
}

/// Whether a ufunc of integers divides.
pub(crate) fn divides(ufunc: &'static Ufunc) -> bool {
    [ufunc::FLOOR_DIVIDE, ufunc::REMAINDER, ufunc::FMOD].contains(&ufunc)
}

/// One value of a ufunc of values, whose dtypes are cast to the signature's.
pub(crate) fn scalar(ufunc: &'static Ufunc, signature: &Signature, values: &[Scalar]) -> Scalar {
    let cast: SmallVec<[Scalar; 3]> = values
        .iter()
        .zip(&signature.inputs)
        .map(|(value, &dtype)| value.cast(dtype))
        .collect();
    let inputs: SmallVec<[Input<'_>; 3]> = cast
        .iter()
        .map(|value| Input {
            ptr: value.as_ptr(),
            strides: &[],
            dtype: value.dtype(),
        })
        .collect();
    let mut bytes = [0u64; 2];
    let out = Output {
        ptr: bytes.as_mut_ptr().cast(),
        strides: &[],
        dtype: signature.output,
    };
    // SAFETY: inputs and output are single values of the signature's dtypes, 16 bytes at most.
    let done = unsafe { apply(ufunc, signature, &[], &inputs, out) };
    debug_assert!(done.is_ok(), "a loop over one value of each dtype");
    let bytes: SmallVec<[u8; 16]> = bytes.iter().flat_map(|word| word.to_ne_bytes()).collect();
    Scalar::from_bytes(signature.output, &bytes[..signature.output.size()])
}

/// A copy cast to `dtype`, if the array is small, here and ready.
pub(crate) fn cast(array: &Array, dtype: DType) -> Result<Option<Array>> {
    let rt = array.runtime();
    if !is_small(rt, array.shape()) || !is_ready(array) {
        return Ok(None);
    }
    let base = Base::replicated(dtype, SmallVec::from_slice(array.shape()))?;
    let to = base.byte_strides(array.shape());
    let from = strides(array, array.shape()).expect("its own shape");
    let input = Input {
        ptr: address(array),
        strides: &from,
        dtype: array.dtype(),
    };
    // SAFETY: the view lies inside a placed, replicated base; the result is new and has the view's shape.
    unsafe {
        let output = Output {
            ptr: base.address(),
            strides: &to,
            dtype,
        };
        let to_integers = dtype.is_integer() && array.dtype().is_float();
        if to_integers && !all_castable(array.shape(), &input, dtype) {
            status::note_faults(faults::INVALID, faults::CAST);
        }
        copy(array.shape(), input, output);
        if dtype != array.dtype() && faults::is_strange(array.shape(), &output) {
            let found = faults::find_in_cast(array.shape(), &input, &output);
            if found != 0 {
                status::note_faults(found, faults::CAST);
            }
        }
    };
    Ok(Some(Array::whole(rt, base)))
}

/// Writes a value to a view, if both are small, here and ready; whether it was done.
pub(crate) fn assign(target: &Array, value: &Operand<'_>) -> Result<bool> {
    if target.size() > MOST_OF_LOOPS || !is_ready_now(target.runtime(), || is_free(target))? {
        return Ok(false);
    }
    let shape = target.shape();
    let to = strides(target, shape).expect("its own shape");
    let out = Output {
        ptr: address(target),
        strides: &to,
        dtype: target.dtype(),
    };
    match value {
        Operand::Array(array) => {
            if !is_ready_now(array.runtime(), || is_ready(array))? {
                return Ok(false);
            }
            if array.may_share_memory(target) {
                // All is read before anything is written.
                return match cast(array, array.dtype())? {
                    Some(copied) => assign(target, &Operand::Array(&copied)),
                    None => Ok(false),
                };
            }
            let Some(from) = strides(array, shape) else {
                return Ok(false);
            };
            // SAFETY: both views lie inside placed, replicated bases and have no element in common.
            unsafe {
                copy(
                    shape,
                    Input {
                        ptr: address(array),
                        strides: &from,
                        dtype: array.dtype(),
                    },
                    out,
                )
            };
        }
        value => {
            let value = match value {
                Operand::Weak(number) => weak_value(*number, target.dtype())?,
                Operand::Scalar(scalar) => *scalar,
                Operand::Array(_) => unreachable!("handled above"),
            };
            let from: Strides = SmallVec::from_elem(0, shape.len());
            // SAFETY: the view lies inside a placed, replicated base; the value is read with strides of 0.
            unsafe {
                copy(
                    shape,
                    Input {
                        ptr: value.as_ptr(),
                        strides: &from,
                        dtype: value.dtype(),
                    },
                    out,
                )
            };
        }
    }
    Ok(true)
}

/// A reduction, if the array is small, here and ready. `axes` are ascending and not empty, `shape` is the result's.
pub(crate) fn reduce(
    array: &Array,
    reduction: Reduction,
    axes: &[usize],
    dtypes: (DType, DType),
    shape: &[usize],
) -> Result<Option<Array>> {
    let rt = array.runtime();
    let size: usize = shape.iter().product();
    let most = match size <= FEW_RESULTS {
        true => MOST_OF_LOOPS,
        false => MOST_ELEMENTS,
    };
    if array.size() > most || !(rt.is_small(size) || shape.is_empty()) || !is_ready(array) {
        return Ok(None);
    }
    let (input, output) = dtypes;
    let base = Base::replicated(output, SmallVec::from_slice(shape))?;
    let from = strides(array, array.shape()).expect("its own shape");
    let mask = axes.iter().fold(0u32, |mask, axis| mask | (1 << axis));
    // SAFETY: the view lies inside a placed, replicated base; the result is new and holds the kept axes in C order.
    unsafe {
        reduce_small(
            reduction,
            array.dtype(),
            input,
            array.shape(),
            address(array),
            &from,
            mask,
            base.address(),
        )
    }?;
    Ok(Some(Array::whole(rt, base)))
}

/// Whether an array that is here and ready holds a NaN or an infinity.
pub(crate) fn is_strange(array: &Array) -> bool {
    let Some(strides) = is_ready(array)
        .then(|| strides(array, array.shape()))
        .flatten()
    else {
        return false;
    };
    let view = Output {
        ptr: address(array),
        strides: &strides,
        dtype: array.dtype(),
    };
    // SAFETY: the view lies inside a placed, replicated base.
    unsafe { faults::is_strange(array.shape(), &view) }
}

impl Array {
    /// Whether every rank holds the array by its size, on any number of ranks, and a call costs more than its elements. Local.
    pub fn is_small(&self) -> bool {
        self.base.replicated && is_small(&self.runtime, self.shape())
    }

    /// The elements in C order, if every rank holds them and they are ready; nothing is flushed. Local.
    pub fn local_bytes(&self) -> Option<Vec<u8>> {
        if !is_ready(self) {
            return None;
        }
        let itemsize = self.itemsize();
        let mut bytes = vec![0u8; self.size() * itemsize];
        let from = strides(self, self.shape())?;
        let to: Strides = c_strides(self.shape())
            .iter()
            .map(|stride| stride * itemsize as isize)
            .collect();
        // SAFETY: the view lies inside a placed, replicated base; `bytes` holds its elements in C order.
        unsafe {
            gain_ga::copy(
                self.shape(),
                itemsize,
                (address(self), &from),
                (bytes.as_mut_ptr(), &to),
            )
        };
        Some(bytes)
    }

    /// Copies this rank's part of a whole new array out of all its elements in C order.
    pub(crate) fn fill_local_from(&self, bytes: &[u8]) {
        let itemsize = self.itemsize();
        let block = self
            .base
            .local_box(self.runtime.rank())
            .expect("a placed base is distributed");
        if block.is_empty() {
            return;
        }
        let whole = self.base.byte_strides(self.shape());
        let offset: isize = block
            .lo
            .iter()
            .zip(&whole)
            .map(|(&lo, stride)| lo as isize * stride)
            .sum();
        let shape = block.shape();
        let to: Strides = self.base.byte_strides(&shape);
        // SAFETY: `bytes` holds all elements in C order (asserted by the caller), the block's memory holds its box in C order.
        unsafe {
            gain_ga::copy(
                &shape,
                itemsize,
                (bytes.as_ptr().offset(offset), &whole),
                (self.base.address(), &to),
            )
        };
    }

    /// The elements of a box of the array's own indices, all of which this rank holds, in C order. Local.
    pub(crate) fn pack(&self, index_box: &gain_ga::IndexBox) -> Result<gain_ga::Buffer> {
        let shape = index_box.shape();
        let itemsize = self.itemsize();
        let mut packed = gain_ga::Buffer::new(index_box.len() * itemsize)?;
        if index_box.is_empty() {
            return Ok(packed);
        }
        let block = self
            .base
            .local_box(self.runtime.rank())
            .ok_or(Error::NotScalar)?;
        let mine = crate::plan::placement::view(
            &self.base.distribution().ok_or(Error::NotScalar)?,
            &self.layout,
        )
        .box_of(self.runtime.rank());
        assert!(
            mine.contains_box(index_box) && self.base.is_placed(),
            "only what this rank holds is packed"
        );
        let memory = self.base.byte_strides(&block.shape());
        let layout: &Layout = &self.layout;
        let offset = layout.position(&index_box.lo, &block.lo, &memory);
        let to: Strides = c_strides(&shape)
            .iter()
            .map(|stride| stride * itemsize as isize)
            .collect();
        // SAFETY: this rank owns the box of the view (asserted), so that its elements lie inside the local block.
        unsafe {
            gain_ga::copy(
                &shape,
                itemsize,
                (self.base.address().offset(offset), &layout.strides(&memory)),
                (packed.as_mut_ptr(), &to),
            )
        };
        Ok(packed)
    }
}
