//! QR of tall matrices: blocks of rows, and a tree of their triangular factors.
//!
//! TSQR (Demmel, Grigori, Hoemmen, Langou, SIAM J. Sci. Comput. 34, 2012): each block of rows is reduced where it lies; pairs of triangular
//! factors are reduced to one, up to the root; Q is made on the way down. The signs are those of Householder's method on the whole, found
//! by eliminating Q's first rows (Ballard and others, J. Parallel Distrib. Comput. 85, 2015).
//!
//! # Rationale
//! The matrix is read where it lies, rows at the cuts aside; a rank sends some triangular factors. Blocks and tree are those of
//! the global rows, so that the bits do not depend on ranks. The nodes above a rank's own are computed by every rank.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use gain_core::{Array, Buffer, Distribution, IndexBox, Result};

use super::columns::{Number, Panel};
use super::qr::{apply, reduce};

/// More columns than this are panels' work.
pub(crate) const WIDEST: usize = 128;

/// Rows of a block; the last one takes what is left.
fn block_rows(n: usize) -> usize {
    (8 * n).max(512)
}

/// Whether the matrix is worth a tree of blocks.
pub(crate) fn is_tall(m: usize, n: usize) -> bool {
    (1..=WIDEST).contains(&n) && m >= 2 * block_rows(n)
}

/// Which rows each rank reduces: the first one's of each rank, and the end. Whole blocks, as even as may be.
fn cuts(m: usize, n: usize, n_ranks: usize) -> Vec<usize> {
    let leaves = m / block_rows(n);
    let first = |rank| first_row(leaves * rank / n_ranks, m, n);
    (0..=n_ranks).map(first).collect()
}

/// Where a block begins.
fn first_row(leaf: usize, m: usize, n: usize) -> usize {
    let rows = block_rows(n);
    if leaf >= m / rows { m } else { leaf * rows }
}

/// A reduced block: its reflections and its triangular factor.
type Reduced<T> = Mutex<Option<(Panel<T>, Vec<T>)>>;

/// Level and number of a node; leaves are level 0.
type Place = (usize, usize);

struct Tree<T> {
    n: usize,
    leaves: usize,
    /// Triangular factors that no node has taken up yet.
    factors: BTreeMap<Place, Vec<T>>,
    /// Reflections of the nodes known here.
    nodes: HashMap<Place, Panel<T>>,
}

impl<T: Number> Tree<T> {
    fn width(&self, level: usize) -> usize {
        self.leaves.div_ceil(1 << level)
    }

    /// Reduces pairs as far as both are known.
    fn climb(&mut self) {
        let mut level = 0;
        while self.width(level) > 1 {
            for parent in 0..self.width(level + 1) {
                let (left, right) = ((level, 2 * parent), (level, 2 * parent + 1));
                if right.1 >= self.width(level) {
                    if let Some(alone) = self.factors.remove(&left) {
                        self.factors.insert((level + 1, parent), alone);
                    }
                    continue;
                }
                if !(self.factors.contains_key(&left) && self.factors.contains_key(&right)) {
                    continue;
                }
                let n = self.n;
                let mut pair = Panel::zeros(2 * n, n);
                for (half, place) in [left, right].into_iter().enumerate() {
                    let factor = self.factors.remove(&place).expect("it was looked for");
                    for (to, from) in pair
                        .elements
                        .chunks_exact_mut(2 * n)
                        .zip(factor.chunks_exact(n))
                    {
                        to[half * n..][..n].copy_from_slice(from);
                    }
                }
                let reflections = reduce(&mut pair, 0);
                self.factors
                    .insert((level + 1, parent), pair.copy_of(0, n).elements);
                self.nodes.insert((level + 1, parent), reflections);
            }
            level += 1;
        }
    }

    /// What a leaf's rows of Q are made of, if the root's are made of `start`.
    fn descend(&self, leaf: usize, start: &Panel<T>) -> Panel<T> {
        let n = self.n;
        let mut level = 0;
        while self.width(level) > 1 {
            level += 1;
        }
        let mut here = start.copy_of(0, n);
        while level > 0 {
            if let Some(node) = self.nodes.get(&(level, leaf >> level)) {
                let mut pair = below_zeros(&here, 2 * n);
                apply(node, 0, false, &mut pair);
                let half = (leaf >> (level - 1)) & 1;
                here = pair.copy_of(half * n, (half + 1) * n);
            }
            level -= 1;
        }
        here
    }
}

/// The matrix with zeros below it.
fn below_zeros<T: Number>(top: &Panel<T>, rows: usize) -> Panel<T> {
    let mut made = Panel::zeros(rows, top.columns);
    for (to, from) in made
        .elements
        .chunks_exact_mut(rows)
        .zip(top.elements.chunks_exact(top.rows))
    {
        to[..top.rows].copy_from_slice(from);
    }
    made
}

/// Q in blocks of rows, if wanted, and R, whole on every rank. Collective; the matrix [`is_tall`].
pub(crate) fn factorise<T: Number>(a: &Array, with_q: bool) -> Result<(Option<Array>, Array)> {
    let rt = a.runtime();
    let (m, n) = (a.shape()[0], a.shape()[1]);
    let (rank, n_ranks) = (rt.rank(), rt.n_ranks());
    let leaves = m / block_rows(n);
    let first_leaf = |rank: usize| leaves * rank / n_ranks;
    let row_of = |leaf: usize| first_row(leaf, m, n);
    let cuts = cuts(m, n, n_ranks);
    let own = first_leaf(rank)..first_leaf(rank + 1);
    let reduced: Vec<Reduced<T>> = own.clone().map(|_| Mutex::new(None)).collect();
    {
        let wanted = a.wanted()?;
        let coming = wanted.start("blocks of rows", &|rank| match cuts[rank]..cuts[rank + 1] {
            span if span.is_empty() => IndexBox::nothing(2),
            span => IndexBox::new([span.start, 0], [span.end, n]),
        })?;
        let held = wanted.finish(coming)?;
        let elements: &[T] = bytemuck::cast_slice(held.bytes());
        let size = size_of::<T>() as isize;
        let start = held.offset() as isize / size;
        let (down, across) = (held.strides[0] / size, held.strides[1] / size);
        rt.pool().for_each(own.len(), &|place| {
            let leaf = own.start + place;
            let (lo, hi) = (row_of(leaf), row_of(leaf + 1));
            let mut panel = Panel::zeros(hi - lo, n);
            for i in 0..hi - lo {
                let row = start + (lo - cuts[rank] + i) as isize * down;
                for j in 0..n {
                    panel.elements[j * (hi - lo) + i] =
                        elements[(row + j as isize * across) as usize];
                }
            }
            let reflections = reduce(&mut panel, 0);
            let factor = panel.copy_of(0, n).elements;
            *reduced[place].lock().expect("nothing panicked") = Some((reflections, factor));
        });
    }
    let mut tree = Tree {
        n,
        leaves,
        factors: BTreeMap::new(),
        nodes: HashMap::new(),
    };
    let mut reflections = Vec::new();
    for (place, found) in reduced.into_iter().enumerate() {
        let (own_reflections, factor) = found
            .into_inner()
            .expect("nothing panicked")
            .expect("every block was reduced");
        reflections.push(own_reflections);
        tree.factors.insert((0, own.start + place), factor);
    }
    tree.climb();
    share(a, &mut tree)?;
    tree.climb();
    let root = tree
        .factors
        .values()
        .next()
        .expect("a tree has a root")
        .clone();
    let mut signs = Vec::new();
    // The first rank with a block has the first one.
    let teller = (0..n_ranks)
        .find(|&rank| first_leaf(rank + 1) > 0)
        .expect("there are blocks");
    if rank == teller {
        let mut identity = Panel::zeros(n, n);
        (0..n).for_each(|j| identity.elements[j * n + j] = T::one());
        let mut block = below_zeros(&tree.descend(0, &identity), row_of(1));
        apply(&reflections[0], 0, false, &mut block);
        signs = householder_signs(block.copy_of(0, n));
    }
    rt.team()
        .broadcast(teller, &mut signs)
        .map_err(gain_core::Error::from)?;
    let sign = |j: usize| T::real(if signs[j] == 1 { -1.0 } else { 1.0 });
    let mut r = Buffer::zeroed(n * n * size_of::<T>())?;
    let places: &mut [T] = bytemuck::cast_slice_mut(r.as_mut_slice());
    for i in 0..n {
        for j in i..n {
            places[i * n + j] = root[j * n + i] * sign(i);
        }
    }
    let r = Array::from_local(rt, T::DTYPE, Distribution::replicated(&[n, n]), r)?;
    if !with_q {
        return Ok((None, r));
    }
    let mut start = Panel::zeros(n, n);
    (0..n).for_each(|j| start.elements[j * n + j] = sign(j));
    let mine = cuts[rank + 1] - cuts[rank];
    let mut block = Buffer::new(mine * n * size_of::<T>())?;
    let target: &mut [T] = bytemuck::cast_slice_mut(block.as_mut_slice());
    let mut parts = Vec::new();
    let mut rest = target;
    for leaf in own.clone() {
        let (part, behind) = rest.split_at_mut((row_of(leaf + 1) - row_of(leaf)) * n);
        parts.push(Mutex::new(part));
        rest = behind;
    }
    rt.pool().for_each(own.len(), &|place| {
        let leaf = own.start + place;
        let rows = row_of(leaf + 1) - row_of(leaf);
        let mut made = below_zeros(&tree.descend(leaf, &start), rows);
        apply(&reflections[place], 0, false, &mut made);
        let mut part = parts[place].lock().expect("nothing panicked");
        for (i, row) in part.chunks_exact_mut(n).enumerate() {
            for (j, element) in row.iter_mut().enumerate() {
                *element = made.elements[j * rows + i];
            }
        }
    });
    drop(parts);
    let by_rows = Distribution::irregular(&[cuts, vec![0, n]], n_ranks)?;
    let q = Array::from_local(rt, T::DTYPE, by_rows, block)?.balanced()?;
    Ok((Some(q), r))
}

/// Which columns change their sign to be those of Householder's method: elimination of Q's first rows without their signs.
fn householder_signs<T: Number>(mut top: Panel<T>) -> Vec<u8> {
    let n = top.columns;
    let mut signs = vec![0; n];
    for (j, sign) in signs.iter_mut().enumerate() {
        let negative = top.elements[j * n + j].re() >= 0.0;
        *sign = u8::from(negative);
        let pivot = top.elements[j * n + j] - T::real(if negative { -1.0 } else { 1.0 });
        for k in j + 1..n {
            let factor = top.elements[k * n + j] / pivot;
            for i in j + 1..n {
                let known = top.elements[j * n + i];
                top.elements[k * n + i] -= known * factor;
            }
        }
    }
    signs
}

/// Every rank's factors that are left, on every rank. Collective.
fn share<T: Number>(a: &Array, tree: &mut Tree<T>) -> Result<()> {
    let rt = a.runtime();
    if rt.n_ranks() == 1 {
        return Ok(());
    }
    let mut bytes = Vec::new();
    for ((level, number), factor) in &tree.factors {
        bytes.extend_from_slice(&(*level as u64).to_le_bytes());
        bytes.extend_from_slice(&(*number as u64).to_le_bytes());
        bytes.extend_from_slice(bytemuck::cast_slice(factor));
    }
    let all = rt
        .team()
        .all_gather(&bytes)
        .map_err(gain_core::Error::from)?;
    let length = tree.n * tree.n;
    for bytes in &all {
        for record in bytes.chunks_exact(16 + length * size_of::<T>()) {
            let number =
                |at: usize| bytemuck::pod_read_unaligned::<u64>(&record[at..at + 8]) as usize;
            let mut factor = vec![T::zero(); length];
            bytemuck::cast_slice_mut(&mut factor).copy_from_slice(&record[16..]);
            tree.factors.insert((number(0), number(8)), factor);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_of_ranks_get_whole_blocks() {
        let even = cuts(1 << 24, 16, 4096);
        assert!(even.windows(2).all(|pair| pair[1] - pair[0] == 4096));
        // Five blocks, the last one longer; most ranks have none.
        let few = cuts(5 * 512 + 100, 16, 4096);
        let blocks: Vec<usize> = few
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .filter(|rows| *rows > 0)
            .collect();
        assert_eq!(blocks, [512, 512, 512, 512, 612]);
    }
}
