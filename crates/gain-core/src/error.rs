//! What can go wrong in gain-core, and the NumPy class of each.

use gain_ufunc::DType;

/// The Python class that NumPy raises for an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// `ValueError`.
    Value,
    /// `TypeError`.
    Type,
    /// `numpy.exceptions.AxisError`.
    Axis,
    /// `IndexError`.
    Index,
    /// `OverflowError`.
    Overflow,
    /// `MemoryError`.
    Memory,
    /// `numpy._core._exceptions._UFuncNoLoopError`, a `TypeError`.
    UfuncNoLoop,
    /// `numpy._core._exceptions._UFuncInputCastingError`, a `TypeError`.
    UfuncInputCasting,
    /// `numpy._core._exceptions._UFuncOutputCastingError`, a `TypeError`.
    UfuncOutputCasting,
    /// `RuntimeError`: the ranks can not go on together.
    Runtime,
}

/// Any failure of gain-core.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Shapes that do not broadcast.
    #[error("operands could not be broadcast together with shapes {shapes}")]
    Broadcast {
        /// The shapes, as NumPy prints them.
        shapes: String,
    },
    /// A value that does not fit the view it is assigned to.
    #[error("could not broadcast input array from shape {from} into shape {into}")]
    AssignShape {
        /// Shape of the value.
        from: String,
        /// Shape of the view.
        into: String,
    },
    /// An output of the wrong shape.
    #[error(
        "non-broadcastable output operand with shape {out} doesn't match the broadcast shape {shape}"
    )]
    OutputShape {
        /// Shape of the output.
        out: String,
        /// Shape of the result.
        shape: String,
    },
    /// An output that can not hold the result's dtype.
    #[error(
        "Cannot cast ufunc '{ufunc}' output from dtype('{from}') to dtype('{to}') with casting rule '{casting}'"
    )]
    OutputCasting {
        /// Name of the ufunc.
        ufunc: &'static str,
        /// dtype of the result.
        from: DType,
        /// dtype of the output.
        to: DType,
        /// The casting rule.
        casting: &'static str,
    },
    /// An operand whose dtype the loop asked for can not take.
    #[error(
        "Cannot cast ufunc '{ufunc}' input {operand} from dtype('{from}') to dtype('{to}') with casting rule '{casting}'"
    )]
    InputCasting {
        /// Name of the ufunc.
        ufunc: &'static str,
        /// Number of the operand.
        operand: usize,
        /// Its dtype.
        from: DType,
        /// dtype of the loop's input.
        to: DType,
        /// The casting rule.
        casting: &'static str,
    },
    /// A Python number under the casting rule `equiv`.
    #[error("cannot cast Python {name} to {to} under the casting rule 'equiv'")]
    NumberCasting {
        /// The number's class.
        name: &'static str,
        /// dtype of the loop's input.
        to: DType,
    },
    /// An index outside its axis.
    #[error("index {index} is out of bounds for axis {axis} with size {size}")]
    OutOfBounds {
        /// The index as given.
        index: isize,
        /// The axis.
        axis: usize,
        /// The axis' length.
        size: usize,
    },
    /// More indices than axes.
    #[error("too many indices for array: array is {ndim}-dimensional, but {given} were indexed")]
    TooManyIndices {
        /// Axes of the array.
        ndim: usize,
        /// Indices given.
        given: usize,
    },
    /// An index whose result would have more axes than an array may have.
    #[error("number of dimensions must be within [0, 64], indexing result would have {ndim}")]
    TooManyAxes {
        /// Axes of the result.
        ndim: usize,
    },
    /// More than one Ellipsis.
    #[error("an index can only have a single ellipsis ('...')")]
    TwoEllipses,
    /// A slice of step 0.
    #[error("slice step cannot be zero")]
    ZeroStep,
    /// An axis that the array does not have.
    #[error("axis {axis} is out of bounds for array of dimension {ndim}")]
    Axis {
        /// The axis as given.
        axis: isize,
        /// Axes of the array.
        ndim: usize,
    },
    /// An axis named twice.
    #[error("{0}")]
    RepeatedAxis(&'static str),
    /// A write to a read-only view.
    #[error("{0} is read-only")]
    ReadOnly(&'static str),
    /// A view of more than one element where one is asked for.
    #[error("can only convert an array of size 1 to a Python scalar")]
    NotScalar,
    /// A shape that the array can not take.
    #[error("cannot reshape array of size {size} into shape {shape}")]
    Reshape {
        /// Elements of the array.
        size: usize,
        /// The shape asked for.
        shape: String,
    },
    /// Memory that can not be had.
    #[error(
        "Unable to allocate {size} for an array with shape {shape} and data type {dtype} ({bytes} bytes, {share} on one rank)"
    )]
    Memory {
        /// The size in units people read.
        size: String,
        /// The shape.
        shape: String,
        /// The dtype.
        dtype: DType,
        /// The whole array's bytes.
        bytes: u128,
        /// The largest share of one rank.
        share: u128,
    },
    /// An array of more bytes than addresses count.
    #[error(
        "array is too big; `arr.size * arr.dtype.itemsize` is larger than the maximum possible size."
    )]
    TooLarge,
    /// Another argument that NumPy refuses.
    #[error("{0}")]
    Value(String),
    /// An argument of another kind than NumPy takes.
    #[error("{0}")]
    Type(String),
    /// Another index that NumPy refuses.
    #[error("{0}")]
    Index(String),
    /// Something that this build has no native way for.
    #[error("{operation} has no native form for {what}")]
    Unsupported {
        /// The operation.
        operation: &'static str,
        /// Which operands.
        what: String,
    },
    /// A failure of the ufuncs.
    #[error(transparent)]
    Ufunc(#[from] gain_ufunc::Error),
    /// A failure of the substrate.
    #[error(transparent)]
    Substrate(#[from] gain_ga::Error),
}

/// Results of gain-core.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The Python class that NumPy raises for this error. Local.
    pub fn class(&self) -> ErrorClass {
        match self {
            Error::OutOfBounds { .. }
            | Error::TooManyIndices { .. }
            | Error::TooManyAxes { .. }
            | Error::TwoEllipses
            | Error::Index(_) => ErrorClass::Index,
            Error::Axis { .. } => ErrorClass::Axis,
            Error::InputCasting { .. } => ErrorClass::UfuncInputCasting,
            Error::OutputCasting { .. } => ErrorClass::UfuncOutputCasting,
            Error::Memory { .. } => ErrorClass::Memory,
            Error::Unsupported { .. } | Error::Type(_) | Error::NumberCasting { .. } => {
                ErrorClass::Type
            }
            Error::Ufunc(error) => match error {
                gain_ufunc::Error::NoLoop { .. } => ErrorClass::UfuncNoLoop,
                gain_ufunc::Error::BooleanSubtract
                | gain_ufunc::Error::BooleanNegative
                | gain_ufunc::Error::OperandCount { .. }
                | gain_ufunc::Error::WeakKind { .. } => ErrorClass::Type,
                gain_ufunc::Error::OutOfBounds { .. } => ErrorClass::Overflow,
                _ => ErrorClass::Value,
            },
            Error::Substrate(error) => match error {
                gain_ga::Error::Memory { .. } => ErrorClass::Memory,
                _ => ErrorClass::Runtime,
            },
            _ => ErrorClass::Value,
        }
    }
}

/// A shape as NumPy prints it: `(3,)`, `(2, 4)`.
pub(crate) fn shape_text(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => format!(
            "({})",
            shape
                .iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

/// Shapes as NumPy lists them in a broadcasting error: `(2,) (3,)`, with no blank inside.
pub(crate) fn shapes_text<'a>(shapes: impl Iterator<Item = &'a [usize]>) -> String {
    shapes
        .map(|shape| shape_text(shape).replace(", ", ","))
        .fold(String::new(), |text, shape| text + &shape + " ")
}
