//! What loops noticed, kept per thread until somebody takes it.
//!
//! A loop has no result of its own; the one mistake that only its data shows is recorded here. Whoever ran loops on a thread
//! (the eager path, a Program's worker) takes the status afterwards and turns it into an [`Error`].

use crate::error::Error;
use std::cell::Cell;

thread_local! {
    static NEGATIVE_POWER: Cell<bool> = const { Cell::new(false) };
}

/// Notes that an integer met a negative exponent.
#[cold]
pub(crate) fn negative_power() {
    NEGATIVE_POWER.set(true);
}

/// What this thread's loops noticed since the last call, if anything; forgets it.
///
/// # Errors
///
/// [`Error::NegativeIntegerPower`].
#[inline]
pub fn take() -> Result<(), Error> {
    if NEGATIVE_POWER.get() {
        NEGATIVE_POWER.set(false);
        return Err(Error::NegativeIntegerPower);
    }
    Ok(())
}
