//! One tile: its operands are found or packed, then every instruction runs over it.

#![expect(
    unsafe_code,
    reason = "tiles are raw memory, and loops take raw pointers"
)]

use super::Frame;
use crate::program::{Call, Instruction, Place};
use crate::run::machine::CHUNK_BYTES;
use crate::run::setup::{LoadMode, StoreMode};
use crate::run::strided::{self, CopyAxis};
use smallvec::SmallVec;

impl Frame<'_> {
    /// Runs the program over one tile of `n` elements at the operands' addresses; `at` and `extents` are its place in the walk.
    ///
    /// # Safety
    ///
    /// As [`Frame::run_range`]; `n` is at most the setup's capacity.
    pub(in crate::run) unsafe fn tile(&mut self, at: &[usize], extents: &[usize], n: usize) {
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
                    Instruction::Fused(fused) => match &fused.alone {
                        Some(call) if setup.jumps => self.call(call, n),
                        _ => self.fused(fused, n),
                    },
                }
            }
            for (i, &mode) in setup.stores.iter().enumerate() {
                if mode == StoreMode::Scattered {
                    self.scatter(n_loads + i, extents, program.stores[i].dtype.size());
                }
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
