//! One rank alone: nothing is ever sent.

use std::sync::Arc;

use super::{Message, Receiving, Sending, Transport};
use crate::error::Error;
use crate::position::{Board, Slot};
use crate::topology::Topology;
use crate::window::{OpeningWindow, ProcessPart, ProcessWindow, Window};

/// The transport of a team of one.
pub(crate) struct Single {
    topology: Topology,
    board: Board,
}

impl Single {
    pub(crate) fn new() -> Single {
        Single {
            topology: Topology::new(&[0], 0),
            board: Board::Process(Arc::from(vec![Slot::new()])),
        }
    }
}

/// Exchanges keep what a rank sends to itself, so that no message reaches a team of one.
fn alone<T>(operation: &'static str, other: usize) -> Result<T, Error> {
    Err(Error::Usage {
        operation,
        reason: format!("there is no rank {other} in a team of one"),
    })
}

/// A window of one part.
struct Opening(ProcessPart);

impl OpeningWindow for Opening {
    fn open(self: Box<Self>) -> Result<Box<dyn Window>, Error> {
        Ok(Box::new(ProcessWindow {
            parts: vec![Arc::new(self.0)],
        }))
    }
}

impl Transport for Single {
    fn rank(&self) -> usize {
        0
    }

    fn n_ranks(&self) -> usize {
        1
    }

    fn topology(&self) -> &Topology {
        &self.topology
    }

    fn board(&self) -> &Board {
        &self.board
    }

    fn shares_process(&self) -> bool {
        true
    }

    fn send(&self, to: usize, _: Message) -> Result<Option<Box<dyn Sending>>, Error> {
        alone("send", to)
    }

    fn receive(&self, from: usize, _: Option<usize>) -> Result<Box<dyn Receiving>, Error> {
        alone("receive", from)
    }

    fn split(&self, _: &[usize], _: usize, _: u64) -> Result<Box<dyn Transport>, Error> {
        Ok(Box::new(Single::new()))
    }

    fn begin_window(&self, bytes: usize, _: u64) -> Result<Box<dyn OpeningWindow>, Error> {
        Ok(Box::new(Opening(ProcessPart::new(bytes)?)))
    }

    fn finalise(&self) -> Result<(), Error> {
        Ok(())
    }

    fn abort(&self, code: i32) -> ! {
        std::process::exit(code)
    }
}
