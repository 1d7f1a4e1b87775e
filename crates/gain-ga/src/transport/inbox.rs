//! Messages of one sender that have arrived, handed out in the order in which they were awaited.

use std::cell::{Cell, RefCell};

/// Arrivals `A` by number; the numbers count the messages of one sender, on both sides.
pub(crate) struct Inbox<A> {
    /// Number of the next message to be awaited.
    awaited: Cell<u64>,
    /// Number of the next message to arrive.
    arriving: Cell<u64>,
    waiting: RefCell<Vec<(u64, A)>>,
    /// Numbers that were awaited by somebody who has gone.
    abandoned: RefCell<Vec<u64>>,
}

impl<A> Default for Inbox<A> {
    fn default() -> Self {
        Inbox {
            awaited: Cell::new(0),
            arriving: Cell::new(0),
            waiting: RefCell::default(),
            abandoned: RefCell::default(),
        }
    }
}

impl<A> Inbox<A> {
    /// The number of the message that a new receive gets.
    pub(crate) fn await_next(&self) -> u64 {
        self.awaited.replace(self.awaited.get() + 1)
    }

    /// How many messages have arrived.
    pub(crate) fn arrived(&self) -> u64 {
        self.arriving.get()
    }

    /// Takes the next message in.
    pub(crate) fn arrive(&self, arrival: A) {
        let number = self.arriving.replace(self.arriving.get() + 1);
        let mut abandoned = self.abandoned.borrow_mut();
        match abandoned.iter().position(|&other| other == number) {
            Some(place) => drop(abandoned.swap_remove(place)),
            None => self.waiting.borrow_mut().push((number, arrival)),
        }
    }

    /// Hands a message out, if it is there.
    pub(crate) fn claim(&self, number: u64) -> Option<A> {
        let mut waiting = self.waiting.borrow_mut();
        let place = waiting.iter().position(|(other, _)| *other == number)?;
        Some(waiting.swap_remove(place).1)
    }

    /// Gives a message up that was awaited and not claimed.
    pub(crate) fn abandon(&self, number: u64) {
        if self.claim(number).is_none() {
            self.abandoned.borrow_mut().push(number);
        }
    }
}
