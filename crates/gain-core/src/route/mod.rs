//! Elements that go where an index says, or where another shape puts them: the personalised exchanges behind indexing and reshaping.
//!
//! The leading axes of an array are *indexed*, by one column of indices each; the axes behind them are its *rows*. An entry is one index
//! per leading axis; it names one row. [`gather`] reads rows, [`scatter`] writes them, wherever they lie.
//!
//! [`read`], [`write()`] and [`accumulate`] are the same for whole arrays of indices and values.
//!
//! # Rationale
//! Who owns an entry is a formula over the owner's distribution, and so is the place in the owner's memory: a rank sends each owner the
//! places it means, in one message, with the rows behind them in the same message when it writes; when it reads, the rows come back in one
//! message more. Before that all ranks say to whom they will speak (one `all_gather` of the pairs that exist, with complaints about
//! indices out of bounds), since a message's length must be known where it arrives. Nothing goes between ranks that have nothing to say.
//! What lies on the rank itself, and all of a replicated array, is touched without a message.
//!
//! # Limitations
//! The pairs that exist are known to every rank for a moment: in the worst case, where all speak to all, 16 bytes times the square of the
//! number of ranks.

mod addresses;
mod announce;
mod arrays;
mod at_hand;
mod entries;
mod gather;
mod groups;
mod reshape;
mod rows;
mod runs;
mod scatter;

pub use addresses::{Addresses, Lookup, Place, RowPart};
pub use announce::Complaint;
pub(crate) use arrays::common_shape;
pub use arrays::{Content, accumulate, read, write};
pub use entries::{Entries, entry_distribution};
pub use gather::gather;
pub use rows::Row;
pub use runs::{Reshaping, Runs, Stretch, reshaping};
pub use scatter::{Join, Values, Write, scatter};
