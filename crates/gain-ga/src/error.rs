//! What can go wrong in the substrate.

use thiserror::Error as ThisError;

/// Any failure of gain-ga. The texts name ranks and operations, so that a user can find the line.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// A distribution that can not be.
    #[error("no such distribution: {reason}")]
    Distribution {
        /// What is wrong with it.
        reason: String,
    },
    /// Two ranks took different ways: they stand at operations that do not belong together.
    #[error(
        "the ranks have diverged: rank {here_rank} is at {here_text}, but rank {there_rank} is at {there_text}"
    )]
    Diverged {
        /// The rank that noticed.
        here_rank: usize,
        /// What it was doing.
        here_text: String,
        /// The rank whose message did not fit.
        there_rank: usize,
        /// What that one was doing.
        there_text: String,
    },
    /// A message did not come within the time-out.
    #[error(
        "rank {here_rank} has waited {seconds} s for rank {there_rank} at {here_text}; rank {there_rank} is at {there_text} \
         (set GAIN_TIMEOUT, in seconds, to wait longer)"
    )]
    TimedOut {
        /// The rank that waited.
        here_rank: usize,
        /// What it was doing.
        here_text: String,
        /// A rank that it waited for.
        there_rank: usize,
        /// What the status board says of that one.
        there_text: String,
        /// The time waited, in seconds.
        seconds: u64,
    },
    /// The rank waited for has left the team.
    #[error(
        "rank {here_rank} waits for rank {there_rank} at {here_text}, but rank {there_rank} has finished after {there_text}"
    )]
    Finished {
        /// The rank that waits.
        here_rank: usize,
        /// What it is doing.
        here_text: String,
        /// The rank that has gone.
        there_rank: usize,
        /// The last thing it did.
        there_text: String,
    },
    /// The rank waited for, or another one, has failed.
    #[error(
        "rank {here_rank} gives up at {here_text}, since rank {there_rank} has failed at {there_text}"
    )]
    Failed {
        /// The rank that gives up.
        here_rank: usize,
        /// What it is doing.
        here_text: String,
        /// The rank that failed first.
        there_rank: usize,
        /// What that one was doing.
        there_text: String,
    },
    /// The user asked to stop while a rank waited.
    #[error("rank {here_rank} was interrupted at {here_text}")]
    Interrupted {
        /// The rank that waited.
        here_rank: usize,
        /// What it was doing.
        here_text: String,
    },
    /// Memory that can not be had.
    #[error("unable to allocate {bytes} bytes on one rank: at most {limit} bytes can be had")]
    Memory {
        /// Bytes asked for.
        bytes: usize,
        /// Bytes that could be had.
        limit: usize,
    },
    /// A call that does not fit the state or the shapes it is given.
    #[error("{operation}: {reason}")]
    Usage {
        /// The call.
        operation: &'static str,
        /// What does not fit.
        reason: String,
    },
    /// An MPI function returned an error code.
    #[error("{function} failed: {text} (code {code})")]
    Mpi {
        /// The MPI function.
        function: &'static str,
        /// Its return code.
        code: i32,
        /// MPI's own words.
        text: String,
    },
    /// The launcher promised a team that is not there.
    #[error("{reason}")]
    Launch {
        /// What was promised, what was found, what to do.
        reason: String,
    },
}
