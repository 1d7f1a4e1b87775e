//! Reductions of small local arrays without a Program, in the same order.

#![expect(
    unsafe_code,
    reason = "arrays are raw memory that the caller vouches for"
)]

use super::order::block_at;
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
    let ndim = shape.len();
    let is_reduced = |axis: usize| axes >> axis & 1 == 1;
    let mut kept: SmallVec<[usize; 4]> = (0..ndim).filter(|&axis| !is_reduced(axis)).collect();
    if kept.iter().any(|&axis| shape[axis] == 0) {
        return Ok(());
    }
    let n_results: usize = kept.iter().map(|&axis| shape[axis]).product();
    // An axis of one element changes neither order nor indices.
    let reduced: SmallVec<[usize; 4]> = (0..ndim)
        .filter(|&axis| is_reduced(axis) && shape[axis] != 1)
        .collect();
    let mut inner: SmallVec<[i64; 4]> = SmallVec::new();
    let mut product = 1i64;
    for &axis in reduced.iter().rev() {
        inner.push(product);
        product *= shape[axis] as i64;
    }
    inner.reverse();
    let by_leaves = reduced.last().is_some_and(|&axis| axis + 1 == ndim);
    let row = if by_leaves { None } else { kept.pop() };
    let row_len = row.map_or(1, |axis| shape[axis]);
    let most_width = row_len.min(LEAF);
    let size = dtype.size();
    let mut small = Small {
        reduction,
        dtype,
        kernels,
        cast,
        shape,
        strides,
        by_leaves,
        width: 1,
        row_stride: row.map_or(size as isize, |axis| strides[axis]),
        most_rows: kernels.most_rows.min(1 << (LEAF / most_width).ilog2()),
        reduced,
        inner,
        stacks: SmallVec::new(),
    };
    if product == 0 {
        // SAFETY: the caller gives room for the results.
        return unsafe { small.over_nothing(n_results, to) };
    }
    for &axis in &small.reduced {
        if axis + 1 != ndim || shape[axis] > LEAF {
            let stack = Stack::new(&kernels, most_width, shape[axis]);
            small.stacks.push(stack);
        }
    }
    let result_size = if reduction.is_arg() { 8 } else { size };
    let item_bytes = most_width * kernels.item;
    let mut items: SmallVec<[u64; 16]> = SmallVec::from_elem(0, item_bytes.div_ceil(8));
    let mut at: SmallVec<[usize; 4]> = SmallVec::from_elem(0, kept.len());
    for line in 0..n_results / row_len {
        let offset: isize = kept
            .iter()
            .zip(&at)
            .map(|(&axis, &i)| strides[axis] * i as isize)
            .sum();
        for start in (0..row_len).step_by(most_width) {
            small.width = most_width.min(row_len - start);
            let first = ptr.wrapping_offset(offset + small.row_stride * start as isize);
            // SAFETY: the elements lie inside the array; there is room for the items and the results.
            unsafe {
                small.tree(0, first, 0, items.as_mut_ptr().cast());
                let result = line * row_len + start;
                small.write(items.as_ptr().cast(), to.add(result * result_size));
            }
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
    /// Whether the last axis is reduced: leaf by leaf. Otherwise a row of results along the last kept axis is computed at once.
    by_leaves: bool,
    /// Results that are computed at once.
    width: usize,
    /// Bytes from the elements of one of them to the next one's.
    row_stride: isize,
    /// Most units that are joined at once; a power of two.
    most_rows: usize,
    /// The reduced axes of more than one element, outermost first.
    reduced: SmallVec<[usize; 4]>,
    /// For each the number of elements of the reduced axes inside it.
    inner: SmallVec<[i64; 4]>,
    /// For each reduced axis of more than one unit.
    stacks: SmallVec<[Stack; 1]>,
}

impl Small<'_> {
    /// Writes the results that `width` items stand for.
    unsafe fn write(&self, items: *const u8, to: *mut u8) {
        // SAFETY: the caller passes the items and room for their results; the index of an argument stands first in its item.
        unsafe {
            if self.reduction.is_arg() {
                for i in 0..self.width {
                    std::ptr::copy_nonoverlapping(
                        items.add(i * self.kernels.item),
                        to.add(i * 8),
                        8,
                    );
                }
            } else if self.dtype.is_bool() {
                for i in 0..self.width {
                    to.add(i).write(u8::from(items.add(i).read() != 0));
                }
            } else {
                std::ptr::copy_nonoverlapping(items, to, self.width * self.dtype.size());
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

    /// The roots over the reduced axes from `depth` on.
    unsafe fn tree(&mut self, depth: usize, ptr: *const u8, index: i64, to: *mut u8) {
        // SAFETY: the caller passes an element of the array; all steps stay inside its shape.
        unsafe {
            let Some(&axis) = self.reduced.get(depth) else {
                return self.rows(1, ptr, 0, index, 0, to);
            };
            let (len, stride, inner) = (self.shape[axis], self.strides[axis], self.inner[depth]);
            let innermost = depth + 1 == self.reduced.len();
            if innermost && self.by_leaves && len <= LEAF {
                return self.leaf(len, ptr, stride, index, to);
            }
            let (kernels, width) = (self.kernels, self.width);
            self.stacks[depth].clear();
            let mut start = 0;
            while start < len {
                let from = ptr.wrapping_offset(stride * start as isize);
                let at = index + start as i64 * inner;
                let top = self.stacks[depth].top();
                let (n, level, unit) = if !innermost {
                    self.tree(depth + 1, from, at, top);
                    (1, 0, start)
                } else if self.by_leaves {
                    let n = LEAF.min(len - start);
                    self.leaf(n, from, stride, at, top);
                    (n, 0, start / LEAF)
                } else {
                    let n = block_at(start, len, self.most_rows);
                    self.rows(n, from, stride, at, inner, top);
                    (n, n.ilog2(), start / n)
                };
                self.stacks[depth].commit(&kernels, width, level, unit);
                start += n;
            }
            self.stacks[depth].fold(&kernels, width);
            std::ptr::copy_nonoverlapping(self.stacks[depth].slot(0), to, width * kernels.item);
        }
    }

    /// A node over `n` units (a power of two) of one element each, for each result.
    unsafe fn rows(
        &self,
        n: usize,
        ptr: *const u8,
        stride: isize,
        index: i64,
        step: i64,
        to: *mut u8,
    ) {
        let (size, width) = (self.dtype.size(), self.width);
        let log2 = n.ilog2();
        // SAFETY: the elements lie in the array; the tile holds as many as a leaf, of any dtype.
        unsafe {
            if self.cast.is_none() && (self.row_stride == size as isize || width == 1) {
                return (self.kernels.rows)(log2, width, ptr, stride, index, step, to);
            }
            let mut tile = MaybeUninit::<[u128; LEAF]>::uninit();
            let packed: *mut u8 = tile.as_mut_ptr().cast();
            let packed_stride = (width * size) as isize;
            for row in 0..n as isize {
                let from = ptr.wrapping_offset(row * stride);
                self.pack(
                    width,
                    from,
                    self.row_stride,
                    packed.offset(row * packed_stride),
                );
            }
            (self.kernels.rows)(log2, width, packed, packed_stride, index, step, to);
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
            self.pack(n, ptr, stride, packed);
            (self.kernels.leaves)(1, n, packed, 0, index, 0, to);
        }
    }

    /// Puts `n` elements side by side, as the reduction's dtype.
    unsafe fn pack(&self, n: usize, from: *const u8, stride: isize, to: *mut u8) {
        let size = self.dtype.size() as isize;
        let nowhere = std::ptr::null_mut();
        // SAFETY: the caller passes the elements and room for them.
        unsafe {
            match self.cast {
                Some(cast) => cast(
                    n,
                    &[from.cast_mut(), to, nowhere, nowhere],
                    &[stride, size, 0, 0],
                ),
                None => strided::copy(
                    &[CopyAxis {
                        len: n,
                        from: stride,
                        to: size,
                    }],
                    from,
                    to,
                    size as usize,
                ),
            }
        }
    }
}
