//! In which order a reduction visits the axes of its space, and which of them its tiles have more than one index of.

use super::{Dim, Shape};
use crate::reduction::LEAF;
use smallvec::SmallVec;

/// Elements along the vector axis of a tile of rows.
const ROW_TILE: usize = 512;

/// A row shorter than this shares its tile with others.
pub(super) const SHORT: usize = 48;

/// A leaf shorter than this shares its tile with those of other results.
const SHORT_LEAF: usize = 128;

/// The order of the visit and the tile at its end.
pub(super) struct Order {
    pub(super) order: SmallVec<[usize; 5]>,
    pub(super) shape: Shape,
    pub(super) vector: Option<usize>,
    /// How many kept axes are whole in the tile, next to the vector axis.
    pub(super) n_inside: usize,
    /// Reduced axes that are whole in the tile, besides the leaf's.
    pub(super) whole: SmallVec<[usize; 4]>,
}

/// The last axis is reduced: where the other axes of the tile come from.
pub(super) fn leaves_order(
    dims: &[Dim],
    mut kept: SmallVec<[usize; 4]>,
    reduced: &[usize],
    n_loads: usize,
    arg: bool,
    origin: &[usize],
) -> Order {
    let last = dims.len() - 1;
    let mut outer = &reduced[..reduced.len() - 1];
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
            whole: SmallVec::new(),
        };
    }
    let mut whole: SmallVec<[usize; 4]> = SmallVec::new();
    let mut units = 1;
    let mut side = 1;
    if len < SHORT_LEAF {
        while let Some((&d, further)) = outer.split_last() {
            // The outermost reduced axis may be cut: what a tile has of it must be one node of its tree.
            let is_node = || {
                dims[d].len.is_power_of_two() && origin[dims[d].source].is_multiple_of(dims[d].len)
            };
            let may_be_whole = !further.is_empty() || (!kept.is_empty() && is_node());
            if arg || !may_be_whole || dims[d].len * units * len > LEAF / 2 {
                break;
            }
            units *= dims[d].len;
            whole.insert(0, d);
            outer = further;
        }
        if (outer.is_empty() || !whole.is_empty())
            && let Some(near) = TakenIn::new(dims, &mut kept, LEAF / (len * units).max(1))
        {
            return box_order(dims, &kept, near, outer, whole);
        }
        if !outer.is_empty() && (len < SHORT || !whole.is_empty()) {
            side = 1 << (LEAF / (len * units).max(1)).max(1).ilog2();
        }
    }
    order.extend(kept);
    order.extend_from_slice(outer);
    order.extend_from_slice(&whole);
    order.push(last);
    Order {
        order,
        shape: Shape::Leaves {
            side,
            inside: 1,
            units,
        },
        vector: None,
        n_inside: 0,
        whole,
    }
}

/// Kept axes of a tile.
struct TakenIn {
    /// The axis of which the tile has `width` indices.
    near: usize,
    width: usize,
    /// The axes that are whole in it, outermost first.
    whole: SmallVec<[usize; 4]>,
    /// Results for each index of `near`.
    inside: usize,
}

impl TakenIn {
    /// The last axes of `kept` that follow one another in the result, as far as there is room for `room` results; none if no axis is kept.
    fn new(dims: &[Dim], kept: &mut SmallVec<[usize; 4]>, room: usize) -> Option<TakenIn> {
        let mut near = kept.pop()?;
        let room = room.max(1);
        let mut inside = 1;
        let mut whole: SmallVec<[usize; 4]> = SmallVec::new();
        while let Some(&next) = kept.last() {
            let follows = dims[next].out == dims[near].out * dims[near].len;
            if !follows || inside * dims[near].len * 2 > room {
                break;
            }
            inside *= dims[near].len;
            whole.insert(0, near);
            near = next;
            kept.pop();
        }
        Some(TakenIn {
            near,
            width: (room / inside).clamp(1, dims[near].len),
            whole,
            inside,
        })
    }
}

/// Leaves are short: the tile is a box with many of them.
fn box_order(
    dims: &[Dim],
    kept: &[usize],
    taken: TakenIn,
    outer: &[usize],
    whole: SmallVec<[usize; 4]>,
) -> Order {
    let mut order: SmallVec<[usize; 5]> = SmallVec::new();
    order.extend_from_slice(kept);
    order.extend_from_slice(outer);
    let vector = order.len();
    order.push(taken.near);
    order.extend_from_slice(&taken.whole);
    order.extend_from_slice(&whole);
    order.push(dims.len() - 1);
    Order {
        order,
        shape: Shape::Leaves {
            side: taken.width,
            inside: taken.inside,
            units: whole.iter().map(|&d| dims[d].len).product(),
        },
        vector: Some(vector),
        n_inside: taken.whole.len(),
        whole,
    }
}

/// The last axis is kept (or nothing is reduced): the kept axis with the shortest stride is innermost. Where rows are short, or the reduced axis
/// next to them is, a tile has the reduced axes inside one another that fit, and where that is little, more kept axes.
pub(super) fn rows_order(
    dims: &[Dim],
    mut kept: SmallVec<[usize; 4]>,
    reduced: &[usize],
    capacity: usize,
    most_rows: usize,
    arg: bool,
) -> Order {
    let capacity = capacity.max(ROW_TILE);
    let vector = *kept.last().expect("rows run along a kept axis");
    let width = dims[vector].len.min(ROW_TILE);
    let mut outer = reduced;
    let mut whole: SmallVec<[usize; 4]> = SmallVec::new();
    let mut units = 1;
    // The outermost reduced axis is never whole: it may be cut.
    while let [_, .., d] = *outer {
        let len = dims[d].len;
        let is_dear = width < SHORT || len < most_rows;
        if arg || !is_dear || len * units * width > capacity {
            break;
        }
        units *= len;
        whole.insert(0, d);
        outer = &outer[..outer.len() - 1];
    }
    let (side, room) = match outer.last() {
        None => (1, width),
        Some(_) if width >= SHORT && whole.is_empty() => (most_rows, width),
        Some(&d) => {
            let most = capacity / (units * width);
            let most = if arg { most.min(most_rows) } else { most };
            let side = dims[d].len.next_power_of_two().min(1 << most.ilog2());
            (side, capacity / (units * side))
        }
    };
    let room = if width < SHORT { room } else { width };
    let taken = TakenIn::new(dims, &mut kept, room).expect("rows run along a kept axis");
    let mut order: SmallVec<[usize; 5]> = SmallVec::new();
    order.extend_from_slice(&kept);
    order.extend_from_slice(outer);
    order.extend_from_slice(&whole);
    let vector = order.len();
    order.push(taken.near);
    order.extend_from_slice(&taken.whole);
    Order {
        vector: Some(vector),
        order,
        shape: Shape::Rows {
            side,
            width: taken.width,
            inside: taken.inside,
            units,
        },
        n_inside: taken.whole.len(),
        whole,
    }
}
