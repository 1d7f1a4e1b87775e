//! What arrays of one program share: the team, the threads, the settings, the recorded statements and the plans.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::Hasher as _;
use std::io::Write as _;
use std::rc::Rc;

use gain_ga::{Distribution, Team};
use gain_ufunc::pool::Pool;
use gain_ufunc::{DType, isa};

use crate::error::{Error, Result, shape_text};
use crate::fingerprint::{BuildFingerprint, Fingerprint};
use crate::graph::Recorded;
use crate::plan::Plan;
use crate::settings::Settings;

/// A handle to what all arrays of a program share. Clones are the same runtime.
#[derive(Clone)]
pub struct Runtime(pub(crate) Rc<Inner>);

pub(crate) struct Inner {
    pub(crate) team: Team,
    pub(crate) settings: Settings,
    pub(crate) pool: Pool,
    pub(crate) graph: RefCell<Vec<Recorded>>,
    pub(crate) plans: RefCell<HashMap<u128, Rc<Plan>, BuildFingerprint>>,
    pub(crate) flushes: Cell<u64>,
    pub(crate) history: Cell<u64>,
    pub(crate) locator: RefCell<Option<Locator>>,
    watcher: RefCell<Option<Watcher>>,
    explain: RefCell<Option<std::fs::File>>,
    rank: usize,
    n_ranks: usize,
}

/// Names the user's source line.
pub type Locator = Box<dyn Fn() -> String>;

/// Says which faults matter to the program now, alike on every rank.
pub type Watcher = Box<dyn Fn() -> Watch>;

/// The [faults](gain_ufunc::faults), as bits, that matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// Those to be known at the statement, whatever it costs.
    pub at_once: u8,
    /// Those to be known of small arrays, where knowing costs little.
    pub of_small: u8,
}

/// What a program has done so far; for tests and for `gain explain`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Flushes that ran.
    pub flushes: u64,
    /// Plans made; the other flushes found theirs.
    pub plans: usize,
    /// Messages sent by this rank.
    pub messages_sent: u64,
    /// Bytes sent by this rank.
    pub bytes_sent: u64,
}

impl Runtime {
    /// Starts with the team that the environment describes: MPI under a launcher, else this process alone. Collective.
    ///
    /// # Errors
    /// A launcher whose MPI is not ours, a build without MPI, a setting that is no number.
    pub fn start() -> Result<Runtime> {
        let team = Team::from_environment()?;
        let settings =
            Settings::from_environment(team.ranks_on_my_node().len()).map_err(Error::Value)?;
        Ok(Runtime::with_team(team, settings))
    }

    /// Starts with a given team and settings. Collective.
    pub fn with_team(team: Team, settings: Settings) -> Runtime {
        team.set_timeout(settings.timeout);
        let (rank, n_ranks) = (team.rank(), team.n_ranks());
        let explain = settings.explain.as_ref().and_then(|path| {
            let path = if n_ranks > 1 {
                path.with_extension(format!("rank{rank}"))
            } else {
                path.clone()
            };
            std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)
                .ok()
        });
        Runtime(Rc::new(Inner {
            pool: Pool::new(settings.n_threads),
            team,
            settings,
            graph: RefCell::new(Vec::new()),
            plans: RefCell::default(),
            flushes: Cell::new(0),
            history: Cell::new(0),
            locator: RefCell::new(None),
            watcher: RefCell::new(None),
            explain: RefCell::new(explain),
            rank,
            n_ranks,
        }))
    }

    /// One process with `n_threads` threads, nothing distributed but what `settings` say. Local.
    pub fn single(settings: Settings) -> Runtime {
        Runtime::with_team(Team::single(), settings)
    }

    /// This rank. Local.
    #[inline]
    pub fn rank(&self) -> usize {
        self.0.rank
    }

    /// Ranks of the team. Local.
    #[inline]
    pub fn n_ranks(&self) -> usize {
        self.0.n_ranks
    }

    /// Threads of this rank. Local.
    pub fn n_threads(&self) -> usize {
        self.0.settings.n_threads
    }

    /// Arrays of more elements than this are spread over the ranks. Local.
    #[inline]
    pub fn threshold(&self) -> usize {
        self.0.settings.threshold
    }

    /// The settings. Local.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The team. Local.
    pub fn team(&self) -> &Team {
        &self.0.team
    }

    /// The threads. Local.
    pub fn pool(&self) -> &Pool {
        &self.0.pool
    }

    /// Name of the instruction set for which loops were chosen. Local.
    pub fn isa_name(&self) -> &'static str {
        isa::active().name()
    }

    /// Gives the function that names the user's source line, asked when ranks compare what they do. Local.
    pub fn set_locator(&self, locator: Locator) {
        *self.0.locator.borrow_mut() = Some(locator);
    }

    /// Gives the function that says which faults matter, asked when a ufunc is called on arrays that are not computed at once, and where
    /// the tiny result of one that is may be an underflow. Without one nothing is looked for. Local.
    pub fn set_watcher(&self, watcher: Watcher) {
        *self.0.watcher.borrow_mut() = Some(watcher);
    }

    /// The faults that matter of a result of so many elements; without a size, those that matter of any.
    pub(crate) fn watched(&self, size: Option<usize>) -> u8 {
        let watch = self.0.watcher.borrow().as_ref().map(|watch| watch());
        match (watch, size) {
            (None, _) | (_, Some(0)) => 0,
            (Some(watch), Some(size)) if size <= crate::eager::MOST_ELEMENTS => {
                watch.at_once | watch.of_small
            }
            (Some(watch), _) => watch.at_once,
        }
    }

    /// Runs what has been recorded. Collective.
    ///
    /// # Errors
    /// Diverged ranks, time-outs, memory that can not be had.
    pub fn sync(&self) -> Result<()> {
        self.flush(None)
    }

    /// Ends the job on all ranks with a message. Local.
    pub fn abort(&self, code: i32, reason: &str) -> ! {
        self.0.team.abort(code, reason)
    }

    /// Runs what is recorded and leaves the team. Collective.
    ///
    /// # Errors
    /// As [`Runtime::sync`].
    pub fn finish(&self) -> Result<()> {
        self.sync()?;
        self.0.team.finalise()?;
        Ok(())
    }

    /// What has been done so far. Local.
    pub fn counters(&self) -> Counters {
        let sent = self.0.team.counters();
        Counters {
            flushes: self.0.flushes.get(),
            plans: self.0.plans.borrow().len(),
            messages_sent: sent.messages_sent,
            bytes_sent: sent.bytes_sent,
        }
    }

    /// Refuses an array that this machine can not hold, alike on every rank. Local.
    ///
    /// # Errors
    /// [`Error::Memory`] with the shape, dtype and bytes; [`Error::TooLarge`] for more bytes than an address counts.
    pub fn check_memory(&self, shape: &[usize], dtype: DType) -> Result<()> {
        let elements = shape
            .iter()
            .try_fold(1u128, |n, &len| n.checked_mul(len as u128))
            .ok_or(Error::TooLarge)?;
        let bytes = elements
            .checked_mul(dtype.size() as u128)
            .filter(|&bytes| bytes <= isize::MAX as u128)
            .ok_or(Error::TooLarge)?;
        if bytes < 1 << 24 {
            return Ok(());
        }
        let share = if elements > self.threshold() as u128 {
            bytes.div_ceil(self.n_ranks() as u128)
        } else {
            bytes
        };
        if share <= self.0.team.memory_limit() as u128 {
            return Ok(());
        }
        Err(Error::Memory {
            size: readable(bytes),
            shape: shape_text(shape),
            dtype,
            bytes,
            share,
        })
    }

    /// Whether an array of this many elements is whole on every rank. Local.
    #[inline]
    pub fn is_small(&self, size: usize) -> bool {
        let threshold = self.0.settings.threshold;
        // One rank holds everything anyway; a threshold of 0 still asks for the ways of distributed arrays.
        size <= threshold || (self.0.n_ranks == 1 && threshold > 0)
    }

    /// The default distribution of a new array. Local.
    pub(crate) fn default_distribution(&self, shape: &[usize]) -> Distribution {
        Distribution::default_for(shape, self.n_ranks())
    }

    /// Adds what this rank did without a word to the others to what ranks compare when they next communicate.
    pub(crate) fn remember(&self, what: impl FnOnce(&mut Fingerprint)) {
        if self.n_ranks() > 1 {
            let mut done = Fingerprint::default();
            what(&mut done);
            let history = self.0.history.get().rotate_left(7) ^ (done.value() as u64);
            self.0.history.set(history);
        }
    }

    /// Says what the communication that follows belongs to, where it is no plan's. Local; every rank says it.
    pub fn stand_at(&self, operation: &str) {
        if self.n_ranks() == 1 {
            return;
        }
        let sequence = self.0.flushes.get() + 1;
        self.0.flushes.set(sequence);
        self.remember(|what| what.write(operation.as_bytes()));
        let location = self.location();
        let text = if location.is_empty() {
            operation.to_string()
        } else {
            format!("{operation} ({location})")
        };
        self.0.team.set_position(gain_ga::Position {
            sequence,
            fingerprint: self.0.history.get(),
            text: &text,
        });
    }

    pub(crate) fn location(&self) -> String {
        self.0
            .locator
            .borrow()
            .as_ref()
            .map_or_else(String::new, |locate| locate())
    }

    /// Appends a plan that is about to run to the file that `GAIN_EXPLAIN` names.
    pub(crate) fn explain(&self, plan: &Plan, is_new: bool) {
        if let Some(file) = self.0.explain.borrow_mut().as_mut() {
            let mut text = String::new();
            let sent: usize = plan.steps.iter().map(crate::plan::Step::bytes_sent).sum();
            let received: usize = plan
                .steps
                .iter()
                .map(crate::plan::Step::bytes_received)
                .sum();
            let how = if is_new {
                "planned"
            } else {
                "found in the cache"
            };
            let _ = writeln!(
                text,
                "flush {} at {}: {how}; {sent} bytes to send, {received} to receive",
                self.0.flushes.get(),
                self.location()
            );
            if is_new {
                let _ = write!(text, "{plan}");
            }
            // A file that can not be written must not stop the program that it describes.
            let _ = file.write_all(text.as_bytes());
        }
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Runtime(rank {} of {})", self.rank(), self.n_ranks())
    }
}

/// Bytes in the unit that NumPy would print.
fn readable(bytes: u128) -> String {
    const UNITS: [&str; 7] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let unit = (0..UNITS.len() - 1)
        .find(|&unit| bytes < 1 << (10 * (unit + 1)))
        .unwrap_or(UNITS.len() - 1);
    let value = bytes as f64 / (1u128 << (10 * unit)) as f64;
    let digits = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    format!("{value:.digits$} {}", UNITS[unit])
}
