//! Local memory: a pool of aligned buffers, and how much of the machine a rank may have.

mod limit;
mod pages;
mod pool;

pub(crate) use limit::usable as usable_memory;
pub use limit::{machine_memory, memory_limit, set_memory_limit};
pub use pool::{Buffer, trim_pool};
