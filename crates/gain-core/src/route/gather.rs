//! Reading rows from wherever they lie.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use gain_ga::{Buffer, Incoming, IndexBox, Outgoing, StridedBytes};
use smallvec::SmallVec;

use crate::array::Array;
use crate::error::Result;
use crate::layout::c_strides;
use crate::route::addresses::{Addresses, Place, RowPart};
use crate::route::announce::{Complaint, announce};
use crate::route::entries::{Entries, listed, offsets};
use crate::route::groups::{Positions, by_owner};
use crate::route::rows::{self, Row};
use crate::runtime::Runtime;

/// Elements that one thread takes at a time.
const CHUNK: usize = 1 << 13;

/// Rows, or parts of rows, that one owner has for this rank.
struct Wanted<'a> {
    owner: usize,
    positions: &'a Positions,
    part: &'a IndexBox,
    /// Where the rows begin in the owner's memory; not listed where it is this rank.
    places: Buffer,
}

impl Wanted<'_> {
    /// Number of rows.
    fn len(&self) -> usize {
        self.positions.len()
    }
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
    let lens = entries.lens();
    let addresses = Addresses::new(&base, &source.layout, lens.len(), own);
    let mine = wanted(own);
    let count = if mine.is_empty() { 0 } else { entries.count() };
    let mut out = Buffer::new(count * mine.len() * itemsize)?;
    let parts = entries.columns()?;
    let columns: SmallVec<[&[i64]; 2]> = parts.iter().map(|part| part.elements()).collect();
    if addresses.are_here(own) {
        let complaint = match entries.complaint_elsewhere()? {
            None if out.is_empty() => entries.complaint(&columns)?,
            None => here(source, entries, &columns, &addresses, &mine, &mut out),
            found => found,
        };
        entries.agree(rt, complaint)?;
        return Ok(out);
    }
    rt.stand_at("gather by index");
    let complaint = entries.complaint_to_tell(&columns)?;
    let groups = if complaint.is_some() {
        Vec::new()
    } else {
        by_owner(&columns, lens, count, &addresses)
    };
    let row_parts = addresses.row_parts(&mine);
    let mut requests: Vec<Wanted<'_>> = Vec::new();
    let mut at_home: Vec<Wanted<'_>> = Vec::new();
    for group in &groups {
        for RowPart { rank, part } in &row_parts {
            let owner = group.first + rank;
            let place = addresses.place(owner, &part.lo);
            let positions = &group.positions;
            let offsets = offsets(&columns, lens, &place, positions.iter());
            let (list, places) = match owner == own {
                true => (&mut at_home, Buffer::new(0)?),
                false => (&mut requests, listed(offsets, positions.len())?),
            };
            list.push(Wanted {
                owner,
                positions,
                part,
                places,
            });
        }
    }
    let pairs: Vec<(usize, usize)> = requests
        .iter()
        .map(|request| (request.owner, request.len()))
        .collect();
    let askers = announce(rt, complaint, &pairs)?;
    let asked = rt.team().exchange(
        &requests
            .iter()
            .map(|request| Outgoing {
                to: request.owner,
                source: StridedBytes::contiguous(request.places.as_slice()),
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
    let memory: &[u8] = &source.base.lend();
    let mut replies: Vec<(usize, Buffer)> = Vec::with_capacity(askers.len());
    let my_rows = addresses.row_box(own);
    for (number, &(from, count)) in askers.iter().enumerate() {
        let part = wanted(from).intersect(&my_rows);
        let place = addresses.place(own, &part.lo);
        let row = Row::new(&part.shape(), &place.row);
        let mut reply = Buffer::new(count * row.len() * itemsize)?;
        let places: &[u64] = bytemuck::cast_slice(asked.piece(number));
        in_chunks(rt, &row, itemsize, reply.as_mut_slice(), &|which, piece| {
            let offsets = places[which].iter().map(|&place| place as isize);
            rows::take(itemsize, memory, offsets, &row, piece);
        });
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
        &requests
            .iter()
            .map(|request| Incoming {
                from: request.owner,
                bytes: request.len() * request.part.len() * itemsize,
            })
            .collect::<Vec<_>>(),
    )?;
    let entries = (&columns[..], lens);
    for wanted in &at_home {
        let place = addresses.place(own, &wanted.part.lo);
        take_own(source, entries, &place, wanted, &mine, out.as_mut_slice())?;
    }
    let received = travelling.finish()?;
    for (number, request) in requests.iter().enumerate() {
        let found = received.piece(number);
        place_rows(
            request.positions.iter(),
            request.part,
            &mine,
            itemsize,
            found,
            out.as_mut_slice(),
        );
    }
    Ok(out)
}

/// Takes the rows that this rank has itself: at once to where they belong if they are whole and follow one another there.
fn take_own(
    source: &Array,
    (columns, lens): (&[&[i64]], &[usize]),
    place: &Place,
    wanted: &Wanted<'_>,
    mine: &IndexBox,
    out: &mut [u8],
) -> Result<()> {
    let (rt, itemsize) = (source.runtime(), source.itemsize());
    let memory: &[u8] = &source.base.lend();
    let Wanted {
        positions, part, ..
    } = wanted;
    let row = Row::new(&part.shape(), &place.row);
    let row_bytes = row.len() * itemsize;
    if let (Positions::Run(run), true) = (positions, *part == mine) {
        let out = &mut out[run.start * row_bytes..run.end * row_bytes];
        in_chunks(rt, &row, itemsize, out, &|which, piece| {
            let which = run.start + which.start..run.start + which.end;
            let offsets = offsets(columns, lens, place, which);
            rows::take(itemsize, memory, offsets, &row, piece);
        });
        return Ok(());
    }
    let per_chunk = (CHUNK / row.len().max(1)).max(1);
    let mut taken = Buffer::new(per_chunk.min(positions.len()) * row_bytes)?;
    for start in (0..positions.len()).step_by(per_chunk) {
        let which = start..positions.len().min(start + per_chunk);
        let offsets = offsets(columns, lens, place, positions.of(which.clone()));
        let taken = &mut taken.as_mut_slice()[..which.len() * row_bytes];
        rows::take(itemsize, memory, offsets, &row, taken);
        place_rows(positions.of(which), part, mine, itemsize, taken, out);
    }
    Ok(())
}

/// All rows are in this rank's memory; what is out of bounds is looked for on the way.
fn here(
    source: &Array,
    entries: &Entries,
    columns: &[&[i64]],
    addresses: &Addresses,
    mine: &IndexBox,
    out: &mut Buffer,
) -> Option<Complaint> {
    let place = addresses.place(source.runtime().rank(), &mine.lo);
    let row = Row::new(&mine.shape(), &place.row);
    let memory: &[u8] = &source.base.lend();
    let itemsize = source.itemsize();
    let complaint: Mutex<Option<Complaint>> = Mutex::new(None);
    let (rt, bounds, lens) = (source.runtime(), entries.bounds(), entries.lens());
    in_chunks(rt, &row, itemsize, out.as_mut_slice(), &|which, piece| {
        if let Some(found) = bounds.complaint(columns, which.clone()) {
            let mut first = complaint.lock().unwrap_or_else(PoisonError::into_inner);
            *first = Some(first.map_or(found, |first| first.min(found)));
            return;
        }
        rows::take(
            itemsize,
            memory,
            offsets(columns, lens, &place, which),
            &row,
            piece,
        );
    });
    complaint
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
}

/// Calls `take` with the numbers of some rows and the memory for them, until all rows of `out` were asked for, on all threads.
fn in_chunks(
    rt: &Runtime,
    row: &Row,
    itemsize: usize,
    out: &mut [u8],
    take: &(dyn Fn(Range<usize>, &mut [u8]) + Sync),
) {
    if out.is_empty() {
        return;
    }
    let row_bytes = row.len() * itemsize;
    let per_chunk = (CHUNK / row.len()).max(1);
    let pieces = out.chunks_mut(per_chunk * row_bytes).collect();
    rt.pool()
        .for_pieces(pieces, &|number, piece: &mut &mut [u8]| {
            let start = number * per_chunk;
            take(start..start + piece.len() / row_bytes, piece);
        });
}

/// Puts rows, or parts of them, where they belong among this rank's rows.
fn place_rows(
    positions: impl Iterator<Item = usize>,
    part: &IndexBox,
    mine: &IndexBox,
    itemsize: usize,
    found: &[u8],
    out: &mut [u8],
) {
    let strides = c_strides(&mine.shape());
    let inside = part.lo.iter().zip(&mine.lo).zip(&strides);
    let first: isize = inside
        .map(|((lo, origin), step)| (lo - origin) as isize * step)
        .sum();
    let row = Row::new(&part.shape(), &strides);
    let len = mine.len() as isize;
    let offsets = positions.map(|at| at as isize * len + first);
    rows::put(itemsize, out, offsets, &row, found, false);
}
