//! Updates that read what they overwrite, `u[1:-1] = u[:-2] + u[2:]`: in which order elements may be written back.
//!
//! # Rationale
//! NumPy evaluates the right side before it writes the left one. Doing so literally costs a whole temporary. When the reads are the write's
//! own view, shifted, a few rows of delay are enough: rows are computed in ascending order and each is written back once no later row needs
//! what it replaces. Threads, and ranks, work on row ranges of their own; the rows near a range's edge are computed last, from copies saved
//! before anything was written. All other overlaps (reversed, transposed, other shapes) go through a scratch block of the box' size.
//!
//! # Limitations
//! The rows are those of the first axis; shifts over more than `MOST_ROWS` rows, and boxes cut along other axes, use the scratch block.

use gain_ga::{IndexBox, Indices};
use smallvec::{SmallVec, smallvec};

use crate::layout::{Layout, c_strides};
use crate::plan::align::packed_shape;
use crate::plan::problem::Problem;
use crate::plan::step::{Load, Pieces};
use crate::plan::{Access, PiecePlan, Place, Save, Scratch};

/// The farthest shift, in rows, for which rows are delayed.
const MOST_ROWS: usize = 64;

/// Elements of one row when a one-dimensional loop is read as rows.
const ROW_LEN: usize = 4096;

/// The pieces of a loop in the order in which they may run.
pub struct Ordering {
    /// Copies made before the first piece.
    pub saves: Vec<Save>,
    /// Pieces that may run at once, together.
    pub interior: Vec<PiecePlan>,
    /// Pieces that run after those and after the messages.
    pub border: Vec<PiecePlan>,
    /// The block that takes the overlapping write until the end.
    pub scratch: Option<Scratch>,
}

/// How far the reads of an overlapping update reach along the first axis.
struct Reach {
    back: usize,
    ahead: usize,
}

/// Orders the pieces of an update whose target overlaps its reads.
#[expect(clippy::too_many_arguments, reason = "all of it describes one loop")]
pub fn order(
    pieces: &Pieces,
    write: &(usize, Layout),
    same_memory: impl Fn(usize) -> bool,
    my_box: &IndexBox,
    cells: &[IndexBox],
    n_threads: usize,
    uses_index: bool,
    problem: &Problem,
) -> Ordering {
    let moving: Vec<bool> = pieces
        .loads
        .iter()
        .map(|load| {
            same_memory(load.slot)
                && !(load.slot == write.0
                    && (*load.layout == write.1 || load.layout.disjoint(&write.1)))
        })
        .collect();
    let reach = reach(pieces, write, &moving);
    let lagged = reach.and_then(|reach| {
        lagged(
            pieces, &moving, &reach, my_box, cells, n_threads, uses_index,
        )
    });
    lagged.unwrap_or_else(|| scratched(pieces, write, my_box, cells, problem))
}

/// The shifts of the moving reads against the write; `None` when one is not a shift.
fn reach(pieces: &Pieces, write: &(usize, Layout), moving: &[bool]) -> Option<Reach> {
    let mut reach = Reach { back: 0, ahead: 0 };
    for (load, _) in pieces
        .loads
        .iter()
        .zip(moving)
        .filter(|(_, moving)| **moving)
    {
        if load.slot != write.0 || load.layout.walks != write.1.walks {
            return None;
        }
        let walk = load.layout.walks[0]?;
        let apart = load.layout.origin[walk.axis] as isize - write.1.origin[walk.axis] as isize;
        if apart % walk.step != 0 {
            return None;
        }
        // Elements of the update's first axis by which this read runs ahead.
        let shift = apart / walk.step;
        reach.back = reach.back.max((-shift).max(0) as usize);
        reach.ahead = reach.ahead.max(shift.max(0) as usize);
    }
    Some(reach)
}

/// Row ranges for the threads, delayed write-back inside, saved copies at the edges; `None` when the box does not suit.
fn lagged(
    pieces: &Pieces,
    moving: &[bool],
    reach: &Reach,
    my_box: &IndexBox,
    cells: &[IndexBox],
    n_threads: usize,
    uses_index: bool,
) -> Option<Ordering> {
    let ndim = my_box.lo.len();
    let flat = ndim == 1;
    let farthest = reach.back.max(reach.ahead);
    if farthest > if flat { ROW_LEN } else { MOST_ROWS } || (flat && uses_index) {
        return None;
    }
    let only_first_axis_cut = cells
        .iter()
        .all(|cell| cell.lo[1..] == my_box.lo[1..] && cell.hi[1..] == my_box.hi[1..]);
    let mut local = cells.iter().filter(|cell| pieces.is_local(cell));
    let (main, others) = (local.next()?, local.next());
    let unit = if flat { ROW_LEN } else { 1 };
    if !only_first_axis_cut || others.is_some() || main.hi[0] - main.lo[0] < 4 * unit.max(farthest)
    {
        return None;
    }
    let rows = |lo: usize, hi: usize| {
        let mut part = my_box.clone();
        (part.lo[0], part.hi[0]) = (lo, hi);
        part
    };
    let mut ordering = Ordering {
        saves: Vec::new(),
        interior: Vec::new(),
        border: Vec::new(),
        scratch: None,
    };
    let n_rows = main.hi[0] - main.lo[0];
    let n_ranges = n_threads.min(n_rows / (2 * unit.max(farthest))).max(1);
    for range in 0..n_ranges {
        let lo = main.lo[0] + n_rows * range / n_ranges;
        let end = main.lo[0] + n_rows * (range + 1) / n_ranges;
        // The next range reads `back` rows before its first one, and this one reads `ahead` rows past its last one.
        let mut hi = if range + 1 < n_ranges {
            end - farthest
        } else {
            end
        };
        if flat {
            hi = lo + (hi - lo) / ROW_LEN * ROW_LEN;
        }
        let mut piece = pieces.piece(&rows(lo, hi));
        piece.lag = Some(reach.back);
        ordering.interior.push(if flat {
            as_rows(piece, reach.back)
        } else {
            piece
        });
        if hi < end {
            border_piece(pieces, moving, &rows(hi, end), &mut ordering);
        }
    }
    for cell in cells.iter().filter(|cell| !pieces.is_local(cell)) {
        border_piece(pieces, moving, cell, &mut ordering);
    }
    Some(ordering)
}

/// A one-dimensional piece as rows of `ROW_LEN` elements, which it holds a whole number of.
fn as_rows(mut piece: PiecePlan, back: usize) -> PiecePlan {
    let rows = piece.shape[0] / ROW_LEN;
    let widen = |access: &mut Access| {
        let step = access.strides[0];
        access.strides = smallvec![step * ROW_LEN as isize, step];
    };
    piece.shape = smallvec![rows, ROW_LEN];
    piece.origin.push(0);
    piece.loads.iter_mut().for_each(widen);
    piece.stores.iter_mut().for_each(widen);
    piece.lag = Some(usize::from(back > 0));
    piece
}

/// A piece that runs after the others have written: its moving reads come from copies saved before.
fn border_piece(pieces: &Pieces, moving: &[bool], cell: &IndexBox, ordering: &mut Ordering) {
    let mut piece = pieces.piece(cell);
    for ((load, moving), access) in pieces.loads.iter().zip(moving).zip(&mut piece.loads) {
        if *moving && matches!(access.place, Place::Slot(_)) {
            *access = saved(load, access, cell, &mut ordering.saves);
        }
    }
    ordering.border.push(piece);
}

fn saved(load: &Load, access: &Access, cell: &IndexBox, saves: &mut Vec<Save>) -> Access {
    let shape: Indices = packed_shape(load.layout, cell);
    let mut strides: SmallVec<[isize; 4]> = c_strides(&shape);
    for (stride, walk) in strides.iter_mut().zip(&load.layout.walks) {
        *stride = if walk.is_some() {
            *stride * load.itemsize as isize
        } else {
            0
        };
    }
    saves.push(Save {
        slot: load.slot,
        dtype: load.dtype,
        offset: access.offset,
        shape,
        strides: access.strides.clone(),
    });
    Access {
        place: Place::Saved(saves.len() - 1),
        offset: 0,
        strides,
    }
}

/// All of the write goes to a block of its own and is copied at the end.
fn scratched(
    pieces: &Pieces,
    write: &(usize, Layout),
    my_box: &IndexBox,
    cells: &[IndexBox],
    problem: &Problem,
) -> Ordering {
    let slot = &problem.slots[write.0];
    let shape = my_box.shape();
    let mut strides = c_strides(&shape);
    strides
        .iter_mut()
        .for_each(|stride| *stride *= slot.dtype.size() as isize);
    let number = pieces
        .stores
        .iter()
        .position(|store| store.slot == write.0 && *store.layout == write.1)
        .expect("an update is stored");
    let redirect = |cell: &IndexBox| {
        let mut piece = pieces.piece(cell);
        let offset = (0..strides.len())
            .map(|v| strides[v] * (cell.lo[v] - my_box.lo[v]) as isize)
            .sum();
        piece.stores[number] = Access {
            place: Place::Scratch,
            offset,
            strides: strides.clone(),
        };
        piece
    };
    let (local, remote): (Vec<_>, Vec<_>) = cells.iter().partition(|cell| pieces.is_local(cell));
    let whole = pieces.stores[number].access(my_box);
    Ordering {
        saves: Vec::new(),
        interior: local.into_iter().map(redirect).collect(),
        border: remote.into_iter().map(redirect).collect(),
        scratch: Some(Scratch {
            slot: write.0,
            dtype: slot.dtype,
            shape,
            offset: whole.offset,
            strides: whole.strides,
        }),
    }
}
