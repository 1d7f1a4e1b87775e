//! Recording: statements wait here until a value is observed or enough of them have gathered.
//!
//! # Rationale
//! A flush is a matter of the program alone: it happens at observations, and before the statement that follows `MOST_STATEMENTS`, or an
//! assignment once `ENOUGH_STATEMENTS` wait. So every rank flushes at the same statements, and a loop's iterations give the same plans. It is
//! the following statement because the value that was assigned still has a handle while it is assigned, and would be stored.

use std::collections::HashMap;
use std::rc::Rc;

use gain_ga::Indices;
use gain_ufunc::Scalar;
use smallvec::{SmallVec, smallvec};

use crate::base::Base;
use crate::error::{ErrorClass, Result};
use crate::fingerprint::BuildFingerprint;
use crate::layout::Layout;
use crate::plan::Plan;
use crate::plan::problem::{Operand, Problem, Slot, Statement, Work};
use crate::runtime::Runtime;

/// What follows an assignment flushes when this many statements wait.
const ENOUGH_STATEMENTS: usize = 8;

/// A flush happens at the latest with this many.
const MOST_STATEMENTS: usize = 128;

/// A recorded operand.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A view, already broadcast to the iteration space.
    View { base: Rc<Base>, layout: Layout },
    /// One value.
    Constant(Scalar),
}

/// A recorded statement with its handles.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) work: Work,
    pub(crate) sources: SmallVec<[Source; 3]>,
    pub(crate) shape: Indices,
    pub(crate) target: Rc<Base>,
    pub(crate) layout: Layout,
    /// It has run inside another loop without being stored, and runs again only if somebody still asks for it.
    pub(crate) evaluated: bool,
}

impl Recorded {
    /// Whether somebody outside may look at, or change, the memory of this statement at any moment.
    fn touches_loan(&self) -> bool {
        let lent =
            |source: &Source| matches!(source, Source::View { base, .. } if base.is_on_loan());
        self.target.is_on_loan() || self.sources.iter().any(lent)
    }
}

/// The bases behind a problem's slots and the values of its constants.
pub(crate) struct Binding {
    pub(crate) bases: Vec<Rc<Base>>,
    /// Handles to each base that are this module's own.
    handles: Vec<usize>,
    pub(crate) constants: Vec<Scalar>,
}

impl Runtime {
    /// Appends a statement. Collective in effect: every rank records the same ones.
    pub(crate) fn record(
        &self,
        work: Work,
        sources: SmallVec<[Source; 3]>,
        shape: &[usize],
        target: &Rc<Base>,
        layout: Layout,
    ) -> Result<()> {
        let mut statement = Recorded {
            work,
            sources,
            shape: SmallVec::from_slice(shape),
            target: Rc::clone(target),
            layout,
            evaluated: false,
        };
        if shape.is_empty() {
            statement.shape = smallvec![1];
            statement.layout = statement.layout.insert(0, 1);
            for source in &mut statement.sources {
                if let Source::View { layout, .. } = source {
                    *layout = layout.insert(0, 1);
                }
            }
        }
        if self.is_due() {
            self.flush(None)?;
        }
        let at_once = statement.touches_loan();
        self.wait(statement);
        if at_once {
            self.flush(None)?;
        }
        Ok(())
    }

    /// Whether enough has been recorded to run it: the next statement begins with a flush.
    pub(crate) fn is_due(&self) -> bool {
        let graph = self.0.graph.borrow();
        let assigns = graph.last().is_some_and(|last| last.target.is_placed());
        graph.len() >= MOST_STATEMENTS || (assigns && graph.len() >= ENOUGH_STATEMENTS)
    }

    /// Runs what is recorded. `passing` is a base whose only handle is about to die, so that its value is not worth storing. Collective.
    ///
    /// # Errors
    /// What executing finds.
    pub(crate) fn flush(&self, passing: Option<&Rc<Base>>) -> Result<()> {
        let recorded = self.take();
        if recorded.is_empty() {
            return Ok(());
        }
        let (problem, binding) = self.problem(&recorded, passing);
        let plan = self.plan(&problem)?;
        match self.execute(&plan, &problem, &binding) {
            Ok(()) => {
                self.leave_unstored(recorded, &plan, &binding);
                Ok(())
            }
            Err((failed, error)) => {
                if error.class() == ErrorClass::Memory {
                    self.put_back(recorded, &plan, failed);
                }
                Err(error)
            }
        }
    }

    /// Waits again for what did not run for want of memory: the user may free some and ask once more.
    fn put_back(&self, recorded: Vec<Recorded>, plan: &Plan, failed: usize) {
        let waiting = |number: usize| {
            plan.steps[failed..]
                .iter()
                .any(|step| step.statements.contains(&number))
        };
        let kept = recorded
            .into_iter()
            .enumerate()
            .filter(|(number, _)| waiting(*number))
            .map(|(_, statement)| statement);
        kept.for_each(|statement| self.wait(statement));
    }

    fn wait(&self, statement: Recorded) {
        statement.target.count_write();
        for source in &statement.sources {
            if let Source::View { base, .. } = source {
                base.count_read();
            }
        }
        self.0.graph.borrow_mut().push(statement);
    }

    /// Empties the graph, dropping what had run before and that nobody holds any more.
    fn take(&self) -> Vec<Recorded> {
        let mut recorded = std::mem::take(&mut *self.0.graph.borrow_mut());
        for statement in &recorded {
            statement.target.forget_counts();
            for source in &statement.sources {
                if let Source::View { base, .. } = source {
                    base.forget_counts();
                }
            }
        }
        // Backwards, so that what fed only dropped statements goes as well.
        for at in (0..recorded.len()).rev() {
            let statement = &recorded[at];
            if statement.evaluated && Rc::strong_count(&statement.target) == 1 {
                recorded.remove(at);
            }
        }
        recorded
    }

    fn problem(&self, recorded: &[Recorded], passing: Option<&Rc<Base>>) -> (Problem, Binding) {
        let mut numbers: HashMap<*const Base, usize, BuildFingerprint> =
            HashMap::with_capacity_and_hasher(2 * recorded.len(), BuildFingerprint::default());
        let mut bases: Vec<Rc<Base>> = Vec::with_capacity(2 * recorded.len());
        let mut handles: Vec<usize> = Vec::with_capacity(2 * recorded.len());
        let mut constants = Vec::new();
        let mut slot_of = |base: &Rc<Base>| {
            // Memory that is shared has a slot too, before those that share it.
            for (base, named) in [(base.memory(), !base.is_alias()), (base, true)] {
                let slot = *numbers.entry(Rc::as_ptr(base)).or_insert_with(|| {
                    bases.push(Rc::clone(base));
                    handles.push(1);
                    bases.len() - 1
                });
                if named {
                    handles[slot] += 1;
                    return slot;
                }
            }
            unreachable!("the second of the two is named")
        };
        let mut statements = Vec::with_capacity(recorded.len());
        for statement in recorded {
            let operands = statement
                .sources
                .iter()
                .map(|source| match source {
                    Source::View { base, layout } => Operand::View {
                        slot: slot_of(base),
                        layout: layout.clone(),
                    },
                    Source::Constant(value) => {
                        constants.push(*value);
                        Operand::Constant {
                            number: constants.len() - 1,
                            dtype: value.dtype(),
                        }
                    }
                })
                .collect();
            let target = slot_of(&statement.target);
            statements.push(Statement {
                work: statement.work.clone(),
                operands,
                shape: statement.shape.clone(),
                target,
                layout: statement.layout.clone(),
            });
        }
        let slots = bases
            .iter()
            .enumerate()
            .map(|(slot, base)| {
                let passes = passing.is_some_and(|passing| Rc::ptr_eq(passing, base));
                Slot {
                    shape: base.shape.clone(),
                    dtype: base.dtype,
                    memory: numbers[&Rc::as_ptr(base.memory())],
                    distribution: base.is_placed().then(|| base.distribution()).flatten(),
                    replicated: base.replicated,
                    placed: base.is_placed(),
                    keep: Rc::strong_count(base) > handles[slot] && !passes,
                    passing: passes,
                }
            })
            .collect();
        let problem = Problem {
            rank: self.rank(),
            n_ranks: self.n_ranks(),
            n_threads: self.n_threads(),
            slots,
            statements,
        };
        (
            problem,
            Binding {
                bases,
                handles,
                constants,
            },
        )
    }

    /// Keeps the statements whose values were not stored though a handle still lives.
    fn leave_unstored(&self, recorded: Vec<Recorded>, plan: &Plan, binding: &Binding) {
        let unstored = |base: &Rc<Base>| !base.is_placed();
        let held = |slot: usize| Rc::strong_count(&binding.bases[slot]) > binding.handles[slot];
        if !(0..binding.bases.len())
            .any(|slot| !plan.stored[slot] && unstored(&binding.bases[slot]) && held(slot))
        {
            return;
        }
        for mut statement in recorded {
            if unstored(&statement.target) {
                statement.evaluated = true;
                self.wait(statement);
            }
        }
    }
}
