//! One thread's state while it runs tiles: the table of places, registers and scratch.

#![expect(
    unsafe_code,
    reason = "tiles are raw memory, and loops take raw pointers"
)]

use super::chain::{self, Chain, VECTOR_BYTES};
use super::machine::{Bound, CHUNK_BYTES, machine};
use super::setup::{LoadMode, Setup, StoreMode};
use super::strided::{self, CopyAxis};
use super::walk::PerAxis;
use crate::isa::{self, Isa};
use crate::program::{Call, Fused, Instruction, Micro, Pass, Place, SCRATCH};
use crate::reduction::RoundsFn;
use crate::reduction::order::LANES;
use smallvec::SmallVec;
use std::cell::RefCell;

/// A cache line of arena memory.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

thread_local! {
    /// Memory for registers and scratch, kept from run to run.
    static ARENA: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// Lends `bytes` bytes of this thread's arena, aligned to 64, with unspecified content.
pub(super) fn with_arena<R>(bytes: usize, work: impl FnOnce(*mut u8) -> R) -> R {
    // The arena is taken out, so that work which lends again gets another one.
    let mut arena = ARENA.take();
    let lines = bytes.div_ceil(64);
    if arena.len() < lines {
        arena.resize(lines, Line([0; 64]));
    }
    let result = work(arena.as_mut_ptr().cast());
    ARENA.replace(arena);
    result
}

/// Where a place lies for the tile at hand.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) ptr: *mut u8,
    /// Bytes from element to element.
    pub(super) stride: isize,
    /// For super-instructions: all ones if the memory moves on with the elements.
    mask: usize,
}

/// How far ahead of its use memory is fetched.
const AHEAD_BYTES: usize = 16 << 10;

/// The same before a reduction, which takes a leaf at a time.
const AHEAD_OF_LEAF_BYTES: usize = 4 << 10;

/// Bytes over which all passes run before the next ones, where memory is fetched ahead.
const STRETCH_BYTES: usize = 512;

/// Longest stretch where a whole row is one tile: slots are so long (and a vector) and used again and again. A power of two.
const STREAM_BYTES: usize = 4096;

/// Bytes of values that a reduction takes up at a time: a whole leaf of them, beside its operands, would crowd the first cache.
const DRAIN_BYTES: usize = 1024;

/// Asks for a cache line, into the second level: the first is too small for a stencil's rows. Any address will do.
#[inline(always)]
pub(crate) fn fetch(at: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch has no effect but on caches, and every x86-64 machine has it.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T1 }>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

const NOWHERE: Entry = Entry {
    ptr: std::ptr::null_mut(),
    stride: 0,
    mask: 0,
};

/// An operand of a pass whose address changes from tile to tile.
struct Moving {
    pass: u16,
    /// [`chain::MAX_OPERANDS`] stands for the output.
    operand: u16,
    place: Place,
}

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

    /// Runs the program over one tile of `n` elements at the operands' addresses; `at` and `extents` are its place in the walk.
    ///
    /// # Safety
    ///
    /// As [`Frame::run_range`]; `n` is at most the setup's capacity.
    pub(super) unsafe fn tile(&mut self, at: &[usize], extents: &[usize], n: usize) {
        let setup = self.setup;
        let program = setup.program;
        let (first_load, first_store, n_loads) = (
            program.first_load(),
            program.first_store(),
            program.loads.len(),
        );
        // SAFETY: the operands are valid for the tile, scratch and registers have room for `n` elements.
        unsafe {
            for (i, &mode) in setup.loads.iter().enumerate() {
                let size = program.loads[i].dtype.size();
                match mode {
                    LoadMode::Direct(_) => self.table[first_load + i].ptr = self.ptrs[i],
                    LoadMode::Repeated => {
                        strided::fill(CHUNK_BYTES / size, self.ptrs[i], self.scratch[i], size)
                    }
                    LoadMode::Gathered => self.gather(i, extents, size),
                }
            }
            for (i, &mode) in setup.stores.iter().enumerate() {
                if mode == StoreMode::Direct {
                    self.table[first_store + i].ptr = self.ptrs[n_loads + i];
                }
            }
            self.bind_moving();
            self.pass = 0;
            self.fetched = setup.ahead.is_empty();
            for instruction in &program.instructions {
                match instruction {
                    Instruction::Call(call) => {
                        self.fetch_ahead(0, n);
                        self.fetched = true;
                        self.call(call, n);
                    }
                    Instruction::Index { axis, output } => {
                        self.index(*axis, *output, at, extents, n)
                    }
                    Instruction::Fused(fused) => self.fused(fused, n),
                }
            }
            for (i, &mode) in setup.stores.iter().enumerate() {
                if mode == StoreMode::Scattered {
                    self.scatter(n_loads + i, extents, program.stores[i].dtype.size());
                }
            }
        }
    }

    /// Asks for the memory that lies ahead of the tile's elements `from..to`.
    #[inline]
    fn fetch_ahead(&self, from_element: usize, to: usize) {
        if self.fetched {
            return;
        }
        let ahead = if self.setup.program.reduction.is_some() {
            AHEAD_OF_LEAF_BYTES
        } else {
            AHEAD_BYTES
        };
        for &(operand, size) in &self.setup.ahead {
            let from = self.ptrs[operand].wrapping_add(ahead + from_element * size);
            for at in (0..(to - from_element) * size).step_by(64) {
                fetch(from.wrapping_add(at));
            }
        }
    }

    fn copy_axes(&self, operand: usize, extents: &[usize], size: usize) -> SmallVec<[CopyAxis; 6]> {
        let strides = &self.setup.walk.strides[operand];
        let mut packed = size as isize;
        let mut axes: SmallVec<[CopyAxis; 6]> = SmallVec::new();
        for (&len, &stride) in extents.iter().zip(strides).rev() {
            axes.push(CopyAxis {
                len,
                from: stride,
                to: packed,
            });
            packed *= len as isize;
        }
        axes
    }

    unsafe fn gather(&self, operand: usize, extents: &[usize], size: usize) {
        let axes = self.copy_axes(operand, extents, size);
        // SAFETY: the operand is valid for the tile and scratch has room for it.
        unsafe { strided::copy(&axes, self.ptrs[operand], self.scratch[operand], size) }
    }

    unsafe fn scatter(&self, operand: usize, extents: &[usize], size: usize) {
        let mut axes = self.copy_axes(operand, extents, size);
        axes.iter_mut()
            .for_each(|axis| std::mem::swap(&mut axis.from, &mut axis.to));
        // SAFETY: as in `gather`, the other way round.
        unsafe { strided::copy(&axes, self.scratch[operand], self.ptrs[operand], size) }
    }

    #[inline]
    unsafe fn call(&mut self, call: &Call, n: usize) {
        let first_register = self.setup.program.first_register();
        let mut ptrs = [std::ptr::null_mut(); 4];
        let mut strides = [0; 4];
        let n_inputs = call.inputs.len();
        for (i, &input) in call.inputs.iter().enumerate() {
            let entry = self.table[input as usize];
            (ptrs[i], strides[i]) = (entry.ptr, entry.stride);
        }
        let output = &mut self.table[call.output as usize];
        if call.output as usize >= first_register {
            // A register is as wide as the dtype that it holds at the moment.
            output.stride = call.dtype.size() as isize;
        }
        (ptrs[n_inputs], strides[n_inputs]) = (output.ptr, output.stride);
        // SAFETY: the table's places hold `n` elements; an output register is none of the inputs.
        unsafe { (call.function)(n, &ptrs, &strides) }
    }

    unsafe fn fused(&mut self, fused: &Fused, n: usize) {
        let size = if fused.double { 8 } else { 4 };
        let first = self.pass;
        self.pass += fused.passes.len();
        for pass in &fused.passes {
            self.widen(pass, size as isize);
        }
        // SAFETY: moving places have `n` unit-stride elements, the others a chunk.
        unsafe {
            if self.setup.chains[first..self.pass]
                .iter()
                .all(Option::is_some)
            {
                self.run_chains(first, n, size);
                return;
            }
            self.fetch_ahead(0, n);
            for (number, pass) in (first..).zip(&fused.passes) {
                match self.setup.chains[number] {
                    Some(chain) => {
                        let operands = &self.bound[number];
                        chain(0, n * size / VECTOR_BYTES * VECTOR_BYTES, operands);
                        let in_place = self.setup.shares_memory
                            || operands.from.contains(&operands.to.cast_const());
                        self.run_rest(chain, operands, n * size, in_place);
                    }
                    None => self.run_machine(pass, fused.double, n * size),
                }
            }
        }
        self.fetched = true;
    }

    /// A register is as wide as the dtype that it holds at the moment.
    fn widen(&mut self, pass: &Pass, size: isize) {
        let output = pass.micros.last().map_or(SCRATCH, |micro| micro.a);
        if (self.setup.program.first_register()..SCRATCH as usize).contains(&(output as usize)) {
            self.table[output as usize].stride = size;
        }
    }

    /// All passes over a short stretch, then over the next, so that memory is visited almost as by a single loop.
    unsafe fn run_chains(&mut self, first: usize, n: usize, size: usize) {
        let whole = n * size / VECTOR_BYTES * VECTOR_BYTES;
        let shift = size.trailing_zeros();
        let stretch = if !self.fetched {
            STRETCH_BYTES
        } else if self.drain.is_some() {
            DRAIN_BYTES
        } else if self.setup.streams {
            STREAM_BYTES
        } else {
            whole.max(1)
        };
        let passes = || {
            self.setup.chains[first..self.pass]
                .iter()
                .flatten()
                .zip(&self.bound[first..self.pass])
        };
        // SAFETY: the caller's contract.
        unsafe {
            let mut at = 0;
            while at < whole {
                let end = (at + stretch).min(whole);
                self.fetch_ahead(at >> shift, end >> shift);
                for (chain, operands) in passes() {
                    chain(at, end, operands);
                }
                if let Some(drain) = self.drain {
                    let first_register = self.setup.program.first_register();
                    let rounds = (end - at) / (LANES * drain.size);
                    (drain.rounds)(
                        rounds,
                        at == 0,
                        self.table[first_register]
                            .ptr
                            .wrapping_add(at & self.own_mask),
                        drain.lanes,
                    );
                }
                self.follow(at >> shift, end >> shift);
                at = end;
            }
            self.follow(whole >> shift, n);
            if whole < n * size {
                // All passes again over the last vector: no pass may be left out, since slots are used for one value after another.
                for (&chain, operands) in passes() {
                    self.run_rest(chain, operands, n * size, self.setup.shares_memory);
                }
            }
        }
        self.fetched = true;
    }

    /// Copies the trail's elements `from..to`.
    #[inline]
    unsafe fn follow(&self, from: usize, to: usize) {
        for trail in &self.trail {
            let at = from * trail.size;
            // SAFETY: whoever laid the trail vouches for as many elements as the tile has.
            unsafe {
                strided::copy_run(
                    trail.from.wrapping_add(at),
                    trail.to.wrapping_add(at),
                    to * trail.size - at,
                );
            }
        }
    }

    /// Copies `trail` along with the next tiles, until it is given anew; only where the setup [runs alongside](Setup::takes_along).
    ///
    /// # Safety
    ///
    /// The copies are as long as a tile, touch nothing that the tile reads or writes, and nobody else does.
    pub(super) unsafe fn take_along(&mut self, trail: impl Iterator<Item = Trail>) {
        self.trail.clear();
        self.trail.extend(trail);
    }

    /// The operands of every pass, and which of them change from tile to tile.
    fn bind(&mut self) {
        let program = self.setup.program;
        let passes = program.instructions.iter().filter_map(|i| {
            if let Instruction::Fused(fused) = i {
                Some(&fused.passes)
            } else {
                None
            }
        });
        for pass in passes.flatten() {
            let (store, steps) = pass.micros.split_last().expect("a pass ends in a store");
            let mut operands = chain::Operands {
                from: [std::ptr::null(); chain::MAX_OPERANDS],
                masks: [0; chain::MAX_OPERANDS],
                to: self.operand(store.a).0,
                to_mask: self.operand(store.a).1,
                n: steps.len() + 1,
            };
            if pass.chain {
                let places = steps
                    .first()
                    .into_iter()
                    .flat_map(|step| [step.a, step.b])
                    .chain(steps.iter().skip(1).map(|step| step.a));
                for (i, place) in places.enumerate() {
                    let (ptr, mask) = self.operand(place);
                    (operands.from[i], operands.masks[i]) = (ptr, mask);
                    self.note(place, i);
                }
                self.note(store.a, chain::MAX_OPERANDS);
            }
            self.bound.push(operands);
        }
    }

    /// Loads, stores and registers may lie elsewhere for each tile; registers and slots are the frame's own.
    fn note(&mut self, place: Place, operand: usize) {
        if place as usize >= self.setup.program.first_register() {
            self.own.push((self.bound.len() as u16, operand as u16));
        }
        if (self.setup.program.first_load()..SCRATCH as usize).contains(&(place as usize)) {
            self.moving.push(Moving {
                pass: self.bound.len() as u16,
                operand: operand as u16,
                place,
            });
        }
    }

    /// Lets registers and slots be used again after so many bytes; all ones for never.
    fn reuse_after(&mut self, mask: usize) {
        if self.own_mask == mask {
            return;
        }
        self.own_mask = mask;
        for &(pass, operand) in &self.own {
            let operands = &mut self.bound[pass as usize];
            match operands.masks.get_mut(operand as usize) {
                Some(place) => *place = mask,
                None => operands.to_mask = mask,
            }
        }
    }

    /// Runs the program over a whole leaf, whose lanes take up the values as they are computed. Only where the setup drains.
    ///
    /// # Safety
    ///
    /// As [`Frame::tile`]; `n` is a multiple of the elements in [`DRAIN_BYTES`], and the drain has room for the lanes of its dtype.
    pub(super) unsafe fn drain(&mut self, at: &[usize], extents: &[usize], n: usize, drain: Drain) {
        self.reuse_after(DRAIN_BYTES - 1);
        self.drain = Some(drain);
        // SAFETY: the caller's contract.
        unsafe { self.tile(at, extents, n) };
        self.drain = None;
        self.reuse_after(usize::MAX);
    }

    #[inline]
    fn bind_moving(&mut self) {
        for moving in &self.moving {
            let ptr = self.table[moving.place as usize].ptr;
            let operands = &mut self.bound[moving.pass as usize];
            match operands.from.get_mut(moving.operand as usize) {
                Some(from) => *from = ptr,
                None => operands.to = ptr,
            }
        }
    }

    /// The elements at the end of a tile of `n_bytes` that do not fill a vector; `once` if no element may be computed twice.
    unsafe fn run_rest(
        &self,
        chain: Chain,
        operands: &chain::Operands,
        n_bytes: usize,
        once: bool,
    ) {
        let whole = n_bytes / VECTOR_BYTES * VECTOR_BYTES;
        if whole == n_bytes {
            return;
        }
        // SAFETY: the caller's contract.
        unsafe {
            if whole == 0 || once {
                return chain::run_rest(chain, operands, whole, n_bytes - whole);
            }
            // The last vector once more, from where it ends with the tile.
            let mut last = *operands;
            let back = n_bytes - VECTOR_BYTES;
            for (from, mask) in last.from.iter_mut().zip(operands.masks) {
                *from = from.wrapping_add(back & mask);
            }
            last.to = last.to.wrapping_add(back & last.to_mask);
            chain(0, VECTOR_BYTES, &last);
        }
    }

    unsafe fn run_machine(&mut self, pass: &Pass, double: bool, n_bytes: usize) {
        self.steps.clear();
        for &Micro { op, a, b } in &pass.micros {
            let ((a, a_mask), (b, b_mask)) = (self.operand(a), self.operand(b));
            self.steps.push(Bound {
                op,
                a,
                a_mask,
                b,
                b_mask,
            });
        }
        // SAFETY: the caller's contract.
        unsafe { machine(self.isa, double)(n_bytes, &self.steps) }
    }

    #[inline]
    fn operand(&self, place: Place) -> (*mut u8, usize) {
        if place >= SCRATCH {
            return (
                self.slots
                    .wrapping_add((place - SCRATCH) as usize * self.slot_bytes),
                if self.setup.streams {
                    STREAM_BYTES - 1
                } else {
                    usize::MAX
                },
            );
        }
        let entry = self.table[place as usize];
        (entry.ptr, entry.mask)
    }

    /// Writes the global index along `axis` of the tile's elements.
    unsafe fn index(
        &mut self,
        axis: usize,
        output: Place,
        at: &[usize],
        extents: &[usize],
        n: usize,
    ) {
        let entry = &mut self.table[output as usize];
        entry.stride = 8;
        let to = entry.ptr.cast::<i64>();
        let origin = self.origin[axis] as i64;
        // SAFETY: the output has room for `n` elements.
        unsafe {
            let Some(position) = self
                .setup
                .walk
                .sources
                .iter()
                .position(|&source| source == axis)
            else {
                (0..n).for_each(|i| to.add(i).write(origin));
                return;
            };
            let first = origin + at[position] as i64;
            let inside: usize = extents[position + 1..].iter().product();
            let len = extents[position];
            if inside == 1 && len == n {
                (0..n).for_each(|i| to.add(i).write(first + i as i64));
            } else {
                (0..n).for_each(|i| to.add(i).write(first + (i / inside % len) as i64));
            }
        }
    }
}
