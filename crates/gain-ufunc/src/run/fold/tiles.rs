//! Nodes over the units of one tile: whole or short leaves, or rows of them.

#![expect(
    unsafe_code,
    reason = "tiles are raw memory, and kernels take raw pointers"
)]

use super::Fold;
use crate::reduction::LEAF;
use crate::reduction::order::LANES;
use crate::run::frame::Drain;
use crate::run::walk::PerAxis;
use smallvec::SmallVec;

impl Fold<'_, '_> {
    /// `n_units` units of the axis outside the leaf's, whose leaves are short; for each of them there may be a tree of leaves.
    pub(super) unsafe fn short_leaves(
        &mut self,
        depth: usize,
        unit: usize,
        n_units: usize,
    ) -> usize {
        let n = self.setup.walk.lens[self.setup.walk.n_axes() - 1];
        let step = self.inner.get(depth).copied().unwrap_or(0);
        let index = self.index();
        let lens = self.lens_in_tile(n_units);
        let n_rows = lens.iter().product();
        // SAFETY: the box is inside the walk; `spare` has room for two tiles of items.
        unsafe {
            let (from, stride) = self.values(n_rows, n, false);
            let items = self.spare.as_mut_ptr();
            (self.kernels.leaves)(n_rows, n, from, stride, index, step, items);
            let top = self.stacks[depth].top();
            self.trees(items, 1, &lens, 1, top);
        }
        let log2 = n_units.ilog2();
        self.stacks[depth].commit(&self.kernels, 1, log2, unit >> log2);
        n_units
    }

    /// Lengths of the reduced axes of a tile, without the leaf's, if it has `n_units` indices of the outermost of them.
    fn lens_in_tile(&self, n_units: usize) -> SmallVec<[usize; 4]> {
        let mut lens = self.whole.clone();
        lens.insert(0, n_units);
        lens
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
        let units: usize = self.whole.iter().product();
        // SAFETY: the box is inside the walk; the slot has room for `width` items, `spare` for two tiles of them.
        unsafe {
            let (from, stride) = self.values(width * units, n, false);
            let top = self.stacks[depth].top();
            if self.whole.is_empty() {
                (self.kernels.leaves)(width, n, from, stride, index, 0, top);
                self.note_decision(top);
            } else {
                let items = self.spare.as_mut_ptr();
                (self.kernels.leaves)(width * units, n, from, stride, index, 0, items);
                self.trees(items, width, &self.whole.clone(), 1, top);
            }
        }
        let (level, index) = match (self.whole.first(), depth) {
            (None, _) => (0, start / LEAF),
            // The outermost axis is whole in the tile: a node of its tree.
            (Some(&len), 0) => (len.ilog2(), start / len),
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

    /// A node over `n_units` units (a power of two), elementwise along the kept axes; for each unit there may be a tree of rows.
    pub(super) unsafe fn rows(
        &mut self,
        depth: usize,
        width: usize,
        unit: usize,
        n_units: usize,
    ) -> usize {
        let log2 = n_units.ilog2();
        // SAFETY: the box is inside the walk; the slot has room for `width` items, `spare` for two tiles of them.
        unsafe {
            if self.whole.is_empty() && n_units <= self.kernels.most_rows {
                let step = self.inner.get(depth).copied().unwrap_or(0);
                let index = self.index();
                let (from, stride) = self.values(n_units, width, false);
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
                let lens = self.lens_in_tile(n_units);
                let (from, _) = self.values(lens.iter().product(), width, true);
                let top = self.stacks[depth].top();
                self.trees(from, 1, &lens, width, top);
            }
        }
        self.stacks[depth].commit(&self.kernels, width, log2, unit >> log2);
        n_units
    }

    /// The trees over packed vectors of `width` items, `n` times as many as the product of `lens`, whose axes are reduced from the last
    /// to the first: `n` vectors at `to`. The items may be the first half of `spare`.
    pub(super) unsafe fn trees(
        &mut self,
        mut from: *const u8,
        n: usize,
        lens: &[usize],
        width: usize,
        to: *mut u8,
    ) {
        let mut left = n * lens.iter().product::<usize>();
        let mut other = self.spare.as_mut_ptr();
        let mut target = other.wrapping_add(self.spare.len() / 2);
        for &len in lens.iter().rev() {
            let groups = left / len;
            let mut units = len;
            while units > 1 {
                left = groups * units.div_ceil(2);
                let result = if left == n { to } else { target };
                // SAFETY: the caller's contract; a level has no more vectors than the one before it, which lies elsewhere.
                unsafe { (self.kernels.level)(groups, units, width, from, result) };
                from = result;
                units = units.div_ceil(2);
                std::mem::swap(&mut target, &mut other);
            }
        }
        if from != to.cast_const() {
            // SAFETY: nothing was to be joined.
            unsafe { std::ptr::copy_nonoverlapping(from, to, n * width * self.kernels.item) };
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
