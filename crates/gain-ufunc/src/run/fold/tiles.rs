//! Nodes over the units of one tile: whole or short leaves, or rows of them.

#![expect(
    unsafe_code,
    reason = "tiles are raw memory, and kernels take raw pointers"
)]

use super::Fold;
use crate::reduction::LEAF;
use crate::reduction::order::LANES;
use crate::run::frame::Drain;
use crate::run::layout::Shape;
use crate::run::walk::PerAxis;
use smallvec::SmallVec;

impl Fold<'_, '_> {
    /// `n_rows` units of one short leaf each.
    pub(super) unsafe fn short_leaves(
        &mut self,
        depth: usize,
        unit: usize,
        n_rows: usize,
    ) -> usize {
        let n = self.setup.walk.lens[self.setup.walk.n_axes() - 1];
        let step = self.inner.get(depth).copied().unwrap_or(0);
        let index = self.index();
        let log2 = n_rows.ilog2();
        // SAFETY: the box is inside the walk; `spare` has room for two tiles of items.
        unsafe {
            let (from, stride) = self.values(n_rows, n, false);
            let items = self.spare.as_mut_ptr();
            (self.kernels.leaves)(n_rows, n, from, stride, index, step, items);
            let top = self.stacks[depth].top();
            self.pairs(items, n_rows, 1, items.add(self.spare.len() / 2), top);
        }
        self.stacks[depth].commit(&self.kernels, 1, log2, unit >> log2);
        n_rows
    }

    /// One leaf (or tree of short ones) for each of `width` results.
    pub(super) unsafe fn leaves(
        &mut self,
        depth: usize,
        width: usize,
        start: usize,
        n: usize,
    ) -> usize {
        if self.setup.drains && n == LEAF && self.kernels.parts.is_some() {
            // SAFETY: the caller's contract.
            unsafe { self.whole_leaves(depth, width) };
            self.stacks[depth].commit(&self.kernels, width, 0, start / LEAF);
            return n;
        }
        let index = self.index();
        let units = match self.shape {
            Shape::Leaves { units, .. } => units,
            Shape::Rows { .. } => 1,
        };
        // SAFETY: the box is inside the walk; the slot has room for `width` items, `spare` for two tiles of them.
        unsafe {
            let (from, stride) = self.values(width * units, n, false);
            let top = self.stacks[depth].top();
            if units == 1 {
                (self.kernels.leaves)(width, n, from, stride, index, 0, top);
                self.note_decision(top);
            } else {
                let items = self.spare.as_mut_ptr();
                (self.kernels.leaves)(width * units, n, from, stride, index, 0, items);
                self.trees(items, width, units, items.add(self.spare.len() / 2), top);
            }
        }
        let (level, index) = match (units, depth) {
            (1, _) => (0, start / LEAF),
            (_, 0) => (units.ilog2(), start / units),
            // The whole of an inner axis.
            _ => (0, 0),
        };
        self.stacks[depth].commit(&self.kernels, width, level, index);
        n
    }

    /// One whole leaf for each of `width` elements of the kept axis, taken up as it is computed.
    unsafe fn whole_leaves(&mut self, depth: usize, width: usize) {
        let (rounds, finish) = self.kernels.parts.expect("asked before");
        let mut lanes = [0u64; LANES];
        let lanes = lanes.as_mut_ptr().cast::<u8>();
        let n_axes = self.setup.walk.n_axes();
        let mut extents: PerAxis<usize> = SmallVec::from_elem(1, n_axes);
        extents[n_axes - 1] = LEAF;
        let drain = Drain {
            rounds,
            lanes,
            size: self.kernels.item,
        };
        self.frame.seek(&self.at);
        let top = self.stacks[depth].top();
        for w in 0..width {
            // SAFETY: the leaf is inside the walk, the slot has room for `width` items; lanes are of 8 bytes at most, as chains have them.
            unsafe {
                self.frame.drain(&self.at, &extents, LEAF, drain);
                finish(lanes, top.add(w * self.kernels.item));
            }
            if width > 1 {
                self.frame.advance(n_axes - 2, 1);
            }
        }
    }

    /// A node over `n_rows` units (a power of two), elementwise along the kept axis.
    pub(super) unsafe fn rows(
        &mut self,
        depth: usize,
        width: usize,
        unit: usize,
        n_rows: usize,
    ) -> usize {
        let log2 = n_rows.ilog2();
        // SAFETY: the box is inside the walk; the slot has room for `width` items.
        unsafe {
            if n_rows <= self.kernels.most_rows {
                let step = self.inner.get(depth).copied().unwrap_or(0);
                let index = self.index();
                let (from, stride) = self.values(n_rows, width, false);
                (self.kernels.rows)(
                    log2,
                    width,
                    from,
                    stride,
                    index,
                    step,
                    self.stacks[depth].top(),
                );
            } else {
                let (from, _) = self.values(n_rows, width, true);
                let spare = self.spare.as_mut_ptr();
                let half = self.spare.len() / 2;
                let top = self.stacks[depth].top();
                (self.kernels.pairs)(n_rows / 2, width, from, spare);
                self.pairs(spare, n_rows / 2, width, spare.add(half), top);
            }
        }
        self.stacks[depth].commit(&self.kernels, width, log2, unit >> log2);
        n_rows
    }

    /// Joins `n_rows` packed rows of items (a power of two) to one at `to`, with room for half as many at `other`.
    pub(super) unsafe fn pairs(
        &self,
        mut from: *mut u8,
        mut n_rows: usize,
        width: usize,
        mut other: *mut u8,
        to: *mut u8,
    ) {
        // SAFETY: the caller's contract.
        unsafe {
            if n_rows == 1 {
                return std::ptr::copy_nonoverlapping(from, to, width * self.kernels.item);
            }
            while n_rows > 2 {
                n_rows /= 2;
                (self.kernels.pairs)(n_rows, width, from, other);
                std::mem::swap(&mut from, &mut other);
            }
            (self.kernels.pairs)(1, width, from, to);
        }
    }

    /// The trees over `units` packed items each, for `n` results: one item each at `to`, with room for half of the items at `other`.
    unsafe fn trees(
        &self,
        mut from: *mut u8,
        n: usize,
        mut units: usize,
        mut other: *mut u8,
        to: *mut u8,
    ) {
        let item = self.kernels.item;
        // SAFETY: the caller's contract.
        unsafe {
            while units > 1 {
                let left = units.div_ceil(2);
                let target = if left == 1 { to } else { other };
                if units.is_multiple_of(2) {
                    // Neighbours are siblings, also across results.
                    (self.kernels.pairs)(n * left, 1, from, target);
                } else {
                    for result in 0..n {
                        let (from, to) = (
                            from.add(result * units * item),
                            target.add(result * left * item),
                        );
                        (self.kernels.pairs)(units / 2, 1, from, to);
                        std::ptr::copy_nonoverlapping(
                            from.add((units - 1) * item),
                            to.add((left - 1) * item),
                            item,
                        );
                    }
                }
                (from, other, units) = (target, from, left);
            }
        }
    }

    /// For argmin and argmax: the index that the result would be for the element at hand.
    pub(super) fn index(&self) -> i64 {
        if !self.reduce.op.is_arg() {
            return 0;
        }
        let of_axes = self
            .reduced
            .iter()
            .zip(&self.inner)
            .map(|(&p, &inner)| self.at[p] as i64 * inner);
        let first = self
            .inner
            .first()
            .map_or(0, |&inner| self.first_index as i64 * inner);
        first + of_axes.sum::<i64>()
    }
}
