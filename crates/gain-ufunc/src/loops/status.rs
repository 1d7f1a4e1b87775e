//! What loops noticed, kept per thread until somebody takes it.
//!
//! A loop has no result of its own; the one mistake that only its data shows is recorded here. Whoever ran loops on a thread
//! (the eager path, a Program's worker) takes the status afterwards and turns it into an [`Error`].

use crate::error::Error;
use std::cell::Cell;

thread_local! {
    static NEGATIVE_POWER: Cell<bool> = const { Cell::new(false) };
    static FAULTS: Cell<(u8, usize)> = const { Cell::new((0, 0)) };
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

/// Notes the [faults](crate::faults) of a call of the ufunc with this number.
#[cold]
pub fn note_faults(faults: u8, id: usize) {
    FAULTS.set((faults, id));
}

/// The faults noted last on this thread, if they are of the ufunc with this number; forgets them in any case.
#[inline]
pub fn take_faults(id: usize) -> u8 {
    match take_noted() {
        (faults, noted) if noted == id => faults,
        _ => 0,
    }
}

/// The faults noted last on this thread, and the number of the ufunc that had them; forgets them.
#[inline]
pub fn take_noted() -> (u8, usize) {
    let noted = FAULTS.get();
    if noted.0 != 0 {
        FAULTS.set((0, 0));
    }
    noted
}
