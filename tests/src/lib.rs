//! Array programs that give the same bits on any number of ranks: what the suite in `tests/ranks.rs` runs under MPI, and each by itself.

pub mod memory;
pub mod programs;
