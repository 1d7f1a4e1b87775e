//! Linear algebra on distributed arrays: products of vectors, matrices and stacks of matrices; factorisations and solvers for large ones.

mod dot;
pub mod factor;
pub mod matmul;
mod matvec;
mod set;
mod stacks;

pub use dot::{dot, dot_at_hand, length, vecdot};
pub use gain_core::{Array, Error, Result};
pub use matmul::matmul;
