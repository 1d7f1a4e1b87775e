//! Programs that end in a reduction: cut into boxes for the threads, whose partial results merge to the same bits however they were cut.

#![expect(
    unsafe_code,
    reason = "pieces are raw memory that the caller vouches for"
)]

use super::fold::Fold;
use super::setup::Operands;
use super::strided::{self, CopyAxis};
use super::uniforms::Uniforms;
use super::{Noticed, Piece, ViewMut, n_chunks};
use crate::error::Error;
use crate::pool::Pool;
use crate::program::{Program, Reduce};
use crate::reduction::{LEAF, Part, Partials};
use smallvec::SmallVec;
use std::sync::Mutex;

/// Chunks along the units of a reduced axis, whose number is rounded to powers of two: many, so that threads end together.
const CHUNKS_PER_THREAD: usize = 32;

/// A box of a piece.
struct Chunk {
    piece: usize,
    axis: usize,
    lo: usize,
    hi: usize,
}

/// Runs a program with a reduction.
///
/// # Safety
///
/// As [`run`](super::run).
pub(super) unsafe fn run(
    program: &Program,
    pieces: &[Piece],
    uniforms: &Uniforms,
    pool: &Pool,
) -> Result<Partials, Error> {
    if pieces
        .iter()
        .any(|piece| piece.lag.is_some() && !piece.stores.is_empty() && !piece.is_empty())
    {
        // SAFETY: the caller's contract.
        return unsafe { run_lagged(program, pieces, uniforms, pool) };
    }
    let reduce = program.reduction.as_ref().expect("the program reduces");
    let work: usize = pieces
        .iter()
        .map(|piece| piece.len() * program.weight())
        .sum();
    let wanted = n_chunks(work, pool);
    let mut chunks: Vec<Chunk> = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        let share = (wanted * piece.len() * program.weight())
            .div_ceil(work.max(1))
            .max(1);
        cut(reduce, piece, share, pool, number, &mut chunks);
    }
    let shared = Shared {
        program,
        pieces,
        uniforms,
    };
    let parts: Mutex<Vec<(usize, Part)>> = Mutex::new(Vec::with_capacity(chunks.len()));
    let noticed = Noticed::default();
    let task = |index: usize| {
        let shared = &shared;
        let Chunk {
            piece,
            axis,
            lo,
            hi,
        } = chunks[index];
        let piece = &shared.pieces[piece];
        let mut operands = Operands::of_piece(shared.program, piece);
        let (mut shape, mut origin) = (piece.shape.clone(), piece.origin.clone());
        if axis < shape.len() {
            (shape[axis], origin[axis]) = (hi - lo, origin[axis] + lo);
            for (ptr, strides) in operands.ptrs.iter_mut().zip(&operands.strides) {
                *ptr = ptr.wrapping_offset(strides[axis] * lo as isize);
            }
        }
        // SAFETY: the caller's contract; chunks are disjoint boxes.
        let part = unsafe { Fold::run(shared.program, &shape, &origin, operands, shared.uniforms) };
        noticed.take_status();
        parts
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push((index, part));
    };
    if wanted == 1 {
        (0..chunks.len()).for_each(task);
    } else {
        pool.for_each(chunks.len(), &task);
    }
    noticed.into_result()?;
    let mut parts = parts
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    parts.sort_by_key(|part| part.0);
    Ok(Partials::new(
        reduce.op,
        reduce.dtype,
        parts.into_iter().map(|part| part.1).collect(),
    ))
}

struct Shared<'a> {
    program: &'a Program,
    pieces: &'a [Piece],
    uniforms: &'a Uniforms,
}

// SAFETY: as for the elementwise `Shared`: threads read the loads, and write disjoint boxes of the stores.
unsafe impl Sync for Shared<'_> {}

/// Cuts a piece into about `n` boxes along one axis: a kept one if it is long, else the outermost reduced one at aligned units.
fn cut(
    reduce: &Reduce,
    piece: &Piece,
    n: usize,
    pool: &Pool,
    number: usize,
    chunks: &mut Vec<Chunk>,
) {
    let ndim = piece.shape.len();
    let reduced = |axis: usize| reduce.axes >> axis & 1 == 1;
    let kept = (0..ndim)
        .filter(|&axis| !reduced(axis))
        .find(|&axis| piece.shape[axis] >= 64 * n);
    let outermost = (0..ndim).find(|&axis| reduced(axis));
    let kept = kept.or_else(|| {
        let longest = (0..ndim)
            .filter(|&axis| !reduced(axis))
            .max_by_key(|&axis| piece.shape[axis]);
        longest.filter(|&axis| outermost.is_none_or(|outer| piece.shape[axis] > piece.shape[outer]))
    });
    let (axis, lo, step) = match (kept, outermost) {
        _ if n == 1 || piece.is_empty() => (ndim, 0, usize::MAX),
        (Some(axis), _) => (axis, 0, piece.shape[axis].div_ceil(n).next_multiple_of(8)),
        (None, Some(axis)) => {
            let unit = if axis + 1 == ndim { LEAF } else { 1 };
            let n = n * CHUNKS_PER_THREAD / super::CHUNKS_PER_THREAD;
            let step = piece.shape[axis]
                .div_ceil(unit)
                .div_ceil(n.max(pool.n_threads()))
                .next_power_of_two()
                * unit;
            (axis, piece.origin[axis] % step, step)
        }
        (None, None) => (ndim, 0, usize::MAX),
    };
    if axis == ndim {
        chunks.push(Chunk {
            piece: number,
            axis,
            lo: 0,
            hi: 0,
        });
        return;
    }
    let len = piece.shape[axis];
    let mut at = 0;
    let mut end = step - lo;
    while at < len {
        chunks.push(Chunk {
            piece: number,
            axis,
            lo: at,
            hi: end.min(len),
        });
        (at, end) = (end, end + step);
    }
}

/// In-place updates together with a reduction: the results wait in a copy.
unsafe fn run_lagged(
    program: &Program,
    pieces: &[Piece],
    uniforms: &Uniforms,
    pool: &Pool,
) -> Result<Partials, Error> {
    let mut copies: Vec<Vec<u128>> = Vec::new();
    let mut waiting: Vec<Piece> = pieces.to_vec();
    for piece in &mut waiting {
        if piece.lag.take().is_none() {
            continue;
        }
        for store in &program.stores {
            let size = store.dtype.size();
            let mut memory = vec![0u128; (piece.len() * size).div_ceil(16)];
            piece.stores[store.slot] = ViewMut {
                ptr: memory.as_mut_ptr().cast(),
                strides: packed(&piece.shape, size),
            };
            copies.push(memory);
        }
    }
    // SAFETY: the caller's contract, with disjoint stores.
    let partials = unsafe { run(program, &waiting, uniforms, pool) }?;
    for (piece, waited) in pieces
        .iter()
        .zip(&waiting)
        .filter(|(piece, _)| piece.lag.is_some())
    {
        for store in &program.stores {
            let (from, to) = (&waited.stores[store.slot], &piece.stores[store.slot]);
            let axes: SmallVec<[CopyAxis; 6]> = (0..piece.shape.len())
                .map(|axis| CopyAxis {
                    len: piece.shape[axis],
                    from: from.strides[axis],
                    to: to.strides[axis],
                })
                .collect();
            // SAFETY: the copy is packed and has the piece's shape; the store is valid by the caller's contract.
            unsafe { strided::copy(&axes, from.ptr, to.ptr, store.dtype.size()) };
        }
    }
    drop(copies);
    Ok(partials)
}

fn packed(shape: &[usize], size: usize) -> SmallVec<[isize; 4]> {
    let mut strides = SmallVec::from_elem(0, shape.len());
    let mut step = size as isize;
    for axis in (0..shape.len()).rev() {
        strides[axis] = step;
        step *= shape[axis] as isize;
    }
    strides
}
