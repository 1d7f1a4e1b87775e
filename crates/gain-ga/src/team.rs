//! The ranks that share arrays.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use crate::error::Error;
use crate::memory::{machine_memory, set_memory_limit, usable_memory};
use crate::position::{Header, Position, RankState};
use crate::transport::{Transport, single::Single, threads};
use crate::window::Windows;

/// Time after which a message that has not come is an error, unless the user says otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(600);

/// The ranks that share arrays; a cheap handle. Every rank holds its own, and it stays on the thread that made it.
///
/// # Ordering
/// Communication is ordered for each pair of ranks: the messages of one to the other are received in the order in
/// which they were sent, so that all ranks call the collective functions of a team in the same order. Where they do not,
/// they get [`Error::Diverged`], [`Error::TimedOut`], [`Error::Finished`] or [`Error::Failed`] and not a hang.
///
/// ```
/// use gain_ga::{ReduceOp, Team};
///
/// let sums = Team::threads(3, |team| {
///     let mut value = [team.rank() as i64];
///     team.all_reduce(ReduceOp::Sum, &mut value).unwrap();
///     value[0]
/// });
/// assert_eq!(sums, [3, 3, 3]);
/// ```
#[derive(Clone)]
pub struct Team {
    pub(crate) inner: Rc<Inner>,
}

/// What the handles of a team on one rank share.
pub(crate) struct Inner {
    pub transport: Box<dyn Transport>,
    /// The header of this rank's next messages.
    pub header: RefCell<Header>,
    pub timeout: Cell<Option<Duration>>,
    pub interrupt: RefCell<Option<Rc<dyn Fn() -> bool>>>,
    pub counters: Cell<Counters>,
    pub windows: Windows,
    splits: Cell<u64>,
    memory_limit: Cell<usize>,
    finished: Cell<bool>,
}

/// Messages and bytes of payload that this rank has sent to, and received from, other ranks of the team.
///
/// A chunked message counts once; headers and padding do not count; what a rank moves to itself is no message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Messages sent.
    pub messages_sent: u64,
    /// Bytes of payload sent.
    pub bytes_sent: u64,
    /// Messages received.
    pub messages_received: u64,
    /// Bytes of payload received.
    pub bytes_received: u64,
}

impl Team {
    /// A team of this process alone; MPI is not touched. Local.
    #[must_use]
    pub fn single() -> Team {
        Team::new(Box::new(Single::new())).expect("a team of one agrees with itself")
    }

    /// Runs `body` as every rank of a team whose ranks are `n_ranks` threads of this process, and gives their results
    /// in rank order. Local; for tests.
    ///
    /// # Panics
    /// If `n_ranks` is 0, or with a rank's panic, once all ranks have ended: the others see it as [`Error::Failed`]
    /// when they wait for that rank.
    pub fn threads<R: Send>(n_ranks: usize, body: impl Fn(Team) -> R + Sync) -> Vec<R> {
        threads::run(n_ranks, body)
    }

    pub(crate) fn new(transport: Box<dyn Transport>) -> Result<Team, Error> {
        let header = Header::new(Position::default());
        transport.board().write(transport.rank(), &header);
        let team = Team {
            inner: Rc::new(Inner {
                transport,
                header: RefCell::new(header),
                timeout: Cell::new(timeout_from_environment()),
                interrupt: RefCell::default(),
                counters: Cell::default(),
                windows: Windows::default(),
                splits: Cell::new(0),
                memory_limit: Cell::new(usize::MAX),
                finished: Cell::new(false),
            }),
        };
        team.agree_on_memory()?;
        Ok(team)
    }

    fn agree_on_memory(&self) -> Result<(), Error> {
        let transport = &self.inner.transport;
        let mut share =
            [usable_memory(machine_memory()) as u64 / transport.topology().largest() as u64];
        self.all_reduce(crate::ReduceOp::Min, &mut share)?;
        let share = usize::try_from(share[0]).unwrap_or(usize::MAX);
        self.inner.memory_limit.set(share);
        if !transport.shares_process() {
            set_memory_limit(share);
        }
        self.reset_counters();
        Ok(())
    }

    /// This rank. Local.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.inner.transport.rank()
    }

    /// Number of ranks. Local.
    #[must_use]
    pub fn n_ranks(&self) -> usize {
        self.inner.transport.n_ranks()
    }

    /// Number of the node on which a rank runs; the ranks of a node share memory. Local.
    ///
    /// # Panics
    /// If there is no such rank.
    #[must_use]
    pub fn node_of(&self, rank: usize) -> usize {
        self.inner.transport.topology().node_of(rank)
    }

    /// Number of nodes. Local.
    #[must_use]
    pub fn n_nodes(&self) -> usize {
        self.inner.transport.topology().n_nodes()
    }

    /// The ranks of this rank's node, ascending, this one among them. Local.
    #[must_use]
    pub fn ranks_on_my_node(&self) -> &[usize] {
        self.inner.transport.topology().mine()
    }

    /// Says what every following communication of this rank belongs to: it goes on the status board and into each message. Local.
    pub fn set_position(&self, position: Position<'_>) {
        let header = Header::new(position);
        self.inner.transport.board().write(self.rank(), &header);
        *self.inner.header.borrow_mut() = header;
    }

    /// What the status board says of a rank: its state and the text of its position. Local; `None` for a rank on another node.
    #[must_use]
    pub fn status_of(&self, rank: usize) -> Option<(RankState, String)> {
        let board = self.inner.transport.board();
        board.state(rank).map(|state| (state, board.text(rank)))
    }

    /// Sets the time after which a message that has not come is [`Error::TimedOut`]; `None` waits for ever. Local.
    ///
    /// A new team takes `GAIN_TIMEOUT` (seconds, 0 for ever), else 600 s.
    pub fn set_timeout(&self, timeout: Option<Duration>) {
        self.inner.timeout.set(timeout);
    }

    /// Sets a question that is asked a few times a second while this rank waits: when its answer is true, the wait ends
    /// with [`Error::Interrupted`]. For Ctrl-C. Local.
    pub fn set_interrupt(&self, interrupt: Option<Rc<dyn Fn() -> bool>>) {
        *self.inner.interrupt.borrow_mut() = interrupt;
    }

    /// Bytes that each rank's buffers may take together: the smallest share of any node's memory, equal on all ranks. Local.
    #[must_use]
    pub fn memory_limit(&self) -> usize {
        self.inner.memory_limit.get()
    }

    /// Messages and bytes since the team began or [`Team::reset_counters`]. Local.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.inner.counters.get()
    }

    /// Sets the counters to 0. Local.
    pub fn reset_counters(&self) {
        self.inner.counters.set(Counters::default());
    }

    /// Parts the team: the ranks that give one `colour` become a team, ranked by `key` and then by their rank here.
    ///
    /// # Collective
    /// Over all ranks of this team. Position, time-out and interrupt are taken over.
    ///
    /// # Errors
    /// Those of [`Team::all_gather`], and MPI's.
    pub fn split(&self, colour: usize, key: usize) -> Result<Team, Error> {
        let mut mine = [0; 16];
        mine[..8].copy_from_slice(&(colour as u64).to_le_bytes());
        mine[8..].copy_from_slice(&(key as u64).to_le_bytes());
        let all = self.all_gather(&mine)?;
        let number =
            |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes make a number"));
        let mut members: Vec<(u64, usize)> = (0..self.n_ranks())
            .filter(|&rank| number(&all[rank][..8]) == colour as u64)
            .map(|rank| (number(&all[rank][8..]), rank))
            .collect();
        members.sort_unstable();
        let members: Vec<usize> = members.into_iter().map(|(_, rank)| rank).collect();
        let count = self.inner.splits.replace(self.inner.splits.get() + 1);
        let limit = self.memory_limit();
        let transport = self.inner.transport.split(&members, colour, count)?;
        let header = *self.inner.header.borrow();
        transport.board().write(transport.rank(), &header);
        Ok(Team {
            inner: Rc::new(Inner {
                transport,
                header: RefCell::new(header),
                timeout: Cell::new(self.inner.timeout.get()),
                interrupt: RefCell::new(self.inner.interrupt.borrow().clone()),
                counters: Cell::default(),
                windows: Windows::default(),
                splits: Cell::new(0),
                memory_limit: Cell::new(limit),
                finished: Cell::new(false),
            }),
        })
    }

    /// A team of the same ranks whose messages do not meet those of this one.
    ///
    /// # Collective
    /// As [`Team::split`].
    ///
    /// # Errors
    /// As [`Team::split`].
    pub fn duplicate(&self) -> Result<Team, Error> {
        self.split(0, self.rank())
    }

    /// Says on the status board that this rank has failed, so that those that wait for it end with [`Error::Failed`]. Local.
    ///
    /// Errors that the team itself finds while it waits are said so already.
    pub fn fail(&self) {
        self.inner
            .transport
            .board()
            .leave(self.rank(), RankState::Failed);
    }

    /// True for the first rank of this node that asks: it tells the user what went wrong, the others are silent. Local.
    #[must_use]
    pub fn claim_telling(&self) -> bool {
        self.inner.transport.board().claim_telling()
    }

    /// Leaves the team in order: the status board says so, and MPI is finalised if this team initialised it.
    ///
    /// # Collective
    /// Over all ranks, at the end of the program; a second call does nothing. Dropping a team never does this.
    ///
    /// # Errors
    /// MPI's.
    pub fn finalise(&self) -> Result<(), Error> {
        if self.inner.finished.replace(true) {
            return Ok(());
        }
        self.inner
            .transport
            .board()
            .leave(self.rank(), RankState::Finished);
        self.inner.transport.finalise()
    }

    /// Prints `text` with this rank on standard error and ends all ranks with exit status `code`. Local.
    pub fn abort(&self, code: i32, text: &str) -> ! {
        self.fail();
        if !text.is_empty() {
            eprintln!("rank {}: {text}", self.rank());
        }
        self.inner.transport.abort(code)
    }
}

impl Inner {
    /// Adds to the counters.
    pub(crate) fn count(
        &self,
        messages_sent: u64,
        bytes_sent: u64,
        messages_received: u64,
        bytes_received: u64,
    ) {
        let mut counters = self.counters.get();
        counters.messages_sent += messages_sent;
        counters.bytes_sent += bytes_sent;
        counters.messages_received += messages_received;
        counters.bytes_received += bytes_received;
        self.counters.set(counters);
    }
}

/// `GAIN_TIMEOUT`, in seconds; 0 waits for ever.
fn timeout_from_environment() -> Option<Duration> {
    match std::env::var("GAIN_TIMEOUT")
        .ok()
        .and_then(|text| text.trim().parse::<f64>().ok())
    {
        Some(0.0) => None,
        Some(seconds) => Duration::try_from_secs_f64(seconds)
            .ok()
            .or(Some(DEFAULT_TIMEOUT)),
        None => Some(DEFAULT_TIMEOUT),
    }
}
