//! Reductions: what they are, the one order in which they combine elements, and partial results that merge to the same bits
//! whatever the ranks, threads and instruction sets.
//!
//! The order is in [`order`]; [`Partials`] are what a rank or thread has of a result; [`reduce_small`] is the path without a Program.

mod arg;
mod join;
mod kernels;
pub mod order;
mod partials;
mod scan;
mod small;
mod stack;
mod wire;

pub use order::{LEAF, unit_of};
pub use partials::Partials;
pub use scan::{Extents, Scan};
pub use small::reduce_small;
pub use wire::cover_len;

pub(crate) use join::Number;
pub(crate) use kernels::{Kernels, RoundsFn, kernels};
pub(crate) use partials::{Part, PartNode};
pub(crate) use stack::Stack;

use crate::dtype::DType;
use std::fmt;

/// A reduction. Those over nothing give NumPy's identity, or [`Error::EmptyReduction`](crate::Error::EmptyReduction) where there is none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Reduction {
    /// `+`; integers wrap around.
    Sum,
    /// `*`; integers wrap around.
    Prod,
    /// The least element; NaN if there is one; complex numbers in lexicographic order.
    Min,
    /// The greatest element; NaN if there is one; complex numbers in lexicographic order.
    Max,
    /// The least element that is not NaN, if there is one.
    FMin,
    /// The greatest element that is not NaN, if there is one.
    FMax,
    /// Whether some element differs from zero.
    Any,
    /// Whether all elements differ from zero.
    All,
    /// The index of the first least element, or of the first NaN.
    ArgMin,
    /// The index of the first greatest element, or of the first NaN.
    ArgMax,
}

impl Reduction {
    /// All of them, by number.
    pub const REDUCTIONS: [Reduction; 10] = [
        Reduction::Sum,
        Reduction::Prod,
        Reduction::Min,
        Reduction::Max,
        Reduction::FMin,
        Reduction::FMax,
        Reduction::Any,
        Reduction::All,
        Reduction::ArgMin,
        Reduction::ArgMax,
    ];

    /// NumPy's name, of the function or of the ufunc that has none.
    pub const fn name(self) -> &'static str {
        match self {
            Reduction::Sum => "sum",
            Reduction::Prod => "prod",
            Reduction::Min => "min",
            Reduction::Max => "max",
            Reduction::FMin => "fmin",
            Reduction::FMax => "fmax",
            Reduction::Any => "any",
            Reduction::All => "all",
            Reduction::ArgMin => "argmin",
            Reduction::ArgMax => "argmax",
        }
    }

    /// Whether the result is an index.
    pub const fn is_arg(self) -> bool {
        matches!(self, Reduction::ArgMin | Reduction::ArgMax)
    }

    /// Whether it adds or multiplies.
    pub const fn sums(self) -> bool {
        matches!(self, Reduction::Sum | Reduction::Prod)
    }

    /// NumPy's sentence for a reduction over nothing that has no identity.
    pub const fn empty_text(self) -> Option<&'static str> {
        match self {
            Reduction::Min => {
                Some("zero-size array to reduction operation minimum which has no identity")
            }
            Reduction::Max => {
                Some("zero-size array to reduction operation maximum which has no identity")
            }
            Reduction::FMin => {
                Some("zero-size array to reduction operation fmin which has no identity")
            }
            Reduction::FMax => {
                Some("zero-size array to reduction operation fmax which has no identity")
            }
            Reduction::ArgMin => Some("attempt to get argmin of an empty sequence"),
            Reduction::ArgMax => Some("attempt to get argmax of an empty sequence"),
            _ => None,
        }
    }
}

impl fmt::Display for Reduction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// NumPy's default dtypes of a reduction of elements of `dtype`: what they are cast to first, and what the result is.
///
/// Sums and products of booleans and narrow integers are taken in 64 bits; those of `float16` in `float32`, whose result is then rounded once. A caller's `dtype=` replaces the first; the result of a
/// sum or product is then of that dtype.
pub fn accumulator(reduction: Reduction, dtype: DType) -> (DType, DType) {
    match reduction {
        Reduction::Sum | Reduction::Prod => {
            let wide = if dtype.is_bool() || dtype.is_signed() {
                DType::I64
            } else if dtype.is_unsigned() {
                DType::U64
            } else {
                dtype
            };
            if wide == DType::F16 {
                (DType::F32, DType::F16)
            } else {
                (wide, wide)
            }
        }
        Reduction::Min | Reduction::Max | Reduction::FMin | Reduction::FMax => (dtype, dtype),
        Reduction::Any | Reduction::All => (DType::Bool, DType::Bool),
        Reduction::ArgMin | Reduction::ArgMax => (dtype, DType::I64),
    }
}
