//! What a reduction decides once per box: the order of its axes and the shape of its tiles. Pure.

use super::setup::{Operands, index_axes, tile_len};
use super::walk::{PerAxis, Walk};
use crate::program::{Program, Reduce};
use crate::reduction::LEAF;
use smallvec::SmallVec;

/// Elements along the vector axis of a tile of rows.
const ROW_TILE: usize = 512;

/// A row shorter than this shares its tile with others.
pub(super) const SHORT: usize = 48;

/// A leaf shorter than this shares its tile with those of other results.
const SHORT_LEAF: usize = 128;

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
    /// result `units` leaves, over a reduced axis that is whole in it.
    Leaves {
        side: usize,
        inside: usize,
        units: usize,
    },
    /// A kept axis is innermost, `width` elements at once; outside it a reduced axis (if there is any), `side` rows at once.
    Rows { side: usize, width: usize },
}

/// The decisions that are made once per box.
pub(super) struct Layout {
    pub(super) walk: Walk,
    pub(super) shape: Shape,
    /// The position of the kept axis of which the tile has several indices.
    pub(super) vector: Option<usize>,
    pub(super) outer_kept: SmallVec<[usize; 4]>,
    pub(super) reduced: SmallVec<[usize; 4]>,
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
        set_extents(&mut walk, tile_shape, vector);
        let mut reduced: SmallVec<[usize; 4]> = reduced.iter().map(|&d| position(d)).collect();
        let mut outer_kept: SmallVec<[usize; 4]> = (0..order.len())
            .filter(|&p| !dims[order[p]].reduced)
            .collect();
        match (tile_shape, vector) {
            (Shape::Leaves { units, .. }, Some(vector)) => {
                if units > 1 {
                    // The unit axis, which is whole in the tile; the leaf axis stays.
                    let unit = order.len() - 2;
                    reduced.retain(|&mut position| position != unit);
                }
                outer_kept
                    .retain(|&mut position| !(vector..=vector + n_inside).contains(&position));
            }
            (Shape::Leaves { side, .. }, None) if side > 1 => {
                reduced.pop();
            }
            (Shape::Leaves { .. }, None) => {}
            (Shape::Rows { .. }, _) => {
                outer_kept.pop();
            }
        }
        Layout {
            walk,
            shape: tile_shape,
            vector,
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

/// The order of the visit and the tile at its end.
struct Order {
    order: SmallVec<[usize; 5]>,
    shape: Shape,
    vector: Option<usize>,
    /// How many kept axes are whole in the tile, next to the vector axis.
    n_inside: usize,
}

/// The last axis is reduced: where the other axes of the tile come from.
fn leaves_order(
    dims: &[Dim],
    mut kept: SmallVec<[usize; 4]>,
    reduced: &[usize],
    n_loads: usize,
    arg: bool,
    origin: &[usize],
) -> Order {
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
        return Order {
            vector: Some(order.len() - 2),
            order,
            shape: Shape::Leaves {
                side: 8.min(dims[across].len),
                inside: 1,
                units: 1,
            },
            n_inside: 0,
        };
    }
    if len < SHORT_LEAF {
        // The outermost reduced axis may be cut: what a tile has of it must be one node of its tree.
        let is_node = |d: usize| {
            dims[d].len.is_power_of_two() && origin[dims[d].source].is_multiple_of(dims[d].len)
        };
        let unit = outer.last().copied().filter(|&d| {
            let whole = dims[d].len > 1 && dims[d].len * len <= LEAF / 2;
            !arg && whole && !kept.is_empty() && (outer.len() > 1 || is_node(d))
        });
        if outer.is_empty() || unit.is_some() {
            if let Some(near) = kept.pop() {
                return box_order(dims, kept, near, outer, unit);
            }
        } else if len < SHORT {
            order.extend(kept);
            order.extend_from_slice(outer);
            order.push(last);
            return Order {
                order,
                shape: Shape::Leaves {
                    side: 1 << (LEAF / len.max(1)).max(1).ilog2(),
                    inside: 1,
                    units: 1,
                },
                vector: None,
                n_inside: 0,
            };
        }
    }
    order.extend(kept);
    order.extend_from_slice(outer);
    order.push(last);
    Order {
        order,
        shape: Shape::Leaves {
            side: 1,
            inside: 1,
            units: 1,
        },
        vector: None,
        n_inside: 0,
    }
}

/// Leaves are short: the tile is a box with many of them. `near` and the kept axes outside it that follow one another in the result are
/// taken in as far as there is room, and so is the reduced axis `unit`.
fn box_order(
    dims: &[Dim],
    mut kept: SmallVec<[usize; 4]>,
    mut near: usize,
    outer: &[usize],
    unit: Option<usize>,
) -> Order {
    let last = dims.len() - 1;
    let units = unit.map_or(1, |d| dims[d].len);
    let room = (LEAF / (dims[last].len * units).max(1)).max(1);
    let mut inside = 1;
    let mut whole: SmallVec<[usize; 4]> = SmallVec::new();
    while let Some(&next) = kept.last() {
        let follows = dims[next].out == dims[near].out * dims[near].len;
        if !follows || inside * dims[near].len * 2 > room {
            break;
        }
        inside *= dims[near].len;
        whole.push(near);
        near = next;
        kept.pop();
    }
    let mut order: SmallVec<[usize; 5]> = SmallVec::new();
    order.extend(kept);
    order.extend(outer.iter().copied().filter(|&d| Some(d) != unit));
    let vector = order.len();
    order.push(near);
    order.extend(whole.iter().rev().copied());
    order.extend(unit);
    order.push(last);
    Order {
        order,
        shape: Shape::Leaves {
            side: (room / inside).clamp(1, dims[near].len),
            inside,
            units,
        },
        vector: Some(vector),
        n_inside: whole.len(),
    }
}

/// The last axis is kept (or nothing is reduced): the kept axis with the shortest stride is innermost.
fn rows_order(
    dims: &[Dim],
    kept: SmallVec<[usize; 4]>,
    reduced: &[usize],
    capacity: usize,
    most_rows: usize,
    arg: bool,
) -> Order {
    let mut order: SmallVec<[usize; 5]> = SmallVec::new();
    let (&vector, far) = kept.split_last().expect("rows run along a kept axis");
    order.extend(far.iter().copied());
    order.extend_from_slice(reduced);
    order.push(vector);
    let width = dims[vector].len.min(ROW_TILE);
    let side = match reduced.last() {
        None => 1,
        Some(_) if width < SHORT && !arg => 1 << (capacity.max(ROW_TILE) / width).ilog2(),
        Some(_) => most_rows,
    };
    Order {
        vector: Some(order.len() - 1),
        order,
        shape: Shape::Rows { side, width },
        n_inside: 0,
    }
}

/// The box that the frame runs at once: a row of the tile, or all of it where rows are short or operands jump along them.
fn set_extents(walk: &mut Walk, shape: Shape, vector: Option<usize>) {
    let n = walk.n_axes();
    let Some(inner) = n.checked_sub(1) else {
        return;
    };
    match shape {
        Shape::Leaves { side, .. } => {
            walk.extents[inner] = walk.lens[inner].min(LEAF);
            match vector {
                Some(vector) => {
                    walk.extents[vector] = side;
                    for position in vector + 1..inner {
                        walk.extents[position] = walk.lens[position];
                    }
                }
                None if side > 1 => walk.extents[inner - 1] = side.min(walk.lens[inner - 1]),
                None => {}
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
