//! The entries of one rank: its share of index arrays, as columns of integers.

use gain_ga::{Distribution, IndexBox};
use gain_ufunc::DType;
use smallvec::SmallVec;

use crate::array::Array;
use crate::error::Result;
use crate::local::LocalPart;
use crate::route::addresses::{Addresses, Place};
use crate::route::announce::{Complaint, announce};
use crate::runtime::Runtime;

/// Index arrays of one shape, laid out over the ranks, of which each rank takes its part.
pub struct Entries {
    columns: SmallVec<[Array; 2]>,
    /// Lengths of the axes that the columns index.
    lens: SmallVec<[usize; 2]>,
    /// The same axes as users count them.
    axes: SmallVec<[usize; 2]>,
    /// This rank's part of the index arrays.
    part: IndexBox,
    /// Whether every rank has all entries.
    everywhere: bool,
}

/// How index arrays of shape `entries` and rows of shape `rows` are best spread: along one axis, so that entries of ascending ranks follow
/// one another in C order. Local.
///
/// Only index arrays that every rank has (`everywhere`) may stay whole while the rows are cut.
#[must_use]
pub fn entry_distribution(
    entries: &[usize],
    rows: &[usize],
    everywhere: bool,
    n_ranks: usize,
) -> Distribution {
    let shape: SmallVec<[usize; 4]> = entries.iter().chain(rows).copied().collect();
    if shape.is_empty() {
        return Distribution::default_for(&[], n_ranks);
    }
    let leading = if entries.is_empty() { 0 } else { shape[0] };
    let longest =
        (entries.len()..shape.len()).max_by_key(|&axis| (shape[axis], shape.len() - axis));
    let axis = match longest {
        Some(longest) if everywhere && leading < n_ranks && shape[longest] > leading => longest,
        _ => 0,
    };
    if shape.len() == 1 {
        return Distribution::default_for(&shape, n_ranks);
    }
    let mut grid: SmallVec<[usize; 4]> = SmallVec::from_elem(1, axis + 1);
    grid[axis] = n_ranks;
    Distribution::regular(&shape, &grid, n_ranks).expect("a grid along one axis fits the team")
}

impl Entries {
    /// The entries of index arrays of any integer dtype, broadcast to `shape` and laid out as the first axes of `distribution`. Collective.
    ///
    /// # Errors
    /// As [`Runtime::sync`].
    ///
    /// # Panics
    /// If an array does not broadcast to the shape.
    pub fn new(
        indices: &[&Array],
        shape: &[usize],
        distribution: &Distribution,
        lens: &[usize],
        axes: &[usize],
    ) -> Result<Entries> {
        let everywhere = indices.iter().all(|array| array.is_replicated());
        let columns = indices
            .iter()
            .map(|array| column(array, shape, distribution, everywhere))
            .collect::<Result<SmallVec<[Array; 2]>>>()?;
        // Each of them has its memory once the last is asked for.
        for column in &columns {
            column.flush()?;
        }
        let own = distribution.box_of(indices[0].runtime().rank());
        let part = if own.is_empty() {
            IndexBox::nothing(shape.len())
        } else {
            IndexBox::new(&own.lo[..shape.len()], &own.hi[..shape.len()])
        };
        Ok(Entries {
            columns,
            lens: SmallVec::from_slice(lens),
            axes: SmallVec::from_slice(axes),
            part,
            everywhere,
        })
    }

    /// Number of this rank's entries. Local.
    #[must_use]
    pub fn count(&self) -> usize {
        self.part.len()
    }

    /// Whether an index array lies in the memory of an array that will be written. Local.
    #[must_use]
    pub fn shares_memory_with(&self, array: &Array) -> bool {
        self.columns.iter().any(|column| column.same_memory(array))
    }

    /// The columns' local parts.
    pub(crate) fn columns(&self) -> Result<SmallVec<[LocalPart<'_>; 2]>> {
        self.columns
            .iter()
            .map(|column| column.local_part_of(self.part.clone()))
            .collect()
    }

    /// The first index out of bounds of this rank's entries, or of all where every rank has them.
    pub(crate) fn complaint(&self) -> Result<Option<Complaint>> {
        let own = self.part.clone();
        for (number, column) in self.columns.iter().enumerate() {
            let part = if self.everywhere {
                IndexBox::full(column.shape())
            } else {
                own.clone()
            };
            let first = part.lo.iter().zip(column.shape());
            let first = first.fold(0, |at, (&lo, &len)| at * len + lo);
            let part = column.local_part_of(part)?;
            let (axis, len) = (self.axes[number], self.lens[number]);
            let complaint = complaint_of(part.elements(), first, axis, len);
            if complaint.is_some() {
                return Ok(complaint);
            }
        }
        Ok(None)
    }

    /// Raises on every rank what any of them complains of, where no exchange follows that would tell. Collective.
    pub(crate) fn agree(&self, rt: &Runtime) -> Result<()> {
        let complaint = self.complaint()?;
        if self.everywhere || rt.n_ranks() == 1 {
            return complaint.map_or(Ok(()), |complaint| Err(complaint.error()));
        }
        announce(rt, complaint, &[]).map(drop)
    }

    /// What an exchange tells the other ranks; what all ranks know is raised at once.
    pub(crate) fn complaint_to_tell(&self) -> Result<Option<Complaint>> {
        match self.complaint()? {
            Some(complaint) if self.everywhere => Err(complaint.error()),
            found => Ok(found),
        }
    }

    /// Lengths of the axes that are indexed.
    pub(crate) fn lens(&self) -> &[usize] {
        &self.lens
    }
}

/// The first of some indices of an axis that is out of bounds; the first of them stands at `position` among the entries.
pub(crate) fn complaint_of(
    indices: &[i64],
    position: usize,
    axis: usize,
    size: usize,
) -> Option<Complaint> {
    let len = size as i64;
    if indices
        .iter()
        .fold(true, |good, &i| good & (i < len) & (i >= -len))
    {
        return None;
    }
    let at = indices.iter().position(|&i| i >= len || i < -len)?;
    Some(Complaint {
        axis,
        position: position + at,
        index: indices[at],
        size,
    })
}

/// An index array as a column: `int64`, of the entries' shape, and each rank's part where the distribution wants it.
fn column(
    array: &Array,
    shape: &[usize],
    distribution: &Distribution,
    everywhere: bool,
) -> Result<Array> {
    let mut column = array.clone();
    if column.dtype() != DType::I64 {
        column = column.astype(DType::I64)?;
    }
    if column.shape() != shape {
        column = column.broadcast_to(shape)?;
    }
    if everywhere || column.is_replicated() {
        return Ok(column);
    }
    let wanted = leading_axes(distribution, shape.len());
    if column.distribution()? == wanted {
        return Ok(column);
    }
    column.redistributed(wanted)
}

/// The distribution of the first axes alone; the others are not cut.
fn leading_axes(distribution: &Distribution, n_axes: usize) -> Distribution {
    match distribution {
        Distribution::Replicated { shape } => Distribution::replicated(&shape[..n_axes]),
        Distribution::Blocks(blocks) => {
            let mut blocks = blocks.clone();
            blocks.axes.truncate(n_axes);
            blocks.axis_dim.truncate(n_axes);
            Distribution::Blocks(blocks)
        }
    }
}

/// An index counted from the start of an axis.
#[inline(always)]
pub(crate) fn wrapped(index: i64, len: usize) -> usize {
    (if index < 0 { index + len as i64 } else { index }) as usize
}

/// This rank's entries grouped by owner: the owner of each group and the positions of its entries, ascending.
pub(crate) fn by_owner(
    columns: &[&[i64]],
    lens: &[usize],
    count: usize,
    addresses: &Addresses,
) -> Vec<(usize, Vec<u32>)> {
    let owner = |at: usize| {
        addresses.owner(
            columns
                .iter()
                .zip(lens)
                .map(|(column, &len)| wrapped(column[at], len)),
        )
    };
    let mut groups: std::collections::BTreeMap<usize, Vec<u32>> = std::collections::BTreeMap::new();
    let mut last: Option<(usize, &mut Vec<u32>)> = None;
    for at in 0..count {
        let found = owner(at);
        match &mut last {
            Some((rank, group)) if *rank == found => group.push(at as u32),
            _ => {
                let group = groups.entry(found).or_default();
                group.push(at as u32);
                last = groups.get_mut(&found).map(|group| (found, group));
            }
        }
    }
    groups.into_iter().collect()
}

/// Where the rows of some entries begin in their owner's memory.
pub(crate) fn offsets<'a>(
    columns: &'a [&'a [i64]],
    lens: &'a [usize],
    place: &'a Place,
    positions: impl Iterator<Item = usize> + 'a,
) -> impl Iterator<Item = isize> + 'a {
    positions.map(move |at| {
        let steps = columns.iter().zip(lens).zip(&place.leading);
        steps.fold(place.start, |offset, ((column, &len), step)| {
            offset + wrapped(column[at], len) as isize * step
        })
    })
}
