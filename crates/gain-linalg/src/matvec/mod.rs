//! A matrix times a vector, the matrix read once where it lies.
//!
//! # Rationale
//! The work is the reading of the matrix, so the matrix does not move: the vector comes to its columns. Where the columns are cut
//! over ranks (a transposed array, mostly), each rank makes the nodes of a dyadic tree over leaves of the contracted axis, and the nodes go to those
//! who own the result's rows. Cuts inside a leaf move the leaf's share: at most [`Order::leaf`] indices of the contracted axis.
//!
//! # Limitations
//! Floating-point numbers only; others go through a multiplication fused with a reduction.

mod kernel;
mod sums;
mod tree;

use gain_core::{Array, Buffer, DType, Distribution, Held, IndexBox, Result, Runtime, Scalar};
use gain_core::{Incoming, Outgoing, StridedBytes};
use std::ops::Sub;

use crate::matmul::panels::{matrix, row};
use crate::set::Set;
use kernel::Real;
pub use sums::Order;
use sums::Part;
use sums::Vector;
use tree::Node;

/// Nodes of a rank's leaves at least, where it has so many, so that threads have something to share when there are few rows.
const NODES: usize = 16;

/// `a x` for a matrix and a vector of one floating-point dtype and fitting lengths, none of them 0. Collective.
///
/// # Errors
/// As [`Runtime::sync`].
pub(crate) fn multiply(a: &Array, x: &Array) -> Result<Array> {
    let strides = a.strides();
    let order = if strides[0].unsigned_abs() < strides[1].unsigned_abs() {
        Order::Columns
    } else {
        Order::Rows
    };
    by_dtype(a, x, order)
}

/// The sum of products of two vectors of one floating-point dtype and one length, not 0; an array without axes. Collective.
///
/// # Errors
/// As [`Runtime::sync`].
pub(crate) fn inner(a: &Array, x: &Array) -> Result<Array> {
    // One row: the leaves and their tree are those of a matrix times a vector.
    by_dtype(&a.insert_axis(0)?, x, Order::Rows)?.drop_axis(0)
}

/// The value of [`inner`], if both vectors are here and so short that one thread adds them up: no array is made. Local.
pub(crate) fn inner_at_hand(a: &Array, x: &Array) -> Option<Scalar> {
    match a.dtype() {
        DType::F32 | DType::C64 => short_inner::<f32>(a, x),
        _ => short_inner::<f64>(a, x),
    }
}

fn short_inner<T: Real + Sub<Output = T> + bytemuck::Pod>(a: &Array, x: &Array) -> Option<Scalar> {
    let (dtype, order, columns) = (a.dtype(), Order::Rows, a.size());
    let n_leaves = columns.div_ceil(order.leaf());
    if n_leaves >= NODES {
        return None;
    }
    let (own, vector) = (a.at_hand()?, x.at_hand()?);
    let vector = Vector::of(&vector, columns, dtype.is_complex(), order, 1);
    let part = Part {
        matrix: row(&own, dtype.size()),
        vector: &vector,
        rows: 1,
        columns,
        first: 0,
        order,
        set: Set::named(a.runtime().isa_name()),
    };
    let mut sum = [T::default(); 2];
    let sum = &mut sum[..1 + usize::from(dtype.is_complex())];
    part.along((0, n_leaves), 0, sum);
    Some(Scalar::from_bytes(dtype, bytemuck::cast_slice(sum)))
}

fn by_dtype(a: &Array, x: &Array, order: Order) -> Result<Array> {
    match a.dtype() {
        DType::F32 | DType::C64 => typed::<f32>(a, x, order),
        _ => typed::<f64>(a, x, order),
    }
}

/// Whether [`multiply`] has this dtype.
pub(crate) fn knows(dtype: DType) -> bool {
    dtype.is_float() || dtype.is_complex()
}

fn typed<T: Real + Sub<Output = T> + bytemuck::Pod>(
    a: &Array,
    x: &Array,
    order: Order,
) -> Result<Array> {
    let rt = a.runtime();
    let [m, k] = [a.shape()[0], a.shape()[1]];
    if let (Some(own), Some(vector)) = (a.at_hand(), x.at_hand()) {
        let n_leaves = k.div_ceil(order.leaf());
        let nodes = tree::nodes(0, n_leaves, n_leaves, most(m, n_leaves));
        let found: Vec<T> = local(rt, a.dtype(), order, &own, &vector, [m, k], 0, &nodes);
        let sums = combined(n_leaves, &mut with_nodes(nodes, found));
        return Array::replicated_from(rt, a.dtype(), &[m], |block| {
            block.copy_from_slice(bytemuck::cast_slice(&sums));
        });
    }
    let (left, right) = (a.wanted()?, x.wanted()?);
    let cut = Cut {
        of: left.distribution().clone(),
        leaf: order.leaf(),
        k,
    };
    let rank = rt.rank();
    let whole = rt.n_ranks() == 1 || cut.of.is_replicated();
    let rows_of = |rank: usize| if whole { (0, m) } else { cut.rows(rank) };
    // The leaves that are here but for their last one, and that one, part of which other ranks may have.
    let spans = if whole {
        vec![(0, k)]
    } else {
        cut.spans(rank).to_vec()
    };
    let is_cut = !whole && cut.is_cut();
    let mut made: Vec<(Node, Vec<T>)> = Vec::new();
    let passes = if is_cut { 2 } else { 1 };
    for (number, (lo, hi)) in spans.into_iter().enumerate().take(passes) {
        let span = |rank: usize| {
            if whole {
                (0, k)
            } else {
                cut.spans(rank)[number]
            }
        };
        let vector = right.start("matvec", &|rank| {
            let (lo, hi) = span(rank);
            IndexBox::new([lo.min(hi)], [hi])
        })?;
        let vector = right.finish(vector)?;
        let own = left.start("matvec", &|rank| {
            let ((lo, hi), (top, bottom)) = (span(rank), rows_of(rank));
            if lo >= hi || top >= bottom {
                return IndexBox::nothing(2);
            }
            IndexBox::new([top, lo], [bottom, hi])
        })?;
        let own = left.finish(own)?;
        let (top, bottom) = rows_of(rank);
        if lo >= hi || top >= bottom {
            continue;
        }
        let first = lo / cut.leaf;
        let n_leaves = k.div_ceil(cut.leaf);
        let end = hi.div_ceil(cut.leaf);
        let most = most(bottom - top, end - first);
        let nodes = tree::nodes(first, end, n_leaves, most);
        let found = local(
            rt,
            a.dtype(),
            order,
            &own,
            &vector,
            [bottom - top, hi - lo],
            first,
            &nodes,
        );
        made.extend(with_nodes(nodes, found));
    }
    drop((left, right));
    let complex = 1 + usize::from(a.dtype().is_complex());
    let n_leaves = k.div_ceil(cut.leaf);
    if is_cut {
        return exchanged(a, &cut, &made, n_leaves, complex);
    }
    let sums = combined(n_leaves, &mut made);
    let target = if whole {
        Distribution::replicated(&[m])
    } else {
        cut.of.view(&[
            gain_core::ViewAxis::Base {
                axis: 0,
                start: 0,
                step: 1,
                len: m,
            },
            gain_core::ViewAxis::Fixed { axis: 1, index: 0 },
        ])
    };
    let mut block = Buffer::new(target.box_of(rank).len() * a.itemsize())?;
    block
        .as_mut_slice()
        .copy_from_slice(bytemuck::cast_slice(&sums));
    Array::from_local(rt, a.dtype(), target, block)
}

/// Each node with its sums.
fn with_nodes<T: Copy>(nodes: Vec<Node>, sums: Vec<T>) -> Vec<(Node, Vec<T>)> {
    if let [only] = nodes[..] {
        return vec![(only, sums)];
    }
    let each = sums.len() / nodes.len();
    let parts = sums.chunks_exact(each).map(<[T]>::to_vec);
    nodes.into_iter().zip(parts).collect()
}

/// The most leaves of a node: fewer where the rows are too few for the threads.
fn most(rows: usize, leaves: usize) -> usize {
    if rows >= 1024 || leaves < NODES {
        return usize::MAX;
    }
    (leaves / NODES).next_power_of_two()
}

/// The nodes' sums over this rank's part, one vector behind the other.
#[expect(clippy::too_many_arguments, reason = "all of it is one product")]
fn local<T: Real + Sub<Output = T> + bytemuck::Pod>(
    rt: &Runtime,
    dtype: DType,
    order: Order,
    own: &Held<'_>,
    vector: &Held<'_>,
    [rows, columns]: [usize; 2],
    first: usize,
    nodes: &[Node],
) -> Vec<T> {
    let complex = dtype.is_complex();
    let vector = Vector::of(vector, columns, complex, order, rows);
    let part = Part {
        matrix: matrix(own, dtype.size()),
        vector: &vector,
        rows,
        columns,
        first,
        order,
        set: Set::named(rt.isa_name()),
    };
    let mut sums = vec![T::default(); nodes.len() * rows * (1 + usize::from(complex))];
    part.nodes(nodes, &mut sums, rt.pool());
    sums
}

/// The tree's value from all its nodes.
fn combined<T: Real>(n_leaves: usize, nodes: &mut Vec<(Node, Vec<T>)>) -> Vec<T> {
    if nodes.is_empty() {
        return Vec::new();
    }
    let mut of = |level: u32, lo: usize| {
        let at = nodes
            .iter()
            .position(|(node, _)| (node.level, node.lo) == (level, lo))?;
        Some(nodes.swap_remove(at).1)
    };
    tree::root(n_leaves, &mut of, &|mut left: Vec<T>, right: Vec<T>| {
        for (left, &right) in left.iter_mut().zip(&right) {
            *left = *left + right;
        }
        left
    })
}

/// How the ranks share the leaves of a cut contracted axis: the owner of a leaf's first index has it.
struct Cut {
    of: Distribution,
    leaf: usize,
    k: usize,
}

impl Cut {
    fn rows(&self, rank: usize) -> (usize, usize) {
        let own = self.of.box_of(rank);
        if own.is_empty() {
            (0, 0)
        } else {
            (own.lo[0], own.hi[0])
        }
    }

    /// Whether the contracted axis is cut.
    fn is_cut(&self) -> bool {
        let own = self.of.owners(&IndexBox::new([0, 0], [1, self.k]));
        own.count() > 1
    }

    /// The whole leaves of a rank that lie on it, and the last one where it reaches over to others.
    fn spans(&self, rank: usize) -> [(usize, usize); 2] {
        let own = self.of.box_of(rank);
        if own.is_empty() {
            return [(0, 0); 2];
        }
        let (lo, end) = (own.lo[1].next_multiple_of(self.leaf).min(self.k), own.hi[1]);
        let hi = end.next_multiple_of(self.leaf).min(self.k);
        if lo >= hi {
            return [(0, 0); 2];
        }
        if hi == end {
            return [(lo, hi), (hi, hi)];
        }
        let middle = (hi - 1) / self.leaf * self.leaf;
        [(lo, middle), (middle, hi)]
    }

    /// The nodes that a rank makes.
    fn nodes(&self, rank: usize, n_leaves: usize, most: impl Fn(usize) -> usize) -> Vec<Node> {
        let mut nodes = Vec::new();
        for (lo, hi) in self.spans(rank) {
            if lo < hi {
                let (first, end) = (lo / self.leaf, hi.div_ceil(self.leaf));
                nodes.extend(tree::nodes(first, end, n_leaves, most(end - first)));
            }
        }
        nodes
    }
}

/// The product where the contracted axis is cut: each rank gets all nodes of its rows of the result, and combines them.
fn exchanged<T: Real + bytemuck::Pod>(
    a: &Array,
    cut: &Cut,
    made: &[(Node, Vec<T>)],
    n_leaves: usize,
    complex: usize,
) -> Result<Array> {
    let rt = a.runtime();
    let (rank, m) = (rt.rank(), a.shape()[0]);
    let target = Distribution::default_for(&[m], rt.n_ranks());
    let shared = |of: usize, to: usize| {
        let (own, rows) = (target.box_of(to), cut.rows(of));
        (own.lo[0].max(rows.0), own.hi[0].min(rows.1))
    };
    let mut sends = Vec::new();
    let top = cut.rows(rank).0;
    for to in 0..rt.n_ranks() {
        let (lo, hi) = shared(rank, to);
        for (_, sums) in made.iter().filter(|_| lo < hi) {
            let piece = &sums[(lo - top) * complex..(hi - top) * complex];
            sends.push(Outgoing {
                to,
                source: StridedBytes::contiguous(bytemuck::cast_slice(piece)),
            });
        }
    }
    let (mut receives, mut places) = (Vec::new(), Vec::new());
    for from in 0..rt.n_ranks() {
        let (lo, hi) = shared(from, rank);
        if lo < hi {
            let (first, last) = cut.rows(from);
            for node in cut.nodes(from, n_leaves, |leaves| most(last - first, leaves)) {
                receives.push(Incoming {
                    from,
                    bytes: (hi - lo) * a.itemsize(),
                });
                places.push((lo, hi, node));
            }
        }
    }
    let received = rt.team().start(&sends, &receives)?.finish()?;
    let own = target.box_of(rank);
    let mut block = Buffer::new(own.len() * a.itemsize())?;
    let out: &mut [T] = bytemuck::cast_slice_mut(block.as_mut_slice());
    let mut at = own.lo[0];
    while at < own.hi[0] {
        // Rows that the same ranks have: up to the nearest end of a piece.
        let end = places
            .iter()
            .filter(|place| place.0 <= at && at < place.1)
            .map(|place| place.1)
            .min();
        let end = end.expect("every row is on some rank");
        let mut nodes: Vec<(Node, Vec<T>)> = Vec::new();
        for (number, &(lo, hi, node)) in places.iter().enumerate() {
            if lo <= at && at < hi {
                let piece: &[T] = bytemuck::cast_slice(received.piece(number));
                nodes.push((
                    node,
                    piece[(at - lo) * complex..(end - lo) * complex].to_vec(),
                ));
            }
        }
        let sums = combined(n_leaves, &mut nodes);
        out[(at - own.lo[0]) * complex..(end - own.lo[0]) * complex].copy_from_slice(&sums);
        at = end;
    }
    Array::from_local(rt, a.dtype(), target, block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_of_ranks_share_the_leaves() {
        for (shape, grid) in [([3, 3_000_017], [1, 4096]), ([640, 70_000], [64, 64])] {
            let of = Distribution::regular(&shape, &grid, 4096).expect("it is a grid");
            let k = shape[1];
            for order in [Order::Rows, Order::Columns] {
                let cut = Cut {
                    of: of.clone(),
                    leaf: order.leaf(),
                    k,
                };
                assert!(cut.is_cut());
                let n_leaves = k.div_ceil(cut.leaf);
                let mut leaves = vec![0usize; n_leaves];
                for rank in 0..4096 {
                    let (top, bottom) = cut.rows(rank);
                    for node in cut.nodes(rank, n_leaves, |_| usize::MAX) {
                        for count in &mut leaves[node.lo..node.hi] {
                            *count += bottom - top;
                        }
                    }
                }
                assert!(leaves.iter().all(|&rows| rows == shape[0]), "{shape:?}");
            }
        }
    }
}
