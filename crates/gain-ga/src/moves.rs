//! Moves: the only language between deciding where data goes and carrying it there.

use std::fmt;

use smallvec::SmallVec;

use crate::distribution::{Distribution, ViewAxis};
use crate::index_box::{IndexBox, Indices};

/// A box of one rank's source that becomes a box of one rank's target. Both boxes have the same number of elements.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Move {
    /// The rank that holds the source box.
    pub from: usize,
    /// The rank that holds the target box.
    pub to: usize,
    /// Where the elements lie, in the source's global indices.
    pub source: IndexBox,
    /// Where they go, in the target's global indices.
    pub target: IndexBox,
}

/// `0 -> 2: [4:8, 0:10] => [0:4, 0:10]`.
impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} -> {}: {} => {}",
            self.from, self.to, self.source, self.target
        )
    }
}

/// The moves in which `rank` takes part when an array changes from one distribution to the other. Local.
///
/// What stays on the rank is a move from the rank to itself, named once. A replicated source is read where it is
/// needed, without a message; a replicated target takes every block to every rank of the source's team.
/// The list's order is that of the blocks on sender and receiver alike, so that both pack a pair's boxes in one order.
///
/// # Panics
/// If the shapes differ.
#[must_use]
pub fn moves_between(source: &Distribution, target: &Distribution, rank: usize) -> Vec<Move> {
    assert_eq!(
        source.shape(),
        target.shape(),
        "an array keeps its shape when it is moved"
    );
    let same = |from, to, part: IndexBox| Move {
        from,
        to,
        source: part.clone(),
        target: part,
    };
    match (source, target) {
        (Distribution::Replicated { .. }, _) => {
            let part = target.box_of(rank);
            if part.is_empty() {
                Vec::new()
            } else {
                vec![same(rank, rank, part)]
            }
        }
        (Distribution::Blocks(blocks), Distribution::Replicated { shape }) => {
            let own = source.box_of(rank);
            let mut moves = Vec::new();
            if !own.is_empty() {
                moves.extend(
                    (0..blocks.n_ranks)
                        .filter(|&to| to != rank)
                        .map(|to| same(rank, to, own.clone())),
                );
            }
            moves.extend(
                source
                    .owners(&IndexBox::full(shape))
                    .map(|(from, part)| same(from, rank, part)),
            );
            moves
        }
        (Distribution::Blocks(_), Distribution::Blocks(_)) => {
            let own = source.box_of(rank);
            let mut moves: Vec<Move> = target
                .owners(&own)
                .filter(|(to, _)| *to != rank)
                .map(|(to, part)| same(rank, to, part))
                .collect();
            let wanted = target.box_of(rank);
            moves.extend(
                source
                    .owners(&wanted)
                    .map(|(from, part)| same(from, rank, part)),
            );
            moves
        }
    }
}

/// The bounding box, in the base, of what a box of a view reads. Local.
///
/// Base axes that no entry names are taken at index 0 (a broadcast axis of length one).
///
/// # Panics
/// If the box has another number of axes than the view.
#[must_use]
pub fn base_box(axes: &[ViewAxis], base_ndim: usize, part: &IndexBox) -> IndexBox {
    if part.is_empty() {
        return IndexBox::nothing(base_ndim);
    }
    let mut lo: Indices = SmallVec::from_elem(0, base_ndim);
    let mut hi: Indices = SmallVec::from_elem(1, base_ndim);
    let mut view_axis = 0;
    for axis in axes {
        match *axis {
            ViewAxis::New { .. } => view_axis += 1,
            ViewAxis::Fixed { axis, index } => (lo[axis], hi[axis]) = (index, index + 1),
            ViewAxis::Base {
                axis, start, step, ..
            } => {
                let at = |i: usize| (start as isize + step * i as isize) as usize;
                let (a, b) = (at(part.lo[view_axis]), at(part.hi[view_axis] - 1));
                (lo[axis], hi[axis]) = (a.min(b), a.max(b) + 1);
                view_axis += 1;
            }
        }
    }
    assert_eq!(
        view_axis,
        part.ndim(),
        "a box of the view has the view's axes"
    );
    IndexBox { lo, hi }
}
