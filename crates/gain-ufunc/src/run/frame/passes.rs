//! Super-instructions: all passes over a stretch of a tile, then over the next.

#![expect(
    unsafe_code,
    reason = "tiles are raw memory, and loops take raw pointers"
)]

use super::{Drain, Frame, STREAM_BYTES, Trail};
use crate::program::{Fused, Micro, Pass, SCRATCH};
use crate::reduction::order::LANES;
use crate::run::chain::{self, Chain, VECTOR_BYTES};
use crate::run::machine::{Bound, machine};
use crate::run::strided;

/// Bytes over which all passes run before the next ones, where memory is fetched ahead.
const STRETCH_BYTES: usize = 512;

/// Bytes of values that a reduction takes up at a time: a whole leaf of them, beside its operands, would crowd the first cache.
const DRAIN_BYTES: usize = 1024;

impl Frame<'_> {
    pub(super) unsafe fn fused(&mut self, fused: &Fused, n: usize) {
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
    pub(in crate::run) unsafe fn take_along(&mut self, trail: impl Iterator<Item = Trail>) {
        self.trail.clear();
        self.trail.extend(trail);
    }

    /// Runs the program over a whole leaf, whose lanes take up the values as they are computed. Only where the setup drains.
    ///
    /// # Safety
    ///
    /// As [`Frame::tile`]; `n` is a multiple of the elements in [`DRAIN_BYTES`], and the drain has room for the lanes of its dtype.
    pub(in crate::run) unsafe fn drain(
        &mut self,
        at: &[usize],
        extents: &[usize],
        n: usize,
        drain: Drain,
    ) {
        self.reuse_after(DRAIN_BYTES - 1);
        self.drain = Some(drain);
        // SAFETY: the caller's contract.
        unsafe { self.tile(at, extents, n) };
        self.drain = None;
        self.reuse_after(usize::MAX);
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
}
