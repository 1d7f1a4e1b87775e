//! How the partial results of a reduction become its result: alone, among everybody, or at the owners of the result.

use gain_ga::{Distribution, IndexBox, Indices, ViewAxis};
use gain_ufunc::reduction::{self, LEAF};
use gain_ufunc::{DType, Reduction};
use smallvec::SmallVec;

use crate::plan::group::Group;
use crate::plan::problem::{Problem, Work};

/// The reduction at the end of a step.
#[derive(Clone, Debug)]
pub struct Reducing {
    /// Sum, min, ...
    pub reduction: Reduction,
    /// The slot of the result.
    pub slot: usize,
    /// dtype that is accumulated.
    pub input: DType,
    /// dtype of the result.
    pub result_dtype: DType,
    /// Who owns what of the result.
    pub distribution: Distribution,
    /// This rank's box of the result, over the kept axes.
    pub result_box: IndexBox,
    /// Units of the outermost reduced axis.
    pub n_units: usize,
    /// Who tells whom.
    pub combination: Combination,
}

/// Who tells whom about partial results.
#[derive(Clone, Debug)]
pub enum Combination {
    /// Each rank has all that its part of the result needs.
    Alone,
    /// Every rank tells every rank.
    Everyone,
    /// Each rank tells the owners of the result.
    Owners {
        /// To which rank, which box over the kept axes.
        sends: Vec<(usize, IndexBox)>,
        /// From which rank, which box over the kept axes, in how many nodes of the order's tree.
        receives: Vec<(usize, IndexBox, usize)>,
    },
}

/// The reduction of a group whose last statement is one.
pub fn reducing(
    problem: &Problem,
    group: &Group,
    iteration: &Distribution,
    known: &[Option<Distribution>],
) -> Option<Reducing> {
    let statement = &problem.statements[*group.statements.last()?];
    let Work::Reduce {
        reduction,
        input,
        axes,
    } = &statement.work
    else {
        return None;
    };
    debug_assert!(
        known[statement.target].is_none(),
        "a reduction makes its result"
    );
    let slot = &problem.slots[statement.target];
    let shape = &group.shape;
    let kept: SmallVec<[usize; 4]> = (0..shape.len())
        .filter(|axis| !axes.contains(axis))
        .collect();
    let keep_dims = slot.shape.len() == shape.len();
    let cut = match iteration {
        Distribution::Replicated { .. } => false,
        Distribution::Blocks(blocks) => axes.iter().any(|&axis| blocks.axis_dim[axis].is_some()),
    };
    let distribution = if slot.replicated {
        Distribution::replicated(&slot.shape)
    } else if cut || iteration.is_replicated() {
        Distribution::default_for(&slot.shape, problem.n_ranks)
    } else {
        iteration.view(&result_axes(shape, axes, keep_dims))
    };
    let of_slot = |index_box: IndexBox| {
        if keep_dims {
            over(&index_box, &kept)
        } else {
            index_box
        }
    };
    let outer = axes[0];
    let n_units = units(outer, shape.len(), shape[outer]);
    let alone = problem.n_ranks == 1 || iteration.is_replicated() || (!cut && !slot.replicated);
    let combination = if alone {
        Combination::Alone
    } else if slot.replicated {
        Combination::Everyone
    } else {
        owners(
            problem,
            iteration,
            &distribution,
            shape,
            &kept,
            keep_dims,
            outer,
        )
    };
    Some(Reducing {
        reduction: *reduction,
        slot: statement.target,
        input: *input,
        result_dtype: slot.dtype,
        result_box: of_slot(distribution.box_of(problem.rank)),
        distribution,
        n_units,
        combination,
    })
}

fn owners(
    problem: &Problem,
    iteration: &Distribution,
    result: &Distribution,
    shape: &[usize],
    kept: &[usize],
    keep_dims: bool,
    outer: usize,
) -> Combination {
    let to_slot = |kept_box: &IndexBox| {
        if keep_dims {
            spread(kept_box, kept, |_| 1, shape.len())
        } else {
            kept_box.clone()
        }
    };
    let from_slot = |slot_box: &IndexBox| {
        if keep_dims {
            over(slot_box, kept)
        } else {
            slot_box.clone()
        }
    };
    let mine = iteration.box_of(problem.rank);
    let mut sends = Vec::new();
    if !mine.is_empty() {
        for (to, part) in result.owners(&to_slot(&over(&mine, kept))) {
            sends.push((to, from_slot(&part)));
        }
    }
    let wanted = result.box_of(problem.rank);
    let mut receives = Vec::new();
    if !wanted.is_empty() {
        let needed = spread(&from_slot(&wanted), kept, |axis| shape[axis], shape.len());
        for (from, part) in iteration.owners(&needed) {
            let last = outer + 1 == shape.len();
            let (lo, hi) = if last {
                (part.lo[outer] / LEAF, part.hi[outer].div_ceil(LEAF))
            } else {
                (part.lo[outer], part.hi[outer])
            };
            receives.push((from, over(&part, kept), reduction::cover_len(lo, hi)));
        }
    }
    Combination::Owners { sends, receives }
}

/// Units of a reduced axis: leaves along the last axis, indices along others.
fn units(axis: usize, ndim: usize, len: usize) -> usize {
    if axis + 1 == ndim {
        len.div_ceil(LEAF)
    } else {
        len
    }
}

/// A box over some of its axes.
fn over(index_box: &IndexBox, axes: &[usize]) -> IndexBox {
    let pick = |of: &Indices| axes.iter().map(|&axis| of[axis]).collect();
    IndexBox {
        lo: pick(&index_box.lo),
        hi: pick(&index_box.hi),
    }
}

/// The box over all axes that is `kept_box` along the kept ones and `[0, len(axis))` along the others.
fn spread(
    kept_box: &IndexBox,
    kept: &[usize],
    len: impl Fn(usize) -> usize,
    ndim: usize,
) -> IndexBox {
    let (mut lo, mut hi): (Indices, Indices) =
        (SmallVec::from_elem(0, ndim), (0..ndim).map(len).collect());
    for (position, &axis) in kept.iter().enumerate() {
        (lo[axis], hi[axis]) = (kept_box.lo[position], kept_box.hi[position]);
    }
    IndexBox { lo, hi }
}

/// The axes of the result as a view of the loop's index space.
fn result_axes(shape: &[usize], axes: &[usize], keep_dims: bool) -> SmallVec<[ViewAxis; 6]> {
    let mut view = SmallVec::new();
    for (axis, &len) in shape.iter().enumerate() {
        if !axes.contains(&axis) {
            view.push(ViewAxis::Base {
                axis,
                start: 0,
                step: 1,
                len,
            });
        } else if keep_dims {
            view.push(ViewAxis::New { len: 1 });
        }
    }
    view
}
