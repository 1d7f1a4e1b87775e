//! What a reduction decides once per box: the order of its axes (`order.rs`) and the shape of its tiles. Pure.

mod order;

use super::setup::{Operands, index_axes, tile_len};
use super::walk::{PerAxis, Walk};
use crate::program::{Program, Reduce};
use crate::reduction::LEAF;
use order::{Order, SHORT, leaves_order, rows_order};
use smallvec::SmallVec;

/// An axis of the iteration space, as reductions see it.
#[derive(Clone, Debug)]
struct Dim {
    /// Axis of the piece.
    source: usize,
    len: usize,
    reduced: bool,
    /// Per operand.
    strides: SmallVec<[isize; 8]>,
    /// For a kept axis: distance between its elements in the result.
    out: usize,
}

/// How the tile is reduced. The tile's axes are the last two of the walk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// The last axis of the space is innermost; `side` values of the vector axis at once, or of the reduced axis outside it where there is no vector
    /// axis (1: there is neither). For each of them the tile has `inside` results, over kept axes that are whole in it, and for each
    /// result `units` leaves, over reduced axes that are whole in it.
    Leaves {
        side: usize,
        inside: usize,
        units: usize,
    },
    /// Kept axes are innermost: `width` values of the vector axis at once, and for each of them `inside` results over kept axes that are whole in the tile.
    /// Outside them a reduced axis (if there is any), `side` of its indices at once, with `units` rows each over reduced axes that are whole.
    Rows {
        side: usize,
        width: usize,
        inside: usize,
        units: usize,
    },
}

/// The decisions that are made once per box.
pub(super) struct Layout {
    pub(super) walk: Walk,
    pub(super) shape: Shape,
    /// The position of the kept axis of which the tile has several indices.
    pub(super) vector: Option<usize>,
    pub(super) outer_kept: SmallVec<[usize; 4]>,
    /// Positions of the reduced axes, outermost first, without those that are whole in a tile.
    pub(super) reduced: SmallVec<[usize; 4]>,
    /// Lengths of the reduced axes that are whole in a tile, outermost first.
    pub(super) whole: SmallVec<[usize; 4]>,
    pub(super) out: PerAxis<usize>,
}

impl Layout {
    pub(super) fn new(
        program: &Program,
        reduce: &Reduce,
        shape: &[usize],
        origin: &[usize],
        operands: &Operands,
        most_rows: usize,
    ) -> Layout {
        let dims = dims(program, reduce, shape, operands);
        let n_loads = program.loads.len();
        let total = |dim: &Dim| {
            dim.strides
                .iter()
                .take(n_loads)
                .map(|s| s.unsigned_abs())
                .sum::<usize>()
        };
        let last_reduced = dims
            .last()
            .is_some_and(|dim| dim.reduced && dim.source + 1 == shape.len());
        let reduced: SmallVec<[usize; 4]> = (0..dims.len()).filter(|&d| dims[d].reduced).collect();
        let mut kept: SmallVec<[usize; 4]> =
            (0..dims.len()).filter(|&d| !dims[d].reduced).collect();
        kept.sort_by_key(|&d| std::cmp::Reverse(total(&dims[d])));
        // Order of the visit, and how many axes at its end are the tile's.
        let arg = reduce.op.is_arg();
        let Order {
            order,
            shape: tile_shape,
            vector,
            n_inside,
            whole,
        } = if last_reduced {
            leaves_order(&dims, kept, &reduced, n_loads, arg, origin)
        } else {
            rows_order(&dims, kept, &reduced, tile_len(program), most_rows, arg)
        };
        let position = |d: usize| {
            order
                .iter()
                .position(|&o| o == d)
                .expect("the order has all axes")
        };
        let mut walk = Walk {
            lens: order.iter().map(|&d| dims[d].len).collect(),
            sources: order.iter().map(|&d| dims[d].source).collect(),
            strides: (0..operands.ptrs.len())
                .map(|i| order.iter().map(|&d| dims[d].strides[i]).collect())
                .collect(),
            extents: order.iter().map(|_| 1).collect(),
        };
        set_extents(&mut walk, tile_shape, vector, whole.len());
        let mut reduced: SmallVec<[usize; 4]> = reduced
            .iter()
            .filter(|d| !whole.contains(d))
            .map(|&d| position(d))
            .collect();
        if vector.is_none() && matches!(tile_shape, Shape::Leaves { side: 2.., .. }) {
            // A short leaf is a unit of the axis outside it.
            reduced.pop();
        }
        let in_tile = vector.map_or(0..0, |vector| vector..vector + n_inside + 1);
        let outer_kept = (0..order.len())
            .filter(|p| !dims[order[*p]].reduced && !in_tile.contains(p))
            .collect();
        Layout {
            walk,
            shape: tile_shape,
            vector,
            outer_kept,
            reduced,
            whole: whole.iter().map(|&d| dims[d].len).collect(),
            out: order.iter().map(|&d| dims[d].out).collect(),
        }
    }

    /// Positions of the axes of which a tile has more than one index.
    pub(super) fn tile_axes(&self) -> std::ops::Range<usize> {
        tile_axes(&self.walk, self.shape, self.vector, self.whole.len())
    }
}

/// The axes of a piece; kept axes of length 1 are left out, and kept neighbours that all operands step through evenly are merged.
fn dims(
    program: &Program,
    reduce: &Reduce,
    shape: &[usize],
    operands: &Operands,
) -> SmallVec<[Dim; 4]> {
    let fixed = index_axes(program);
    let mut dims: SmallVec<[Dim; 4]> = SmallVec::new();
    let mut out = 1;
    for axis in (0..shape.len()).rev() {
        let reduced = reduce.axes >> axis & 1 == 1;
        let dim = Dim {
            source: axis,
            len: shape[axis],
            reduced,
            strides: operands.strides.iter().map(|s| s[axis]).collect(),
            out: if reduced { 0 } else { out },
        };
        if reduced {
            dims.insert(0, dim);
            continue;
        }
        out *= shape[axis];
        if shape[axis] == 1 {
            continue;
        }
        match dims.first_mut() {
            Some(inner)
                if !inner.reduced
                    && inner.source == axis + 1
                    && fixed >> axis & 3 == 0
                    && dim
                        .strides
                        .iter()
                        .zip(&inner.strides)
                        .all(|(&a, &b)| a == b * inner.len as isize) =>
            {
                inner.len *= dim.len;
                inner.source = axis;
            }
            _ => dims.insert(0, dim),
        }
    }
    if dims
        .last()
        .is_none_or(|dim| dim.reduced && dim.source + 1 != shape.len())
    {
        // Rows need an axis to run along, be it one element long.
        let loads = program.loads.iter().map(|load| load.dtype.size() as isize);
        let stores = program
            .stores
            .iter()
            .map(|store| store.dtype.size() as isize);
        dims.push(Dim {
            source: shape.len(),
            len: 1,
            reduced: false,
            strides: loads.chain(stores).collect(),
            out: 1,
        });
    }
    dims
}

/// Positions of the axes of which a tile has more than one index.
fn tile_axes(
    walk: &Walk,
    shape: Shape,
    vector: Option<usize>,
    n_whole: usize,
) -> std::ops::Range<usize> {
    let n = walk.n_axes();
    let start = match (shape, vector) {
        (Shape::Leaves { .. }, Some(vector)) => vector,
        (Shape::Leaves { side, .. }, None) => n - 1 - n_whole - usize::from(side > 1),
        (Shape::Rows { side, .. }, vector) => vector.unwrap_or(n) - n_whole - usize::from(side > 1),
    };
    start..n
}

/// The box that the frame runs at once: a row of the tile, or all of it where rows are short or operands jump along them.
fn set_extents(walk: &mut Walk, shape: Shape, vector: Option<usize>, n_whole: usize) {
    let tile = tile_axes(walk, shape, vector, n_whole);
    let Some(inner) = walk.n_axes().checked_sub(1) else {
        return;
    };
    let boxed = match shape {
        Shape::Leaves { .. } => true,
        Shape::Rows { width, inside, .. } => n_whole > 0 || inside > 1 || width < SHORT,
    };
    if boxed {
        walk.extents[tile.clone()].copy_from_slice(&walk.lens[tile.clone()]);
    }
    match shape {
        Shape::Leaves { side, .. } => {
            walk.extents[inner] = walk.lens[inner].min(LEAF);
            if tile.start < inner && (side > 1 || vector.is_some()) {
                walk.extents[tile.start] = side.min(walk.lens[tile.start]);
            }
        }
        Shape::Rows { side, width, .. } => {
            if let Some(vector) = vector {
                walk.extents[vector] = width.min(walk.lens[vector]);
            }
            if boxed && side > 1 {
                walk.extents[tile.start] = side.min(walk.lens[tile.start]);
            }
        }
    }
}
