//! Work on stacks of matrices: cut along the longest axis of the stack, every rank takes its own matrices, whole.
//!
//! # Rationale
//! The matrices of a stack have nothing to do with one another, so that at most those at the cuts move. Work is handed out in runs
//! along the stack's last axis, whose strides are constant: what is done for tiny matrices is done in one compiled loop.
#![expect(unsafe_code, reason = "kernels take raw pointers")]

use gain_core::{Array, Buffer, Distribution, Error, Held, IndexBox, Pool, Result};
use smallvec::SmallVec;

use crate::matmul::kernel::Matrix;
use crate::matmul::panels;

pub(crate) type Lens = SmallVec<[usize; 4]>;

/// Work (products of elements) of a task.
const TASK: usize = 1 << 16;

/// An operand's matrices along a run: the first one, and bytes from one to the next.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub first: Matrix,
    pub step: isize,
}

impl Run {
    /// The matrix at a place of the run.
    #[inline(always)]
    pub fn at(&self, place: usize) -> Matrix {
        Matrix {
            ptr: self.first.ptr.wrapping_offset(self.step * place as isize),
            ..self.first
        }
    }
}

/// What is done for a run: how many matrices, each operand's, and where the results go, packed behind one another.
pub(crate) type Kernel<'a, const K: usize> = &'a (dyn Fn(usize, [Run; K], *mut u8) + Sync);

/// The array of `kernel`'s results, each of shape `core` and of the operands' dtype, for the matrices in the operands' last two axes; the
/// other axes are stacks of shape `stack` together. `effort` is the work for one matrix. Collective.
///
/// # Errors
/// Memory; errors of the network.
pub(crate) fn each<const K: usize>(
    operands: [&Array; K],
    stack: &[usize],
    core: &[usize],
    effort: usize,
    kernel: Kernel<'_, K>,
) -> Result<Array> {
    let rt = operands[0].runtime();
    let dtype = operands[0].dtype();
    let mut shape: Lens = stack.into();
    shape.extend_from_slice(core);
    rt.check_memory(&shape, dtype)?;
    let total: usize = shape.iter().product();
    let here = operands.iter().all(|operand| operand.is_replicated());
    let is_small = total <= rt.threshold();
    let is_whole = rt.n_ranks() == 1 || stack.is_empty() || (here && is_small);
    if is_small && let Some(held) = at_hand(&operands) {
        return Array::replicated_from(rt, dtype, &shape, |block| {
            run(
                stack,
                core,
                effort,
                &operands,
                &held,
                kernel,
                block,
                rt.pool(),
            );
        });
    }
    let target = if is_whole {
        Distribution::replicated(&shape)
    } else {
        // The longest axis of the stack, the outermost of equals.
        let axis = (0..stack.len())
            .rev()
            .max_by_key(|&axis| stack[axis])
            .unwrap_or(0);
        let mut grid: Lens = SmallVec::from_elem(1, shape.len().max(1));
        grid[axis] = rt.n_ranks();
        Distribution::regular(&shape, &grid[..shape.len()], rt.n_ranks())?
    };
    let own = target.box_of(rt.rank());
    let mut block = Buffer::new(own.len() * dtype.size())?;
    {
        let mut wanted = SmallVec::<[_; 2]>::new();
        for operand in operands {
            wanted.push(operand.wanted()?);
        }
        let mut coming = SmallVec::<[_; 2]>::new();
        for (operand, wanted) in operands.iter().zip(&wanted) {
            coming.push(wanted.start("stack of matrices", &|rank| {
                stack_box(&target.box_of(rank), stack.len(), operand.shape())
            })?);
        }
        let mut held = SmallVec::<[Held<'_>; 2]>::new();
        for (wanted, coming) in wanted.iter().zip(coming) {
            held.push(wanted.finish(coming)?);
        }
        let lens: Lens = own.shape()[..stack.len()].into();
        run(
            &lens,
            core,
            effort,
            &operands,
            &held,
            kernel,
            block.as_mut_slice(),
            rt.pool(),
        );
    }
    Array::from_local(rt, dtype, target, block)
}

fn at_hand<'a>(operands: &[&'a Array]) -> Option<SmallVec<[Held<'a>; 2]>> {
    operands.iter().map(|operand| operand.at_hand()).collect()
}

/// Hands the matrices of a local stack to the kernel, run by run.
#[expect(clippy::too_many_arguments, reason = "all of it is one loop")]
fn run<const K: usize>(
    lens: &[usize],
    core: &[usize],
    effort: usize,
    operands: &[&Array; K],
    held: &[Held<'_>],
    kernel: Kernel<'_, K>,
    block: &mut [u8],
    pool: &Pool,
) {
    let count: usize = lens.iter().product();
    let dtype = operands[0].dtype();
    let result = core.iter().product::<usize>() * dtype.size();
    if count == 0 || result == 0 {
        return;
    }
    assert_eq!(block.len(), count * result, "a place for each result");
    let firsts: [Matrix; K] = std::array::from_fn(|of| panels::matrix(&held[of], dtype.size()));
    let steps: [SmallVec<[isize; 4]>; K] =
        std::array::from_fn(|of| steps(lens, operands[of], &held[of]));
    let chunk = (TASK / effort.max(1)).max(1);
    let to = Target(block.as_mut_ptr());
    let inner = lens.last().copied().unwrap_or(1);
    let task = |number: usize| {
        let (firsts, to) = (&firsts, &to);
        let (mut index, end) = (number * chunk, ((number + 1) * chunk).min(count));
        while index < end {
            let along = (inner - index % inner).min(end - index);
            let runs = std::array::from_fn(|of| {
                let (mut rest, mut at) = (index, 0isize);
                for (&len, &step) in lens.iter().zip(&steps[of]).rev() {
                    at += (rest % len) as isize * step;
                    rest /= len;
                }
                let first: Matrix = firsts[of];
                Run {
                    first: Matrix {
                        ptr: first.ptr.wrapping_offset(at),
                        ..first
                    },
                    step: steps[of].last().copied().unwrap_or(0),
                }
            });
            // SAFETY: results of different indices lie apart in the block.
            kernel(along, runs, unsafe { to.0.add(index * result) });
            index += along;
        }
    };
    match count.div_ceil(chunk) {
        1 => task(0),
        tasks => pool.for_each(tasks, &task),
    }
}

struct Target(*mut u8);

// SAFETY: tasks write disjoint results.
unsafe impl Sync for Target {}

/// Bytes from one matrix of an operand to the next along each axis of the stack.
fn steps(lens: &[usize], operand: &Array, held: &Held<'_>) -> SmallVec<[isize; 4]> {
    let skip = lens.len() + 2 - operand.ndim();
    (0..lens.len())
        .map(|axis| match axis.checked_sub(skip) {
            Some(of) if operand.shape()[of] > 1 => held.strides[of],
            _ => 0,
        })
        .collect()
}

/// What a box of the result needs of an operand of this shape: whole matrices.
fn stack_box(of: &IndexBox, n_axes: usize, shape: &[usize]) -> IndexBox {
    let ndim = shape.len();
    if of.is_empty() {
        return IndexBox::nothing(ndim);
    }
    let skip = n_axes + 2 - ndim;
    let (mut lo, mut hi): (Lens, Lens) = (SmallVec::from_elem(0, ndim), shape.into());
    for axis in 0..ndim - 2 {
        if shape[axis] > 1 {
            (lo[axis], hi[axis]) = (of.lo[axis + skip], of.hi[axis + skip]);
        }
    }
    IndexBox::new(lo, hi)
}

/// The shape of the stacks of two operands together.
pub(crate) fn broadcast(left: &[usize], right: &[usize]) -> Result<Lens> {
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
