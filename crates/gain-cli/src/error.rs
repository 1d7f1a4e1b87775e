//! What can go wrong in the `gain` program.

use std::{io, path::PathBuf};

/// The result of everything that touches the machine.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure, with what the user can do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program is neither beside `gain`, nor named by its variable, nor on PATH.
    #[error("no {name} beside gain or on PATH; name one by {variable}")]
    NoProgram {
        name: &'static str,
        variable: &'static str,
    },
    /// A program could not be started.
    #[error("can't start {program}: {cause}")]
    Start { program: String, cause: io::Error },
    /// The script is not there.
    #[error("no script {path}")]
    NoScript { path: PathBuf },
    /// A program that should have answered failed.
    #[error("{what} ended with {status}:\n{text}")]
    Failed {
        what: String,
        status: String,
        text: String,
    },
    /// A program answered something else than expected.
    #[error("{what} answered without the expected line: {text}")]
    Answer { what: String, text: String },
    /// A file could not be read or written.
    #[error("can't write {path}: {cause}")]
    File { path: PathBuf, cause: io::Error },
    /// The picture could not be encoded.
    #[error("can't write {path}: {cause}")]
    Picture {
        path: PathBuf,
        cause: png::EncodingError,
    },
    /// The memory for a measurement can't be had.
    #[error("can't have {bytes} bytes: {cause}")]
    Memory { bytes: usize, cause: io::Error },
    /// A contender's answer is not NumPy's.
    #[error("wrong answer from {who}: checksum {found}, NumPy's is {expected}")]
    Wrong {
        who: String,
        found: String,
        expected: String,
    },
}
