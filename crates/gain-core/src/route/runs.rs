//! Boxes as runs of C-order positions, and what two of them have in common: the algebra of reshaping. Pure.
//!
//! # Rationale
//! A reshape keeps the elements' C order. A box of an array is a regular list of runs in that order; where two shapes' boxes meet is a merge
//! of two such lists, which costs their runs and never their elements. Which boxes may meet is asked of the distribution by the bounding box
//! of a range of positions, so that a rank plans at the cost of its neighbours.

use gain_ga::{Distribution, IndexBox, Indices};
use smallvec::SmallVec;

/// A box of an array of some shape, as ascending runs of C-order positions, all of one length.
#[derive(Clone, Debug)]
pub struct Runs {
    /// Extents and position strides of the axes outside the runs.
    outer: SmallVec<[(usize, usize); 4]>,
    first: usize,
    run: usize,
    count: usize,
}

/// Elements that follow one another in both blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Where they begin in the source's block.
    pub source: usize,
    /// Where they begin in the target's block.
    pub target: usize,
    /// How many they are.
    pub len: usize,
}

impl Runs {
    /// The runs of a box of an array of this shape. Local.
    #[must_use]
    pub fn new(shape: &[usize], index_box: &IndexBox) -> Runs {
        if index_box.is_empty() {
            return Runs {
                outer: SmallVec::new(),
                first: 0,
                run: 0,
                count: 0,
            };
        }
        let strides = position_strides(shape);
        let extents = index_box.shape();
        let inner = (0..shape.len())
            .rev()
            .find(|&axis| extents[axis] != shape[axis]);
        let inner = inner.unwrap_or(0);
        let first = index_box.lo.iter().zip(&strides);
        let first = first.map(|(lo, stride)| lo * stride).sum();
        let outer: SmallVec<[(usize, usize); 4]> = extents
            .iter()
            .copied()
            .zip(strides.iter().copied())
            .take(inner)
            .collect();
        Runs {
            first,
            run: extents[inner.min(shape.len())..].iter().product(),
            count: outer.iter().map(|(extent, _)| extent).product(),
            outer,
        }
    }

    /// Where run `number` begins.
    fn start(&self, number: usize) -> usize {
        let mut rest = number;
        let mut start = self.first;
        for &(extent, stride) in self.outer.iter().rev() {
            start += rest % extent * stride;
            rest /= extent;
        }
        start
    }

    /// The first and one past the last position. Local.
    #[must_use]
    pub fn hull(&self) -> (usize, usize) {
        match self.count {
            0 => (0, 0),
            count => (self.first, self.start(count - 1) + self.run),
        }
    }

    /// The first run that ends behind a position.
    fn first_behind(&self, position: usize) -> usize {
        let (mut lo, mut hi) = (0, self.count);
        while lo < hi {
            let middle = lo.midpoint(hi);
            if self.start(middle) + self.run <= position {
                lo = middle + 1;
            } else {
                hi = middle;
            }
        }
        lo
    }

    /// The positions that both have, as places in the two boxes' elements in C order. Local.
    #[must_use]
    pub fn meet(&self, target: &Runs) -> Vec<Stretch> {
        let mut found: Vec<Stretch> = Vec::new();
        if self.count == 0 || target.count == 0 {
            return found;
        }
        let mut mine = self.first_behind(target.first);
        let mut theirs = target.first_behind(self.first);
        while mine < self.count && theirs < target.count {
            let (a, b) = (self.start(mine), target.start(theirs));
            let (lo, hi) = (a.max(b), (a + self.run).min(b + target.run));
            if lo < hi {
                let stretch = Stretch {
                    source: mine * self.run + lo - a,
                    target: theirs * target.run + lo - b,
                    len: hi - lo,
                };
                match found.last_mut() {
                    Some(last)
                        if last.source + last.len == stretch.source
                            && last.target + last.len == stretch.target =>
                    {
                        last.len += stretch.len;
                    }
                    _ => found.push(stretch),
                }
            }
            if a + self.run <= b + target.run {
                mine += 1;
            } else {
                theirs += 1;
            }
        }
        found
    }
}

fn position_strides(shape: &[usize]) -> SmallVec<[usize; 4]> {
    let mut strides: SmallVec<[usize; 4]> = SmallVec::from_elem(1, shape.len());
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// The smallest box of an array of this shape that holds a range of positions, which is not empty.
fn box_around(shape: &[usize], range: (usize, usize)) -> IndexBox {
    let (mut lo, mut hi) = (Indices::new(), Indices::new());
    let (mut first, mut last) = (range.0, range.1 - 1);
    let mut parted = false;
    for (&len, &stride) in shape.iter().zip(&position_strides(shape)) {
        let (a, b) = (first / stride, last / stride);
        (first, last) = (first % stride, last % stride);
        lo.push(if parted { 0 } else { a });
        hi.push(if parted { len } else { b + 1 });
        parted = parted || a != b;
    }
    IndexBox { lo, hi }
}

/// What one rank has to do with others when an array changes shape: the stretches between its block and theirs, by rank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reshaping {
    /// What this rank's source block has for others' target blocks.
    pub sends: Vec<(usize, Vec<Stretch>)>,
    /// What others' source blocks (and its own) have for this rank's target block.
    pub receives: Vec<(usize, Vec<Stretch>)>,
}

/// The moves in which `rank` takes part when the elements of an array, in C order, take another shape and distribution. Local.
///
/// # Panics
/// If the numbers of elements differ.
#[must_use]
pub fn reshaping(source: &Distribution, target: &Distribution, rank: usize) -> Reshaping {
    let (from_shape, to_shape) = (source.shape(), target.shape());
    assert_eq!(
        source.len(),
        target.len(),
        "a reshape keeps the number of elements"
    );
    let mine = Runs::new(&to_shape, &target.box_of(rank));
    let mut reshaping = Reshaping::default();
    if source.is_replicated() {
        let all = Runs::new(&from_shape, &IndexBox::full(&from_shape));
        reshaping.receives.push((rank, all.meet(&mine)));
        return reshaping;
    }
    for owner in peers(source, mine.hull()) {
        let theirs = Runs::new(&from_shape, &source.box_of(owner));
        let stretches = theirs.meet(&mine);
        if !stretches.is_empty() {
            reshaping.receives.push((owner, stretches));
        }
    }
    let block = Runs::new(&from_shape, &source.box_of(rank));
    for owner in peers(target, block.hull()) {
        let stretches = block.meet(&Runs::new(&to_shape, &target.box_of(owner)));
        if owner != rank && !stretches.is_empty() {
            reshaping.sends.push((owner, stretches));
        }
    }
    reshaping
}

/// The ranks whose blocks may have some of a range of positions, ascending.
fn peers(distribution: &Distribution, hull: (usize, usize)) -> Vec<usize> {
    if hull.0 == hull.1 {
        return Vec::new();
    }
    let around = box_around(&distribution.shape(), hull);
    let mut ranks: Vec<usize> = distribution.owners(&around).map(|(rank, _)| rank).collect();
    ranks.sort_unstable();
    ranks.dedup();
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stretches of all ranks carry each position once, from where it lies to where it goes.
    fn check(from: (&[usize], &[usize]), to: (&[usize], &[usize]), n_ranks: usize) {
        let source = Distribution::regular(from.0, from.1, n_ranks).expect("fits");
        let target = Distribution::regular(to.0, to.1, n_ranks).expect("fits");
        let positions = |distribution: &Distribution, shape: &[usize], rank| -> Vec<usize> {
            let whole = IndexBox::full(shape);
            let block = distribution.box_of(rank);
            block
                .indices()
                .map(|index| whole.offset_of(&index))
                .collect()
        };
        for rank in 0..n_ranks {
            let wanted = positions(&target, to.0, rank);
            let mut got = vec![usize::MAX; wanted.len()];
            for (owner, stretches) in reshaping(&source, &target, rank).receives {
                let theirs = positions(&source, from.0, owner);
                for stretch in &stretches {
                    let part = &theirs[stretch.source..][..stretch.len];
                    got[stretch.target..][..stretch.len].copy_from_slice(part);
                }
                if owner != rank {
                    let sends = reshaping(&source, &target, owner).sends;
                    assert!(
                        sends.contains(&(rank, stretches)),
                        "{owner} sends what {rank} awaits"
                    );
                }
            }
            assert_eq!(got, wanted);
        }
    }

    #[test]
    fn every_element_arrives_once() {
        check((&[12], &[4]), (&[3, 4], &[3]), 4);
        check((&[6, 10], &[2, 2]), (&[60], &[4]), 4);
        check((&[6, 10], &[1, 4]), (&[5, 3, 4], &[2, 1, 2]), 4);
        check((&[2, 3, 5], &[1, 3]), (&[30, 1], &[3]), 3);
        check((&[1, 1], &[1]), (&[1], &[1]), 2);
    }

    #[test]
    fn thousands_of_ranks_are_planned_by_their_neighbours() {
        let n_ranks = 4096;
        let source = Distribution::regular(&[100_000, 77], &[n_ranks], n_ranks).expect("fits");
        let target = Distribution::regular(&[7_700_000], &[n_ranks], n_ranks).expect("fits");
        for rank in [0, 1, 2000, 4095] {
            let plan = reshaping(&source, &target, rank);
            assert!(plan.receives.len() <= 3 && plan.sends.len() <= 3);
            assert!(
                plan.receives
                    .iter()
                    .all(|(_, stretches)| stretches.len() == 1)
            );
        }
    }
}
