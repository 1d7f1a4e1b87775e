//! Linear algebra on distributed arrays: the door, with the products that need no more than fused loops and reductions.
//!
//! Matrices with matrices, factorisations and solvers are still to come; [`dot`] says so with [`Error::Unsupported`].

mod dot;

pub use dot::dot;
pub use gain_core::{Array, Error, Result};
