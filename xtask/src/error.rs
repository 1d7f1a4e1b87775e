//! What can go wrong: one text for the user, which says what to do.

use std::{fmt, io, path::Path};

/// A failure as text.
#[derive(Debug)]
pub struct Error(String);

/// The result of everything that touches the machine.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with this text (lower case, no final period).
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A failed access to `path`.
    pub fn io(what: &str, path: &Path, cause: &io::Error) -> Self {
        Self(format!("can't {what} {}: {cause}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}
