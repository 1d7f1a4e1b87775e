//! Where a message lies: in this process's own memory, or in a block that ranks of a node share.

#[cfg(feature = "mpi")]
use super::staging::SharedBlock;
use crate::memory::Buffer;

/// The memory of a message.
#[derive(Debug)]
pub(crate) enum Store {
    /// A buffer of the pool.
    Private(Buffer),
    /// A block of the sender's staging memory; given back to the sender when dropped.
    #[cfg(feature = "mpi")]
    Shared(SharedBlock),
}

impl Store {
    /// The bytes. Local.
    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        match self {
            Store::Private(buffer) => buffer.as_slice(),
            #[cfg(feature = "mpi")]
            Store::Shared(block) => block.as_slice(),
        }
    }

    /// The bytes, for writing. Local.
    #[inline]
    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        match self {
            Store::Private(buffer) => buffer.as_mut_slice(),
            #[cfg(feature = "mpi")]
            Store::Shared(block) => block.as_mut_slice(),
        }
    }

    /// Number of bytes. Local.
    pub(crate) fn len(&self) -> usize {
        self.as_slice().len()
    }
}
