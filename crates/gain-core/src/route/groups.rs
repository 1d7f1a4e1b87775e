//! The entries of one rank by owner: who has the row of which entry.

use std::ops::Range;

use crate::route::addresses::Addresses;
use crate::route::entries::wrapped;

/// Entries that are looked at together: where all of them have one owner, which neighbours often have, none is looked up alone.
const BLOCK: usize = 512;

/// The entries of which one rank has the rows, or the first parts of the rows.
#[derive(Debug)]
pub(crate) struct Group {
    /// That rank.
    pub(crate) first: usize,
    /// The entries, ascending.
    pub(crate) positions: Positions,
}

/// Numbers of entries, ascending.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Positions {
    /// All of a range: indices that ascend, or of which one rank has all.
    Run(Range<usize>),
    /// Any. A rank's share of entries is counted by 32 bits.
    Each(Vec<u32>),
}

impl Positions {
    /// How many they are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Positions::Run(range) => range.len(),
            Positions::Each(each) => each.len(),
        }
    }

    /// All numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.of(0..self.len())
    }

    /// Some of them, counted from the first.
    pub(crate) fn of(&self, which: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let (run, each) = match self {
            Positions::Run(run) => (run.start + which.start..run.start + which.end, &[][..]),
            Positions::Each(each) => (0..0, &each[which]),
        };
        run.chain(each.iter().map(|&at| at as usize))
    }

    /// Adds a range behind all others; `spare` is a guess of how many more will follow.
    fn push(&mut self, range: Range<usize>, spare: usize) {
        match self {
            Positions::Run(run) if run.end == range.start => run.end = range.end,
            Positions::Run(run) => {
                let mut each = Vec::with_capacity(run.len() + spare);
                each.extend(run.clone().chain(range).map(|at| at as u32));
                *self = Positions::Each(each);
            }
            Positions::Each(each) => each.extend(range.map(|at| at as u32)),
        }
    }
}

/// Groups that grow, found by their owner.
struct Groups {
    /// The number of an owner's group, plus one; by owner.
    numbers: Vec<u32>,
    found: Vec<Group>,
}

impl Groups {
    #[inline]
    fn of(&mut self, owner: u32, at: usize) -> &mut Positions {
        let owner = owner as usize;
        if self.numbers.len() <= owner {
            self.numbers.resize(owner + 1, 0);
        }
        if self.numbers[owner] == 0 {
            self.found.push(Group {
                first: owner,
                positions: Positions::Run(at..at),
            });
            self.numbers[owner] = self.found.len() as u32;
        }
        &mut self.found[self.numbers[owner] as usize - 1].positions
    }
}

/// The first `count` entries of the columns, none of which is out of bounds, by owner; the owners ascend.
///
/// # Panics
/// If they are too many to be counted by 32 bits.
pub(crate) fn by_owner(
    columns: &[&[i64]],
    lens: &[usize],
    count: usize,
    addresses: &Addresses,
) -> Vec<Group> {
    assert!(
        u32::try_from(count).is_ok(),
        "a rank has up to 2^32 - 1 entries"
    );
    let index = |axis: usize, at: usize| wrapped(columns[axis][at], lens[axis]);
    let mut groups = Groups {
        numbers: Vec::new(),
        found: Vec::new(),
    };
    let mut owners = [0; BLOCK];
    for start in (0..count).step_by(BLOCK) {
        let end = count.min(start + BLOCK);
        let alike = columns.iter().enumerate().all(|(axis, column)| {
            let part = addresses.part_around(axis, index(axis, start));
            let (lo, hi) = (part.start as i64, part.end as i64 - 1);
            let inside = column[start..end].iter();
            inside.fold(0, |outside, i| {
                outside | i.wrapping_sub(lo) | hi.wrapping_sub(*i)
            }) >= 0
        });
        let owners = &mut owners[..if alike { 1 } else { end - start }];
        addresses.owners(|axis, number| index(axis, start + number), owners);
        if alike {
            groups.of(owners[0], start).push(start..end, 0);
            continue;
        }
        // Were the entries spread evenly, so many would follow in each group.
        let spare = (count - start) / addresses.n_owners() + BLOCK;
        for (&owner, at) in owners.iter().zip(start..end) {
            match groups.of(owner, at) {
                Positions::Each(each) => each.push(at as u32),
                positions => positions.push(at..at + 1, spare),
            }
        }
    }
    groups.found.sort_unstable_by_key(|group| group.first);
    groups.found
}

#[cfg(test)]
mod tests {
    use gain_ga::Distribution;

    use super::*;
    use crate::layout::Layout;

    fn base(len: usize, n_ranks: usize) -> Distribution {
        Distribution::regular(&[len], &[n_ranks], n_ranks).expect("fits")
    }

    fn addresses(len: usize, n_ranks: usize) -> Addresses {
        Addresses::new(&base(len, n_ranks), &Layout::identity(&[len]), 1, 0)
    }

    #[test]
    fn each_entry_is_in_its_owners_group() {
        let (len, n_ranks) = (10_000, 5);
        let addresses = addresses(len, n_ranks);
        let index = |at: usize| {
            (at * 7919 % len) as i64 - if at.is_multiple_of(3) { len as i64 } else { 0 }
        };
        let column: Vec<i64> = (0..3000).map(index).collect();
        let groups = by_owner(&[&column], &[len], column.len(), &addresses);
        let mut seen = vec![0; column.len()];
        for group in &groups {
            assert!(group.positions.iter().is_sorted());
            assert_eq!(group.positions.iter().count(), group.positions.len());
            for at in group.positions.iter() {
                let mut owner = [0];
                addresses.owners(|_, _| wrapped(column[at], len), &mut owner);
                assert_eq!(owner[0] as usize, group.first);
                seen[at] += 1;
            }
        }
        assert!(seen.iter().all(|&n| n == 1));
        assert!(groups.is_sorted_by_key(|group| group.first));
    }

    #[test]
    fn ascending_indices_are_runs() {
        let column: Vec<i64> = (0..5000).map(|i| i * 2).collect();
        let groups = by_owner(&[&column], &[10_000], 5000, &addresses(10_000, 3));
        assert_eq!(groups.len(), 3);
        for (number, group) in groups.iter().enumerate() {
            let block = base(10_000, 3).box_of(number);
            let run = Positions::Run(block.lo[0].div_ceil(2)..block.hi[0].div_ceil(2));
            assert_eq!((group.first, &group.positions), (number, &run));
        }
    }
}
