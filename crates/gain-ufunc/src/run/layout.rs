//! What a reduction decides once per box: the order of its axes and the shape of its tiles. Pure.

use super::setup::{Operands, index_axes, tile_len};
use super::walk::{PerAxis, Walk};
use crate::program::{Program, Reduce};
use crate::reduction::{LEAF, MAX_ROWS};
use smallvec::SmallVec;

/// Elements along the vector axis of a tile of rows.
const ROW_TILE: usize = 512;

/// A row shorter than this shares its tile with others.
pub(super) const SHORT: usize = 48;

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
    /// The last axis of the space is innermost; `side` values of the axis outside it at once (1: there is none). `kept` tells whether that axis is kept.
    Leaves { side: usize, kept: bool },
    /// A kept axis is innermost, `width` elements at once; outside it a reduced axis (if there is any), `side` rows at once.
    Rows { side: usize, width: usize },
}

/// The decisions that are made once per box.
pub(super) struct Layout {
    pub(super) walk: Walk,
    pub(super) shape: Shape,
    pub(super) outer_kept: SmallVec<[usize; 4]>,
    pub(super) reduced: SmallVec<[usize; 4]>,
    pub(super) out: PerAxis<usize>,
}

impl Layout {
    pub(super) fn new(
        program: &Program,
        reduce: &Reduce,
        shape: &[usize],
        operands: &Operands,
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
        let (order, tile_shape): (SmallVec<[usize; 5]>, Shape) = if last_reduced {
            leaves_order(&dims, kept, &reduced, n_loads)
        } else {
            rows_order(&dims, kept, &reduced, tile_len(program), reduce.op.is_arg())
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
        set_extents(&mut walk, tile_shape);
        let mut reduced: SmallVec<[usize; 4]> = reduced.iter().map(|&d| position(d)).collect();
        let mut outer_kept: SmallVec<[usize; 4]> = (0..order.len())
            .filter(|&p| !dims[order[p]].reduced)
            .collect();
        match tile_shape {
            Shape::Leaves { side, kept: false } if side > 1 => {
                reduced.pop();
            }
            Shape::Leaves { side, kept: true } if side > 1 => {
                outer_kept.pop();
            }
            Shape::Rows { .. } => {
                outer_kept.pop();
            }
            _ => {}
        }
        Layout {
            walk,
            shape: tile_shape,
            outer_kept,
            reduced,
            out: order.iter().map(|&d| dims[d].out).collect(),
        }
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

/// The last axis is reduced: where the other axis of the tile comes from.
fn leaves_order(
    dims: &[Dim],
    kept: SmallVec<[usize; 4]>,
    reduced: &[usize],
    n_loads: usize,
) -> (SmallVec<[usize; 5]>, Shape) {
    let last = dims.len() - 1;
    let outer = &reduced[..reduced.len() - 1];
    let len = dims[last].len;
    let jumps = |d: usize| {
        dims[d].len >= 8
            && dims[last]
                .strides
                .iter()
                .zip(&dims[d].strides)
                .take(n_loads)
                .any(|(&inner, &other)| {
                    inner.unsigned_abs() >= 64
                        && other != 0
                        && other.unsigned_abs() * 4 <= inner.unsigned_abs()
                })
    };
    let mut order: SmallVec<[usize; 5]> = SmallVec::new();
    if let Some(&across) = kept.iter().rev().find(|&&d| len >= 8 && jumps(d)) {
        order.extend(kept.iter().copied().filter(|&d| d != across));
        order.extend_from_slice(outer);
        order.extend([across, last]);
        return (
            order,
            Shape::Leaves {
                side: 8.min(dims[across].len),
                kept: true,
            },
        );
    }
    let room = (LEAF / len.max(1)).max(1);
    if len < SHORT {
        if !outer.is_empty() {
            order.extend(kept);
            order.extend_from_slice(outer);
            order.push(last);
            let side = 1 << room.ilog2();
            return (order, Shape::Leaves { side, kept: false });
        }
        if let Some((&near, far)) = kept.split_last() {
            order.extend(far.iter().copied());
            order.extend([near, last]);
            return (
                order,
                Shape::Leaves {
                    side: room.min(dims[near].len),
                    kept: true,
                },
            );
        }
    }
    order.extend(kept);
    order.extend_from_slice(outer);
    order.push(last);
    (
        order,
        Shape::Leaves {
            side: 1,
            kept: false,
        },
    )
}

/// The last axis is kept (or nothing is reduced): the kept axis with the shortest stride is innermost.
fn rows_order(
    dims: &[Dim],
    kept: SmallVec<[usize; 4]>,
    reduced: &[usize],
    capacity: usize,
    arg: bool,
) -> (SmallVec<[usize; 5]>, Shape) {
    let mut order: SmallVec<[usize; 5]> = SmallVec::new();
    let (&vector, far) = kept.split_last().expect("rows run along a kept axis");
    order.extend(far.iter().copied());
    order.extend_from_slice(reduced);
    order.push(vector);
    let width = dims[vector].len.min(ROW_TILE);
    let side = match reduced.last() {
        None => 1,
        Some(_) if width < SHORT && !arg => 1 << (capacity.max(ROW_TILE) / width).ilog2(),
        Some(_) => MAX_ROWS,
    };
    (order, Shape::Rows { side, width })
}

/// The box that the frame runs at once: a row of the tile, or all of it where rows are short or operands jump along them.
fn set_extents(walk: &mut Walk, shape: Shape) {
    let n = walk.n_axes();
    let Some(inner) = n.checked_sub(1) else {
        return;
    };
    match shape {
        Shape::Leaves { side, .. } => {
            walk.extents[inner] = walk.lens[inner].min(LEAF);
            if side > 1 {
                walk.extents[inner - 1] = side.min(walk.lens[inner - 1]);
            }
        }
        Shape::Rows { side, width } => {
            walk.extents[inner] = width.min(walk.lens[inner]);
            if width < SHORT && side > 1 && n > 1 {
                walk.extents[n - 2] = side.min(walk.lens[n - 2]);
            }
        }
    }
}
