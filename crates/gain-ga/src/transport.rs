//! What a way of carrying messages must offer; teams, exchanges and collectives are written once, on top of it.

mod inbox;
#[cfg(feature = "mpi")]
pub(crate) mod mpi;
#[cfg(feature = "mpi")]
mod mpi_calls;
#[cfg(feature = "mpi")]
mod mpi_datatype;
#[cfg(feature = "mpi")]
mod mpi_messages;
#[cfg(feature = "mpi")]
mod mpi_node;
#[cfg(feature = "mpi")]
mod mpi_rma;
#[cfg(feature = "mpi")]
mod mpi_window;
pub(crate) mod single;
#[cfg(feature = "mpi")]
mod staging;
mod store;
pub(crate) mod threads;

pub(crate) use store::Store;

use crate::error::Error;
use crate::memory::Buffer;
use crate::position::Board;
use crate::topology::Topology;
use crate::window::OpeningWindow;

/// A message: a header and packed pieces at the front of a buffer.
#[derive(Debug)]
pub(crate) struct Message {
    /// Holds the message, perhaps with room behind it.
    pub store: Store,
    /// Length of the message; `usize::MAX` for one that did not fit what it was received into.
    pub bytes: usize,
}

/// A message on its way out.
pub(crate) trait Sending {
    /// Whether the message has left, so that its buffer is free. Makes progress; never blocks.
    fn test(&mut self) -> Result<bool, Error>;
}

/// A message awaited.
pub(crate) trait Receiving {
    /// The message, once, when it is there. Makes progress; never blocks.
    fn test(&mut self) -> Result<Option<Message>, Error>;
}

/// Carries messages between the ranks of one team. Messages of one rank to another arrive in the order sent.
///
/// A dropped [`Sending`] or [`Receiving`] that is not complete stays with the transport, which keeps its buffer
/// until the message is through: dropping never communicates and never breaks the order of later messages.
pub(crate) trait Transport {
    /// This rank.
    fn rank(&self) -> usize;
    /// Ranks of the team.
    fn n_ranks(&self) -> usize;
    /// Which ranks share a node.
    fn topology(&self) -> &Topology;
    /// Where the ranks stand.
    fn board(&self) -> &Board;
    /// Whether all ranks are in this process and share its memory limit.
    fn shares_process(&self) -> bool;
    /// Memory to pack a message of `bytes` bytes to another rank in.
    fn room(&self, _to: usize, bytes: usize) -> Result<Store, Error> {
        Buffer::new(bytes).map(Store::Private)
    }
    /// Starts a message to another rank; `None` when it has left already.
    fn send(&self, to: usize, message: Message) -> Result<Option<Box<dyn Sending>>, Error>;
    /// Awaits the next message of another rank that no earlier call awaits; of unknown length without `bytes`.
    fn receive(&self, from: usize, bytes: Option<usize>) -> Result<Box<dyn Receiving>, Error>;
    /// The transport of the team of `members` (ranks of this team in their new order). Collective over all ranks of
    /// this team at one position; `number` counts the splits, `colour` names the part.
    fn split(
        &self,
        members: &[usize],
        colour: usize,
        number: u64,
    ) -> Result<Box<dyn Transport>, Error>;
    /// Gets `bytes` zeroed bytes of this rank for a window; `number` counts the team's windows. Not collective by itself.
    fn begin_window(&self, bytes: usize, number: u64) -> Result<Box<dyn OpeningWindow>, Error>;
    /// Leaves the network. The board says already that this rank has finished.
    fn finalise(&self) -> Result<(), Error>;
    /// Ends all ranks with an exit status.
    fn abort(&self, code: i32) -> !;
}
