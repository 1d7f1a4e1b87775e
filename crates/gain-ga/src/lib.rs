//! The substrate of GAiN: teams of ranks, distributions, and arrays spread over the memory of all ranks.
//!
//! A Rust program can use it by itself, in the manner of the Global Arrays Toolkit. Its parts, from the ground up:
//!
//! - [`IndexBox`], [`AxisCuts`], [`Distribution`], [`Move`]: which rank owns which box. Pure algebra that never communicates; a rank plans its share at the cost of its neighbours, not of the team.
//! - [`Buffer`]: aligned memory from a pool, on huge pages when large.
//! - [`Team`]: the ranks. One process ([`Team::single`]), threads as ranks for tests ([`Team::threads`]), MPI processes (`Team::mpi`, feature `mpi`),
//!   or whatever the launcher promises ([`Team::from_environment`]). [`Team::start`] carries strided pieces between ranks, one message per pair; there
//!   are a few collective functions beside it.
//! - [`GlobalArray`]: an array spread over the team, read and written one-sidedly.
//!
//! Every message says where in the program its sender stood ([`Team::set_position`]), so that ranks that diverge, stay away, finish
//! early or fail are an [`Error`] that names both places, not a hang.
//!
//! # Examples
//! The ranks of a team average a row of numbers with their neighbours'; the halo travels while the interior is computed.
//!
//! ```
//! use gain_ga::{Distribution, Incoming, IndexBox, Outgoing, StridedBytes, Team};
//!
//! let blocks = Team::threads(3, |team| -> Result<Vec<f64>, gain_ga::Error> {
//!     let line = Distribution::default_for(&[30], team.n_ranks());
//!     let own = line.box_of(team.rank());
//!     let values: Vec<f64> = (own.lo[0]..own.hi[0]).map(|i| (i * i) as f64).collect();
//!
//!     // What this rank needs of others, and what they need of it.
//!     let halo_of = |rank: usize| {
//!         let block = line.box_of(rank);
//!         [
//!             IndexBox::new([block.lo[0].saturating_sub(1)], [block.lo[0]]),
//!             IndexBox::new([block.hi[0]], [(block.hi[0] + 1).min(30)]),
//!         ]
//!     };
//!     let mut sends = Vec::new();
//!     for rank in (0..team.n_ranks()).filter(|&rank| rank != team.rank()) {
//!         for needed in halo_of(rank).iter().map(|halo| halo.intersect(&own)).filter(|part| !part.is_empty()) {
//!             let from = needed.lo[0] - own.lo[0];
//!             let piece = bytemuck::cast_slice(&values[from..from + needed.len()]);
//!             sends.push(Outgoing { to: rank, source: StridedBytes::contiguous(piece) });
//!         }
//!     }
//!     let needs: Vec<_> = halo_of(team.rank()).iter().flat_map(|halo| line.owners(halo)).collect();
//!     let receives: Vec<_> = needs.iter().map(|(from, part)| Incoming { from: *from, bytes: part.len() * 8 }).collect();
//!     let travelling = team.start(&sends, &receives)?;
//!
//!     let mut means = values.clone();
//!     for i in 1..values.len() - 1 {
//!         means[i] = (values[i - 1] + values[i + 1]) / 2.0;
//!     }
//!     let halo = travelling.finish()?;
//!     for (piece, (_, part)) in needs.iter().enumerate() {
//!         let value: f64 = bytemuck::pod_read_unaligned(halo.piece(piece));
//!         let (edge, inner) = if part.lo[0] < own.lo[0] { (0, 1) } else { (values.len() - 1, values.len() - 2) };
//!         means[edge] = (value + values[inner]) / 2.0;
//!     }
//!     Ok(means)
//! });
//! let means: Vec<f64> = blocks.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
//! assert!((1..29).all(|i| means[i] == (i * i + 1) as f64));
//! # Ok::<(), gain_ga::Error>(())
//! ```
//!
//! # Invariants
//! The crate knows no dtypes as values, no ufuncs, no Python. `Drop` never communicates. No MPI return code is dropped
//! but that of freeing a datatype. Without the feature `mpi` no MPI library is needed to build or run.
#![warn(missing_docs)]

mod axis_cuts;
mod collectives;
mod distribution;
mod distribution_default;
mod element;
mod error;
mod exchange;
mod global_array;
mod index_box;
mod launch;
mod memory;
mod moves;
mod position;
mod strided;
mod team;
mod topology;
mod transport;
mod waiting;
mod window;

pub use axis_cuts::AxisCuts;
pub use collectives::{ReduceOp, Reducible};
pub use distribution::{Blocks, Distribution, Owners, ViewAxis};
pub use element::{AccumulateOp, Counter, Element, NumberKind};
pub use error::Error;
pub use exchange::{Exchange, Incoming, Outgoing, Received};
pub use global_array::{
    GlobalArray, LocalBlock, LocalBlockMut, PendingGet, PendingMoves, PendingPut,
};
pub use index_box::{IndexBox, Indices};
#[cfg(not(feature = "mpi"))]
pub use launch::mpi_library;
pub use launch::promised_ranks;
pub use memory::{Buffer, machine_memory, memory_limit, set_memory_limit, trim_pool};
pub use moves::{Move, base_box, moves_between};
pub use position::{Position, RankState};
pub use strided::{StridedBytes, c_strides, copy};
pub use team::{Counters, Team};
#[cfg(feature = "mpi")]
pub use transport::mpi::mpi_library;
