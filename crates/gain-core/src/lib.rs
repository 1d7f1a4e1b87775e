//! The distributed ndarray: what NumPy's array is to one process, an [`Array`] is to a team of ranks.
//!
//! Data flows one way. *Ask*: [`operate`], [`reduce`], [`create`] and the views resolve shapes and dtypes and record statements.
//! *Decide*: [`plan`] turns recorded statements into moves and fused loops; it is pure and prints as text. *Do*: a plan runs on the
//! team and the threads of the [`Runtime`]. Small arrays, whole on every rank, are worked on at once.
//!
//! # Collective
//! All ranks call the functions of this crate in the same order with the same arguments, unless a function says `Local`.
//!
//! # Examples
//! A sweep of Jacobi's method, which is one fused loop over each rank's rows:
//! ```
//! use gain_core::{DType, Index, Runtime, Settings, create};
//!
//! let rt = Runtime::single(Settings::default());
//! let u = create::zeros(&rt, &[6, 6], DType::F64)?;
//! let s = |start, stop| Index::Slice { start, stop, step: None };
//! u.index(&[Index::Int(0)])?.assign(1.0.into())?;
//! let (inner, up, down) = (s(Some(1), Some(-1)), s(None, Some(-2)), s(Some(2), None));
//! let vertical = (&u.index(&[up, inner])? + &u.index(&[down, inner])?)?;
//! let horizontal = (&u.index(&[inner, up])? + &u.index(&[inner, down])?)?;
//! let next = (&(&vertical + &horizontal)? * 0.25)?;
//! u.index(&[inner, inner])?.assign((&next).into())?;
//! assert_eq!(u.element(&[1, 1])?.as_f64(), 0.25);
//! # Ok::<(), gain_core::Error>(())
//! ```

mod error;
mod fingerprint;
mod layout;

mod base;
mod settings;

pub mod plan;

mod graph;
mod runtime;

mod array;
mod boxes;
mod checks;
mod diagonal;
mod index;
mod operand;
mod order;
mod reinterpret;
mod reshape;
mod restride;
mod views;

pub mod create;
mod eager;
mod element;
pub mod elementwise;

mod local;
pub mod lookup;
mod masks;
pub mod one_sided;
pub mod operate;
mod operators;
pub mod reduce;
pub mod route;
pub mod scan;
mod select;
pub mod sort;
mod watch;

mod execute;
mod observe;

pub use array::Array;
pub use boxes::{Coming, Held, Wanted};
pub use checks::check_result;
pub use error::{Error, ErrorClass, Result};
pub use index::Index;
pub use layout::{Layout, Walk};
pub use local::{Loan, LocalPart};
pub use operand::Operand;
pub use operate::Options;
pub use runtime::{Counters, Locator, Runtime, Watch, Watcher};
pub use select::Selector;
pub use settings::{DEFAULT_THRESHOLD, Settings};

pub use gain_ga::{
    Buffer, Distribution, Exchange, Incoming, IndexBox, Indices, Outgoing, StridedBytes, Team,
    ViewAxis,
};
pub use gain_ufunc::pool::Pool;
pub use gain_ufunc::{
    Casting, DType, Element, Kind, OperandType, Reduction, Scalar, Signature, Ufunc, WeakNumber,
    faults, resolve, status, ufunc, weak_scalar,
};
