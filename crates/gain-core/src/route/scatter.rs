//! Writing rows to wherever they belong.

use gain_ga::{Buffer, Incoming, IndexBox, Outgoing, StridedBytes};
use smallvec::SmallVec;

use crate::array::Array;
use crate::error::{Error, Result};
use crate::layout::c_strides;
use crate::route::addresses::Addresses;
use crate::route::announce::announce;
use crate::route::entries::{Entries, listed, offsets};
use crate::route::groups::{Group, Positions, by_owner};
use crate::route::rows::{self, Row};

/// What is written.
#[derive(Clone, Copy, Debug)]
pub enum Values<'a> {
    /// One element, everywhere.
    One(&'a [u8]),
    /// A row, or its box, for each of this rank's entries, one behind the other.
    Each(&'a [u8]),
}

/// What joins values to what is there: it gets the local block, where the elements begin in it (counted in elements), and a value for each,
/// in the entries' order.
pub type Join<'a> = dyn FnMut(&mut [u8], &[u64], &[u8]) + 'a;

/// How a value meets what is there.
pub enum Write<'a, 'b> {
    /// It takes its place; of several for one element the last in the entries' order stays.
    Replace,
    /// The function joins them; only where the rows have no axes.
    Join(&'a mut Join<'b>),
}

/// Values that one rank has for this one.
struct Batch<'a> {
    from: usize,
    offsets: &'a [u64],
    values: &'a [u8],
}

/// Writes a row for each entry of all ranks, in the order of the ranks and their entries. Collective.
///
/// The entries index the first axes of `target`, in order; `given(rank)` is the box of the rows for which a rank has values. A target that
/// every rank holds takes only entries that every rank has, all of them.
///
/// # Errors
/// `IndexError`, alike on all ranks; as [`Runtime::sync`](crate::Runtime::sync).
pub fn scatter(
    target: &Array,
    entries: &Entries,
    given: &dyn Fn(usize) -> IndexBox,
    values: Values<'_>,
    write: &mut Write<'_, '_>,
) -> Result<()> {
    // What waits to read the old elements reads them first.
    if target.base.is_busy() || !target.base.is_placed() {
        target.runtime().sync()?;
    }
    let rt = target.runtime();
    let own = rt.rank();
    let itemsize = target.itemsize();
    let base = target
        .base
        .distribution()
        .expect("a base that is placed is distributed");
    let lens = entries.lens();
    if matches!(write, Write::Join(_)) && lens.len() != target.ndim() {
        return Err(Error::Unsupported {
            operation: "scatter",
            what: "joining whole rows".into(),
        });
    }
    let addresses = Addresses::new(&base, &target.layout, lens.len(), own);
    let mine = given(own);
    let count = if mine.is_empty() { 0 } else { entries.count() };
    let parts = entries.columns()?;
    let columns: SmallVec<[&[i64]; 2]> = parts.iter().map(|part| part.elements()).collect();
    if addresses.are_here(own) {
        entries.agree(rt, entries.complaint(&columns)?)?;
        let place = addresses.place(own, &mine.lo);
        let row = Row::new(&mine.shape(), &place.row);
        let (values, repeated) = match values {
            Values::One(values) => (values, true),
            Values::Each(values) => (values, false),
        };
        let offsets = offsets(&columns, lens, &place, 0..count);
        if let Write::Replace = write {
            let mut memory = target.base.lend_mut();
            rows::put(itemsize, &mut memory, offsets, &row, values, repeated);
            return Ok(());
        }
        let places = listed(offsets, count)?;
        let batch = Batch {
            from: own,
            offsets: bytemuck::cast_slice(places.as_slice()),
            values,
        };
        return batch.apply(target, write, &row, repeated);
    }
    rt.stand_at("scatter by index");
    let complaint = entries.complaint_to_tell(&columns)?;
    let groups = if complaint.is_some() {
        Vec::new()
    } else {
        by_owner(&columns, lens, count, &addresses)
    };
    let mut letters: Vec<(usize, Buffer, Buffer)> = Vec::new();
    for Group { first, positions } in &groups {
        for part in &addresses.row_parts(&mine) {
            let owner = first + part.rank;
            let place = addresses.place(owner, &part.part.lo);
            let offsets = offsets(&columns, lens, &place, positions.iter());
            let there = listed(offsets, positions.len())?;
            let content = match values {
                Values::One(_) => Buffer::new(0)?,
                Values::Each(bytes) => pick(bytes, itemsize, positions, &mine, &part.part)?,
            };
            letters.push((owner, there, content));
        }
    }
    let foreign = || letters.iter().filter(|(owner, ..)| *owner != own);
    let pairs: Vec<(usize, usize)> = foreign()
        .map(|(to, there, _)| (*to, there.len() / size_of::<u64>()))
        .collect();
    let senders = announce(rt, complaint, &pairs)?;
    let my_rows = addresses.row_box(own);
    let part_of = |rank: usize| given(rank).intersect(&my_rows);
    let each = matches!(values, Values::Each(_));
    let mut outgoing = Vec::new();
    for (to, there, content) in foreign() {
        let piece = |bytes| Outgoing {
            to: *to,
            source: StridedBytes::contiguous(bytes),
        };
        outgoing.push(piece(there.as_slice()));
        outgoing.extend(each.then(|| piece(content.as_slice())));
    }
    let mut incoming = Vec::new();
    for &(from, count) in &senders {
        incoming.push(Incoming {
            from,
            bytes: count * size_of::<u64>(),
        });
        let bytes = count * part_of(from).len() * itemsize;
        incoming.extend(each.then_some(Incoming { from, bytes }));
    }
    let received = rt.team().exchange(&outgoing, &incoming)?;
    let one = match values {
        Values::One(bytes) => Some(bytes),
        Values::Each(_) => None,
    };
    let pieces = if each { 2 } else { 1 };
    let foreign_batches = senders
        .iter()
        .enumerate()
        .map(|(number, &(from, _))| Batch {
            from,
            offsets: bytemuck::cast_slice(received.piece(number * pieces)),
            values: one.unwrap_or_else(|| received.piece(number * pieces + 1)),
        });
    let own_batches =
        letters
            .iter()
            .filter(|(owner, ..)| *owner == own)
            .map(|(_, there, content)| Batch {
                from: own,
                offsets: bytemuck::cast_slice(there.as_slice()),
                values: one.unwrap_or(content.as_slice()),
            });
    let mut batches: Vec<Batch<'_>> = foreign_batches.chain(own_batches).collect();
    batches.sort_by_key(|batch| batch.from);
    for batch in &batches {
        let part = part_of(batch.from);
        let place = addresses.place(own, &part.lo);
        let row = Row::new(&part.shape(), &place.row);
        batch.apply(target, write, &row, one.is_some())?;
    }
    Ok(())
}

impl Batch<'_> {
    /// Writes the values; one of them everywhere if `repeated`.
    fn apply(
        &self,
        target: &Array,
        write: &mut Write<'_, '_>,
        row: &Row,
        repeated: bool,
    ) -> Result<()> {
        let itemsize = target.itemsize();
        let mut memory = target.base.lend_mut();
        match write {
            Write::Replace => {
                let offsets = self.offsets.iter().map(|&offset| offset as isize);
                rows::put(itemsize, &mut memory, offsets, row, self.values, repeated);
            }
            Write::Join(join) if repeated => {
                let mut values = Buffer::new(self.offsets.len() * itemsize)?;
                for value in values.as_mut_slice().chunks_exact_mut(itemsize) {
                    value.copy_from_slice(self.values);
                }
                join(&mut memory, self.offsets, values.as_slice());
            }
            Write::Join(join) => join(&mut memory, self.offsets, self.values),
        }
        Ok(())
    }
}

/// The parts of some of this rank's rows, one behind the other.
fn pick(
    rows: &[u8],
    itemsize: usize,
    positions: &Positions,
    mine: &IndexBox,
    part: &IndexBox,
) -> Result<Buffer> {
    let strides = c_strides(&mine.shape());
    let inside = part.lo.iter().zip(&mine.lo).zip(&strides);
    let first: isize = inside
        .map(|((lo, origin), step)| (lo - origin) as isize * step)
        .sum();
    let row = Row::new(&part.shape(), &strides);
    let len = mine.len() as isize;
    let mut picked = Buffer::new(positions.len() * row.len() * itemsize)?;
    let offsets = positions.iter().map(|at| at as isize * len + first);
    rows::take(itemsize, rows, offsets, &row, picked.as_mut_slice());
    Ok(picked)
}
