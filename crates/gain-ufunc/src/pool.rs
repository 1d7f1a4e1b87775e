//! A pool of threads that sleep when there is nothing to do: the caller works too, and one thread means plain calls.
//!
//! # Rationale
//!
//! A flush hands the pool one job at a time, a count of chunks that any thread may take. A job must cost a few microseconds
//! beyond its chunks, yet an idle program must not burn a core: so helpers look for the next job for some microseconds,
//! yielding, and then sleep. A helper that wakes too late finds the job closed and is not waited for.
//!
//! # Limitations
//!
//! One job at a time: a second caller (or a chunk that calls the pool again) runs its chunks alone.

#![expect(
    unsafe_code,
    reason = "a job borrows the caller's stack while helpers run it"
)]

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a helper looks for work before it sleeps.
const LOOKING: Duration = Duration::from_micros(20);

/// What the helpers run: chunk numbers are taken from `next` until `n_chunks` are gone.
#[derive(Clone, Copy)]
struct Job {
    task: *const (dyn Fn(usize) + Sync),
    next: *const AtomicUsize,
    n_chunks: usize,
}

// SAFETY: both pointers outlive the job: `Pool::for_each` returns only after every helper that took the job has left it,
// and both targets are `Sync`.
unsafe impl Send for Job {}

#[derive(Default)]
struct State {
    job: Option<Job>,
    sleeping: usize,
    panic: Option<Box<dyn Any + Send>>,
}

struct Shared {
    /// Counts jobs; a helper that sees it move looks at the state.
    epoch: AtomicU64,
    stop: AtomicBool,
    /// Helpers inside the job. Changed under the lock upwards, without it downwards.
    working: AtomicUsize,
    /// A job is under way: the pool takes one at a time.
    busy: AtomicBool,
    state: Mutex<State>,
    wake: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No chunk runs under the lock, so a poisoned state is still a whole one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Threads that run the chunks of one job after another.
pub struct Pool {
    shared: Arc<Shared>,
    helpers: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool")
            .field("n_threads", &self.n_threads())
            .finish()
    }
}

impl Pool {
    /// A pool of `n_threads` threads, the caller of each job being one of them. 0 counts as 1.
    ///
    /// When the system refuses a thread the pool is smaller: [`Pool::n_threads`] tells.
    pub fn new(n_threads: usize) -> Pool {
        let shared = Arc::new(Shared {
            epoch: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            working: AtomicUsize::new(0),
            busy: AtomicBool::new(false),
            state: Mutex::new(State::default()),
            wake: Condvar::new(),
        });
        let helpers = (1..n_threads)
            .map_while(|i| {
                let shared = Arc::clone(&shared);
                std::thread::Builder::new()
                    .name(format!("gain-{i}"))
                    .spawn(move || help(&shared))
                    .ok()
            })
            .collect();
        Pool { shared, helpers }
    }

    /// How many threads work on a job, the caller among them.
    pub fn n_threads(&self) -> usize {
        self.helpers.len() + 1
    }

    /// Runs `task(0)` to `task(n_chunks - 1)`, each once, in any order, on the pool's threads; returns when all are done.
    ///
    /// # Panics
    ///
    /// When a chunk panicked: with its message, after the other threads have left the job.
    pub fn for_each(&self, n_chunks: usize, task: &(dyn Fn(usize) + Sync)) {
        if self.helpers.is_empty() || n_chunks < 2 || self.shared.busy.swap(true, Ordering::Acquire)
        {
            (0..n_chunks).for_each(task);
            return;
        }
        let next = AtomicUsize::new(0);
        // SAFETY: only the lifetime is erased; the pointer is used by helpers that `close` waits for below.
        let task_pointer: *const (dyn Fn(usize) + Sync) = unsafe {
            std::mem::transmute::<
                *const (dyn Fn(usize) + Sync + '_),
                *const (dyn Fn(usize) + Sync + 'static),
            >(task)
        };
        self.open(Job {
            task: task_pointer,
            next: &next,
            n_chunks,
        });
        let mine = catch_unwind(AssertUnwindSafe(|| take_chunks(task, &next, n_chunks)));
        if mine.is_err() {
            next.store(n_chunks, Ordering::Relaxed);
        }
        let theirs = self.close();
        self.shared.busy.store(false, Ordering::Release);
        if let Err(payload) = mine {
            resume_unwind(payload);
        }
        if let Some(payload) = theirs {
            resume_unwind(payload);
        }
    }

    /// Runs `task` with the number of each piece and the piece, as [`Pool::for_each`] does.
    ///
    /// # Panics
    ///
    /// As [`Pool::for_each`].
    pub fn for_pieces<P: Send>(&self, pieces: Vec<P>, task: &(dyn Fn(usize, &mut P) + Sync)) {
        // Each is locked once, by the thread that takes its chunk.
        let pieces: Vec<Mutex<P>> = pieces.into_iter().map(Mutex::new).collect();
        self.for_each(pieces.len(), &|number| {
            let piece = pieces[number].lock();
            task(number, &mut piece.unwrap_or_else(PoisonError::into_inner));
        });
    }

    fn open(&self, job: Job) {
        let mut state = self.shared.lock();
        state.job = Some(job);
        state.panic = None;
        self.shared.epoch.fetch_add(1, Ordering::Release);
        let sleeping = state.sleeping;
        drop(state);
        if sleeping > 0 {
            self.shared.wake.notify_all();
        }
    }

    /// Shuts the job to latecomers and waits for the helpers inside it.
    fn close(&self) -> Option<Box<dyn Any + Send>> {
        self.shared.lock().job = None;
        let mut looks = 0u32;
        while self.shared.working.load(Ordering::Acquire) > 0 {
            looks += 1;
            match looks {
                0..200 => std::hint::spin_loop(),
                200..20_000 => std::thread::yield_now(),
                _ => std::thread::sleep(Duration::from_micros(50)),
            }
        }
        self.shared.lock().panic.take()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let state = self.shared.lock();
        self.shared.stop.store(true, Ordering::Release);
        self.shared.epoch.fetch_add(1, Ordering::Release);
        drop(state);
        self.shared.wake.notify_all();
        for helper in self.helpers.drain(..) {
            // A helper catches every panic of a chunk, so there is nothing to hear from it.
            let _ = helper.join();
        }
    }
}

fn take_chunks(task: &(dyn Fn(usize) + Sync), next: &AtomicUsize, n_chunks: usize) {
    loop {
        let chunk = next.fetch_add(1, Ordering::Relaxed);
        if chunk >= n_chunks {
            return;
        }
        task(chunk);
    }
}

/// A helper's life: wait for the epoch to move, join the job if it is still open, leave it.
fn help(shared: &Shared) {
    let mut seen = 0;
    loop {
        seen = wait_for_job(shared, seen);
        if shared.stop.load(Ordering::Acquire) {
            return;
        }
        let job = {
            let state = shared.lock();
            if state.job.is_some() {
                shared.working.fetch_add(1, Ordering::Relaxed);
            }
            state.job
        };
        let Some(job) = job else { continue };
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            // SAFETY: `working` was raised while the job was open, so `close` has not returned and both targets live.
            let (task, next) = unsafe { (&*job.task, &*job.next) };
            take_chunks(task, next, job.n_chunks);
        }));
        if let Err(payload) = outcome {
            // SAFETY: as above.
            unsafe { &*job.next }.store(job.n_chunks, Ordering::Relaxed);
            shared.lock().panic.get_or_insert(payload);
        }
        shared.working.fetch_sub(1, Ordering::Release);
    }
}

/// Returns the new epoch once it differs from `seen`.
fn wait_for_job(shared: &Shared, seen: u64) -> u64 {
    let start = Instant::now();
    loop {
        for _ in 0..32 {
            let epoch = shared.epoch.load(Ordering::Acquire);
            if epoch != seen {
                return epoch;
            }
            std::hint::spin_loop();
        }
        if start.elapsed() > LOOKING {
            break;
        }
        std::thread::yield_now();
    }
    let mut state = shared.lock();
    loop {
        let epoch = shared.epoch.load(Ordering::Acquire);
        if epoch != seen {
            return epoch;
        }
        state.sleeping += 1;
        state = shared
            .wake
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner);
        state.sleeping -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chunk_runs_once() {
        for n_threads in [0, 1, 2, 5] {
            let pool = Pool::new(n_threads);
            for n_chunks in [0, 1, 2, 7, 1000] {
                let counts: Vec<AtomicUsize> = (0..n_chunks).map(|_| AtomicUsize::new(0)).collect();
                pool.for_each(n_chunks, &|i| {
                    counts[i].fetch_add(1, Ordering::Relaxed);
                });
                assert!(counts.iter().all(|c| c.load(Ordering::Relaxed) == 1));
            }
        }
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_pool_lives_on() {
        let pool = Pool::new(3);
        for bad in [0, 50, 99] {
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                pool.for_each(100, &|i| assert_ne!(i, bad, "chunk {bad}"))
            }));
            assert!(outcome.is_err());
        }
        let sum = AtomicUsize::new(0);
        pool.for_each(10, &|i| {
            sum.fetch_add(i, Ordering::Relaxed);
        });
        assert_eq!(sum.into_inner(), 45);
    }

    #[test]
    fn a_chunk_may_use_the_pool_again() {
        let pool = Pool::new(2);
        let sum = AtomicUsize::new(0);
        pool.for_each(4, &|_| {
            pool.for_each(4, &|i| {
                sum.fetch_add(i, Ordering::Relaxed);
            });
        });
        assert_eq!(sum.into_inner(), 24);
    }
}
