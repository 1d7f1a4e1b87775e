//! Linear algebra on distributed arrays: products of vectors, matrices and stacks of matrices.
//!
//! Factorisations and solvers are still to come.

mod dot;
pub mod matmul;

pub use dot::dot;
pub use gain_core::{Array, Error, Result};
pub use matmul::matmul;
