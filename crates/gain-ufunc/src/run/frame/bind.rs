//! Operands of super-instructions' passes: bound to addresses once, those that move from tile to tile anew.

use super::{Frame, STREAM_BYTES};
use crate::program::{Instruction, Place, SCRATCH};
use crate::run::chain;

/// An operand of a pass whose address changes from tile to tile.
pub(super) struct Moving {
    pass: u16,
    /// [`chain::MAX_OPERANDS`] stands for the output.
    operand: u16,
    place: Place,
}

impl Frame<'_> {
    /// The operands of every pass, and which of them change from tile to tile.
    pub(super) fn bind(&mut self) {
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
    pub(super) fn reuse_after(&mut self, mask: usize) {
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

    #[inline]
    pub(super) fn bind_moving(&mut self) {
        for moving in &self.moving {
            let ptr = self.table[moving.place as usize].ptr;
            let operands = &mut self.bound[moving.pass as usize];
            match operands.from.get_mut(moving.operand as usize) {
                Some(from) => *from = ptr,
                None => operands.to = ptr,
            }
        }
    }

    #[inline]
    pub(super) fn operand(&self, place: Place) -> (*mut u8, usize) {
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
}
