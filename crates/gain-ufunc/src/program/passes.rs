//! Cuts a super-instruction's steps into passes over the tile, each a compiled chain where there is one.

use super::MicroOp;
use super::fuse::{Source, Step};
use crate::run::may_follow;

/// The steps of one pass; the last is a store.
pub(super) struct Draft {
    pub(super) steps: Vec<Step>,
    pub(super) chain: bool,
}

/// The passes, and the number of scratch slots.
pub(super) fn cut(steps: &[Step]) -> (Vec<Draft>, usize) {
    let slots = steps
        .iter()
        .flat_map(|step| [step.a, step.b])
        .filter_map(|source| match source {
            Source::Scratch(slot) => Some(slot as usize + 1),
            _ => None,
        });
    let n_slots = slots.max().unwrap_or(0);
    let mut cutter = Cutter {
        spare: Source::Scratch(n_slots as u16),
        spared: false,
        open: Vec::new(),
        last: Source::None,
        passes: Vec::new(),
    };
    steps.iter().for_each(|step| cutter.step(step));
    let spared = cutter.spared;
    (cutter.passes, n_slots + usize::from(spared))
}

struct Cutter {
    /// Where the accumulator waits between passes that no store separates.
    spare: Source,
    spared: bool,
    /// The chain under way, or a load with operations on the accumulator alone.
    open: Vec<Step>,
    /// Where the accumulator's value lies if no chain is under way.
    last: Source,
    passes: Vec<Draft>,
}

impl Cutter {
    fn step(&mut self, step: &Step) {
        match step.op {
            MicroOp::AddPair | MicroOp::SubPair | MicroOp::MulPair | MicroOp::DivPair => {
                self.open = vec![*step]
            }
            MicroOp::Load => {
                self.open.clear();
                self.last = step.a;
            }
            MicroOp::Store => self.store(step.a),
            MicroOp::Neg | MicroOp::Abs | MicroOp::Sqrt => {
                if self.chained() {
                    self.pause();
                }
                if self.open.is_empty() {
                    self.open.push(Step {
                        op: MicroOp::Load,
                        a: self.last,
                        b: Source::None,
                    });
                }
                self.open.push(*step);
            }
            _ => self.follow(step),
        }
    }

    /// Whether a chain is under way.
    fn chained(&self) -> bool {
        self.open
            .first()
            .is_some_and(|step| step.op != MicroOp::Load)
    }

    fn store(&mut self, to: Source) {
        let store = Step {
            op: MicroOp::Store,
            a: to,
            b: Source::None,
        };
        let chain = self.chained();
        let mut steps = std::mem::take(&mut self.open);
        if steps.is_empty() {
            steps.push(Step {
                op: MicroOp::Load,
                a: self.last,
                b: Source::None,
            });
        }
        steps.push(store);
        self.passes.push(Draft { steps, chain });
        self.last = to;
    }

    /// Ends the pass under way, its value in the spare slot.
    fn pause(&mut self) {
        if !self.open.is_empty() {
            self.spared = true;
            self.store(self.spare);
        }
    }

    /// An operation on the accumulator and one operand.
    fn follow(&mut self, step: &Step) {
        let is_division =
            |op: MicroOp| matches!(op, MicroOp::Div | MicroOp::DivInto | MicroOp::DivPair);
        let divides = self.open.iter().any(|step| is_division(step.op));
        let ended = self
            .open
            .last()
            .is_some_and(|step| matches!(step.op, MicroOp::Div | MicroOp::DivInto));
        if self.chained() && !ended && may_follow(step.op, self.open.len(), divides) {
            self.open.push(*step);
            return;
        }
        self.pause();
        let (op, a, b) = match step.op {
            MicroOp::Add => (MicroOp::AddPair, self.last, step.a),
            MicroOp::Sub => (MicroOp::SubPair, self.last, step.a),
            MicroOp::SubFrom => (MicroOp::SubPair, step.a, self.last),
            MicroOp::Mul => (MicroOp::MulPair, self.last, step.a),
            MicroOp::Div => (MicroOp::DivPair, self.last, step.a),
            _ => (MicroOp::DivPair, step.a, self.last),
        };
        self.open = vec![Step { op, a, b }];
    }
}
