//! What an operation may be given: arrays, values with a dtype, and Python's own numbers, which have none.

use gain_ufunc::{OperandType, Scalar, WeakNumber};

use crate::array::Array;

/// An operand.
#[derive(Clone, Copy, Debug)]
pub enum Operand<'a> {
    /// An array.
    Array(&'a Array),
    /// A value with a dtype, like NumPy's scalars; a Python `bool` is one too.
    Scalar(Scalar),
    /// A Python `int`, `float` or `complex`, which takes the dtype of what it meets (NEP 50).
    Weak(WeakNumber),
}

impl Operand<'_> {
    /// What promotion sees.
    #[inline]
    pub fn operand_type(&self) -> OperandType {
        match self {
            Operand::Array(array) => OperandType::Array(array.dtype()),
            Operand::Scalar(scalar) => OperandType::Array(scalar.dtype()),
            Operand::Weak(number) => number.operand_type(),
        }
    }

    /// The shape; that of a value is empty.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        match self {
            Operand::Array(array) => array.shape(),
            _ => &[],
        }
    }
}

impl<'a> From<&'a Array> for Operand<'a> {
    fn from(array: &'a Array) -> Self {
        Operand::Array(array)
    }
}

impl From<f64> for Operand<'_> {
    fn from(value: f64) -> Self {
        Operand::Weak(WeakNumber::Float(value))
    }
}

impl From<i64> for Operand<'_> {
    fn from(value: i64) -> Self {
        Operand::Weak(WeakNumber::Int(i128::from(value)))
    }
}

impl From<Scalar> for Operand<'_> {
    fn from(value: Scalar) -> Self {
        Operand::Scalar(value)
    }
}
