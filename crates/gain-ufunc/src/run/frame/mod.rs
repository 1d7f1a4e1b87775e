//! One thread's state while it runs tiles: the table of places, registers and scratch. `tile.rs` runs one tile, `passes.rs` its super-instructions
//! on the operands of `bind.rs`, `ahead.rs` fetches memory before its use, `arena.rs` lends the thread's own.

#![expect(
    unsafe_code,
    reason = "tiles are raw memory, and loops take raw pointers"
)]

mod ahead;
mod arena;
mod bind;
mod passes;
mod tile;

pub(super) use arena::with_arena;

use super::chain::{self, VECTOR_BYTES};
use super::machine::{Bound, CHUNK_BYTES};
use super::setup::{LoadMode, Setup, StoreMode};
use super::walk::PerAxis;
use crate::isa::{self, Isa};
use crate::program::Place;
use crate::reduction::RoundsFn;
use bind::Moving;
use smallvec::SmallVec;

/// Where a place lies for the tile at hand.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) ptr: *mut u8,
    /// Bytes from element to element.
    pub(super) stride: isize,
    /// For super-instructions: all ones if the memory moves on with the elements.
    mask: usize,
}

/// Longest stretch where a whole row is one tile: slots are so long (and a vector) and used again and again. A power of two.
const STREAM_BYTES: usize = 4096;

const NOWHERE: Entry = Entry {
    ptr: std::ptr::null_mut(),
    stride: 0,
    mask: 0,
};

/// One thread's state.
pub(super) struct Frame<'a> {
    setup: &'a Setup<'a>,
    table: SmallVec<[Entry; 24]>,
    /// Address of the first element of each operand.
    pub(super) base: SmallVec<[*mut u8; 8]>,
    /// Address of the tile's first element of each operand.
    pub(super) ptrs: SmallVec<[*mut u8; 8]>,
    /// Gathered, repeated or scattered operands' own memory.
    scratch: SmallVec<[*mut u8; 8]>,
    /// Slots of super-instructions.
    slots: *mut u8,
    slot_bytes: usize,
    pub(super) origin: SmallVec<[usize; 4]>,
    /// The operands of all passes.
    bound: SmallVec<[chain::Operands; 4]>,
    moving: SmallVec<[Moving; 16]>,
    /// A pass that the machine runs.
    steps: SmallVec<[Bound; 8]>,
    isa: Isa,
    /// Number of the super-instruction pass that comes next.
    pass: usize,
    /// Whether the tile's share of memory ahead has been asked for.
    fetched: bool,
    /// Operands of passes that are registers or slots.
    own: SmallVec<[(u16, u16); 8]>,
    /// What the own operands' addresses are masked with.
    own_mask: usize,
    /// Where values go as they are computed.
    drain: Option<Drain>,
    /// Finished memory that is copied to its place while the next tile runs, one stretch after each of the tile's.
    trail: SmallVec<[Trail; 1]>,
}

/// The lanes of a leaf that take up a tile's values.
#[derive(Clone, Copy)]
pub(super) struct Drain {
    pub(super) rounds: RoundsFn,
    pub(super) lanes: *mut u8,
    /// Bytes of a value.
    pub(super) size: usize,
}

/// A copy as long as the tile that it accompanies.
#[derive(Clone, Copy)]
pub(super) struct Trail {
    pub(super) from: *const u8,
    pub(super) to: *mut u8,
    /// Bytes of an element.
    pub(super) size: usize,
}

impl<'a> Frame<'a> {
    /// Makes a frame in this thread's arena for the time of `work`.
    pub(super) fn with<R>(
        setup: &'a Setup<'a>,
        origin: &[usize],
        work: impl FnOnce(&mut Frame<'a>) -> R,
    ) -> R {
        let program = setup.program;
        let register_bytes = |size: usize| (size * setup.capacity).next_multiple_of(64);
        let sizes: SmallVec<[usize; 8]> = program
            .loads
            .iter()
            .map(|l| l.dtype.size())
            .chain(program.stores.iter().map(|s| s.dtype.size()))
            .collect();
        let modes = setup
            .loads
            .iter()
            .map(|&mode| matches!(mode, LoadMode::Gathered | LoadMode::Repeated));
        let own: SmallVec<[bool; 8]> = modes
            .chain(
                setup
                    .stores
                    .iter()
                    .map(|&mode| mode == StoreMode::Scattered),
            )
            .collect();
        let scratch_of = |i: usize| {
            if setup.loads.get(i) == Some(&LoadMode::Repeated) {
                CHUNK_BYTES
            } else if own[i] {
                setup.scratch_bytes(sizes[i])
            } else {
                0
            }
        };
        let n_slots = program.n_slots();
        let slot_bytes = if setup.streams {
            STREAM_BYTES + VECTOR_BYTES
        } else {
            register_bytes(8)
        };
        let bytes = n_slots * slot_bytes
            + program
                .registers
                .iter()
                .map(|&size| register_bytes(size))
                .sum::<usize>()
            + (0..sizes.len()).map(scratch_of).sum::<usize>();
        with_arena(bytes, |arena| {
            let mut next = arena;
            let mut take = |bytes: usize| {
                let here = next;
                next = next.wrapping_add(bytes);
                here
            };
            let slots = take(n_slots * slot_bytes);
            let mut table: SmallVec<[Entry; 24]> =
                SmallVec::from_elem(NOWHERE, program.n_entries());
            for place in 0..setup.uniforms.len() {
                table[place].ptr = setup.uniforms.ptr(place);
            }
            for (index, &size) in program.registers.iter().enumerate() {
                table[program.first_register() + index] = Entry {
                    ptr: take(register_bytes(size)),
                    stride: 0,
                    mask: usize::MAX,
                };
            }
            let mut frame = Frame {
                setup,
                table,
                base: setup.ptrs.clone(),
                ptrs: setup.ptrs.clone(),
                scratch: (0..sizes.len()).map(|i| take(scratch_of(i))).collect(),
                slots,
                slot_bytes,
                origin: SmallVec::from_slice(origin),
                bound: SmallVec::new(),
                moving: SmallVec::new(),
                steps: SmallVec::new(),
                isa: isa::active(),
                pass: 0,
                fetched: true,
                trail: SmallVec::new(),
                own: SmallVec::new(),
                own_mask: usize::MAX,
                drain: None,
            };
            frame.fix_strides();
            frame.bind();
            work(&mut frame)
        })
    }

    /// Everything in the table that no tile changes.
    fn fix_strides(&mut self) {
        let setup = self.setup;
        let program = setup.program;
        for (i, load) in program.loads.iter().enumerate() {
            let entry = &mut self.table[program.first_load() + i];
            let size = load.dtype.size() as isize;
            *entry = match setup.loads[i] {
                LoadMode::Direct(stride) => Entry {
                    ptr: entry.ptr,
                    stride,
                    mask: usize::MAX,
                },
                LoadMode::Repeated => Entry {
                    ptr: self.scratch[i],
                    stride: 0,
                    mask: 0,
                },
                LoadMode::Gathered => Entry {
                    ptr: self.scratch[i],
                    stride: size,
                    mask: usize::MAX,
                },
            };
        }
        for (i, store) in program.stores.iter().enumerate() {
            let entry = &mut self.table[program.first_store() + i];
            *entry = Entry {
                ptr: self.scratch[program.loads.len() + i],
                stride: store.dtype.size() as isize,
                mask: usize::MAX,
            };
        }
    }

    /// Points a register at other memory.
    pub(super) fn redirect(&mut self, place: Place, to: *mut u8) {
        self.table[place as usize].ptr = to;
    }

    /// Where a value of the tile that has just run lies, and the stride of its elements.
    pub(super) fn value(&self, place: Place, size: usize) -> (*mut u8, isize) {
        let entry = self.table[place as usize];
        let is_register = place as usize >= self.setup.program.first_register();
        (
            entry.ptr,
            if is_register {
                size as isize
            } else {
                entry.stride
            },
        )
    }

    /// Runs the tiles of the walk whose position along `axis` is in `lo..hi`.
    ///
    /// # Safety
    ///
    /// The operands at `base` are valid for the walk, as [`run`](super::run) demands.
    pub(super) unsafe fn run_range(&mut self, axis: usize, lo: usize, hi: usize) {
        let walk = &self.setup.walk;
        let Some(inner) = walk.n_axes().checked_sub(1) else {
            self.ptrs.copy_from_slice(&self.base);
            // SAFETY: the caller's contract.
            unsafe { self.tile(&[], &[], 1) };
            return;
        };
        let mut from: PerAxis<usize> = SmallVec::from_elem(0, walk.n_axes());
        let mut to = walk.lens.clone();
        (from[axis], to[axis]) = (lo, hi);
        let mut at = from.clone();
        let mut extents = walk.extents.clone();
        loop {
            let outer: usize = (0..inner)
                .map(|axis| {
                    extents[axis] = walk.extents[axis].min(to[axis] - at[axis]);
                    extents[axis]
                })
                .product();
            self.seek(&at);
            while at[inner] < to[inner] {
                let n = walk.extents[inner].min(to[inner] - at[inner]);
                extents[inner] = n;
                // SAFETY: the tile lies inside the walk.
                unsafe { self.tile(&at, &extents, outer * n) };
                self.advance(inner, n);
                at[inner] += n;
            }
            at[inner] = from[inner];
            let mut axis = inner;
            loop {
                let Some(next) = axis.checked_sub(1) else {
                    return;
                };
                axis = next;
                at[axis] += walk.extents[axis];
                if at[axis] < to[axis] {
                    break;
                }
                at[axis] = from[axis];
            }
        }
    }

    /// Points the operands at a position of the walk.
    pub(super) fn seek(&mut self, at: &[usize]) {
        let strides = &self.setup.walk.strides;
        for ((ptr, &base), strides) in self.ptrs.iter_mut().zip(&self.base).zip(strides) {
            let offset: isize = strides
                .iter()
                .zip(at)
                .map(|(&stride, &at)| stride * at as isize)
                .sum();
            *ptr = base.wrapping_offset(offset);
        }
    }

    /// Moves the operands on by `n` elements of an axis of the walk.
    pub(super) fn advance(&mut self, axis: usize, n: usize) {
        for (ptr, strides) in self.ptrs.iter_mut().zip(&self.setup.walk.strides) {
            *ptr = ptr.wrapping_offset(strides[axis] * n as isize);
        }
    }
}
