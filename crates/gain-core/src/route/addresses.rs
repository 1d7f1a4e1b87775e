//! Where entries lie: their owners, and the places in the owners' memory. Pure, and the same on every rank.

use std::hint::select_unpredictable;
use std::ops::Range;

use gain_ga::{Distribution, IndexBox, Indices};
use smallvec::{SmallVec, smallvec};

use crate::layout::{Layout, c_strides};
use crate::plan::placement;

/// The addresses of the rows of a view.
#[derive(Debug)]
pub struct Addresses {
    base: Distribution,
    layout: Layout,
    n_leading: usize,
    /// One for each leading axis.
    lookups: SmallVec<[Lookup; 2]>,
    /// One for each axis of the rows.
    row_cuts: SmallVec<[Lookup; 2]>,
    /// The rank at the grid's coordinates 0 and those that are fixed; this rank when the array is replicated.
    first: usize,
}

/// Which part of an axis an index falls into, and what that part adds to its owner's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// Where the parts end, ascending.
    ends: SmallVec<[usize; 4]>,
    /// What each part adds.
    ranks: SmallVec<[usize; 4]>,
}

impl Lookup {
    fn whole(len: usize) -> Lookup {
        Lookup {
            ends: smallvec![len],
            ranks: smallvec![0],
        }
    }

    /// Adds to the owners of some entries what the parts of the axis that hold their indices add. Local.
    ///
    /// While the parts are few, each that ends before an index moves its owner on from one part's number to the next one's; without a branch,
    /// as indices in no order defeat a processor's guesses.
    #[inline]
    pub fn add(&self, indices: impl Iterator<Item = usize> + Clone, owners: &mut [u32]) {
        let rank = |part: usize| self.ranks[part] as u32;
        let inner = &self.ends[..self.ends.len() - 1];
        if inner.len() >= 8 {
            for (owner, index) in owners.iter_mut().zip(indices) {
                *owner += rank(inner.partition_point(|&end| end <= index));
            }
            return;
        }
        owners.iter_mut().for_each(|owner| *owner += rank(0));
        for (part, &end) in inner.iter().enumerate() {
            let onwards = rank(part + 1).wrapping_sub(rank(part));
            for (owner, index) in owners.iter_mut().zip(indices.clone()) {
                let step = select_unpredictable(end <= index, onwards, 0);
                *owner = owner.wrapping_add(step);
            }
        }
    }

    /// The part that holds an index of the axis. Local.
    #[must_use]
    pub fn part_around(&self, index: usize) -> Range<usize> {
        let part = self.ends.partition_point(|&end| end <= index);
        let part = part.min(self.ends.len() - 1);
        let start = if part == 0 { 0 } else { self.ends[part - 1] };
        start..self.ends[part]
    }

    /// The parts that `lo..hi` meets: what each adds, and its own `lo..hi`.
    fn parts(&self, lo: usize, hi: usize) -> impl Iterator<Item = (usize, usize, usize)> {
        let mut start = 0;
        self.ends
            .iter()
            .zip(&self.ranks)
            .filter_map(move |(&end, &rank)| {
                let part = (rank, start.max(lo), end.min(hi));
                start = end;
                (part.1 < part.2).then_some(part)
            })
    }
}

/// A part of a row that lies on one rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowPart {
    /// What it adds to the number of an entry's owner.
    pub rank: usize,
    /// The part, in indices of the rows' axes.
    pub part: IndexBox,
}

/// How the rows of a view lie in one rank's block, in elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where the row of entry 0 would begin.
    pub start: isize,
    /// Distance of rows by leading axis.
    pub leading: SmallVec<[isize; 4]>,
    /// Distance of elements by axis of the rows.
    pub row: SmallVec<[isize; 4]>,
}

impl Addresses {
    /// The addresses of the rows behind the first `n_leading` axes of a view of a base, as rank `own` sees them. Local.
    #[must_use]
    pub fn new(base: &Distribution, layout: &Layout, n_leading: usize, own: usize) -> Addresses {
        let view = placement::view(base, layout);
        let (mut lookups, first) = match &view {
            Distribution::Replicated { shape } => {
                (shape.iter().map(|&len| Lookup::whole(len)).collect(), own)
            }
            Distribution::Blocks(blocks) => {
                let mut strides: SmallVec<[usize; 4]> = SmallVec::from_elem(1, blocks.grid.len());
                for dim in (1..blocks.grid.len()).rev() {
                    strides[dim - 1] = strides[dim] * blocks.grid[dim];
                }
                let fixed = blocks.fixed.iter().zip(&strides);
                let first = fixed
                    .map(|(fixed, stride)| fixed.unwrap_or(0) * stride)
                    .sum();
                let axes = blocks.axes.iter().zip(&blocks.axis_dim);
                let lookups: SmallVec<[Lookup; 4]> = axes
                    .map(|(cuts, dim)| match dim {
                        None => Lookup::whole(cuts.len()),
                        Some(dim) => {
                            let (ends, ranks) = cuts
                                .intervals(0, cuts.len())
                                .map(|(coord, _, end)| (end, coord * strides[*dim]))
                                .unzip();
                            Lookup { ends, ranks }
                        }
                    })
                    .collect();
                (lookups, first)
            }
        };
        let row_cuts = lookups.drain(n_leading..).collect();
        Addresses {
            base: base.clone(),
            layout: layout.clone(),
            n_leading,
            lookups: lookups.into_iter().collect(),
            row_cuts,
            first,
        }
    }

    /// Whether one rank has everything, and it is `own`. Local.
    #[must_use]
    pub fn are_here(&self, own: usize) -> bool {
        let alone = |lookups: &[Lookup]| {
            lookups
                .iter()
                .all(|lookup| lookup.ranks.iter().all(|&rank| rank == 0))
        };
        self.first == own
            && alone(&self.lookups)
            && alone(&self.row_cuts)
            && (self.base.is_replicated() || self.base.n_ranks() == 1)
    }

    /// The owners of some entries' rows, or of the first parts of them when the rows are cut: `index(axis, number)` is the index of the
    /// entry of that number along a leading axis. Local.
    pub fn owners(&self, index: impl Fn(usize, usize) -> usize, owners: &mut [u32]) {
        owners.fill(self.first as u32);
        for (axis, lookup) in self.lookups.iter().enumerate() {
            lookup.add((0..owners.len()).map(|number| index(axis, number)), owners);
        }
    }

    /// How many ranks the leading axes are cut among. Local.
    #[must_use]
    pub fn n_owners(&self) -> usize {
        self.lookups
            .iter()
            .map(|lookup| lookup.ends.len())
            .product()
    }

    /// The indices of a leading axis around one of them that have the same owner as far as this axis tells. Local.
    #[must_use]
    pub fn part_around(&self, leading: usize, index: usize) -> Range<usize> {
        self.lookups[leading].part_around(index)
    }

    /// The parts of a box of the rows, by owner. Local.
    #[must_use]
    pub fn row_parts(&self, wanted: &IndexBox) -> Vec<RowPart> {
        if wanted.is_empty() {
            return Vec::new();
        }
        let nothing = IndexBox::full(&[]);
        let mut parts = vec![RowPart {
            rank: 0,
            part: nothing,
        }];
        for (axis, cuts) in self.row_cuts.iter().enumerate() {
            let longer = |part: &RowPart| {
                cuts.parts(wanted.lo[axis], wanted.hi[axis])
                    .map(|(rank, lo, hi)| {
                        let mut longer = part.clone();
                        longer.rank += rank;
                        longer.part.lo.push(lo);
                        longer.part.hi.push(hi);
                        longer
                    })
                    .collect::<Vec<_>>()
            };
            parts = parts.iter().flat_map(longer).collect();
        }
        parts
    }

    /// The box of the rows' axes that a rank owns. Local.
    #[must_use]
    pub fn row_box(&self, rank: usize) -> IndexBox {
        let own = placement::view(&self.base, &self.layout).box_of(rank);
        if own.is_empty() {
            return IndexBox::nothing(self.row_cuts.len());
        }
        IndexBox {
            lo: SmallVec::from_slice(&own.lo[self.n_leading..]),
            hi: SmallVec::from_slice(&own.hi[self.n_leading..]),
        }
    }

    /// How the rows, from index `row_lo` of their axes on, lie in the block of a rank that owns some. Local.
    #[must_use]
    pub fn place(&self, rank: usize, row_lo: &[usize]) -> Place {
        let block = self.base.box_of(rank);
        let memory = c_strides(&block.shape());
        let mut index: Indices = SmallVec::from_elem(0, self.n_leading);
        index.extend_from_slice(row_lo);
        let strides = self.layout.strides(&memory);
        Place {
            start: self.layout.position(&index, &block.lo, &memory),
            leading: SmallVec::from_slice(&strides[..self.n_leading]),
            row: SmallVec::from_slice(&strides[self.n_leading..]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every entry's owner and place agree with the distribution's own words, for a view of a base.
    fn check(base_shape: &[usize], grid: &[usize], layout: &Layout, n_leading: usize) {
        let n_ranks = grid.iter().product();
        let base = Distribution::regular(base_shape, grid, n_ranks).expect("a grid that fits");
        let view = placement::view(&base, layout);
        let addresses = Addresses::new(&base, layout, n_leading, 0);
        for index in IndexBox::full(&layout.shape).indices() {
            let (entry, row) = index.split_at(n_leading);
            let hi: Indices = row.iter().map(|i| i + 1).collect();
            let parts = addresses.row_parts(&IndexBox::new(row, &hi));
            let mut first = [0];
            addresses.owners(|axis, _| entry[axis], &mut first);
            let owner = first[0] as usize + parts[0].rank;
            assert_eq!((parts.len(), owner), (1, view.owner_of(&index)));
            let place = addresses.place(owner, row);
            let steps = entry.iter().zip(&place.leading);
            let at = place.start + steps.map(|(&i, step)| i as isize * step).sum::<isize>();
            let block = base.box_of(owner);
            let memory = c_strides(&block.shape());
            assert_eq!(at, layout.position(&index, &block.lo, &memory));
            assert!((0..block.len() as isize).contains(&at));
        }
    }

    #[test]
    fn owners_and_places_are_the_distributions() {
        check(&[10], &[3], &Layout::identity(&[10]), 1);
        check(&[10, 7], &[3, 2], &Layout::identity(&[10, 7]), 1);
        check(&[10, 7], &[3, 2], &Layout::identity(&[10, 7]), 2);
        let turned = Layout::identity(&[10, 7]).transpose(&[1, 0]);
        check(&[10, 7], &[3, 2], &turned, 1);
        let reversed = Layout::identity(&[10, 7]).slice(0, 9, -2, 5).pick(1, 3);
        check(&[10, 7], &[2, 2], &reversed, 1);
        let widened = Layout::identity(&[4, 7]).insert(0, 3);
        check(&[4, 7], &[2, 2], &widened, 2);
    }

    #[test]
    fn thousands_of_ranks_are_found_by_bisection() {
        let base = Distribution::regular(&[100_000], &[4096], 4096).expect("fits");
        let addresses = Addresses::new(&base, &Layout::identity(&[100_000]), 1, 0);
        for index in (0..100_000).step_by(997) {
            let mut owner = [0];
            addresses.owners(|_, _| index, &mut owner);
            assert_eq!(owner[0] as usize, base.owner_of(&[index]));
        }
    }
}
