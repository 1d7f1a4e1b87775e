//! Which statements run as one fused loop.
//!
//! # Rationale
//! Statements are taken in program order; each joins the last group when one pass over the common iteration space gives
//! the same values as running them one after the other, otherwise it opens a new group. So the order of writes and reads of one
//! memory is kept without a dependence graph, and the decision costs a scan of the last group.
//!
//! # Limitations
//! Only the last group is tried: statements of another shape in between end a fusion that a reordering would have allowed.

use gain_ga::Indices;
use smallvec::SmallVec;

use crate::layout::Layout;
use crate::plan::problem::{Operand, Problem, Statement, Work};

/// Statements of one iteration space that run as one loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The common iteration space.
    pub shape: Indices,
    /// Numbers of the statements, ascending.
    pub statements: Vec<usize>,
    /// Slots written, with the place of the iteration space in each, in the order of first write.
    pub writes: Vec<(usize, Layout)>,
    /// Views read from memory (not forwarded from a write of the group), each once.
    pub reads: Vec<(usize, Layout)>,
    /// The write that overlaps a read of the group in shifted or reversed order, so that elements must not be overwritten too early.
    pub overlap: Option<usize>,
    /// Ends with a reduction.
    pub reduces: bool,
}

/// The groups of a problem, in order.
pub fn groups(problem: &Problem) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut exists: Vec<bool> = problem.slots.iter().map(|slot| slot.placed).collect();
    for (number, statement) in problem.statements.iter().enumerate() {
        let joined = groups
            .last_mut()
            .is_some_and(|group| group.join(problem, &exists, number, statement));
        if !joined {
            if let Some(complete) = groups.last() {
                complete
                    .statements
                    .iter()
                    .for_each(|&done| exists[problem.statements[done].target] = true);
            }
            let mut group = Group::open(&statement.shape);
            let alone = group.join(problem, &exists, number, statement);
            debug_assert!(alone, "a statement can run on its own");
            groups.push(group);
        }
    }
    groups
}

impl Group {
    fn open(shape: &Indices) -> Group {
        Group {
            shape: shape.clone(),
            statements: Vec::new(),
            writes: Vec::new(),
            reads: Vec::new(),
            overlap: None,
            reduces: false,
        }
    }

    fn join(
        &mut self,
        problem: &Problem,
        exists: &[bool],
        number: usize,
        statement: &Statement,
    ) -> bool {
        if self.reduces || self.overlap.is_some() || self.shape != statement.shape {
            return false;
        }
        let mut reads: SmallVec<[(usize, &Layout); 3]> = SmallVec::new();
        for operand in &statement.operands {
            if let Operand::View { slot, layout } = operand {
                match self.source(problem, exists, *slot, layout) {
                    Read::Forwarded => {}
                    Read::Memory => reads.push((*slot, layout)),
                    Read::TooEarly => return false,
                }
            }
        }
        let overlap = if matches!(statement.work, Work::Reduce { .. }) {
            // Owners of an updated array compute where it lies; a reduction computes where its units are whole.
            if self.writes.iter().any(|(slot, _)| exists[*slot]) {
                return false;
            }
            false
        } else {
            match self.target(problem, exists, statement, &reads) {
                Some(overlap) => overlap,
                None => return false,
            }
        };
        for (slot, layout) in reads {
            if !self
                .reads
                .iter()
                .any(|(have, at)| *have == slot && at == layout)
            {
                self.reads.push((slot, layout.clone()));
            }
        }
        self.statements.push(number);
        if matches!(statement.work, Work::Reduce { .. }) {
            self.reduces = true;
            return true;
        }
        let write = match self
            .writes
            .iter()
            .position(|(slot, layout)| *slot == statement.target && *layout == statement.layout)
        {
            Some(write) => write,
            None => {
                self.writes
                    .push((statement.target, statement.layout.clone()));
                self.writes.len() - 1
            }
        };
        if overlap {
            self.overlap = Some(write);
        }
        true
    }

    /// How a read of this view finds its value in a pass that also does the group's writes.
    fn source(&self, problem: &Problem, exists: &[bool], slot: usize, layout: &Layout) -> Read {
        let memory = problem.memory(slot);
        for (written, at) in &self.writes {
            if problem.memory(*written) != memory {
                continue;
            }
            if *written == slot && at == layout {
                return Read::Forwarded;
            }
            if !(exists[slot] && *written == slot && at.disjoint(layout)) {
                return Read::TooEarly;
            }
        }
        // A slot that the problem makes, made by an earlier group, is memory by then.
        Read::Memory
    }

    /// Whether the statement's write fits the group's reads and writes: `Some(overlaps a read)`, or `None` when it must wait.
    fn target(
        &self,
        problem: &Problem,
        exists: &[bool],
        statement: &Statement,
        own: &[(usize, &Layout)],
    ) -> Option<bool> {
        let memory = problem.memory(statement.target);
        let target = &problem.slots[statement.target];
        for (written, at) in &self.writes {
            let other = &problem.slots[*written];
            // What one loop writes must lie alike: whole on every rank, or at the same owners.
            let alike = match (exists[statement.target], exists[*written]) {
                (true, true) => {
                    *written == statement.target
                        || (target.distribution.is_some()
                            && target.distribution == other.distribution)
                }
                _ => target.replicated == other.replicated,
            };
            let same_place =
                !(exists[statement.target] && exists[*written]) || *at == statement.layout;
            if !(alike && same_place) {
                return None;
            }
        }
        for (written, at) in &self.writes {
            if problem.memory(*written) == memory
                && !(*written == statement.target
                    && (*at == statement.layout || at.disjoint(&statement.layout)))
            {
                return None;
            }
        }
        let mut overlap = false;
        let reads = self
            .reads
            .iter()
            .map(|(slot, layout)| (*slot, layout))
            .chain(own.iter().copied());
        for (slot, layout) in reads {
            if problem.memory(slot) != memory {
                continue;
            }
            let safe = slot == statement.target
                && (*layout == statement.layout || layout.disjoint(&statement.layout));
            overlap |= !safe;
        }
        // The loop orders one overlapping write; other arrays that it updates would be written out of step.
        let others = self.writes.iter().any(|(slot, _)| exists[*slot]);
        if overlap && others {
            None
        } else {
            Some(overlap)
        }
    }
}

enum Read {
    /// The value is in a register: an earlier statement of the group made it.
    Forwarded,
    /// The value is in memory and no write of the group touches it.
    Memory,
    /// A write of the group must be complete first.
    TooEarly,
}
