//! Deciding: from recorded statements to what this rank will do. Pure: no memory, no messages, no clock.
//!
//! [`problem`] is what is known, [`group`] fuses, [`placement`] says who computes, [`align`] finds operands, [`overlap`] keeps
//! elements from being overwritten before they are read, [`compile`] writes the loop's program, [`combine`] puts reductions together,
//! `text` prints a plan.

pub mod align;
pub mod combine;
pub mod compile;
pub mod group;
pub mod overlap;
pub mod placement;
pub mod problem;
pub mod step;
mod text;

use gain_ga::{Distribution, Indices};
use gain_ufunc::{DType, Program};
use smallvec::SmallVec;

pub use combine::{Combination, Reducing};
pub use problem::{Operand, Problem, Slot, Statement, Work};

/// What this rank does for one flush: steps in order.
#[derive(Clone, Debug)]
pub struct Plan {
    /// One a group.
    pub steps: Vec<Step>,
    /// The slots whose values are stored, among those that the statements make.
    pub stored: Vec<bool>,
    /// Whether any rank sends anything in any step.
    pub communicates: bool,
}

/// One loop: its moves, its pieces, its reduction.
#[derive(Clone, Debug)]
pub struct Step {
    /// The names of its operations, for people.
    pub label: String,
    /// Numbers of the statements that it runs.
    pub statements: Vec<usize>,
    /// The fused loop body.
    pub program: Program,
    /// Which of the problem's constants the program takes, in the order of its constant slots.
    pub constants: Vec<usize>,
    /// Who computes what.
    pub iteration: Distribution,
    /// The slots that it makes.
    pub makes: Vec<Made>,
    /// What this rank packs for others.
    pub sends: Vec<Send>,
    /// What this rank waits for.
    pub receives: Vec<Receive>,
    /// Copies of elements that are overwritten before the border pieces read them.
    pub saves: Vec<Save>,
    /// Operands put together from several places, after the moves.
    pub assemblies: Vec<Assembly>,
    /// Pieces that need nothing from others: run while the messages travel.
    pub interior: Vec<PiecePlan>,
    /// Pieces that read what was received.
    pub border: Vec<PiecePlan>,
    /// A block into which an overlapping write goes first, and from where it is copied.
    pub scratch: Option<Scratch>,
    /// The reduction at its end.
    pub reducing: Option<Reducing>,
    /// Slots that nobody reads after this step and no handle keeps.
    pub release: Vec<usize>,
}

/// A slot that a step brings into being.
#[derive(Clone, Debug)]
pub struct Made {
    /// Which.
    pub slot: usize,
    /// Who owns what.
    pub distribution: Distribution,
    /// Bytes of this rank's block.
    pub bytes: usize,
}

/// A piece of a message to another rank, packed from a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Send {
    /// The rank that needs it.
    pub to: usize,
    /// From which slot's block.
    pub slot: usize,
    /// Byte offset of its first element.
    pub offset: isize,
    /// Elements per axis.
    pub shape: Indices,
    /// Bytes per index.
    pub strides: SmallVec<[isize; 4]>,
    /// Bytes per element.
    pub itemsize: usize,
    /// Bytes in all.
    pub bytes: usize,
}

/// A piece of a message from another rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receive {
    /// The rank that owns it.
    pub from: usize,
    /// Its bytes.
    pub bytes: usize,
}

/// A local copy made before the loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Save {
    /// From which slot's block.
    pub slot: usize,
    /// dtype of the slot.
    pub dtype: DType,
    /// Byte offset of its first element.
    pub offset: isize,
    /// Elements per axis.
    pub shape: Indices,
    /// Bytes per index.
    pub strides: SmallVec<[isize; 4]>,
}

/// The block that takes an overlapping write until all reads are done.
#[derive(Clone, Debug)]
pub struct Scratch {
    /// The slot written.
    pub slot: usize,
    /// dtype of the slot.
    pub dtype: DType,
    /// This rank's box of the loop, C-ordered in the scratch block.
    pub shape: Indices,
    /// Where in the slot's block it is copied at the end: byte offset of the first element.
    pub offset: isize,
    /// Bytes per index.
    pub strides: SmallVec<[isize; 4]>,
}

/// An operand of one piece that lies in several places: a unit of a reduction whose elements have two owners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assembly {
    /// Bytes per element.
    pub itemsize: usize,
    /// Bytes in all.
    pub bytes: usize,
    /// What goes where.
    pub fragments: Vec<Fragment>,
}

/// A part of an assembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Where it is.
    pub from: Access,
    /// Elements per axis.
    pub shape: Indices,
    /// Byte offset in the assembly.
    pub offset: isize,
    /// Bytes per index in the assembly.
    pub strides: SmallVec<[isize; 4]>,
}

/// Where a piece reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A slot's local block.
    Slot(usize),
    /// A received piece.
    Received(usize),
    /// A saved copy.
    Saved(usize),
    /// An assembly.
    Assembled(usize),
    /// The scratch block.
    Scratch,
}

/// One operand of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Which memory.
    pub place: Place,
    /// Byte offset of the piece's first element.
    pub offset: isize,
    /// Bytes per index.
    pub strides: SmallVec<[isize; 4]>,
}

/// A box of the loop whose operands each lie in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PiecePlan {
    /// Elements per axis.
    pub shape: Indices,
    /// Global index of its first element.
    pub origin: Indices,
    /// In the order of the program's loads.
    pub loads: SmallVec<[Access; 6]>,
    /// In the order of the program's stores.
    pub stores: SmallVec<[Access; 2]>,
    /// How many rows a finished row waits before it is written back.
    pub lag: Option<usize>,
}

/// The plan of this rank's share. Local; the same on all ranks but for the share.
///
/// # Errors
/// What the ufuncs find wrong with a program.
pub fn plan(problem: &Problem, threshold: usize) -> Result<Plan, gain_ufunc::Error> {
    let groups = group::groups(problem);
    let uses = step::Uses::of(problem, &groups);
    let mut known: Vec<Option<Distribution>> = problem
        .slots
        .iter()
        .map(|slot| slot.distribution.clone())
        .collect();
    let mut steps = Vec::with_capacity(groups.len());
    for number in 0..groups.len() {
        steps.push(step::step(
            problem, &groups, number, &uses, &mut known, threshold,
        )?);
    }
    // Whether others communicate is not for one rank to see; a team of several compares itself at every plan with distributed slots.
    let communicates = problem.n_ranks > 1
        && known
            .iter()
            .flatten()
            .any(|distribution| !distribution.is_replicated());
    Ok(Plan {
        steps,
        stored: uses.stored,
        communicates,
    })
}
