//! The product over a long contracted axis: every rank multiplies its own part of the operands, and the small partial products combine in a
//! dyadic tree over leaves, whose order does not depend on the ranks.
#![expect(unsafe_code, reason = "kernels take raw pointers")]

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use gain_core::{Array, Buffer, DType, Distribution, Held, IndexBox, Result, Runtime, Wanted};

use super::kernel;
use super::panels::matrix;

/// Leaves that one thread multiplies before it asks for more.
const LEAVES: usize = 8;

/// A node of the tree: its level, its place there.
type Node = (u32, usize);

/// Partial products by node.
type Nodes = BTreeMap<Node, Vec<u8>>;

/// `a b` for `(m, k)` and `(k, n)`. Collective.
pub(super) fn multiply(a: &Array, b: &Array, leaf: usize) -> Result<Array> {
    let rt = a.runtime();
    let [m, k, n] = [a.shape()[0], a.shape()[1], b.shape()[1]];
    let (left, right) = (a.wanted()?, b.wanted()?);
    // The owner of a leaf's first index multiplies it: of the larger operand, if both are cut.
    let (cut, axis) = if m >= n || right.distribution().is_replicated() {
        (left.distribution(), 1)
    } else {
        (right.distribution(), 0)
    };
    let parts = rt.n_ranks();
    let split = parts > 1 && !cut.is_replicated() && is_cut(cut, axis);
    let shares = |rank: usize| -> (usize, usize) {
        if parts == 1 {
            return (0, k);
        }
        if !split {
            // Nobody's part is larger than another's.
            let leaves = k.div_ceil(leaf);
            let at = |part: usize| (part * leaves / parts * leaf).min(k);
            return (at(rank), at(rank + 1));
        }
        let own = cut.box_of(rank);
        if own.is_empty() || own.lo[1 - axis] > 0 {
            return (0, 0);
        }
        let round = |index: usize| index.next_multiple_of(leaf).min(k);
        (round(own.lo[axis]), round(own.hi[axis]))
    };
    // The part up to the last whole leaf that is certainly here, and the leaf that reaches over to the next rank.
    let body = |rank: usize| {
        let (lo, hi) = shares(rank);
        if split && hi > lo && hi > cut.box_of(rank).hi[axis] {
            (lo, (hi - 1) / leaf * leaf, hi)
        } else {
            (lo, hi, hi)
        }
    };
    let mut nodes = Nodes::new();
    for tail in [false, true] {
        if tail && !split {
            continue;
        }
        let range = |rank: usize| {
            let (lo, middle, hi) = body(rank);
            if tail { (middle, hi) } else { (lo, middle) }
        };
        let x = fetch(&left, &|rank| {
            box_of(range(rank), |lo, hi| ([0, lo], [m, hi]))
        })?;
        let y = fetch(&right, &|rank| {
            box_of(range(rank), |lo, hi| ([lo, 0], [hi, n]))
        })?;
        let (lo, hi) = range(rt.rank());
        leaves(rt, a.dtype(), [m, n], (lo, hi), leaf, &x, &y, &mut nodes);
    }
    let dtype = a.dtype();
    let all = if parts == 1 {
        nodes
    } else {
        share(rt, nodes, m * n * dtype.size())?
    };
    let total = root(dtype, m * n, &all, k.div_ceil(leaf));
    drop((left, right));
    let whole = rt.n_ranks() == 1 || m * n <= rt.threshold();
    let target = if whole {
        Distribution::replicated(&[m, n])
    } else {
        Distribution::default_for(&[m, n], rt.n_ranks())
    };
    let own = target.box_of(rt.rank());
    let mut block = Buffer::new(own.len() * dtype.size())?;
    if !own.is_empty() {
        let size = dtype.size();
        let width = (own.hi[1] - own.lo[1]) * size;
        for (i, to) in (own.lo[0]..own.hi[0]).zip(block.as_mut_slice().chunks_exact_mut(width)) {
            to.copy_from_slice(&total[(i * n + own.lo[1]) * size..][..width]);
        }
    }
    Array::from_local(rt, dtype, target, block)
}

fn is_cut(distribution: &Distribution, axis: usize) -> bool {
    let own = distribution.box_of(0);
    own.lo[axis] != 0 || own.hi[axis] != distribution.shape()[axis]
}

fn box_of(
    (lo, hi): (usize, usize),
    corners: impl Fn(usize, usize) -> ([usize; 2], [usize; 2]),
) -> IndexBox {
    if lo >= hi {
        return IndexBox::nothing(2);
    }
    let (lo, hi) = corners(lo, hi);
    IndexBox::new(lo, hi)
}

fn fetch<'w>(operand: &'w Wanted<'_>, wants: &dyn Fn(usize) -> IndexBox) -> Result<Held<'w>> {
    operand.finish(operand.start("matmul", wants)?)
}

/// Adds the nodes over `lo..hi` of the contracted axis, whole leaves of which `x` and `y` hold the operands.
#[expect(clippy::too_many_arguments, reason = "all of it is one product")]
fn leaves(
    rt: &Runtime,
    dtype: DType,
    [m, n]: [usize; 2],
    (lo, hi): (usize, usize),
    leaf: usize,
    x: &Held<'_>,
    y: &Held<'_>,
    nodes: &mut Nodes,
) {
    if lo >= hi {
        return;
    }
    let size = dtype.size();
    let (a, b) = (matrix(x, size), matrix(y, size));
    let (first, end) = (lo / leaf, hi.div_ceil(leaf));
    // Cuts at multiples of LEAVES, so that a task's leaves make one node wherever they can.
    let tasks = end.div_ceil(LEAVES) - first / LEAVES;
    let made: Mutex<Nodes> = Mutex::new(Nodes::new());
    let task = |number: usize| {
        let (a, b) = (&a, &b);
        let from = first.max((first / LEAVES + number) * LEAVES);
        let to = end.min((first / LEAVES + number + 1) * LEAVES);
        let mut mine = Nodes::new();
        for index in from..to {
            let start = index * leaf;
            let depth = leaf.min(hi - start);
            let skip = ((start - lo) * size) as isize;
            let (mut left, mut right) = (*a, *b);
            let mut product = vec![0u64; (m * n * size).div_ceil(8)];
            // SAFETY: the leaf lies in the held parts; the product has room for m x n elements.
            unsafe {
                left.ptr = left.ptr.offset(left.columns * skip);
                right.ptr = right.ptr.offset(right.rows * skip);
                let to = product.as_mut_ptr().cast();
                kernel::block(dtype, [m, depth, n], left, right, to, n, false);
            }
            let bytes = bytemuck::cast_slice(&product)[..m * n * size].to_vec();
            insert(dtype, m * n, &mut mine, (0, index), bytes);
        }
        made.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(mine);
    };
    rt.pool().for_each(tasks, &task);
    let made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (node, bytes) in made {
        insert(dtype, m * n, nodes, node, bytes);
    }
}

/// Adds a node, and joins siblings while there are some.
fn insert(dtype: DType, len: usize, nodes: &mut Nodes, mut node: Node, mut bytes: Vec<u8>) {
    while let Some(other) = nodes.remove(&(node.0, node.1 ^ 1)) {
        bytes = if node.1.is_multiple_of(2) {
            joined(dtype, len, bytes, &other)
        } else {
            joined(dtype, len, other, &bytes)
        };
        node = (node.0 + 1, node.1 / 2);
    }
    nodes.insert(node, bytes);
}

fn joined(dtype: DType, len: usize, mut left: Vec<u8>, right: &[u8]) -> Vec<u8> {
    // SAFETY: both hold `len` elements; heap memory of this size is aligned for any dtype.
    unsafe { kernel::add(dtype, len, left.as_mut_ptr(), right.as_ptr()) };
    left
}

/// All ranks' nodes, on all ranks.
fn share(rt: &Runtime, mine: Nodes, bytes: usize) -> Result<Nodes> {
    let mut message = Vec::new();
    for ((level, index), data) in &mine {
        message.extend_from_slice(&u64::from(*level).to_le_bytes());
        message.extend_from_slice(&(*index as u64).to_le_bytes());
        message.extend_from_slice(data);
    }
    let mut all = Nodes::new();
    for message in rt.team().all_gather(&message)? {
        for entry in message.chunks_exact(16 + bytes) {
            let number = |at: usize| -> u64 { bytemuck::pod_read_unaligned(&entry[at..at + 8]) };
            all.insert((number(0) as u32, number(8) as usize), entry[16..].to_vec());
        }
    }
    Ok(all)
}

/// The tree's value over `n_leaves` leaves.
fn root(dtype: DType, len: usize, nodes: &Nodes, n_leaves: usize) -> Vec<u8> {
    fn value(dtype: DType, len: usize, nodes: &Nodes, node: Node, n_leaves: usize) -> Vec<u8> {
        if let Some(bytes) = nodes.get(&node) {
            return bytes.clone();
        }
        let (level, index) = (node.0 - 1, 2 * node.1);
        let left = value(dtype, len, nodes, (level, index), n_leaves);
        if (index + 1) << level >= n_leaves {
            return left;
        }
        let right = value(dtype, len, nodes, (level, index + 1), n_leaves);
        joined(dtype, len, left, &right)
    }
    let level = n_leaves.next_power_of_two().ilog2();
    value(dtype, len, nodes, (level, 0), n_leaves)
}
