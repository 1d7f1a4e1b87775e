//! One thread's reduction of one box: tiles of values (`values.rs`), nodes over a tile's leaves or rows (`tiles.rs`) or over many leaves (`groups.rs`), and a stack of nodes per
//! reduced axis, filled here.
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

mod groups;
mod tiles;
mod values;

use super::frame::Frame;
use super::layout::{Layout, Shape};
use super::setup::{Operands, Setup};
use super::uniforms::Uniforms;
use super::walk::PerAxis;
use crate::isa;
use crate::program::{Program, Reduce};
use crate::reduction::order::block_at;
use crate::reduction::{Kernels, LEAF, Part, PartNode, Stack, kernels};
use groups::{MOST_LEAVES, decisive};
use smallvec::SmallVec;
use std::ops::Range;
use values::{collects, plain_load};

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
    /// Positions of the reduced axes that are visited, outermost first; the tile's too, except the leaf axis of short leaves.
    reduced: SmallVec<[usize; 4]>,
    /// Lengths of the reduced axes that are whole in a tile, outermost first.
    whole: SmallVec<[usize; 4]>,
    /// Positions of the tile's axes.
    tile_axes: Range<usize>,
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
    /// Whether whole leaves lie behind one another, to be reduced several at a time.
    grouped: bool,
    /// The truth value with which a result is known whatever the other elements are, if nothing else is wanted of them.
    decisive: Option<bool>,
    /// Whether the result at hand is known.
    decided: bool,
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
            Shape::Rows { width, inside, .. } => width * inside,
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
            Shape::Rows {
                side,
                width,
                inside,
                units,
            } => side * units * width * inside,
        };
        let joins_pairs = !layout.whole.is_empty()
            || match layout.shape {
                Shape::Leaves { side, .. } => side > 1 && layout.vector.is_none(),
                Shape::Rows { side, .. } => side > kernels.most_rows,
            };
        let size = reduce.dtype.size();
        let one_result = layout.vector.is_none()
            && matches!(
                layout.shape,
                Shape::Leaves {
                    side: 1,
                    units: 1,
                    ..
                }
            );
        let grouped = one_result && plain_load(setup, reduce, size).is_some();
        let room = match grouped {
            true => 2 * MOST_LEAVES * kernels.item,
            false if joins_pairs => 2 * tile_len * kernels.item,
            false => 0,
        };
        Fold {
            tile_axes: layout.tile_axes(),
            whole: layout.whole,
            grouped,
            decisive: decisive(reduce).filter(|_| one_result && setup.program.stores.is_empty()),
            decided: false,
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
            spare: vec![0; room],
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
            Shape::Leaves { inside, .. } | Shape::Rows { inside, .. } => inside,
        }
    }

    /// Computes `width` results along the vector axis and files their nodes.
    unsafe fn results(&mut self, width: usize, position: Option<usize>) {
        self.decided = false;
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
                        _ if self.decided => self.settled(depth, start + i, start + len),
                        Shape::Leaves { .. } if self.grouped && len - i >= 2 * LEAF => {
                            self.whole_group(depth, start + i, start + len)
                        }
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
}
