//! Nodes over many whole leaves of one result: several leaves in one call where they lie behind one another, and none at all once the result
//! is known.

#![expect(
    unsafe_code,
    reason = "tiles are raw memory, and kernels take raw pointers"
)]

use super::Fold;
use crate::program::Reduce;
use crate::reduction::order::block_at;
use crate::reduction::{LEAF, Reduction};

/// Whole leaves that one call of a kernel reduces where they lie, if they are one result's. A power of two.
pub(super) const MOST_LEAVES: usize = 16;

/// The truth value of one element that settles a reduction of booleans.
pub(super) fn decisive(reduce: &Reduce) -> Option<bool> {
    if !reduce.dtype.is_bool() {
        return None;
    }
    match reduce.op {
        Reduction::Sum | Reduction::Max | Reduction::FMax | Reduction::Any => Some(true),
        Reduction::Prod | Reduction::Min | Reduction::FMin | Reduction::All => Some(false),
        Reduction::ArgMin | Reduction::ArgMax => None,
    }
}

impl Fold<'_, '_> {
    /// A node over the whole leaves that begin at `start`, several where they are aligned so, of one result.
    pub(super) unsafe fn whole_group(&mut self, depth: usize, start: usize, end: usize) -> usize {
        let unit = start / LEAF;
        let n_leaves = block_at(unit, end / LEAF, MOST_LEAVES);
        let log2 = n_leaves.ilog2();
        let index = self.index();
        let row = (LEAF * self.reduce.dtype.size()) as isize;
        // SAFETY: the leaves are inside the walk and lie behind one another; `spare` has room for two groups of items.
        unsafe {
            let (from, _) = self.values(1, LEAF, false);
            let items = self.spare.as_mut_ptr();
            (self.kernels.leaves)(n_leaves, LEAF, from, row, index, LEAF as i64, items);
            let top = self.stacks[depth].top();
            self.trees(items, 1, &[n_leaves], 1, top);
            self.note_decision(top);
        }
        self.stacks[depth].commit(&self.kernels, 1, log2, unit >> log2);
        n_leaves * LEAF
    }

    /// Notes whether a node's value settles the result.
    pub(super) unsafe fn note_decision(&mut self, node: *const u8) {
        // SAFETY: the caller passes a node's value; only booleans, of one byte, are decisive.
        self.decided = self
            .decisive
            .is_some_and(|decisive| unsafe { node.read() != 0 } == decisive);
    }

    /// A node over all elements up to `end`, as many as one node may have: the result is known.
    pub(super) fn settled(&mut self, depth: usize, start: usize, end: usize) -> usize {
        let unit = start / LEAF;
        let n_leaves = block_at(unit, end.div_ceil(LEAF), 1 << 62);
        let log2 = n_leaves.ilog2();
        let value = u8::from(self.decisive == Some(true));
        // SAFETY: the slot has room for a value.
        unsafe { self.stacks[depth].top().write(value) };
        self.stacks[depth].commit(&self.kernels, 1, log2, unit >> log2);
        (n_leaves * LEAF).min(end - start)
    }
}
