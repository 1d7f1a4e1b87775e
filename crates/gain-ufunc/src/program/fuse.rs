//! Super-instructions: a tree of float arithmetic becomes steps on one accumulator.
//!
//! # Rationale
//!
//! The accumulator is a handful of vector registers, and each step's other operand is read from wherever it lies: an array, a
//! constant, or a slot of scratch that never leaves the L1 cache. Walking the tree with the heavier side first (Sethi and Ullman
//! 1970) keeps the slots few, and one compiled function per dtype and instruction set serves every expression.

use super::builder::{Node, Origin};
use super::{MAX_SCRATCH, MicroOp, SCRATCH};
use crate::dtype::DType;
use smallvec::SmallVec;

/// Most values of one super-instruction: each may need a slot, and the walk is recursive.
pub(super) const MAX_VALUES: usize = MAX_SCRATCH;

/// What a step reads or writes, before registers are allocated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Source {
    Node(u32),
    Scratch(u16),
    None,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) op: MicroOp,
    pub(super) a: Source,
    pub(super) b: Source,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Negative,
    Absolute,
    Sqrt,
}

fn arithmetic(node: &Node) -> Option<Arithmetic> {
    let Origin::Call(ufunc, _) = &node.origin else {
        return None;
    };
    Some(match ufunc.name {
        "add" => Arithmetic::Add,
        "subtract" => Arithmetic::Subtract,
        "multiply" => Arithmetic::Multiply,
        "divide" | "true_divide" => Arithmetic::Divide,
        "negative" => Arithmetic::Negative,
        "absolute" => Arithmetic::Absolute,
        "sqrt" => Arithmetic::Sqrt,
        _ => return None,
    })
}

/// Whether a super-instruction can compute the value.
pub(super) fn fusable(nodes: &[Node], id: u32) -> bool {
    let node = &nodes[id as usize];
    matches!(node.dtype, DType::F32 | DType::F64)
        && arithmetic(node).is_some()
        && arguments(node)
            .iter()
            .all(|&a| nodes[a as usize].dtype == node.dtype)
}

pub(super) fn arguments(node: &Node) -> SmallVec<[u32; 3]> {
    match &node.origin {
        Origin::Call(_, inputs) => inputs.clone(),
        Origin::Cast(from) => SmallVec::from_slice(&[*from]),
        _ => SmallVec::new(),
    }
}

/// Emits the steps for one group of values.
pub(super) struct Emitter<'a> {
    nodes: &'a [Node],
    /// Per node: position in the group plus one, 0 for nodes outside.
    member: &'a [u32],
    /// Per position: uses inside the group that are still to come.
    uses: Vec<u32>,
    /// Per position: whether somebody outside the group reads the value (or it is stored).
    outside: Vec<bool>,
    weights: Vec<u32>,
    emitted: Vec<bool>,
    memory: Vec<Source>,
    accumulator: Option<u32>,
    free: Vec<u16>,
    n_slots: u16,
    steps: Vec<Step>,
}

/// The steps that compute `group` (ascending, which is topological); `member` marks its nodes, `outside` tells which are read elsewhere.
pub(super) fn emit(
    nodes: &[Node],
    group: &[u32],
    member: &[u32],
    outside: impl Fn(u32) -> bool,
) -> Vec<Step> {
    let mut uses = vec![0; group.len()];
    let mut weights = vec![1; group.len()];
    for (position, &id) in group.iter().enumerate() {
        for a in arguments(&nodes[id as usize]) {
            if member[a as usize] > 0 {
                let inner = member[a as usize] as usize - 1;
                uses[inner] += 1;
                weights[position] += weights[inner];
            }
        }
    }
    let roots: SmallVec<[u32; 4]> = group
        .iter()
        .enumerate()
        .filter(|&(position, _)| uses[position] == 0)
        .map(|(_, &id)| id)
        .collect();
    let mut emitter = Emitter {
        nodes,
        member,
        uses,
        outside: group.iter().map(|&id| outside(id)).collect(),
        weights,
        emitted: vec![false; group.len()],
        memory: vec![Source::None; group.len()],
        accumulator: None,
        free: Vec::new(),
        n_slots: 0,
        steps: Vec::new(),
    };
    for root in roots {
        emitter.value(root);
    }
    emitter.steps
}

impl Emitter<'_> {
    fn position(&self, id: u32) -> Option<usize> {
        (self.member[id as usize] as usize).checked_sub(1)
    }

    fn pending(&self, id: u32) -> bool {
        self.position(id).is_some_and(|p| !self.emitted[p])
    }

    /// Where a value that is not in the accumulator can be read.
    fn place(&self, id: u32) -> Source {
        match self.position(id) {
            Some(p) => self.memory[p],
            None => Source::Node(id),
        }
    }

    fn push(&mut self, op: MicroOp, a: Source, b: Source) {
        self.steps.push(Step { op, a, b });
    }

    /// Keeps the accumulator's value in scratch if somebody still needs it and it lies nowhere else.
    fn save(&mut self) {
        let Some(id) = self.accumulator else { return };
        let Some(p) = self.position(id) else { return };
        if self.uses[p] > 0 && self.memory[p] == Source::None {
            let slot = self.free.pop().unwrap_or_else(|| {
                self.n_slots += 1;
                self.n_slots - 1
            });
            self.memory[p] = Source::Scratch(slot);
            self.push(MicroOp::Store, Source::Scratch(slot), Source::None);
        }
    }

    fn used(&mut self, id: u32) {
        if let Some(p) = self.position(id) {
            self.uses[p] -= 1;
        }
    }

    /// Gives back the slots of values that nobody needs any more.
    fn release(&mut self, id: u32) {
        if let Some(p) = self.position(id)
            && self.uses[p] == 0
            && let Source::Scratch(slot) = self.memory[p]
        {
            self.memory[p] = Source::None;
            self.free.push(slot);
        }
    }

    fn weight(&self, id: u32) -> u32 {
        self.position(id).map_or(0, |p| self.weights[p])
    }

    /// Computes a value into the accumulator.
    fn value(&mut self, id: u32) {
        if !self.pending(id) {
            return;
        }
        let nodes = self.nodes;
        let node = &nodes[id as usize];
        let arguments = arguments(node);
        let kind = arithmetic(node).expect("a group holds arithmetic only");
        match arguments[..] {
            [x] => self.unary(kind, x),
            [x, y] => self.binary(kind, x, y),
            _ => unreachable!("arithmetic has one or two operands"),
        }
        self.accumulator = Some(id);
        let p = self.position(id).expect("only members are computed");
        self.emitted[p] = true;
        if self.outside[p] {
            self.memory[p] = Source::Node(id);
            self.push(MicroOp::Store, Source::Node(id), Source::None);
        }
    }

    fn unary(&mut self, kind: Arithmetic, x: u32) {
        self.value(x);
        self.used(x);
        self.save();
        if self.accumulator != Some(x) {
            let place = self.place(x);
            self.push(MicroOp::Load, place, Source::None);
        }
        let op = match kind {
            Arithmetic::Negative => MicroOp::Neg,
            Arithmetic::Absolute => MicroOp::Abs,
            _ => MicroOp::Sqrt,
        };
        self.push(op, Source::None, Source::None);
        self.release(x);
    }

    fn binary(&mut self, kind: Arithmetic, x: u32, y: u32) {
        let (first, second) = if self.weight(x) >= self.weight(y) {
            (x, y)
        } else {
            (y, x)
        };
        self.value(first);
        self.value(second);
        if x == y && self.accumulator == Some(x) {
            // Both operands are the accumulator: one of them has to be read from memory.
            self.save();
        }
        self.used(x);
        self.used(y);
        self.save();
        let (op, a, b) = if self.accumulator == Some(x) {
            (with_accumulator(kind), self.place(y), Source::None)
        } else if self.accumulator == Some(y) {
            (into_accumulator(kind), self.place(x), Source::None)
        } else {
            (pair(kind), self.place(x), self.place(y))
        };
        self.push(op, a, b);
        self.release(x);
        self.release(y);
    }
}

fn with_accumulator(kind: Arithmetic) -> MicroOp {
    match kind {
        Arithmetic::Add => MicroOp::Add,
        Arithmetic::Subtract => MicroOp::Sub,
        Arithmetic::Multiply => MicroOp::Mul,
        _ => MicroOp::Div,
    }
}

fn into_accumulator(kind: Arithmetic) -> MicroOp {
    match kind {
        Arithmetic::Add => MicroOp::Add,
        Arithmetic::Subtract => MicroOp::SubFrom,
        Arithmetic::Multiply => MicroOp::Mul,
        _ => MicroOp::DivInto,
    }
}

fn pair(kind: Arithmetic) -> MicroOp {
    match kind {
        Arithmetic::Add => MicroOp::AddPair,
        Arithmetic::Subtract => MicroOp::SubPair,
        Arithmetic::Multiply => MicroOp::MulPair,
        _ => MicroOp::DivPair,
    }
}

/// The place of scratch slot `slot` in a [`Micro`](super::Micro).
pub(super) fn scratch(slot: u16) -> super::Place {
    SCRATCH + slot
}
