//! What a plan is made from: the recorded statements as plain data, without memory and without handles.

use std::hash::{Hash, Hasher};

use gain_ga::{Distribution, Indices};
use gain_ufunc::{DType, Reduction, Signature, Ufunc};
use smallvec::SmallVec;

use crate::fingerprint::Fingerprint;
use crate::layout::Layout;

/// What a statement computes, element by element of its iteration space, or over some of its axes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Work {
    /// A ufunc's loop.
    Map {
        /// The ufunc.
        ufunc: &'static Ufunc,
        /// Its loop.
        signature: Signature,
    },
    /// The one source, cast to the target's dtype.
    Copy,
    /// The index along an axis, an `int64`.
    Index {
        /// The axis of the iteration space.
        axis: usize,
    },
    /// The one source, reduced over `axes` of the iteration space.
    Reduce {
        /// Sum, min, ...
        reduction: Reduction,
        /// The dtype to which elements are cast before they are accumulated.
        input: DType,
        /// Ascending.
        axes: SmallVec<[usize; 4]>,
    },
}

/// An operand of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// A view, of the iteration space's shape, of a slot.
    View {
        /// Which slot.
        slot: usize,
        /// How the iteration space maps to it.
        layout: Layout,
    },
    /// The n-th constant; its value is not part of the structure.
    Constant {
        /// Position among the problem's constants.
        number: usize,
        /// Its dtype.
        dtype: DType,
    },
}

/// One recorded statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Statement {
    /// What it computes.
    pub work: Work,
    /// From what.
    pub operands: SmallVec<[Operand; 3]>,
    /// The iteration space; never of no axes.
    pub shape: Indices,
    /// The slot that is written.
    pub target: usize,
    /// Where in the target the iteration space lies. A reduction writes the whole of its slot.
    pub layout: Layout,
}

/// A base that the statements read or write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its shape.
    pub shape: Indices,
    /// Its dtype.
    pub dtype: DType,
    /// The first slot with the same memory: itself, or one of another shape.
    pub memory: usize,
    /// Who owns what; `None` for a slot that these statements make and that the plan distributes.
    pub distribution: Option<Distribution>,
    /// Whether every rank holds the whole.
    pub replicated: bool,
    /// Whether its memory exists already.
    pub placed: bool,
    /// Whether a handle to it outlives the statements, so that its value must be stored.
    pub keep: bool,
    /// Whether the one handle to it dies after the statements: its value need not be stored, but when it is it stays.
    pub passing: bool,
}

/// All that planning knows.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The rank that plans its share.
    pub rank: usize,
    /// Ranks of the team.
    pub n_ranks: usize,
    /// Threads of this rank.
    pub n_threads: usize,
    /// In the order of first use.
    pub slots: Vec<Slot>,
    /// In program order.
    pub statements: Vec<Statement>,
}

impl Problem {
    /// The structure's fingerprint: equal on all ranks as long as they run the same program. Local.
    pub fn fingerprint(&self) -> u128 {
        let mut state = Fingerprint::default();
        self.statements.hash(&mut state);
        for slot in &self.slots {
            slot.shape.hash(&mut state);
            slot.dtype.hash(&mut state);
            slot.memory.hash(&mut state);
            slot.distribution.hash(&mut state);
            slot.replicated.hash(&mut state);
            slot.placed.hash(&mut state);
        }
        state.value()
    }

    /// The key under which this rank keeps the plan: the fingerprint, and which values must be stored. Local.
    pub fn key(&self, fingerprint: u128) -> u128 {
        let mut state = Fingerprint::default();
        state.write_u128(fingerprint);
        for slot in &self.slots {
            (slot.keep, slot.passing).hash(&mut state);
        }
        state.value()
    }

    /// The slot whose memory `slot` uses.
    pub(crate) fn memory(&self, slot: usize) -> usize {
        self.slots[slot].memory
    }
}
