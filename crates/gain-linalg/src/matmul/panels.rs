//! The product by panels: each rank keeps its block of it, panels of the operands come to those who need them.
#![expect(unsafe_code, reason = "kernels take raw pointers")]

use gain_core::{Array, Buffer, Coming, DType, Distribution, Held, IndexBox, Result, Wanted};

use super::kernel::{self, Matrix};

/// An operand's elements as a matrix.
pub(crate) fn matrix(held: &Held<'_>, itemsize: usize) -> Matrix {
    let n = held.strides.len();
    Matrix {
        ptr: held.bytes()[held.offset().min(held.bytes().len())..].as_ptr(),
        rows: in_elements(held.strides[n - 2], itemsize),
        columns: in_elements(held.strides[n - 1], itemsize),
    }
}

/// A vector's elements as a matrix of one row.
pub(crate) fn row(held: &Held<'_>, itemsize: usize) -> Matrix {
    Matrix {
        ptr: held.bytes()[held.offset().min(held.bytes().len())..].as_ptr(),
        rows: 0,
        columns: in_elements(held.strides[0], itemsize),
    }
}

fn in_elements(stride: isize, itemsize: usize) -> isize {
    assert!(
        stride % itemsize as isize == 0,
        "strides are whole elements"
    );
    stride / itemsize as isize
}

/// `a b` if both are computed and whole on every rank: done now, without a plan. Local.
#[inline]
pub(super) fn at_once(a: &Array, b: &Array) -> Option<Result<Array>> {
    let (x, y) = (a.at_hand()?, b.at_hand()?);
    let (dtype, shape) = (a.dtype(), [a.shape()[0], a.shape()[1], b.shape()[1]]);
    let [m, _, n] = shape;
    let (x, y) = (matrix(&x, dtype.size()), matrix(&y, dtype.size()));
    Some(Array::replicated_from(
        a.runtime(),
        dtype,
        &[m, n],
        |block| {
            if m * n > 0 {
                // SAFETY: the operands are held with these shapes, and the block is that of the result.
                unsafe { kernel::block(dtype, shape, x, y, block.as_mut_ptr(), n, false) };
            }
        },
    ))
}

/// `a b` in blocks of the grid of `rows` by `columns`, or whole on each rank if `replicated`. Collective.
///
/// While one panel is multiplied the next one travels.
pub(super) fn multiply(
    a: &Array,
    b: &Array,
    grid: (usize, usize),
    panel: usize,
    replicated: bool,
) -> Result<Array> {
    let rt = a.runtime();
    let dtype = a.dtype();
    let size = dtype.size();
    let [m, k, n] = [a.shape()[0], a.shape()[1], b.shape()[1]];
    let target = if replicated {
        Distribution::replicated(&[m, n])
    } else {
        Distribution::regular(&[m, n], &[grid.0, grid.1], rt.n_ranks())?
    };
    let own = target.box_of(rt.rank());
    rt.check_memory(&[m, n], dtype)?;
    let mut block = Buffer::zeroed(own.len() * size)?;
    {
        let (left, right) = (a.wanted()?, b.wanted()?);
        // Where nothing travels all of the contracted axis is one panel.
        let still = rt.n_ranks() == 1
            || (here(&left, rt.n_ranks(), &|rank| {
                rows(&target.box_of(rank), 0, k)
            }) && here(&right, rt.n_ranks(), &|rank| {
                columns(&target.box_of(rank), 0, k)
            }));
        let panel = if still { k.max(1) } else { panel };
        let ask = |at: usize| -> Result<(Coming, Coming)> {
            let end = (at + panel).min(k);
            Ok((
                left.start("matmul", &|rank| rows(&target.box_of(rank), at, end))?,
                right.start("matmul", &|rank| columns(&target.box_of(rank), at, end))?,
            ))
        };
        let mut coming = Some(ask(0)?);
        for at in (0..k).step_by(panel) {
            let (one, other) = coming.take().expect("a panel is on its way");
            let (x, y) = (left.finish(one)?, right.finish(other)?);
            if at + panel < k {
                coming = Some(ask(at + panel)?);
            }
            let shape = own.shape();
            if shape.contains(&0) {
                continue;
            }
            let (x, y) = (matrix(&x, size), matrix(&y, size));
            let is_symmetric = still
                && own.len() == m * n
                && m == n
                && x.is_transpose_of(y)
                && !dtype.is_complex();
            // SAFETY: the held boxes have the shapes, the block is this rank's own; a first panel is added to zeros, as the others to sums.
            unsafe {
                if is_symmetric {
                    let to = block.as_mut_ptr();
                    kernel::symmetric(dtype, n, k, x, y, to, rt.pool());
                    continue;
                }
                kernel::product(
                    dtype,
                    [shape[0], panel.min(k - at), shape[1]],
                    x,
                    y,
                    block.as_mut_ptr(),
                    shape[1],
                    at > 0,
                    rt.pool(),
                );
            }
        }
    }
    finished(a, dtype, target, block)
}

fn finished(a: &Array, dtype: DType, target: Distribution, block: Buffer) -> Result<Array> {
    Array::from_local(a.runtime(), dtype, target, block)
}

fn rows(of: &IndexBox, lo: usize, hi: usize) -> IndexBox {
    if of.is_empty() {
        return IndexBox::nothing(2);
    }
    IndexBox::new([of.lo[0], lo], [of.hi[0], hi])
}

fn columns(of: &IndexBox, lo: usize, hi: usize) -> IndexBox {
    if of.is_empty() {
        return IndexBox::nothing(2);
    }
    IndexBox::new([lo, of.lo[1]], [hi, of.hi[1]])
}

/// Whether every rank has all that it wants.
fn here(operand: &Wanted<'_>, n_ranks: usize, wants: &dyn Fn(usize) -> IndexBox) -> bool {
    let distribution = operand.distribution();
    distribution.is_replicated()
        || (0..n_ranks).all(|rank| {
            let wanted = wants(rank);
            wanted.is_empty() || distribution.box_of(rank).contains_box(&wanted)
        })
}
