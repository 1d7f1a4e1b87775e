//! Doing: a plan's moves and loops on this rank's memory.
#![expect(
    unsafe_code,
    reason = "a plan's offsets become addresses in the local blocks"
)]

use std::rc::Rc;

use gain_ga::{Buffer, Incoming, IndexBox, Outgoing, Position, Received, StridedBytes};
use gain_ufunc::reduction::Partials;
use gain_ufunc::{Piece, Scalar, View, ViewMut};
use smallvec::SmallVec;

use crate::error::{Error, Result};
use crate::graph::Binding;
use crate::layout::c_strides;
use crate::plan::{Access, Combination, PiecePlan, Place, Plan, Problem, Reducing, Step};
use crate::runtime::Runtime;

impl Runtime {
    /// The plan of a problem, from the cache when the same structure ran before. Local.
    pub(crate) fn plan(&self, problem: &Problem) -> Result<Rc<Plan>> {
        let fingerprint = problem.fingerprint();
        let key = problem.key(fingerprint);
        let flush = self.0.flushes.get() + 1;
        self.0.flushes.set(flush);
        // What the ranks compare holds all that was recorded so far, so that it tells a difference in the past as well.
        let history = self.0.history.get().rotate_left(7) ^ (fingerprint as u64);
        self.0.history.set(history);
        let cached = self.0.plans.borrow().get(&key).cloned();
        let is_new = cached.is_none();
        let plan = match cached {
            Some(plan) => plan,
            None => {
                let plan = Rc::new(crate::plan::plan(problem, self.threshold())?);
                self.0.plans.borrow_mut().insert(key, Rc::clone(&plan));
                plan
            }
        };
        self.explain(&plan, is_new);
        if plan.communicates {
            let label = plan.steps.last().map_or("", |step| step.label.as_str());
            let label = label.rsplit(' ').next().unwrap_or(label);
            let location = self.location();
            let text = if location.is_empty() {
                label.to_string()
            } else {
                format!("{label} ({location})")
            };
            self.0.team.set_position(Position {
                sequence: flush,
                fingerprint: history,
                text: &text,
            });
        }
        Ok(plan)
    }

    /// Runs a plan; on a failure, the number of the step that failed comes with it. Collective among the ranks that its moves name.
    pub(crate) fn execute(
        &self,
        plan: &Plan,
        problem: &Problem,
        binding: &Binding,
    ) -> std::result::Result<(), (usize, Error)> {
        plan.steps
            .iter()
            .enumerate()
            .try_for_each(|(number, step)| {
                Execution {
                    runtime: self,
                    step,
                    problem,
                    binding,
                }
                .run()
                .map_err(|error| (number, error))
            })
    }
}

struct Execution<'a> {
    runtime: &'a Runtime,
    step: &'a Step,
    problem: &'a Problem,
    binding: &'a Binding,
}

/// The memory that pieces refer to besides the slots.
#[derive(Default)]
struct Places {
    saved: Vec<Buffer>,
    assembled: Vec<Buffer>,
    scratch: Option<Buffer>,
    received: Option<Received>,
}

impl Execution<'_> {
    fn run(&self) -> Result<()> {
        let step = self.step;
        for made in &step.makes {
            let base = &self.binding.bases[made.slot];
            let buffer = Buffer::new(made.bytes)?;
            base.distribute(made.distribution.clone());
            base.place(buffer);
        }
        let mut places = Places {
            saved: self.save()?,
            ..Places::default()
        };
        let scratch = step.scratch.as_ref().map(|scratch| {
            Buffer::new(scratch.shape.iter().product::<usize>() * scratch.dtype.size())
        });
        places.scratch = scratch.transpose()?;
        let constants: SmallVec<[Scalar; 8]> = step
            .constants
            .iter()
            .map(|&number| self.binding.constants[number])
            .collect();
        let moves = !step.sends.is_empty() || !step.receives.is_empty();
        let exchange = if moves { Some(self.start()?) } else { None };
        let mut partials = self.pieces(&step.interior, &mut places, &constants)?;
        if let Some(exchange) = exchange {
            places.received = Some(exchange.finish()?);
        }
        self.assemble(&mut places)?;
        let border = self.pieces(&step.border, &mut places, &constants)?;
        partials = match (partials, border) {
            (Some(mut all), Some(border)) => {
                all.merge(border);
                Some(all)
            }
            (all, border) => all.or(border),
        };
        self.write_back(&mut places);
        if let Some(reducing) = &step.reducing {
            self.combine(reducing, partials)?;
        }
        step.release
            .iter()
            .for_each(|&slot| self.binding.bases[slot].displace());
        Ok(())
    }

    fn address(&self, slot: usize, offset: isize) -> *mut u8 {
        // SAFETY: the planner computed the offset of an element inside the slot's local block, which is placed.
        unsafe { self.binding.bases[slot].address().offset(offset) }
    }

    fn save(&self) -> Result<Vec<Buffer>> {
        let copy = |save: &crate::plan::Save| {
            let mut buffer = Buffer::new(save.shape.iter().product::<usize>() * save.dtype.size())?;
            // SAFETY: shape and strides stay inside the slot's block (planner), and nothing writes it now.
            let source = unsafe {
                StridedBytes::new(
                    self.address(save.slot, save.offset),
                    save.dtype.size(),
                    &save.shape,
                    &save.strides,
                )
            };
            source.pack(buffer.as_mut_slice());
            Ok(buffer)
        };
        self.step.saves.iter().map(copy).collect()
    }

    fn start(&self) -> Result<gain_ga::Exchange> {
        let sends: Vec<Outgoing<'_>> = self
            .step
            .sends
            .iter()
            .map(|send| {
                // SAFETY: shape and strides stay inside the slot's block (planner); it is packed before `start` returns.
                let source = unsafe {
                    StridedBytes::new(
                        self.address(send.slot, send.offset),
                        send.itemsize,
                        &send.shape,
                        &send.strides,
                    )
                };
                Outgoing {
                    to: send.to,
                    source,
                }
            })
            .collect();
        let receives: Vec<Incoming> = self
            .step
            .receives
            .iter()
            .map(|receive| Incoming {
                from: receive.from,
                bytes: receive.bytes,
            })
            .collect();
        Ok(self.runtime.0.team.start(&sends, &receives)?)
    }

    fn pieces(
        &self,
        plans: &[PiecePlan],
        places: &mut Places,
        constants: &[Scalar],
    ) -> Result<Option<Partials>> {
        if plans.is_empty() {
            return Ok(None);
        }
        let pieces: SmallVec<[Piece; 4]> = plans
            .iter()
            .map(|plan| Piece {
                shape: plan.shape.clone(),
                origin: plan.origin.clone(),
                loads: plan
                    .loads
                    .iter()
                    .map(|access| View {
                        ptr: self.checked(access, &plan.shape, places).cast_const(),
                        strides: access.strides.clone(),
                    })
                    .collect(),
                stores: plan
                    .stores
                    .iter()
                    .map(|access| ViewMut {
                        ptr: self.checked(access, &plan.shape, places),
                        strides: access.strides.clone(),
                    })
                    .collect(),
                lag: plan.lag.map(|rows| gain_ufunc::Lag { rows }),
            })
            .collect();
        // SAFETY: every access stays inside its block, and the pieces of one phase write disjoint elements that no other one reads
        // (the planner's `overlap` and `align` argue it); the buffers live in `places` and in the bases until the call returns.
        Ok(
            unsafe {
                gain_ufunc::run(&self.step.program, &pieces, constants, self.runtime.pool())
            }?,
        )
    }

    /// The address of an access; a debug build proves that the whole piece stays inside the block.
    fn checked(&self, access: &Access, shape: &[usize], places: &mut Places) -> *mut u8 {
        if cfg!(debug_assertions) {
            let (block, itemsize) = match access.place {
                Place::Slot(slot) => (
                    self.binding.bases[slot].local_bytes(),
                    self.problem.slots[slot].dtype.size(),
                ),
                Place::Received(piece) => (
                    places
                        .received
                        .as_ref()
                        .expect("after the moves")
                        .piece(piece)
                        .len(),
                    1,
                ),
                Place::Saved(copy) => (places.saved[copy].len(), 1),
                Place::Assembled(number) => (places.assembled[number].len(), 1),
                Place::Scratch => (places.scratch.as_ref().map_or(0, Buffer::len), 1),
            };
            let reach = |sign: isize| -> isize {
                shape
                    .iter()
                    .zip(&access.strides)
                    .map(|(&len, &stride)| (stride * (len as isize - 1) * sign).max(0) * sign)
                    .sum()
            };
            let (first, last) = (
                access.offset + reach(-1),
                access.offset + reach(1) + itemsize as isize,
            );
            assert!(
                first >= 0 && last <= block as isize,
                "{access:?} of {shape:?} leaves its {block} bytes in\n{}",
                self.step
            );
        }
        self.locate(access, places)
    }

    fn locate(&self, access: &Access, places: &mut Places) -> *mut u8 {
        let start = match access.place {
            Place::Slot(slot) => return self.address(slot, access.offset),
            Place::Received(piece) => places
                .received
                .as_ref()
                .expect("border pieces run after the moves")
                .piece(piece)
                .as_ptr()
                .cast_mut(),
            Place::Saved(copy) => places.saved[copy].as_mut_ptr(),
            Place::Assembled(number) => places.assembled[number].as_mut_ptr(),
            Place::Scratch => places
                .scratch
                .as_mut()
                .expect("a plan that uses scratch has it")
                .as_mut_ptr(),
        };
        // SAFETY: the planner computed the offset of an element inside this buffer.
        unsafe { start.offset(access.offset) }
    }

    /// Puts together the operands that lie in several places.
    fn assemble(&self, places: &mut Places) -> Result<()> {
        for assembly in &self.step.assemblies {
            let mut buffer = Buffer::new(assembly.bytes)?;
            for fragment in &assembly.fragments {
                let from = self.locate(&fragment.from, places).cast_const();
                // SAFETY: source and target hold the fragment's box (planner), and the assembly is new memory of `bytes` bytes.
                unsafe {
                    let to = buffer.as_mut_ptr().offset(fragment.offset);
                    gain_ga::copy(
                        &fragment.shape,
                        assembly.itemsize,
                        (from, &fragment.from.strides),
                        (to, &fragment.strides),
                    );
                }
            }
            places.assembled.push(buffer);
        }
        Ok(())
    }

    fn write_back(&self, places: &mut Places) {
        if let (Some(scratch), Some(buffer)) = (&self.step.scratch, &places.scratch) {
            let itemsize = scratch.dtype.size();
            let strides: SmallVec<[isize; 4]> = c_strides(&scratch.shape)
                .iter()
                .map(|stride| stride * itemsize as isize)
                .collect();
            let target = self.address(scratch.slot, scratch.offset);
            // SAFETY: both sides hold the box `scratch.shape`, and all pieces that read the target have run.
            unsafe {
                gain_ga::copy(
                    &scratch.shape,
                    itemsize,
                    (buffer.as_ptr(), &strides),
                    (target, &scratch.strides),
                )
            };
        }
    }

    /// Puts the partial results of all ranks together and writes this rank's part of the result.
    fn combine(&self, reducing: &Reducing, mine: Option<Partials>) -> Result<()> {
        let team = &self.runtime.0.team;
        let mut contributions: Vec<Partials> = Vec::new();
        match &reducing.combination {
            Combination::Alone => contributions.extend(mine),
            Combination::Everyone => {
                let bytes = mine.map_or_else(Vec::new, |mine| mine.to_bytes());
                let gathered = team.all_gather(&bytes)?;
                contributions.extend(
                    gathered
                        .iter()
                        .filter(|bytes| !bytes.is_empty())
                        .map(|bytes| Partials::from_bytes(bytes)),
                );
            }
            Combination::Owners { sends, receives } => {
                let own = self.problem.rank;
                let part = |kept_box: &IndexBox| {
                    mine.as_ref()
                        .expect("a rank that sends has computed")
                        .restrict(&kept_box.lo, &kept_box.hi)
                };
                let packed: Vec<(usize, Vec<u8>)> = sends
                    .iter()
                    .filter(|(to, _)| *to != own)
                    .map(|(to, kept_box)| (*to, part(kept_box).to_bytes()))
                    .collect();
                let outgoing: Vec<Outgoing<'_>> = packed
                    .iter()
                    .map(|(to, bytes)| Outgoing {
                        to: *to,
                        source: StridedBytes::contiguous(bytes),
                    })
                    .collect();
                let foreign = || receives.iter().filter(|(from, ..)| *from != own);
                let encoded = |kept_box: &IndexBox, n_nodes: usize| {
                    Partials::encoded_len(
                        reducing.reduction,
                        reducing.input,
                        kept_box.len(),
                        kept_box.lo.len(),
                        n_nodes,
                    )
                };
                let incoming: Vec<Incoming> = foreign()
                    .map(|(from, kept_box, n_nodes)| Incoming {
                        from: *from,
                        bytes: encoded(kept_box, *n_nodes),
                    })
                    .collect();
                let received = team.exchange(&outgoing, &incoming)?;
                contributions.extend(
                    (0..incoming.len()).map(|number| Partials::from_bytes(received.piece(number))),
                );
                contributions.extend(
                    receives
                        .iter()
                        .filter(|(from, ..)| *from == own)
                        .map(|(_, kept_box, _)| part(kept_box)),
                );
            }
        }
        let all = contributions.into_iter().reduce(|mut all, more| {
            all.merge(more);
            all
        });
        let Some(all) = all else { return Ok(()) };
        let values = all.finish(reducing.n_units)?;
        debug_assert_eq!(
            values.len(),
            reducing.result_box.len() * reducing.result_dtype.size(),
            "the result fills this rank's box"
        );
        // SAFETY: the step has made the slot's block with room for this rank's box of the result, which is what `values` holds.
        unsafe {
            std::ptr::copy_nonoverlapping(
                values.as_ptr(),
                self.address(reducing.slot, 0),
                values.len(),
            )
        };
        Ok(())
    }
}
