//! Programs: a statement's whole expression as a list of typed instructions that runs tile by tile.
//!
//! A [`ProgramBuilder`] records values; [`ProgramBuilder::finish`] lowers them (`lower.rs`): equal values are merged, what
//! depends on constants only moves to a prologue that runs once, trees of float arithmetic become super-instructions, and the rest gets tile registers by liveness.
//!
//! # Rationale
//!
//! A tile interpreter that calls one loop per operation moves every intermediate through the L1 cache: 1.4 to 1.7 times a
//! hand-written loop. A super-instruction is a few passes over the tile (`passes.rs`), each a compiled chain of up to four operations that
//! reads its operands straight from the arrays; a stencil's sweep is two.

mod builder;
mod display;
mod fuse;
mod lower;
mod passes;

pub use builder::{ProgramBuilder, Value};

use crate::dtype::DType;
use crate::loops::LoopFn;
use crate::reduction::Reduction;
use smallvec::SmallVec;

/// Where an instruction reads or writes: a position in the table of [`Program::n_entries`] places that a run keeps. Uniforms come
/// first, then loads, stores and registers.
pub(crate) type Place = u16;

/// In a [`Micro`], places from here on are slots of the super-instruction's own scratch.
pub(crate) const SCRATCH: Place = 0x8000;

/// Most scratch slots of one super-instruction.
pub(crate) const MAX_SCRATCH: usize = 48;

/// A fused loop body. Plain data; made by [`ProgramBuilder`], run by [`run`](crate::run).
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) uniforms: Vec<Uniform>,
    pub(crate) loads: Vec<Load>,
    pub(crate) stores: Vec<Store>,
    /// One per register: the dtype it last held, for its size.
    pub(crate) registers: Vec<usize>,
    pub(crate) instructions: Vec<Instruction>,
    pub(crate) reduction: Option<Reduce>,
    /// How many entries of `constants`, `Piece::loads` and `Piece::stores` are asked for.
    pub(crate) n_constants: usize,
    pub(crate) n_loads: usize,
    pub(crate) n_stores: usize,
}

/// A value that is the same for every element.
#[derive(Clone, Debug)]
pub(crate) struct Uniform {
    pub(crate) dtype: DType,
    pub(crate) source: UniformSource,
}

#[derive(Clone, Debug)]
pub(crate) enum UniformSource {
    /// A constant by its slot.
    Constant(usize),
    /// Computed from earlier uniforms.
    Call(Call),
}

/// An operand in memory.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) slot: usize,
    pub(crate) dtype: DType,
    /// A super-instruction reads it, which wants unit stride.
    pub(crate) fused: bool,
}

/// A result in memory.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) slot: usize,
    pub(crate) dtype: DType,
    /// Some load is read after this store's tile is written: if they share memory, the tile must wait in scratch.
    pub(crate) early: bool,
}

/// The reduction at the end.
#[derive(Clone, Debug)]
pub(crate) struct Reduce {
    pub(crate) op: Reduction,
    pub(crate) dtype: DType,
    pub(crate) value: Place,
    /// Bit `i` stands for axis `i` of the iteration space.
    pub(crate) axes: u32,
}

/// One ufunc or cast over a tile.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) name: &'static str,
    pub(crate) function: LoopFn,
    pub(crate) inputs: SmallVec<[Place; 3]>,
    pub(crate) output: Place,
    pub(crate) dtype: DType,
}

/// One step of the interpreter.
#[derive(Clone, Debug)]
pub(crate) enum Instruction {
    Call(Call),
    /// The global index along an axis of the iteration space.
    Index {
        axis: usize,
        output: Place,
    },
    /// A super-instruction: float arithmetic whose intermediate results stay in vector registers.
    Fused(Fused),
}

/// A super-instruction over `f64` (or `f32` when not `double`): passes over the tile.
#[derive(Clone, Debug)]
pub(crate) struct Fused {
    pub(crate) double: bool,
    pub(crate) passes: Vec<Pass>,
    /// Slots of scratch, each as long as the tile.
    pub(crate) n_slots: usize,
    /// The loop of the one ufunc that it is, which reads elements wherever they lie.
    pub(crate) alone: Option<Call>,
}

/// One pass of a super-instruction: steps on an accumulator, the last of which is its only store.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    pub(crate) micros: SmallVec<[Micro; 6]>,
    /// Whether the steps before the store are a chain in the sense of `run/chain.rs`.
    pub(crate) chain: bool,
}

/// One step of a super-instruction on a chunk of vector registers, the accumulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Micro {
    pub(crate) op: MicroOp,
    pub(crate) a: Place,
    /// Only for the `Pair` operations.
    pub(crate) b: Place,
}

/// What a [`Micro`] does; `acc` is the accumulator, `a` and `b` are chunks in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum MicroOp {
    /// `acc = a`
    Load,
    /// `acc = acc + a`
    Add,
    /// `acc = acc - a`
    Sub,
    /// `acc = a - acc`
    SubFrom,
    /// `acc = acc * a`
    Mul,
    /// `acc = acc / a`
    Div,
    /// `acc = a / acc`
    DivInto,
    /// `acc = a + b`
    AddPair,
    /// `acc = a - b`
    SubPair,
    /// `acc = a * b`
    MulPair,
    /// `acc = a / b`
    DivPair,
    /// `acc = -acc`
    Neg,
    /// `acc = |acc|`
    Abs,
    /// `acc = sqrt(acc)`
    Sqrt,
    /// `a = acc`
    Store,
}

impl Program {
    pub(crate) fn first_load(&self) -> usize {
        self.uniforms.len()
    }

    pub(crate) fn first_store(&self) -> usize {
        self.first_load() + self.loads.len()
    }

    pub(crate) fn first_register(&self) -> usize {
        self.first_store() + self.stores.len()
    }

    pub(crate) fn n_entries(&self) -> usize {
        self.first_register() + self.registers.len()
    }

    /// A measure of the work per element: how many operations there are.
    pub(crate) fn weight(&self) -> usize {
        let operations: usize = self
            .instructions
            .iter()
            .map(|instruction| match instruction {
                Instruction::Fused(fused) => {
                    fused.passes.iter().map(|pass| pass.micros.len()).sum()
                }
                _ => 1,
            })
            .sum();
        1 + operations + usize::from(self.reduction.is_some())
    }

    /// What the program reduces and over which axes (bit `i` is axis `i`), if it does.
    pub fn reduction(&self) -> Option<(Reduction, u32)> {
        self.reduction.as_ref().map(|r| (r.op, r.axes))
    }

    /// How many instructions the program has, a super-instruction counting as one.
    pub fn n_instructions(&self) -> usize {
        self.instructions.len()
    }

    /// Slots of scratch that the super-instructions need.
    pub(crate) fn n_slots(&self) -> usize {
        let slots = self.instructions.iter().map(|i| {
            if let Instruction::Fused(fused) = i {
                fused.n_slots
            } else {
                0
            }
        });
        slots.max().unwrap_or(0)
    }

    /// How many passes over a tile the super-instructions make.
    pub fn n_passes(&self) -> usize {
        self.instructions
            .iter()
            .map(|i| {
                if let Instruction::Fused(fused) = i {
                    fused.passes.len()
                } else {
                    0
                }
            })
            .sum()
    }

    /// How many of them are super-instructions.
    pub fn n_fused(&self) -> usize {
        self.instructions
            .iter()
            .filter(|i| matches!(i, Instruction::Fused(_)))
            .count()
    }

    /// How many tile registers the program needs.
    pub fn n_registers(&self) -> usize {
        self.registers.len()
    }
}
