//! One thread's reduction of one box: tiles of values, leaves or rows of them, and a stack of nodes per reduced axis.
//!
//! # Rationale
//!
//! The order of combination is fixed by [`order`](crate::reduction::order), the order of visiting is not. Kept axes are visited outermost, reduced
//! ones inside them, and the two innermost axes of the visit are a tile that one call of a kernel reduces: `Leaves` when the last axis is
//! reduced (short leaves come in boxes: of kept axes, and of a short reduced axis next to the last one), `Rows` when it is kept (several units are combined
//! elementwise along the kept axis with the shortest stride).

#![expect(
    unsafe_code,
    reason = "tiles are raw memory, and kernels take raw pointers"
)]

use super::frame::{Drain, Frame};
use super::layout::{Layout, Shape};
use super::setup::{Operands, Setup};
use super::strided::{self, CopyAxis};
use super::uniforms::Uniforms;
use super::walk::PerAxis;
use crate::isa;
use crate::program::{Program, Reduce};
use crate::reduction::order::{LANES, block_at};
use crate::reduction::{Kernels, LEAF, Part, PartNode, Stack, kernels};
use smallvec::SmallVec;

/// One thread's state.
pub(super) struct Fold<'f, 'a> {
    frame: &'f mut Frame<'a>,
    setup: &'f Setup<'a>,
    reduce: &'a Reduce,
    kernels: Kernels,
    shape: Shape,
    /// The position of the kept axis of which a tile has several indices.
    vector: Option<usize>,
    /// Positions in the walk: kept axes that are visited one index at a time.
    outer_kept: SmallVec<[usize; 4]>,
    /// Positions of the reduced axes, outermost first; the tile's too, except the leaf axis of short leaves.
    reduced: SmallVec<[usize; 4]>,
    /// Per reduced axis (also the leaf axis): elements of the reduced axes inside it.
    inner: SmallVec<[i64; 4]>,
    /// Per position: the distance in the result.
    out: PerAxis<usize>,
    /// First unit and first global index of the outermost reduced axis.
    first_index: usize,
    stacks: SmallVec<[Stack; 2]>,
    at: PerAxis<usize>,
    /// Where values of a tile are collected, and room for pairs of rows.
    tile: Vec<u8>,
    spare: Vec<u8>,
    part: Part,
    n_kept: usize,
}

impl Fold<'_, '_> {
    /// Reduces one box.
    ///
    /// # Safety
    ///
    /// As [`run`](super::run) for a piece of this shape, origin and operands.
    pub(super) unsafe fn run(
        program: &Program,
        shape: &[usize],
        origin: &[usize],
        operands: Operands,
        uniforms: &Uniforms,
    ) -> Part {
        let reduce = program.reduction.as_ref().expect("the program reduces");
        let is_reduced = |axis: usize| reduce.axes >> axis & 1 == 1;
        let kept = (0..shape.len()).filter(|&axis| !is_reduced(axis));
        let part = Part {
            lo: kept.clone().map(|axis| origin[axis]).collect(),
            shape: kept.clone().map(|axis| shape[axis]).collect(),
            nodes: Vec::new(),
        };
        if shape.contains(&0) {
            return part;
        }
        let most_rows = kernels(reduce.op, reduce.dtype, isa::active()).most_rows;
        let layout = Layout::new(program, reduce, shape, origin, &operands, most_rows);
        let setup = Setup::new(program, shape, operands, uniforms, layout.walk.clone());
        Frame::with(&setup, origin, |frame| {
            let mut fold = Fold::new(layout, frame, &setup, reduce, shape, origin, part);
            // SAFETY: the caller's contract.
            unsafe { fold.visit() };
            fold.part
        })
    }
}

/// Whether a tile's values have to be copied or computed, rather than read where they lie.
fn collects(setup: &Setup<'_>, reduce: &Reduce, size: usize) -> bool {
    plain_load(setup, reduce, size).is_none()
}

/// The operand that is reduced as it lies, if the program does nothing else.
fn plain_load(setup: &Setup<'_>, reduce: &Reduce, size: usize) -> Option<usize> {
    let program = setup.program;
    let load = (reduce.value as usize)
        .checked_sub(program.first_load())
        .filter(|&l| l < program.loads.len())?;
    let inner = setup.walk.strides[load].last().copied();
    (program.instructions.is_empty() && inner.is_none_or(|s| s == size as isize)).then_some(load)
}

impl<'f, 'a> Fold<'f, 'a> {
    fn new(
        layout: Layout,
        frame: &'f mut Frame<'a>,
        setup: &'f Setup<'a>,
        reduce: &'a Reduce,
        shape: &[usize],
        origin: &[usize],
        part: Part,
    ) -> Fold<'f, 'a> {
        let kernels = kernels(reduce.op, reduce.dtype, isa::active());
        let walk = &setup.walk;
        let width = match layout.shape {
            Shape::Leaves { side, inside, .. } if layout.vector.is_some() => side * inside,
            Shape::Leaves { .. } => 1,
            Shape::Rows { width, .. } => width,
        };
        let axes: SmallVec<[usize; 4]> = (0..shape.len())
            .filter(|&axis| reduce.axes >> axis & 1 == 1)
            .collect();
        let mut inner: SmallVec<[i64; 4]> = SmallVec::new();
        let mut product = 1i64;
        for &axis in axes.iter().rev() {
            inner.push(product);
            product *= shape[axis] as i64;
        }
        inner.reverse();
        let first_index = axes.first().map_or(0, |&axis| origin[axis]);
        if axes.first().is_some_and(|&axis| axis + 1 == shape.len()) {
            assert!(
                first_index.is_multiple_of(LEAF),
                "a piece of a reduced last axis begins at a leaf"
            );
        }
        let stacks = (0..layout.reduced.len().max(1)).map(|depth| {
            let len = layout.reduced.get(depth).map_or(1, |&p| walk.lens[p]);
            Stack::new(&kernels, width, len)
        });
        let tile_len = match layout.shape {
            Shape::Leaves {
                side,
                inside,
                units,
            } => side * inside * units * walk.lens.last().map_or(1, |&len| len.min(LEAF)),
            Shape::Rows { side, width } => side * width,
        };
        let joins_pairs = match layout.shape {
            Shape::Leaves { side, units, .. } => units > 1 || (side > 1 && layout.vector.is_none()),
            Shape::Rows { side, .. } => side > kernels.most_rows,
        };
        let size = reduce.dtype.size();
        Fold {
            stacks: stacks.collect(),
            at: SmallVec::from_elem(0, walk.n_axes()),
            tile: vec![
                0;
                if collects(setup, reduce, size) {
                    tile_len * size
                } else {
                    0
                }
            ],
            spare: vec![
                0;
                if joins_pairs {
                    2 * tile_len * kernels.item
                } else {
                    0
                }
            ],
            n_kept: part.shape.iter().product(),
            frame,
            setup,
            reduce,
            kernels,
            shape: layout.shape,
            vector: layout.vector,
            outer_kept: layout.outer_kept,
            reduced: layout.reduced,
            inner,
            out: layout.out,
            first_index,
            part,
        }
    }
}

impl Fold<'_, '_> {
    unsafe fn visit(&mut self) {
        let step = match self.shape {
            Shape::Leaves { side, .. } => side,
            Shape::Rows { width, .. } => width,
        };
        loop {
            if let Some(position) = self.vector {
                let len = self.setup.walk.lens[position];
                for start in (0..len).step_by(step) {
                    self.at[position] = start;
                    // SAFETY: the position is inside the walk.
                    unsafe { self.results(step.min(len - start) * self.inside(), Some(position)) };
                }
                self.at[position] = 0;
            } else {
                // SAFETY: as above.
                unsafe { self.results(1, None) };
            }
            if !self.next_kept() {
                return;
            }
        }
    }

    /// Moves on to the next position of the outer kept axes.
    fn next_kept(&mut self) -> bool {
        for &position in self.outer_kept.iter().rev() {
            self.at[position] += 1;
            if self.at[position] < self.setup.walk.lens[position] {
                return true;
            }
            self.at[position] = 0;
        }
        false
    }

    /// Results for one index of the vector axis.
    fn inside(&self) -> usize {
        match self.shape {
            Shape::Leaves { inside, .. } => inside,
            Shape::Rows { .. } => 1,
        }
    }

    /// Computes `width` results along the vector axis and files their nodes.
    unsafe fn results(&mut self, width: usize, position: Option<usize>) {
        // SAFETY: the caller's contract.
        unsafe { self.units(0, width) };
        let item = self.kernels.item;
        if self.part.nodes.is_empty() {
            let bytes = self.n_kept * item;
            let node = |&(level, index)| PartNode {
                level,
                index,
                data: vec![0; bytes],
            };
            self.part.nodes = self.stacks[0].nodes.iter().map(node).collect();
        }
        let kept = self.outer_kept.iter().copied().chain(position);
        let offset: usize = kept.map(|p| self.at[p] * self.out[p]).sum();
        let step = position.map_or(1, |p| self.out[p] / self.inside());
        for depth in 0..self.part.nodes.len() {
            let from = self.stacks[0].slot(depth).cast_const();
            let to = &mut self.part.nodes[depth].data[offset * item..];
            assert!(
                to.len() >= ((width - 1) * step + 1) * item,
                "results lie inside the box"
            );
            let n = if step == 1 { 1 } else { width };
            let bytes = if step == 1 { width * item } else { item };
            for i in 0..n {
                // SAFETY: the slot holds `width` items, the room was checked.
                unsafe {
                    std::ptr::copy_nonoverlapping(
                        from.add(i * item),
                        to.as_mut_ptr().add(i * step * item),
                        bytes,
                    )
                };
            }
        }
    }

    /// Fills the stack of the reduced axis number `depth` with its maximal nodes.
    unsafe fn units(&mut self, depth: usize, width: usize) {
        self.stacks[depth].clear();
        let Some(&position) = self.reduced.get(depth) else {
            // Nothing is reduced: every element is a tree of its own.
            // SAFETY: the position is inside the walk; the slot has room.
            unsafe {
                let (from, stride) = self.values(1, width, false);
                (self.kernels.rows)(0, width, from, stride, 0, 0, self.stacks[depth].top());
            }
            self.stacks[depth].commit(&self.kernels, width, 0, 0);
            return;
        };
        let len = self.setup.walk.lens[position];
        let start = if depth == 0 { self.first_index } else { 0 };
        let mut i = 0;
        while i < len {
            self.at[position] = i;
            // SAFETY: the position is inside the walk.
            i += unsafe {
                if depth + 1 < self.reduced.len() {
                    self.subtree(depth, width, start + i)
                } else {
                    match self.shape {
                        Shape::Leaves { side, .. } if side > 1 && self.vector.is_none() => self
                            .short_leaves(depth, start + i, block_at(start + i, start + len, side)),
                        Shape::Leaves { .. } => {
                            self.leaves(depth, width, start + i, LEAF.min(len - i))
                        }
                        Shape::Rows { side, .. } => self.rows(
                            depth,
                            width,
                            start + i,
                            block_at(start + i, start + len, side),
                        ),
                    }
                }
            };
        }
        self.at[position] = 0;
    }

    /// One unit that is the root over the reduced axes inside.
    unsafe fn subtree(&mut self, depth: usize, width: usize, unit: usize) -> usize {
        // SAFETY: the caller's contract; both slots have room for `width` items.
        unsafe {
            self.units(depth + 1, width);
            self.stacks[depth + 1].fold(&self.kernels, width);
            let from = self.stacks[depth + 1].slot(0);
            std::ptr::copy_nonoverlapping(
                from,
                self.stacks[depth].top(),
                width * self.kernels.item,
            );
        }
        self.stacks[depth].commit(&self.kernels, width, 0, unit);
        1
    }

    /// `n_rows` units of one short leaf each.
    unsafe fn short_leaves(&mut self, depth: usize, unit: usize, n_rows: usize) -> usize {
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
    unsafe fn leaves(&mut self, depth: usize, width: usize, start: usize, n: usize) -> usize {
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
    unsafe fn rows(&mut self, depth: usize, width: usize, unit: usize, n_rows: usize) -> usize {
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
    unsafe fn pairs(
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
    fn index(&self) -> i64 {
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

    /// The values of `n_rows` rows of `n` elements of the tile's axes at the position at hand: where the first row is, and the distance
    /// to the next, which is `n` elements if `packed` says so.
    unsafe fn values(&mut self, n_rows: usize, n: usize, packed: bool) -> (*const u8, isize) {
        let size = self.reduce.dtype.size();
        let walk = &self.setup.walk;
        let row_bytes = (n * size) as isize;
        // SAFETY: the caller's position and counts are inside the walk; the tile has room for `n_rows * n` values.
        unsafe {
            if let Some(load) = plain_load(self.setup, self.reduce, size) {
                let strides = &walk.strides[load];
                let offset: isize = strides
                    .iter()
                    .zip(&self.at)
                    .map(|(&s, &at)| s * at as isize)
                    .sum();
                let from = self.frame.base[load].wrapping_offset(offset).cast_const();
                let stride = walk.n_axes().checked_sub(2).map_or(0, |p| strides[p]);
                if !self.rows_are_even(load) {
                    let axes = self.tile_axes(load, n_rows, n);
                    return (self.collect(from, &axes, n_rows * n), row_bytes);
                }
                if n_rows == 1 || stride == row_bytes || !packed {
                    return (from, stride);
                }
                let axes = packing(stride, size as isize, n_rows, n, size);
                return (self.collect(from, &axes, n_rows * n), row_bytes);
            }
            let boxed = walk.n_axes() >= 2 && walk.extents[walk.n_axes() - 2] > 1;
            let mut extents: PerAxis<usize> = SmallVec::from_elem(1, walk.n_axes());
            if let Some(last) = extents.last_mut() {
                *last = n;
            }
            self.frame.seek(&self.at);
            if boxed || n_rows == 1 {
                if n_rows > 1 {
                    self.set_rows(&mut extents, n_rows);
                }
                self.frame.tile(&self.at, &extents, n_rows * n);
                let (from, stride) = self.frame.value(self.reduce.value, size);
                if stride == size as isize {
                    return (from, row_bytes);
                }
                let axes = packing(stride * n as isize, stride, n_rows, n, size);
                return (self.collect(from, &axes, n_rows * n), row_bytes);
            }
            let across = walk.n_axes() - 2;
            let is_register = self.reduce.value as usize >= self.setup.program.first_register();
            let first = self.at[across];
            for row in 0..n_rows {
                let target = self.tile.as_mut_ptr().add(row * n * size);
                if is_register {
                    self.frame.redirect(self.reduce.value, target);
                }
                self.at[across] = first + row;
                self.frame.tile(&self.at, &extents, n);
                let (from, stride) = self.frame.value(self.reduce.value, size);
                if from != target {
                    strided::copy(
                        &[CopyAxis {
                            len: n,
                            from: stride,
                            to: size as isize,
                        }],
                        from,
                        target,
                        size,
                    );
                }
                self.frame.advance(across, 1);
            }
            self.at[across] = first;
            (self.tile.as_ptr(), row_bytes)
        }
    }

    /// How many indices of the axes outside the last one make `n_rows` rows of a tile.
    fn set_rows(&self, extents: &mut [usize], n_rows: usize) {
        let walk = &self.setup.walk;
        let inner = walk.n_axes() - 1;
        match (self.shape, self.vector) {
            (Shape::Leaves { inside, units, .. }, Some(vector)) => {
                extents[vector + 1..inner].copy_from_slice(&walk.lens[vector + 1..inner]);
                extents[vector] = n_rows / (inside * units);
            }
            _ => extents[inner - 1] = n_rows,
        }
    }

    /// Whether the rows of a tile lie at even distances.
    fn rows_are_even(&self, load: usize) -> bool {
        let walk = &self.setup.walk;
        let (Shape::Leaves { .. }, Some(vector)) = (self.shape, self.vector) else {
            return true;
        };
        let strides = &walk.strides[load];
        (vector..walk.n_axes() - 2)
            .all(|p| strides[p] == strides[p + 1] * walk.lens[p + 1] as isize)
    }

    /// The copy that packs a tile of `n_rows` rows of `n` elements of an operand.
    fn tile_axes(&self, load: usize, n_rows: usize, n: usize) -> SmallVec<[CopyAxis; 6]> {
        let walk = &self.setup.walk;
        let mut extents: PerAxis<usize> = SmallVec::from_elem(1, walk.n_axes());
        extents[walk.n_axes() - 1] = n;
        self.set_rows(&mut extents, n_rows);
        let mut packed = self.reduce.dtype.size() as isize;
        let mut axes: SmallVec<[CopyAxis; 6]> = SmallVec::new();
        for (&len, &from) in extents.iter().zip(&walk.strides[load]).rev() {
            axes.push(CopyAxis {
                len,
                from,
                to: packed,
            });
            packed *= len as isize;
        }
        axes
    }

    /// Packs `n` values into the tile.
    unsafe fn collect(&mut self, from: *const u8, axes: &[CopyAxis], n: usize) -> *const u8 {
        let size = self.reduce.dtype.size();
        if self.tile.len() < n * size {
            self.tile.resize(n * size, 0);
        }
        // SAFETY: the caller's values; the tile has the room.
        unsafe { strided::copy(axes, from, self.tile.as_mut_ptr(), size) };
        self.tile.as_ptr()
    }
}

/// The copy that packs `n_rows` rows of `n` elements of `size` bytes.
fn packing(row: isize, step: isize, n_rows: usize, n: usize, size: usize) -> [CopyAxis; 2] {
    [
        CopyAxis {
            len: n_rows,
            from: row,
            to: (n * size) as isize,
        },
        CopyAxis {
            len: n,
            from: step,
            to: size as isize,
        },
    ]
}
