//! Which rank computes which box of a loop: the owner-computes rule, and when it is left for a better balance.

use gain_ga::Distribution;
use gain_ufunc::reduction::LEAF;
use smallvec::SmallVec;

use crate::layout::Layout;
use crate::plan::group::Group;
use crate::plan::problem::{Problem, Work};

/// The largest block may be this many times the mean before work is spread anew.
const TOLERATED_IMBALANCE: f64 = 1.25;

/// The distribution of a group's iteration space. `known` has the distribution of each slot that exists.
pub fn iteration(
    problem: &Problem,
    group: &Group,
    known: &[Option<Distribution>],
    threshold: usize,
) -> Distribution {
    let placed = placement(problem, group, known, threshold);
    match reduced_axes(problem, group) {
        Some(axes) => for_reduction(placed, &group.shape, &axes, problem.n_ranks),
        None => placed,
    }
}

/// The axes that the group's last statement reduces.
pub fn reduced_axes(problem: &Problem, group: &Group) -> Option<SmallVec<[usize; 4]>> {
    let last = *group.statements.last()?;
    match &problem.statements[last].work {
        Work::Reduce { axes, .. } => Some(axes.clone()),
        _ => None,
    }
}

fn placement(
    problem: &Problem,
    group: &Group,
    known: &[Option<Distribution>],
    threshold: usize,
) -> Distribution {
    // The owner of the output computes.
    if let Some((slot, layout)) = group.writes.iter().find(|(slot, _)| known[*slot].is_some()) {
        return view(known[*slot].as_ref().expect("found by it"), layout);
    }
    let reads = || {
        group
            .reads
            .iter()
            .filter_map(|(slot, layout)| known[*slot].as_ref().map(|d| (d, *slot, layout)))
    };
    let whole = match group.writes.first() {
        Some((slot, _)) => problem.slots[*slot].replicated,
        None => {
            reads().all(|(d, ..)| d.is_replicated())
                && group.shape.iter().product::<usize>() <= threshold
        }
    };
    if whole {
        return Distribution::replicated(&group.shape);
    }
    let largest = reads()
        .filter(|(d, ..)| !d.is_replicated())
        .map(|(d, slot, layout)| {
            (
                problem.slots[slot].shape.iter().product::<usize>(),
                d,
                layout,
            )
        })
        .fold(
            None,
            |best: Option<(usize, &Distribution, &Layout)>, next| match best {
                Some(best) if best.0 >= next.0 => Some(best),
                _ => Some(next),
            },
        );
    if let Some((_, distribution, layout)) = largest {
        let aligned = view(distribution, layout);
        if aligned.imbalance() <= TOLERATED_IMBALANCE {
            return aligned;
        }
    }
    Distribution::default_for(&group.shape, problem.n_ranks)
}

/// The distribution of the index space of a view.
pub fn view(distribution: &Distribution, layout: &Layout) -> Distribution {
    if distribution.is_replicated() {
        Distribution::replicated(&layout.shape)
    } else {
        distribution.view(&layout.view_axes())
    }
}

/// The nearest distribution in which the inner reduced axes are whole and the units of the outermost one are not cut:
/// what the order of reductions asks for, so that any number of ranks gives the same bits.
fn for_reduction(
    placed: Distribution,
    shape: &[usize],
    axes: &[usize],
    n_ranks: usize,
) -> Distribution {
    let Distribution::Blocks(blocks) = &placed else {
        return placed;
    };
    let Some((&outer, inner)) = axes.split_first() else {
        return placed;
    };
    let last = shape.len() - 1;
    let cut = |axis: usize| blocks.axis_dim[axis].is_some();
    let whole_inside = !inner.iter().any(|&axis| cut(axis));
    let placed = if whole_inside {
        placed
    } else {
        let axis = (0..shape.len())
            .filter(|axis| !inner.contains(axis))
            .max_by_key(|&axis| (shape[axis], last - axis))
            .unwrap_or(outer);
        let mut grid: SmallVec<[usize; 4]> = SmallVec::from_elem(1, shape.len());
        grid[axis] = n_ranks;
        Distribution::regular(shape, &grid, n_ranks).expect("a grid of n_ranks along one axis fits")
    };
    if outer == last {
        placed.with_grain(last, LEAF)
    } else {
        placed
    }
}
