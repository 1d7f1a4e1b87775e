//! What can go wrong in this crate, with NumPy's words where NumPy has some.

use crate::dtype::DType;

/// Everything this crate reports. The binding's one table maps each variant to NumPy's exception class, named below.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No loop takes these types. `UFuncTypeError` (a `TypeError`).
    #[error(
        "ufunc '{ufunc}' not supported for the input types, and the inputs could not be safely coerced to any supported types according to the casting rule ''safe''"
    )]
    NoLoop {
        /// Name of the ufunc.
        ufunc: &'static str,
        /// The operands' types as text, such as `(complex128, int64)`.
        operands: String,
    },
    /// The number of operands is not what the ufunc takes. `TypeError`.
    #[error("{ufunc}() takes {expected} input operands but {given} were given")]
    OperandCount {
        /// Name of the ufunc.
        ufunc: &'static str,
        /// What it takes.
        expected: usize,
        /// What was given.
        given: usize,
    },
    /// `-` on two booleans. `TypeError`.
    #[error(
        "numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, or the logical_xor function instead."
    )]
    BooleanSubtract,
    /// Unary `-` on booleans. `TypeError`.
    #[error(
        "The numpy boolean negative, the `-` operator, is not supported, use the `~` operator or the logical_not function instead."
    )]
    BooleanNegative,
    /// A unary ufunc on booleans that has no loop for them. `UFuncTypeError` (a `TypeError`).
    #[error(
        "ufunc '{ufunc}' did not contain a loop with signature matching types <class 'numpy.dtypes.BoolDType'> -> None"
    )]
    NoBooleanLoop {
        /// Name of the ufunc.
        ufunc: &'static str,
    },
    /// A Python integer that the array's dtype cannot hold. `OverflowError`.
    #[error("Python integer {value} out of bounds for {dtype}")]
    OutOfBounds {
        /// The integer.
        value: i128,
        /// The dtype that cannot hold it.
        dtype: DType,
    },
    /// A weak number of a higher kind than the dtype, such as a complex one for an integer dtype. `TypeError`.
    #[error("cannot convert a {kind} number to {dtype} safely")]
    WeakKind {
        /// `integer`, `floating` or `complex`.
        kind: &'static str,
        /// The dtype asked for.
        dtype: DType,
    },
    /// An integer raised to a negative integer. `ValueError`.
    #[error("Integers to negative integer powers are not allowed.")]
    NegativeIntegerPower,
    /// Shapes that do not broadcast. `ValueError`.
    #[error("operands could not be broadcast together with shapes {shapes}")]
    Broadcast {
        /// The shapes as NumPy prints them, such as `(3,) (4,)`.
        shapes: String,
    },
    /// A reduction without identity over no elements. `ValueError`.
    #[error("{operation}")]
    EmptyReduction {
        /// NumPy's sentence for the operation.
        operation: &'static str,
    },
    /// A result was asked for in another dtype than it has. `TypeError`.
    #[error("the result of '{operation}' is {found}, not {wanted}")]
    ResultType {
        /// What was computed.
        operation: &'static str,
        /// The dtype it has.
        found: DType,
        /// The dtype asked for.
        wanted: DType,
    },
}
