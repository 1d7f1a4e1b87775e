//! Ranks as threads of one process, for tests: the same calls, messages through mailboxes in memory.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::inbox::Inbox;
use super::{Message, Receiving, Sending, Transport};
use crate::error::Error;
use crate::position::{Board, RankState, Slot};
use crate::team::Team;
use crate::topology::{Topology, pretended_ranks_per_node};
use crate::window::{OpeningWindow, ProcessPart, ProcessWindow, Window};

/// What the ranks of one team share.
struct Shared {
    n_ranks: usize,
    /// By receiver, then sender.
    mailboxes: Vec<Mailbox>,
    board: Arc<[Slot]>,
    /// The teams split off, by the split's number and colour, until each of their ranks has come for its part.
    parts: Mutex<HashMap<(u64, usize), Part>>,
    /// The windows that are being opened, by number.
    windows: Mutex<HashMap<u64, Parts>>,
}

/// A team that is being split off, and how many of its ranks have come.
type Part = (Arc<Shared>, usize);

/// Messages of one rank to another, in order.
#[derive(Default)]
struct Mailbox {
    arrived: AtomicU64,
    queue: Mutex<VecDeque<Message>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A rank that panics is reported on the board; what it left here is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn new(n_ranks: usize) -> Arc<Shared> {
        Arc::new(Shared {
            n_ranks,
            mailboxes: (0..n_ranks * n_ranks).map(|_| Mailbox::default()).collect(),
            board: (0..n_ranks).map(|_| Slot::new()).collect(),
            parts: Mutex::default(),
            windows: Mutex::default(),
        })
    }
}

/// Runs `body` on `n_ranks` threads that are the ranks of a team.
pub(crate) fn run<R: Send>(n_ranks: usize, body: impl Fn(Team) -> R + Sync) -> Vec<R> {
    assert!(n_ranks > 0, "a team has at least one rank");
    let shared = Shared::new(n_ranks);
    let rank_main = |rank: usize| {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let team = Team::new(Box::new(Threads::new(Arc::clone(&shared), rank)))
                .expect("threads agree on their memory");
            body(team)
        }));
        let state = if outcome.is_ok() {
            RankState::Finished
        } else {
            RankState::Failed
        };
        Board::Process(Arc::clone(&shared.board)).leave(rank, state);
        outcome
    };
    let outcomes: Vec<std::thread::Result<R>> = std::thread::scope(|scope| {
        let rank_main = &rank_main;
        let threads: Vec<_> = (0..n_ranks)
            .map(|rank| {
                let thread = std::thread::Builder::new().name(format!("rank {rank}"));
                thread
                    .spawn_scoped(scope, move || rank_main(rank))
                    .expect("the system has threads for the ranks")
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().and_then(|outcome| outcome))
            .collect()
    });
    let mut results = Vec::with_capacity(n_ranks);
    for outcome in outcomes {
        match outcome {
            Ok(result) => results.push(result),
            Err(panic) => resume_unwind(panic),
        }
    }
    results
}

/// The parts of a window that is being opened.
#[derive(Default)]
struct Parts {
    parts: Vec<(usize, Arc<ProcessPart>)>,
    /// Ranks that have taken the parts, or given up.
    through: usize,
}

/// One rank's place in a window that is being opened.
struct Opening {
    shared: Arc<Shared>,
    number: u64,
}

impl OpeningWindow for Opening {
    fn open(self: Box<Self>) -> Result<Box<dyn Window>, Error> {
        let mut parts = lock(&self.shared.windows)
            .get(&self.number)
            .map(|window| window.parts.clone())
            .unwrap_or_default();
        parts.sort_by_key(|(rank, _)| *rank);
        assert_eq!(
            parts.len(),
            self.shared.n_ranks,
            "every rank has its part before any opens the window"
        );
        Ok(Box::new(ProcessWindow {
            parts: parts.into_iter().map(|(_, part)| part).collect(),
        }))
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        let mut windows = lock(&self.shared.windows);
        if let Some(window) = windows.get_mut(&self.number) {
            window.through += 1;
            if window.through == window.parts.len() && window.through == self.shared.n_ranks {
                windows.remove(&self.number);
            }
        }
    }
}

/// One rank's end.
pub(crate) struct Threads {
    shared: Arc<Shared>,
    rank: usize,
    topology: Topology,
    board: Board,
    inboxes: Vec<Rc<Inbox<Message>>>,
}

impl Threads {
    fn new(shared: Arc<Shared>, rank: usize) -> Threads {
        let per_node = pretended_ranks_per_node().unwrap_or(shared.n_ranks);
        let marks: Vec<usize> = (0..shared.n_ranks).map(|other| other / per_node).collect();
        Threads {
            rank,
            topology: Topology::new(&marks, rank),
            board: Board::Process(Arc::clone(&shared.board)),
            inboxes: (0..shared.n_ranks).map(|_| Rc::default()).collect(),
            shared,
        }
    }
}

impl Transport for Threads {
    fn rank(&self) -> usize {
        self.rank
    }

    fn n_ranks(&self) -> usize {
        self.shared.n_ranks
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

    fn send(&self, to: usize, message: Message) -> Result<Option<Box<dyn Sending>>, Error> {
        let mailbox = &self.shared.mailboxes[to * self.shared.n_ranks + self.rank];
        lock(&mailbox.queue).push_back(message);
        mailbox.arrived.fetch_add(1, Ordering::Release);
        Ok(None)
    }

    fn receive(&self, from: usize, _: Option<usize>) -> Result<Box<dyn Receiving>, Error> {
        let inbox = Rc::clone(&self.inboxes[from]);
        let number = inbox.await_next();
        let mailbox = self.rank * self.shared.n_ranks + from;
        Ok(Box::new(Ticket {
            shared: Arc::clone(&self.shared),
            mailbox,
            inbox,
            number,
            done: false,
        }))
    }

    fn split(
        &self,
        members: &[usize],
        colour: usize,
        number: u64,
    ) -> Result<Box<dyn Transport>, Error> {
        let rank = members
            .iter()
            .position(|&member| member == self.rank)
            .expect("a rank is a member of its own part");
        let mut parts = lock(&self.shared.parts);
        let part = parts
            .entry((number, colour))
            .or_insert_with(|| (Shared::new(members.len()), 0));
        part.1 += 1;
        let shared = Arc::clone(&part.0);
        if part.1 == members.len() {
            parts.remove(&(number, colour));
        }
        Ok(Box::new(Threads::new(shared, rank)))
    }

    fn begin_window(&self, bytes: usize, number: u64) -> Result<Box<dyn OpeningWindow>, Error> {
        let part = Arc::new(ProcessPart::new(bytes)?);
        let mut windows = lock(&self.shared.windows);
        windows
            .entry(number)
            .or_default()
            .parts
            .push((self.rank, part));
        Ok(Box::new(Opening {
            shared: Arc::clone(&self.shared),
            number,
        }))
    }

    fn finalise(&self) -> Result<(), Error> {
        Ok(())
    }

    fn abort(&self, code: i32) -> ! {
        std::process::exit(code)
    }
}

/// The claim to one message of one sender.
struct Ticket {
    shared: Arc<Shared>,
    mailbox: usize,
    inbox: Rc<Inbox<Message>>,
    number: u64,
    done: bool,
}

impl Receiving for Ticket {
    fn test(&mut self) -> Result<Option<Message>, Error> {
        let (mailbox, inbox) = (&self.shared.mailboxes[self.mailbox], &self.inbox);
        if mailbox.arrived.load(Ordering::Acquire) > inbox.arrived() {
            lock(&mailbox.queue)
                .drain(..)
                .for_each(|message| inbox.arrive(message));
        }
        let message = inbox.claim(self.number);
        self.done |= message.is_some();
        Ok(message)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.done {
            self.inbox.abandon(self.number);
        }
    }
}
