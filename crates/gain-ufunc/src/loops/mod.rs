//! Inner loops: what one is, the generic bodies, and one file per family of operations.
//!
//! An operation is an empty type that implements `Unary`, `Binary`, `Ternary` or `Kernel` for its element types; the bodies turn it
//! into a [`LoopFn`] per instruction set. Most loops of `float16` are those of `float32` between conversions ([`in_f32`]). Hot element types (`Native::HOT`) are compiled for all sets, the others for the
//! baseline only, to keep the build short.

#![expect(
    clippy::manual_range_contains,
    reason = "comparisons without a branch become vectors"
)]
#![expect(
    clippy::excessive_precision,
    reason = "constants have the digits that were computed"
)]

mod arithmetic;
mod binary;
mod bits;
mod casts;
mod compare;
mod complex;
mod divide;
mod divisor;
mod float16;
pub(crate) mod in_f32;
mod kernel;
mod made_of;
mod modulo;
mod native;
mod number;
mod round;
mod select;
pub mod status;
mod system;
mod unary;

mod angle;
mod arcsin;
mod arctan;
mod cbrt;
mod exp;
mod exp2;
mod expm1;
mod hyperbolic;
mod hypot;
mod inverse_hyperbolic;
mod log;
mod log1p;
mod log_bases;
mod logaddexp;
mod pair_kernel;
mod parts;
mod power;
mod tanh;
mod trigonometric;

pub use casts::{cast_loop, cast_loop_for};

pub(crate) use arcsin::{Arccos, Arcsin};
pub(crate) use arctan::{Arctan, Arctan2};
pub(crate) use arithmetic::*;
pub(crate) use binary::{Binary, binary_row};
pub(crate) use bits::*;
pub(crate) use cbrt::CubeRoot;
pub(crate) use compare::*;
pub(crate) use complex::*;
pub(crate) use divide::*;
pub(crate) use exp::Exp;
pub(crate) use exp2::Exp2;
pub(crate) use expm1::Expm1;
pub(crate) use hyperbolic::{Cosh, Sinh};
pub(crate) use hypot::{Hypot, Magnitude, magnitude_row};
pub(crate) use inverse_hyperbolic::{Arccosh, Arcsinh, Arctanh};
pub(crate) use kernel::{Kernel, kernel_row};
pub(crate) use log::Log;
pub(crate) use log_bases::{Log2, Log10};
pub(crate) use log1p::Log1p;
pub(crate) use logaddexp::{LogAddExp, LogAddExp2};
pub(crate) use made_of::*;
pub(crate) use native::{B8, Unaligned};
pub(crate) use number::*;
pub(crate) use pair_kernel::pair_row;
pub(crate) use round::*;
pub(crate) use select::{clip_row, select_row};
pub(crate) use system::*;
pub(crate) use tanh::Tanh;
pub(crate) use trigonometric::{Cos, Sin, Tan};
pub(crate) use unary::{Unary, unary_row};

/// One ufunc's inner function for one signature and one instruction set: `out[i] = f(in0[i], in1[i], ...)` for `i < n`.
///
/// `ptrs` holds the inputs, then the output; `strides` the distances between elements in bytes, of any sign.
///
/// # Safety
///
/// The `n` elements behind each pointer are valid for reading (the output's for writing), need not be aligned, and
/// booleans are stored as any byte. The output is disjoint from every input, or is exactly one (the same pointer and stride,
/// and the same element size).
pub type LoopFn = unsafe fn(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]);
