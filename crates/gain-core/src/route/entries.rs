//! The entries of one rank: its share of index arrays, as columns of integers.

use std::ops::Range;

use gain_ga::{Buffer, Distribution, IndexBox};
use gain_ufunc::DType;
use smallvec::SmallVec;

use crate::array::Array;
use crate::error::Result;
use crate::local::LocalPart;
use crate::route::addresses::Place;
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

/// What the indices of one rank's entries must keep to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds<'a> {
    lens: &'a [usize],
    axes: &'a [usize],
    /// The number of the rank's first entry among all.
    first: usize,
}

impl Bounds<'_> {
    /// The first index that is out of bounds of some of the rank's entries, whose columns these are. Local.
    pub(crate) fn complaint(&self, columns: &[&[i64]], which: Range<usize>) -> Option<Complaint> {
        let axes = self.axes.iter().zip(self.lens);
        columns
            .iter()
            .zip(axes)
            .find_map(|(column, (&axis, &len))| {
                complaint_of(&column[which.clone()], self.first + which.start, axis, len)
            })
    }
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

    /// What this rank's indices must keep to. Local.
    pub(crate) fn bounds(&self) -> Bounds<'_> {
        let first = self.part.lo.iter().zip(self.columns[0].shape());
        Bounds {
            lens: &self.lens,
            axes: &self.axes,
            first: first.fold(0, |at, (&lo, &len)| at * len + lo),
        }
    }

    /// The first index out of bounds of entries that every rank has, where this rank's part is not all of them.
    pub(crate) fn complaint_elsewhere(&self) -> Result<Option<Complaint>> {
        let whole = IndexBox::full(self.columns[0].shape());
        if !self.everywhere || self.part == whole {
            return Ok(None);
        }
        for (number, column) in self.columns.iter().enumerate() {
            let part = column.local_part_of(whole.clone())?;
            let (axis, len) = (self.axes[number], self.lens[number]);
            let complaint = complaint_of(part.elements(), 0, axis, len);
            if complaint.is_some() {
                return Ok(complaint);
            }
        }
        Ok(None)
    }

    /// Raises on every rank what any of them complains of, where no exchange follows that would tell. Collective.
    pub(crate) fn agree(&self, rt: &Runtime, complaint: Option<Complaint>) -> Result<()> {
        if self.everywhere || rt.n_ranks() == 1 {
            return complaint.map_or(Ok(()), |complaint| Err(complaint.error()));
        }
        announce(rt, complaint, &[]).map(drop)
    }

    /// The first index out of bounds of this rank's entries, whose columns these are, or of all where every rank has them.
    pub(crate) fn complaint(&self, columns: &[&[i64]]) -> Result<Option<Complaint>> {
        Ok(match self.complaint_elsewhere()? {
            None => self.bounds().complaint(columns, 0..self.count()),
            found => found,
        })
    }

    /// What an exchange tells the other ranks; what all ranks know is raised at once.
    pub(crate) fn complaint_to_tell(&self, columns: &[&[i64]]) -> Result<Option<Complaint>> {
        match self.complaint(columns)? {
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
    // Both terms are negative only for an index out of bounds; every machine adds and joins them by the vector, but few compare 64 bits.
    let outside = indices.iter().fold(0, |outside, &i| {
        let from_lowest = i.wrapping_add(len);
        outside | from_lowest | (2 * len - 1).wrapping_sub(from_lowest)
    });
    if outside >= 0 {
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

/// An index counted from the start of an axis; without a branch, as signs may come in no order.
#[inline(always)]
pub(crate) fn wrapped(index: i64, len: usize) -> usize {
    (index + ((index >> 63) & len as i64)) as usize
}

/// Where the rows of some entries begin in their owner's memory.
#[inline]
pub(crate) fn offsets<'a>(
    columns: &'a [&'a [i64]],
    lens: &'a [usize],
    place: &'a Place,
    positions: impl Iterator<Item = usize> + 'a,
) -> impl Iterator<Item = isize> + 'a {
    // One column is the usual case; compilers decide it before the loop.
    let only = match (columns, lens, &place.leading[..]) {
        ([column], [len], [step]) => Some((*column, *len, *step)),
        _ => None,
    };
    positions.map(move |at| match only {
        Some((column, len, step)) => place.start + wrapped(column[at], len) as isize * step,
        None => {
            let steps = columns.iter().zip(lens).zip(&place.leading);
            steps.fold(place.start, |offset, ((column, &len), step)| {
                offset + wrapped(column[at], len) as isize * step
            })
        }
    })
}

/// The same for `count` positions, listed as `u64`.
///
/// # Errors
/// Memory for them.
pub(crate) fn listed(offsets: impl Iterator<Item = isize>, count: usize) -> Result<Buffer> {
    let mut places = Buffer::new(count * size_of::<u64>())?;
    let list: &mut [u64] = bytemuck::cast_slice_mut(places.as_mut_slice());
    for (place, offset) in list.iter_mut().zip(offsets) {
        *place = offset as u64;
    }
    Ok(places)
}
