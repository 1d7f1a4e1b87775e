//! Stacks of matrices: cut along the longest axis of the stack, every rank multiplies its own ones.
#![expect(unsafe_code, reason = "kernels take raw pointers")]

use gain_core::{Array, Buffer, Distribution, Error, IndexBox, Result};
use smallvec::SmallVec;

use super::kernel::{self, Matrix};

type Lens = SmallVec<[usize; 4]>;

/// Work (products of elements) of a task.
const TASK: usize = 1 << 16;

/// `a b` for stacks of one dtype, at least one of them of more than two axes. Collective.
pub(super) fn multiply(a: &Array, b: &Array) -> Result<Array> {
    let rt = a.runtime();
    let dtype = a.dtype();
    let size = dtype.size();
    let stack = broadcast(a.shape(), b.shape())?;
    let (m, k) = (a.shape()[a.ndim() - 2], a.shape()[a.ndim() - 1]);
    let n = b.shape()[b.ndim() - 1];
    let mut shape = stack.clone();
    shape.extend([m, n]);
    rt.check_memory(&shape, dtype)?;
    let total: usize = shape.iter().product();
    let here = a.is_replicated() && b.is_replicated();
    let target = if rt.n_ranks() == 1 || (here && total <= rt.threshold()) {
        Distribution::replicated(&shape)
    } else {
        // The longest axis of the stack, the outermost of equals.
        let axis = (0..stack.len())
            .rev()
            .max_by_key(|&axis| stack[axis])
            .unwrap_or(0);
        let mut grid: Lens = SmallVec::from_elem(1, shape.len());
        grid[axis] = rt.n_ranks();
        Distribution::regular(&shape, &grid, rt.n_ranks())?
    };
    let own = target.box_of(rt.rank());
    let mut block = Buffer::zeroed(own.len() * size)?;
    {
        let (left, right) = (a.wanted()?, b.wanted()?);
        let wants = |array: &Array, rank: usize| stack_box(&target.box_of(rank), array.shape());
        let x = left.start("matmul", &|rank| wants(a, rank))?;
        let y = right.start("matmul", &|rank| wants(b, rank))?;
        let (x, y) = (left.finish(x)?, right.finish(y)?);
        let lens: Lens = own.shape()[..stack.len()].into();
        let count: usize = lens.iter().product();
        let strides = |array: &Array, held: &[isize]| -> SmallVec<[isize; 4]> {
            let skip = stack.len() - (array.ndim() - 2);
            (0..stack.len())
                .map(|axis| match axis.checked_sub(skip) {
                    Some(of) if array.shape()[of] > 1 => held[of],
                    _ => 0,
                })
                .collect()
        };
        let (step_x, step_y) = (strides(a, &x.strides), strides(b, &y.strides));
        let (first_x, first_y) = (
            super::panels::matrix(&x, size),
            super::panels::matrix(&y, size),
        );
        let chunk = (TASK / (m * k * n).max(1)).max(1);
        let to = Target(block.as_mut_ptr());
        let task = |number: usize| {
            let (first_x, first_y, to) = (&first_x, &first_y, &to);
            for index in number * chunk..((number + 1) * chunk).min(count) {
                let (mut rest, mut at_x, mut at_y) = (index, 0isize, 0isize);
                for axis in (0..lens.len()).rev() {
                    let i = (rest % lens[axis]) as isize;
                    rest /= lens[axis];
                    at_x += i * step_x[axis];
                    at_y += i * step_y[axis];
                }
                // SAFETY: the offsets are those of the index's matrices in the held boxes; results of different indices lie apart.
                unsafe {
                    let x = Matrix {
                        ptr: first_x.ptr.offset(at_x),
                        ..*first_x
                    };
                    let y = Matrix {
                        ptr: first_y.ptr.offset(at_y),
                        ..*first_y
                    };
                    let c = to.0.add(index * m * n * size);
                    kernel::small(dtype, [m, k, n], x, y, c);
                }
            }
        };
        if count > 0 && m * n > 0 {
            rt.pool().for_each(count.div_ceil(chunk), &task);
        }
    }
    Array::from_local(rt, dtype, target, block)
}

struct Target(*mut u8);

// SAFETY: tasks write disjoint results.
unsafe impl Sync for Target {}

/// What a box of the result needs of an operand of this shape.
fn stack_box(of: &IndexBox, shape: &[usize]) -> IndexBox {
    let ndim = shape.len();
    if of.is_empty() {
        return IndexBox::nothing(ndim);
    }
    let skip = of.lo.len() - ndim;
    let (mut lo, mut hi): (Lens, Lens) = (SmallVec::from_elem(0, ndim), shape.into());
    for axis in 0..ndim - 2 {
        if shape[axis] > 1 {
            (lo[axis], hi[axis]) = (of.lo[axis + skip], of.hi[axis + skip]);
        }
    }
    IndexBox::new(lo, hi)
}

/// The shape of the stacks of two operands together.
fn broadcast(left: &[usize], right: &[usize]) -> Result<Lens> {
    let (a, b) = (&left[..left.len() - 2], &right[..right.len() - 2]);
    let ndim = a.len().max(b.len());
    let len = |of: &[usize], axis: usize| {
        (axis + of.len())
            .checked_sub(ndim)
            .map_or(1, |axis| of[axis])
    };
    let mut lens = Lens::new();
    for axis in 0..ndim {
        lens.push(match (len(a, axis), len(b, axis)) {
            (x, y) if x == y => x,
            (1, y) => y,
            (x, 1) => x,
            _ => {
                return Err(Error::Value(format!(
                    "operands could not be broadcast together with remapped shapes [original->remapped]: {} {}  and requested shape ({},{})",
                    remapped(left),
                    remapped(right),
                    left[left.len() - 2],
                    right[right.len() - 1],
                )));
            }
        });
    }
    Ok(lens)
}

/// A shape and what its stack becomes, as NumPy writes them.
fn remapped(shape: &[usize]) -> String {
    let list = |lens: &[usize]| {
        let lens: Vec<String> = lens.iter().map(usize::to_string).collect();
        lens.join(",")
    };
    format!(
        "({})->({},newaxis,newaxis)",
        list(shape),
        list(&shape[..shape.len() - 2])
    )
}
