//! How a rank waits: soon awake for what comes at once, asleep for what does not, and never for ever.

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::position::{Header, RankState};
use crate::team::Inner;

/// Polls without letting go of the core.
const POLLS: u32 = 300;
/// Polls that let others have the core.
const YIELDS: u32 = 1500;
/// The first sleep, and the longest.
const SLEEPS: (Duration, Duration) = (Duration::from_micros(2), Duration::from_micros(50));
/// Time between two looks at the status board.
const LOOK: Duration = Duration::from_millis(2);
/// Time between two questions to the user's interrupt.
const ASK: Duration = Duration::from_millis(50);
/// Time that a message of a rank that has left may still take.
const GRACE: Duration = Duration::from_millis(100);
/// Time after which a wait is said on standard error.
const WARN: Duration = Duration::from_secs(60);

/// One wait of one rank.
pub(crate) struct Wait {
    polls: u32,
    sleep: Duration,
    times: Option<Times>,
}

/// The clock of a wait that is not short.
struct Times {
    began: Instant,
    looked: Instant,
    asked: Instant,
    warned: bool,
    /// When a rank was first seen to have left.
    left: Option<Instant>,
}

impl Wait {
    pub(crate) fn new() -> Wait {
        Wait {
            polls: 0,
            sleep: SLEEPS.0,
            times: None,
        }
    }

    /// Passes the time between two polls for something that rank `from` has to do; `header` is what this rank does.
    ///
    /// # Errors
    /// Those of a wait that has become hopeless.
    #[inline]
    pub(crate) fn pause(
        &mut self,
        inner: &Inner,
        header: &Header,
        from: usize,
    ) -> Result<(), Error> {
        self.polls = self.polls.saturating_add(1);
        if self.polls < POLLS {
            std::hint::spin_loop();
            return Ok(());
        }
        self.long_pause(inner, header, from)
    }

    #[cold]
    fn long_pause(&mut self, inner: &Inner, header: &Header, from: usize) -> Result<(), Error> {
        if self.polls < POLLS + YIELDS {
            std::thread::yield_now();
        } else {
            std::thread::sleep(self.sleep);
            self.sleep = (self.sleep * 2).min(SLEEPS.1);
        }
        // Looking at the clock at every yield would cost as much as the yield.
        if self.polls < POLLS + YIELDS && !self.polls.is_multiple_of(64) {
            return Ok(());
        }
        let now = Instant::now();
        let times = self.times.get_or_insert(Times {
            began: now,
            looked: now,
            asked: now,
            warned: false,
            left: None,
        });
        if now - times.asked >= ASK {
            times.asked = now;
            let interrupt = inner.interrupt.borrow().clone();
            if interrupt.is_some_and(|interrupted| interrupted()) {
                return Err(Error::Interrupted {
                    here_rank: inner.transport.rank(),
                    here_text: header.text(),
                });
            }
        }
        if now - times.looked >= LOOK {
            times.looked = now;
            return times.look(inner, header, from, now).inspect_err(|_| {
                inner
                    .transport
                    .board()
                    .leave(inner.transport.rank(), RankState::Failed);
            });
        }
        Ok(())
    }
}

impl Times {
    /// Looks at the status board and the clock.
    fn look(
        &mut self,
        inner: &Inner,
        header: &Header,
        from: usize,
        now: Instant,
    ) -> Result<(), Error> {
        let board = inner.transport.board();
        let (here_rank, here_text) = (inner.transport.rank(), header.text());
        let failed = inner
            .transport
            .topology()
            .mine()
            .iter()
            .copied()
            .filter(|&rank| rank != here_rank);
        let failed = failed
            .into_iter()
            .find(|&rank| board.state(rank) == Some(RankState::Failed));
        let finished = board.state(from) == Some(RankState::Finished);
        if let Some(there_rank) = failed.or(finished.then_some(from)) {
            // Its last message may be on its way, and it may tell more than the board.
            if now - *self.left.get_or_insert(now) >= GRACE {
                let there_text = board.text(there_rank);
                return Err(if failed.is_some() {
                    Error::Failed {
                        here_rank,
                        here_text,
                        there_rank,
                        there_text,
                    }
                } else {
                    Error::Finished {
                        here_rank,
                        here_text,
                        there_rank,
                        there_text,
                    }
                });
            }
        }
        let waited = now - self.began;
        let seconds = waited.as_secs();
        if inner.timeout.get().is_some_and(|timeout| waited >= timeout) {
            return Err(Error::TimedOut {
                here_rank,
                here_text,
                there_rank: from,
                there_text: board.text(from),
                seconds,
            });
        }
        if waited >= WARN && !self.warned {
            self.warned = true;
            eprintln!(
                "gain: rank {here_rank} has waited {seconds} s for rank {from} at {here_text}; rank {from} is at {}",
                board.text(from)
            );
        }
        Ok(())
    }
}
