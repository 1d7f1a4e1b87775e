//! Records a program's values; equal ones are merged as they are recorded.

use super::{Program, lower};
use crate::dtype::DType;
use crate::loops::{LoopFn, cast_loop};
use crate::reduction::{Reduction, accumulator};
use crate::ufunc::{Signature, Ufunc};
use smallvec::SmallVec;
use std::collections::HashMap;

/// A value of a [`ProgramBuilder`]: one number per element of the iteration space.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Value(pub(super) u32);

/// What a value is; equal origins are equal values.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Origin {
    Load(usize),
    Constant(usize),
    Index(usize),
    Call(&'static Ufunc, SmallVec<[u32; 3]>),
    Cast(u32),
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) origin: Origin,
    pub(super) dtype: DType,
    /// For calls and casts.
    pub(super) function: Option<LoopFn>,
}

/// Records the values, stores and the reduction of a [`Program`].
///
/// # Examples
///
/// ```
/// use gain_ufunc::{DType, OperandType, program::ProgramBuilder, resolve, ufunc};
///
/// let mut builder = ProgramBuilder::new();
/// let x = builder.load(0, DType::F64);
/// let y = builder.load(1, DType::F64);
/// let c = builder.constant(0, DType::F64);
/// let signature = resolve(ufunc::ADD, &[OperandType::Array(DType::F64), OperandType::Array(DType::F64)])?;
/// let scaled = builder.call(ufunc::MULTIPLY, &signature, &[c, x]);
/// let sum = builder.call(ufunc::ADD, &signature, &[scaled, y]);
/// builder.store(0, sum, DType::F64);
/// let program = builder.finish();
/// assert_eq!((program.n_instructions(), program.n_fused()), (1, 1));
/// # Ok::<(), gain_ufunc::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ProgramBuilder {
    pub(super) nodes: Vec<Node>,
    known: HashMap<(Origin, DType), u32>,
    /// Slot and value.
    pub(super) stores: Vec<(usize, u32)>,
    pub(super) reduction: Option<(Reduction, u32, u32)>,
}

impl ProgramBuilder {
    /// An empty program.
    pub fn new() -> ProgramBuilder {
        ProgramBuilder::default()
    }

    fn value(&mut self, origin: Origin, dtype: DType, function: Option<LoopFn>) -> Value {
        let next = self.nodes.len() as u32;
        let id = *self.known.entry((origin.clone(), dtype)).or_insert(next);
        if id == next {
            self.nodes.push(Node {
                origin,
                dtype,
                function,
            });
        }
        Value(id)
    }

    /// The dtype of a value.
    pub fn dtype(&self, value: Value) -> DType {
        self.nodes[value.0 as usize].dtype
    }

    /// The elements of `Piece::loads[slot]`.
    pub fn load(&mut self, slot: usize, dtype: DType) -> Value {
        self.value(Origin::Load(slot), dtype, None)
    }

    /// The scalar `constants[slot]`, cast to `dtype` if it has another.
    pub fn constant(&mut self, slot: usize, dtype: DType) -> Value {
        self.value(Origin::Constant(slot), dtype, None)
    }

    /// The global index along an axis of the iteration space, as `int64`.
    pub fn index(&mut self, axis: usize) -> Value {
        self.value(Origin::Index(axis), DType::I64, None)
    }

    /// A ufunc of values; they are cast where their dtype is not the signature's.
    ///
    /// # Panics
    ///
    /// If the number of values is not the signature's, or the ufunc has no such loop.
    pub fn call(
        &mut self,
        ufunc: &'static Ufunc,
        signature: &Signature,
        values: &[Value],
    ) -> Value {
        assert_eq!(
            values.len(),
            signature.inputs.len(),
            "{} takes {} values",
            ufunc.name,
            signature.inputs.len()
        );
        let inputs = values
            .iter()
            .zip(&signature.inputs)
            .map(|(&value, &dtype)| self.cast(value, dtype).0)
            .collect();
        let function = ufunc.loop_for(signature);
        self.value(
            Origin::Call(ufunc, inputs),
            signature.output,
            Some(function),
        )
    }

    /// A value in another dtype; the value itself when it has that dtype.
    pub fn cast(&mut self, value: Value, dtype: DType) -> Value {
        let from = self.dtype(value);
        if from == dtype {
            return value;
        }
        self.value(Origin::Cast(value.0), dtype, Some(cast_loop(from, dtype)))
    }

    /// Writes a value, cast to `dtype`, to `Piece::stores[slot]`. One store per slot.
    pub fn store(&mut self, slot: usize, value: Value, dtype: DType) {
        let value = self.cast(value, dtype);
        debug_assert!(
            self.stores.iter().all(|&(s, _)| s != slot),
            "one store per slot"
        );
        self.stores.push((slot, value.0));
    }

    /// Reduces a value over the axes whose bits are set in `axes` (bit `i` is axis `i` of the iteration space).
    ///
    /// The accumulator is what [`accumulator`] says for the value's dtype, except that a sum or product of a dtype that the caller
    /// cast to stays in that dtype: cast the value first to what NumPy's `dtype=` or default says.
    ///
    /// # Panics
    ///
    /// At the second reduction of one program.
    pub fn reduce(&mut self, reduction: Reduction, value: Value, axes: u32) {
        assert!(
            self.reduction.is_none(),
            "a program ends in one reduction at most"
        );
        let value = match reduction {
            Reduction::Any | Reduction::All => {
                let (input, _) = accumulator(reduction, self.dtype(value));
                self.cast(value, input)
            }
            _ => value,
        };
        self.reduction = Some((reduction, value.0, axes));
    }

    /// The program: dead values dropped, uniforms hoisted, super-instructions chosen, registers allocated.
    ///
    /// # Panics
    ///
    /// If the program has more than 30,000 values.
    pub fn finish(self) -> Program {
        lower::lower(self)
    }
}
