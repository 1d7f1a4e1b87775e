//! Reading rows from wherever they lie.

use gain_ga::{Buffer, Incoming, IndexBox, Outgoing, StridedBytes};
use smallvec::SmallVec;

use crate::array::Array;
use crate::error::Result;
use crate::layout::c_strides;
use crate::route::addresses::{Addresses, RowPart};
use crate::route::announce::announce;
use crate::route::entries::{Entries, by_owner, offsets, wrapped};
use crate::route::rows::{self, Row};

/// A part of rows that this rank asks an owner for.
struct Request<'a> {
    owner: usize,
    positions: &'a [u32],
    part: &'a RowPart,
    /// Where the rows begin in the owner's memory.
    offsets: Vec<u64>,
}

/// The rows of `source` that this rank's entries name, one behind the other: of each row the box `wanted(rank)`. Collective.
///
/// The entries index the first axes of `source`, in order. All ranks know what every rank wants.
///
/// # Errors
/// `IndexError`, alike on all ranks; as [`Runtime::sync`](crate::Runtime::sync).
pub fn gather(
    source: &Array,
    entries: &Entries,
    wanted: &dyn Fn(usize) -> IndexBox,
) -> Result<Buffer> {
    source.flush()?;
    let rt = source.runtime();
    let own = rt.rank();
    let itemsize = source.itemsize();
    let base = source
        .base
        .distribution()
        .expect("a base that is placed is distributed");
    let n_leading = entries.lens().len();
    let addresses = Addresses::new(&base, &source.layout, n_leading, own);
    let mine = wanted(own);
    let count = if mine.is_empty() { 0 } else { entries.count() };
    let mut out = Buffer::new(count * mine.len() * itemsize)?;
    if addresses.are_here(own) {
        entries.agree(rt)?;
        here(source, entries, &addresses, &mine, count, &mut out)?;
        return Ok(out);
    }
    rt.stand_at("gather by index");
    let parts = entries.columns()?;
    let columns: SmallVec<[&[i64]; 2]> = parts.iter().map(|part| part.elements()).collect();
    let complaint = entries.complaint_to_tell()?;
    let groups = if complaint.is_some() {
        Vec::new()
    } else {
        by_owner(&columns, entries.lens(), count, &addresses)
    };
    let row_parts = addresses.row_parts(&mine);
    let mut requests: Vec<Request<'_>> = Vec::new();
    for (first, positions) in &groups {
        for part in &row_parts {
            let owner = first + part.rank;
            let place = addresses.place(owner, &part.part.lo);
            let which = positions.iter().map(|&at| at as usize);
            let offsets = offsets(&columns, entries.lens(), &place, which);
            requests.push(Request {
                owner,
                positions,
                part,
                offsets: offsets.map(|offset| offset as u64).collect(),
            });
        }
    }
    let foreign = || requests.iter().filter(|request| request.owner != own);
    let pairs: Vec<(usize, usize)> = foreign()
        .map(|request| (request.owner, request.offsets.len()))
        .collect();
    let askers = announce(rt, complaint, &pairs)?;
    let asked = rt.team().exchange(
        &foreign()
            .map(|request| Outgoing {
                to: request.owner,
                source: StridedBytes::contiguous(bytemuck::cast_slice(&request.offsets)),
            })
            .collect::<Vec<_>>(),
        &askers
            .iter()
            .map(|&(from, count)| Incoming {
                from,
                bytes: count * size_of::<u64>(),
            })
            .collect::<Vec<_>>(),
    )?;
    let memory = source.base.lend();
    let mut replies: Vec<(usize, Buffer)> = Vec::with_capacity(askers.len());
    let my_rows = addresses.row_box(own);
    for (number, &(from, count)) in askers.iter().enumerate() {
        let part = wanted(from).intersect(&my_rows);
        let place = addresses.place(own, &part.lo);
        let row = Row::new(&part.shape(), &place.row);
        let mut reply = Buffer::new(count * row.len() * itemsize)?;
        let offsets: &[u64] = bytemuck::cast_slice(asked.piece(number));
        let offsets = offsets.iter().map(|&offset| offset as isize);
        rows::take(itemsize, &memory, offsets, &row, reply.as_mut_slice());
        replies.push((from, reply));
    }
    let travelling = rt.team().start(
        &replies
            .iter()
            .map(|(to, reply)| Outgoing {
                to: *to,
                source: StridedBytes::contiguous(reply.as_slice()),
            })
            .collect::<Vec<_>>(),
        &foreign()
            .map(|request| Incoming {
                from: request.owner,
                bytes: request.offsets.len() * request.part.part.len() * itemsize,
            })
            .collect::<Vec<_>>(),
    )?;
    for request in requests.iter().filter(|request| request.owner == own) {
        let place = addresses.place(own, &request.part.part.lo);
        let row = Row::new(&request.part.part.shape(), &place.row);
        let mut found = Buffer::new(request.offsets.len() * row.len() * itemsize)?;
        let offsets = request.offsets.iter().map(|&offset| offset as isize);
        rows::take(itemsize, &memory, offsets, &row, found.as_mut_slice());
        place_rows(request, &mine, itemsize, found.as_slice(), &mut out);
    }
    let received = travelling.finish()?;
    for (number, request) in foreign().enumerate() {
        place_rows(request, &mine, itemsize, received.piece(number), &mut out);
    }
    Ok(out)
}

/// All rows are in this rank's memory.
fn here(
    source: &Array,
    entries: &Entries,
    addresses: &Addresses,
    mine: &IndexBox,
    count: usize,
    out: &mut Buffer,
) -> Result<()> {
    if out.is_empty() {
        return Ok(());
    }
    let parts = entries.columns()?;
    let columns: SmallVec<[&[i64]; 2]> = parts.iter().map(|part| part.elements()).collect();
    let place = addresses.place(source.runtime().rank(), &mine.lo);
    let row = Row::new(&mine.shape(), &place.row);
    let memory = source.base.lend();
    let (itemsize, lens) = (source.itemsize(), entries.lens());
    match (&columns[..], &place.leading[..]) {
        ([column], [step]) => {
            let (start, step, len) = (place.start, *step, lens[0]);
            let offsets = column
                .iter()
                .map(|&index| start + wrapped(index, len) as isize * step);
            rows::take(itemsize, &memory, offsets, &row, out.as_mut_slice());
        }
        _ => {
            let offsets = offsets(&columns, lens, &place, 0..count);
            rows::take(itemsize, &memory, offsets, &row, out.as_mut_slice());
        }
    }
    Ok(())
}

/// Puts the parts of rows that came from one owner where they belong among this rank's rows.
fn place_rows(
    request: &Request<'_>,
    mine: &IndexBox,
    itemsize: usize,
    found: &[u8],
    out: &mut Buffer,
) {
    let strides = c_strides(&mine.shape());
    let part = &request.part.part;
    let inside = part.lo.iter().zip(&mine.lo).zip(&strides);
    let first: isize = inside
        .map(|((lo, origin), step)| (lo - origin) as isize * step)
        .sum();
    let row = Row::new(&part.shape(), &strides);
    let len = mine.len() as isize;
    let offsets = request
        .positions
        .iter()
        .map(|&at| at as isize * len + first);
    rows::put(itemsize, out.as_mut_slice(), offsets, &row, found, false);
}
