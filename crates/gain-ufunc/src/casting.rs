//! NumPy's five casting rules.

use crate::dtype::{DType, Kind};
use crate::promote::promote;

/// How much a cast may lose.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Casting {
    /// Nothing changes at all.
    No,
    /// Byte order only; the same as [`Casting::No`] here, where all data is native.
    Equiv,
    /// Every value is kept (as NumPy sees it: `int64` to `float64` counts as safe).
    Safe,
    /// Safe casts, and casts that do not descend in kind, such as `float64` to `float32`.
    SameKind,
    /// Anything.
    Unsafe,
}

impl Casting {
    /// The rule of a NumPy name such as `same_kind`.
    pub fn from_name(name: &str) -> Option<Casting> {
        Some(match name {
            "no" => Casting::No,
            "equiv" => Casting::Equiv,
            "safe" => Casting::Safe,
            "same_kind" => Casting::SameKind,
            "unsafe" => Casting::Unsafe,
            _ => return None,
        })
    }

    /// NumPy's name of the rule.
    pub const fn name(self) -> &'static str {
        match self {
            Casting::No => "no",
            Casting::Equiv => "equiv",
            Casting::Safe => "safe",
            Casting::SameKind => "same_kind",
            Casting::Unsafe => "unsafe",
        }
    }
}

/// Whether the rule lets `from` become `to`, as `numpy.can_cast` says.
///
/// # Examples
///
/// ```
/// use gain_ufunc::{can_cast, Casting, DType};
///
/// assert!(can_cast(DType::I64, DType::F64, Casting::Safe));
/// assert!(!can_cast(DType::F64, DType::I64, Casting::SameKind));
/// ```
pub const fn can_cast(from: DType, to: DType, casting: Casting) -> bool {
    if from as u8 == to as u8 {
        return true;
    }
    match casting {
        Casting::No | Casting::Equiv => false,
        Casting::Safe => promote(from, to) as u8 == to as u8,
        Casting::SameKind => {
            promote(from, to) as u8 == to as u8 || rank(from.kind()) <= rank(to.kind())
        }
        Casting::Unsafe => true,
    }
}

const fn rank(kind: Kind) -> u8 {
    kind as u8
}
