//! In-place updates whose reads look back: finished rows wait in a ring until nobody reads what they overwrite.
//!
//! # Rationale
//!
//! `u[1:-1] = f(u[:-2], u[2:])` may be computed in `u` itself if row `i` is written back after row `i + 1` has been read. A ring of three rows
//! stays in the L2 cache, where a second whole array would be a third stream through memory: the row at hand, the one that it still
//! reads around, and the one before, which is copied back a stretch at a time while the row at hand is computed, so that memory
//! never waits for the copy. Short rows are taken several at a time; the ring then holds blocks of rows.

#![expect(
    unsafe_code,
    reason = "pieces are raw memory that the caller vouches for"
)]

use super::Piece;
use super::frame::{Frame, Trail, with_arena};
use super::setup::{Operands, Setup};
use super::strided::{self, CopyAxis};
use super::uniforms::Uniforms;
use crate::program::Program;
use smallvec::SmallVec;

/// Elements of a block below which more rows are taken.
const BLOCK: usize = 1024;

/// One store's ring: blocks of rows, packed in the order of the store's own strides.
struct Ring {
    memory: *mut u8,
    block_bytes: usize,
    strides: SmallVec<[isize; 4]>,
    size: usize,
}

/// Runs a piece that has a lag.
///
/// # Safety
///
/// As [`run`](super::run).
pub(super) unsafe fn run(program: &Program, piece: &Piece, uniforms: &Uniforms) {
    let n_rows = piece.shape.first().copied().unwrap_or(1);
    let row_len: usize = piece.shape.iter().skip(1).product();
    let lag = piece.lag.map_or(0, |lag| lag.rows);
    let rows = (BLOCK / row_len.max(1)).clamp(1, n_rows);
    let n_blocks = lag.div_ceil(rows) + 2;
    let mut shape = piece.shape.clone();
    if let Some(first) = shape.first_mut() {
        *first = rows;
    }
    let mut bytes = 0;
    let mut rings: SmallVec<[Ring; 2]> = SmallVec::new();
    for store in &program.stores {
        let size = store.dtype.size();
        let block_bytes = (rows * row_len * size).next_multiple_of(64);
        let strides = packed_strides(&shape, &piece.stores[store.slot].strides, size);
        rings.push(Ring {
            memory: std::ptr::null_mut(),
            block_bytes,
            strides,
            size,
        });
        bytes += block_bytes * n_blocks;
    }
    with_arena(bytes, |arena| {
        let mut next = arena;
        for ring in &mut rings {
            ring.memory = next;
            next = next.wrapping_add(ring.block_bytes * n_blocks);
        }
        let lagged = Lagged {
            program,
            piece,
            rings,
            rows,
            n_rows,
            n_blocks,
            shape,
        };
        // SAFETY: the caller's contract; the arena has the room that was asked for.
        unsafe { lagged.run(uniforms) };
    });
}

struct Lagged<'a> {
    program: &'a Program,
    piece: &'a Piece,
    rings: SmallVec<[Ring; 2]>,
    /// Rows of a block.
    rows: usize,
    n_rows: usize,
    n_blocks: usize,
    /// Shape of a block.
    shape: SmallVec<[usize; 4]>,
}

impl Lagged<'_> {
    unsafe fn run(&self, uniforms: &Uniforms) {
        let n_full = self.n_rows / self.rows;
        let rest = self.n_rows % self.rows;
        let n_total = n_full + usize::from(rest > 0);
        // SAFETY: the caller's contract: blocks ascend, and a block is written back while the one `n_blocks - 1` later is computed.
        unsafe {
            let setup = Setup::elementwise(
                self.program,
                &self.shape,
                &self.piece.shape,
                self.operands(),
                uniforms,
            );
            Frame::with(&setup, &self.piece.origin, |frame| {
                (0..n_full).for_each(|block| self.step(frame, &setup, block));
            });
            if rest > 0 {
                let mut shape = self.shape.clone();
                shape[0] = rest;
                let setup = Setup::elementwise(
                    self.program,
                    &shape,
                    &self.piece.shape,
                    self.operands(),
                    uniforms,
                );
                Frame::with(&setup, &self.piece.origin, |frame| {
                    self.step(frame, &setup, n_full)
                });
            }
            for block in (n_total + 1).saturating_sub(self.n_blocks)..n_total {
                self.write_back(block);
            }
        }
    }

    fn operands(&self) -> Operands {
        let mut operands = Operands::of_piece(self.program, self.piece);
        for (i, ring) in self.rings.iter().enumerate() {
            let operand = self.program.loads.len() + i;
            operands.ptrs[operand] = ring.memory;
            operands.strides[operand].clone_from(&ring.strides);
        }
        operands
    }

    /// Computes one block into the ring and writes back the one that nobody reads around any more.
    unsafe fn step(&self, frame: &mut Frame<'_>, setup: &Setup<'_>, block: usize) {
        let first_row = block * self.rows;
        let n_loads = self.program.loads.len();
        for (i, load) in self.program.loads.iter().enumerate() {
            let view = &self.piece.loads[load.slot];
            let stride = view.strides.first().copied().unwrap_or(0);
            frame.base[i] = view
                .ptr
                .cast_mut()
                .wrapping_offset(stride * first_row as isize);
        }
        for (i, ring) in self.rings.iter().enumerate() {
            frame.base[n_loads + i] = self.in_ring(ring, block);
        }
        if let (Some(origin), Some(first)) = (frame.origin.first_mut(), self.piece.origin.first()) {
            *origin = first + first_row;
        }
        let whole = setup.walk.lens.first().copied().unwrap_or(1);
        let done = (block + 1).checked_sub(self.n_blocks);
        // SAFETY: the block lies inside the piece and the ring. What is written back was read by the blocks up to the last one only.
        unsafe {
            match done {
                Some(done) if self.is_alongside(setup) => {
                    frame.take_along(self.rings.iter().enumerate().map(|(i, ring)| Trail {
                        from: self.in_ring(ring, done),
                        to: self.in_store(i, done),
                        size: ring.size,
                    }));
                }
                Some(done) => self.write_back(done),
                None => {}
            }
            frame.run_range(0, 0, whole);
        }
    }

    /// Whether a block is one run of memory in the ring and in every store, and a single tile.
    fn is_alongside(&self, setup: &Setup<'_>) -> bool {
        let is_run = |view: &super::ViewMut, ring: &Ring| {
            let inner = (1..self.shape.len()).filter(|&axis| self.shape[axis] != 1);
            self.rows == 1
                && inner
                    .clone()
                    .all(|axis| view.strides[axis] == ring.strides[axis])
        };
        let mut stores = self.program.stores.iter().zip(&self.rings);
        setup.takes_along()
            && stores.all(|(store, ring)| is_run(&self.piece.stores[store.slot], ring))
    }

    /// Where a block begins in a ring.
    fn in_ring(&self, ring: &Ring, block: usize) -> *mut u8 {
        ring.memory
            .wrapping_add(block % self.n_blocks * ring.block_bytes)
    }

    /// Where a block begins in a store.
    fn in_store(&self, store: usize, block: usize) -> *mut u8 {
        let view = &self.piece.stores[self.program.stores[store].slot];
        let stride = view.strides.first().copied().unwrap_or(0);
        view.ptr
            .wrapping_offset(stride * (block * self.rows) as isize)
    }

    unsafe fn write_back(&self, block: usize) {
        let first_row = block * self.rows;
        let rows = self.rows.min(self.n_rows - first_row);
        for (i, ring) in self.rings.iter().enumerate() {
            let view = &self.piece.stores[self.program.stores[i].slot];
            let axes: SmallVec<[CopyAxis; 6]> = (0..self.shape.len())
                .map(|axis| CopyAxis {
                    len: if axis == 0 { rows } else { self.shape[axis] },
                    from: ring.strides[axis],
                    to: view.strides[axis],
                })
                .collect();
            let (from, to) = (self.in_ring(ring, block), self.in_store(i, block));
            // SAFETY: the ring's memory is nobody else's, the store's rows are the piece's.
            unsafe { strided::copy(&axes, from, to, ring.size) };
        }
    }
}

/// Strides of packed memory whose axes after the first are in the order of `like`; the first axis is outermost.
fn packed_strides(shape: &[usize], like: &[isize], size: usize) -> SmallVec<[isize; 4]> {
    let mut order: SmallVec<[usize; 4]> = (1..shape.len()).collect();
    order.sort_by_key(|&axis| like[axis].unsigned_abs());
    let mut strides = SmallVec::from_elem(0, shape.len());
    let mut step = size as isize;
    for axis in order.into_iter().chain(0..shape.len().min(1)) {
        strides[axis] = step;
        step *= shape[axis] as isize;
    }
    strides
}
