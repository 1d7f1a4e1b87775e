//! Reductions of small local arrays without a Program, in the same order.

#![expect(
    unsafe_code,
    reason = "arrays are raw memory that the caller vouches for"
)]

use super::{Kernels, LEAF, Reduction, Stack, kernels};
use crate::dtype::DType;
use crate::error::Error;
use crate::isa;
use crate::loops::{LoopFn, cast_loop};
use crate::run::strided::{self, CopyAxis};
use smallvec::SmallVec;
use std::mem::MaybeUninit;

/// Reduces a strided array over the axes whose bits are set in `axes`, in the order of [`order`](super::order).
///
/// Elements of dtype `from` are cast to `dtype` first (see [`accumulator`](super::accumulator); booleans for any and all). The result,
/// in C order over the kept axes, is written to `to`: `dtype`, or `int64` for argmin and argmax.
///
/// # Local
///
/// # Errors
///
/// [`Error::EmptyReduction`] if there is nothing to reduce and the reduction has no identity.
///
/// # Safety
///
/// `ptr` and `strides` (bytes) describe readable memory for `shape`; `to` has room for the result, at any alignment.
#[expect(
    clippy::too_many_arguments,
    reason = "all of it describes one reduction"
)]
pub unsafe fn reduce_small(
    reduction: Reduction,
    from: DType,
    dtype: DType,
    shape: &[usize],
    ptr: *const u8,
    strides: &[isize],
    axes: u32,
    to: *mut u8,
) -> Result<(), Error> {
    let kernels = kernels(reduction, dtype, isa::active());
    let cast = (from != dtype).then(|| cast_loop(from, dtype));
    let mut small = Small {
        reduction,
        dtype,
        kernels,
        cast,
        shape,
        strides,
        reduced: SmallVec::new(),
        inner: SmallVec::new(),
        stacks: SmallVec::new(),
    };
    let ndim = shape.len();
    let is_reduced = |axis: usize| axes >> axis & 1 == 1;
    small
        .reduced
        .extend((0..ndim).filter(|&axis| is_reduced(axis)));
    let mut product = 1i64;
    for &axis in small.reduced.iter().rev() {
        small.inner.push(product);
        product *= shape[axis] as i64;
    }
    small.inner.reverse();
    let kept: SmallVec<[usize; 4]> = (0..ndim).filter(|&axis| !is_reduced(axis)).collect();
    if kept.iter().any(|&axis| shape[axis] == 0) {
        return Ok(());
    }
    let n_results: usize = kept.iter().map(|&axis| shape[axis]).product();
    if small.reduced.iter().any(|&axis| shape[axis] == 0) {
        // SAFETY: the caller gives room for the results.
        return unsafe { small.over_nothing(n_results, to) };
    }
    for &axis in &small.reduced {
        if axis + 1 != ndim || shape[axis] > LEAF {
            small.stacks.push(Stack::new(&kernels, 1, shape[axis]));
        }
    }
    let size = if reduction.is_arg() { 8 } else { dtype.size() };
    let mut at: SmallVec<[usize; 4]> = SmallVec::from_elem(0, kept.len());
    for result in 0..n_results {
        let offset: isize = kept
            .iter()
            .zip(&at)
            .map(|(&axis, &i)| strides[axis] * i as isize)
            .sum();
        let mut item = [0u64; 3];
        // SAFETY: the offset lies inside the array; an item has at most 24 bytes.
        unsafe {
            small.tree(0, ptr.wrapping_offset(offset), 0, item.as_mut_ptr().cast());
            small.write(&item, to.add(result * size));
        }
        for axis in (0..kept.len()).rev() {
            at[axis] += 1;
            if at[axis] < shape[kept[axis]] {
                break;
            }
            at[axis] = 0;
        }
    }
    Ok(())
}

struct Small<'a> {
    reduction: Reduction,
    dtype: DType,
    kernels: Kernels,
    cast: Option<LoopFn>,
    shape: &'a [usize],
    strides: &'a [isize],
    /// The reduced axes, outermost first.
    reduced: SmallVec<[usize; 4]>,
    /// For each the number of elements of the reduced axes inside it.
    inner: SmallVec<[i64; 4]>,
    /// For each reduced axis of more than one unit.
    stacks: SmallVec<[Stack; 1]>,
}

impl Small<'_> {
    unsafe fn write(&self, item: &[u64; 3], to: *mut u8) {
        // SAFETY: the caller passes room for one result; the index of an argument stands first in its item.
        unsafe {
            let from: *const u8 = item.as_ptr().cast();
            if self.reduction.is_arg() {
                std::ptr::copy_nonoverlapping(from, to, 8);
            } else if self.dtype.is_bool() {
                to.write(u8::from(from.read() != 0));
            } else {
                std::ptr::copy_nonoverlapping(from, to, self.dtype.size());
            }
        }
    }

    unsafe fn over_nothing(&self, n: usize, to: *mut u8) -> Result<(), Error> {
        if let Some(operation) = self.reduction.empty_text() {
            return Err(Error::EmptyReduction { operation });
        }
        let one = matches!(self.reduction, Reduction::Prod | Reduction::All);
        let identity = if one {
            crate::Scalar::one(self.dtype)
        } else {
            crate::Scalar::zero(self.dtype)
        };
        // SAFETY: the caller gives room for `n` results.
        unsafe { strided::fill(n, identity.bytes().as_ptr(), to, self.dtype.size()) };
        Ok(())
    }

    /// The root over the reduced axes from `depth` on.
    unsafe fn tree(&mut self, depth: usize, ptr: *const u8, index: i64, to: *mut u8) {
        // SAFETY: the caller passes an element of the array; all steps stay inside its shape.
        unsafe {
            let Some(&axis) = self.reduced.get(depth) else {
                return self.leaf(1, ptr, 0, index, to);
            };
            let (len, stride, inner) = (self.shape[axis], self.strides[axis], self.inner[depth]);
            let last = axis + 1 == self.shape.len();
            if last && len <= LEAF {
                return self.leaf(len, ptr, stride, index, to);
            }
            self.stacks[depth].clear();
            let step = if last { LEAF } else { 1 };
            for start in (0..len).step_by(step) {
                let (from, at) = (
                    ptr.wrapping_offset(stride * start as isize),
                    index + start as i64 * inner,
                );
                let top = self.stacks[depth].top();
                if last {
                    self.leaf(LEAF.min(len - start), from, stride, at, top);
                } else {
                    self.tree(depth + 1, from, at, top);
                }
                let kernels = self.kernels;
                self.stacks[depth].commit(&kernels, 1, 0, start / step);
            }
            let kernels = self.kernels;
            self.stacks[depth].fold(&kernels, 1);
            std::ptr::copy_nonoverlapping(self.stacks[depth].slot(0), to, kernels.item);
        }
    }

    unsafe fn leaf(&self, n: usize, ptr: *const u8, stride: isize, index: i64, to: *mut u8) {
        let size = self.dtype.size();
        // SAFETY: `n` elements from `ptr` on lie in the array; the tile holds a leaf of any dtype.
        unsafe {
            if self.cast.is_none() && (stride == size as isize || n == 1) {
                return (self.kernels.leaves)(1, n, ptr, 0, index, 0, to);
            }
            let mut tile = MaybeUninit::<[u128; LEAF]>::uninit();
            let packed: *mut u8 = tile.as_mut_ptr().cast();
            match self.cast {
                Some(cast) => {
                    let ptrs = [
                        ptr.cast_mut(),
                        packed,
                        std::ptr::null_mut(),
                        std::ptr::null_mut(),
                    ];
                    cast(n, &ptrs, &[stride, size as isize, 0, 0]);
                }
                None => strided::copy(
                    &[CopyAxis {
                        len: n,
                        from: stride,
                        to: size as isize,
                    }],
                    ptr,
                    packed,
                    size,
                ),
            }
            (self.kernels.leaves)(1, n, packed, 0, index, 0, to);
        }
    }
}
