//! NumPy's ufuncs on local memory: types and promotion, the ufunc table, loops for several instruction sets, fused Programs.
//!
//! The crate knows nothing of ranks, of MPI and of Python. From the ground up:
//!
//! - [`DType`], [`Element`], [`Scalar`]: the fourteen element types and single values of them.
//! - [`result_type`], [`can_cast`], [`resolve`]: NumPy 2's promotion (NEP 50) and choice of loops.
//! - [`Ufunc`] and the rows of [`ufunc::UFUNCS`]: name, documentation, signatures, identity, loops.
//! - [`eager`]: one ufunc on small arrays at the price of a function call.
//! - [`Program`], [`run`]: many ufuncs fused into one pass over memory, tile by tile, on a [`Pool`] of threads.
//! - [`reduction`]: the one documented order of sums, and what partial results look like.
//! - [`mod@evaluate`]: all of it for users of `ndarray`.
//!
//! # Examples
//!
//! ```
//! use gain_ufunc::{DType, OperandType, resolve, ufunc};
//!
//! let signature = resolve(ufunc::ADD, &[OperandType::Array(DType::F32), OperandType::WeakFloat])?;
//! assert_eq!(signature.output, DType::F32);
//! # Ok::<(), gain_ufunc::Error>(())
//! ```

mod error;

mod casting;
mod dtype;
mod promote;
mod scalar;

pub mod isa;

mod loops;
mod table;
pub mod ufunc;

pub mod casts_to_integers;
pub mod eager;
pub mod evaluate;
pub mod faults;

pub mod pool;
pub mod prefetch;
pub mod program;
pub mod reduction;
mod run;

pub use casting::{Casting, can_cast};
pub use dtype::{DType, Element, Kind};
pub use error::Error;
pub use isa::Isa;
pub use loops::status;
pub use loops::{LoopFn, cast_loop, cast_loop_for};
pub use promote::{OperandType, WeakNumber, resolve, result_type, weak_comparison, weak_scalar};
pub use scalar::Scalar;
pub use ufunc::{Signature, Ufunc};

pub use eager::{Operand, OperandMut, apply, copy};
pub use evaluate::evaluate;

pub use pool::Pool;
pub use program::{Program, ProgramBuilder, Value};
pub use reduction::{LEAF, Partials, Reduction, accumulator, reduce_small, unit_of};
pub use run::{Lag, Piece, View, ViewMut, run};
