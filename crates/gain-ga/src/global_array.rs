//! Arrays spread over the memory of a team, reached one-sidedly.
//!
//! # Rationale
//! Where all ranks share memory (one process, threads, the ranks of one node) every access is a load or store in the owner's memory, ordered
//! by a lock per rank: no message, and no help from the owner. Between nodes it is MPI's passive-target
//! communication (`MPI_Win_lock_all` for the array's life, flushes).
//!
//! # Progress
//! On one node a one-sided call never waits for the program of the rank that it reaches, only for others that hold the same block.
//! Between nodes progress is MPI's affair: an MPI with hardware support or a progress thread (MPICH:
//! `MPICH_ASYNC_PROGRESS=1`) completes the call while the target computes; another may delay it until the target
//! calls any communicating function of its team, or [`GlobalArray::fence`].
//!
//! # Limitations
//! On teams of several nodes, access by [`GlobalArray::local`] and [`GlobalArray::local_mut`] is not ordered against other ranks' puts: part
//! them by [`GlobalArray::sync`]. On one node it is.

#![expect(
    unsafe_code,
    reason = "local blocks are slices of memory that other ranks reach"
)]

mod access;
mod elements;
mod moving;

use std::cell::Cell;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

pub use access::{PendingGet, PendingPut};
pub use moving::PendingMoves;

use crate::distribution::{Distribution, Owners};
use crate::element::Element;
use crate::error::Error;
use crate::index_box::IndexBox;
use crate::team::Team;
use crate::window::{AccessGuard, AccessLock, OpenWindow};

/// An array of `T` spread over the ranks of a team by a [`Distribution`].
///
/// Every rank owns the block [`Distribution::box_of`] gives it and holds it in C order. Any rank can read, write
/// or accumulate any box; [`GlobalArray::sync`] makes what was done before it known to all ranks after it.
///
/// Of a replicated array every rank holds a copy: reads take the rank's own, writes go to every copy.
///
/// ```
/// use gain_ga::{AccumulateOp, Distribution, GlobalArray, IndexBox, Team};
///
/// Team::threads(2, |team| {
///     let rows = Distribution::default_for(&[8, 3], team.n_ranks());
///     let array = GlobalArray::<f64>::create(&team, &rows)?;
///     // Both ranks add to a box that lies on both.
///     let part = IndexBox::new([2, 0], [6, 3]);
///     array.accumulate(&part, &[1.5; 12], AccumulateOp::Sum)?;
///     array.sync()?;
///     let mut values = [0.0; 3];
///     array.get(&IndexBox::new([5, 0], [6, 3]), &mut values)?;
///     assert_eq!(values, [3.0; 3]);
///     array.destroy()
/// })
/// .into_iter()
/// .collect::<Result<Vec<()>, gain_ga::Error>>()?;
/// # Ok::<(), gain_ga::Error>(())
/// ```
pub struct GlobalArray<T: Element> {
    team: Team,
    distribution: Distribution,
    /// This rank's block.
    block: IndexBox,
    /// Number of the window among the team's.
    number: u64,
    /// Shared with pending transfers; `None` once destroyed.
    window: Option<Rc<OpenWindow>>,
    /// Guards of [`GlobalArray::local`] that live.
    readers: Cell<usize>,
    kind: PhantomData<T>,
}

impl<T: Element> GlobalArray<T> {
    /// An array of zeros.
    ///
    /// # Collective
    /// Over all ranks, with one distribution. Arrays that every rank has dropped are freed on this occasion.
    ///
    /// # Errors
    /// [`Error::Distribution`] when the distribution is over another number of ranks, [`Error::Usage`] when the ranks give different ones,
    /// [`Error::Memory`] (on all ranks alike) when a rank can not have its block; those of a collective call.
    pub fn create(team: &Team, distribution: &Distribution) -> Result<Self, Error> {
        if !distribution.is_replicated() && distribution.n_ranks() != team.n_ranks() {
            return Err(Error::Distribution {
                reason: format!(
                    "{distribution} does not lie on a team of {} ranks",
                    team.n_ranks()
                ),
            });
        }
        let block = distribution.box_of(team.rank());
        let mut hasher = DefaultHasher::new();
        (distribution.to_string(), size_of::<T>(), T::KIND as u8).hash(&mut hasher);
        let bytes = block
            .len()
            .checked_mul(size_of::<T>())
            .ok_or(Error::Memory {
                bytes: usize::MAX,
                limit: team.memory_limit(),
            })?;
        let (number, window) = team.open_window(hasher.finish(), bytes)?;
        Ok(GlobalArray {
            team: team.clone(),
            distribution: distribution.clone(),
            block,
            number,
            window: Some(Rc::new(window)),
            readers: Cell::new(0),
            kind: PhantomData,
        })
    }

    /// An array of the same distribution and content.
    ///
    /// # Collective
    /// Over all ranks; includes a [`GlobalArray::sync`].
    ///
    /// # Errors
    /// As [`GlobalArray::create`].
    pub fn duplicate(&self) -> Result<Self, Error> {
        self.sync()?;
        let mut copy = GlobalArray::create(&self.team, &self.distribution)?;
        copy.local_mut()?.copy_from_slice(&self.local()?);
        copy.sync()?;
        Ok(copy)
    }

    /// Gives the memory back at once. A dropped array is freed when all ranks have dropped it and next create one.
    ///
    /// # Collective
    /// Over all ranks.
    ///
    /// # Errors
    /// Those of a collective call.
    pub fn destroy(mut self) -> Result<(), Error> {
        self.sync()?;
        match self.window.take().map(Rc::try_unwrap) {
            Some(Ok(open)) => open.window.free(),
            // A pending transfer still holds the window: as if the array were dropped.
            Some(Err(shared)) => {
                self.team.drop_window(self.number, shared);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The team. Local.
    #[must_use]
    pub fn team(&self) -> &Team {
        &self.team
    }

    /// Which rank owns which box. Local.
    #[must_use]
    pub fn distribution(&self) -> &Distribution {
        &self.distribution
    }

    /// This rank's block, in global indices. Local.
    #[must_use]
    pub fn block(&self) -> &IndexBox {
        &self.block
    }

    /// The rank that owns an element. Local.
    ///
    /// # Panics
    /// If the index lies outside the array.
    #[must_use]
    pub fn locate(&self, index: &[usize]) -> usize {
        self.distribution.owner_of(index)
    }

    /// The ranks that own a part of a box, each with its part. Local.
    ///
    /// # Panics
    /// If the box reaches outside the array.
    pub fn owners(&self, part: &IndexBox) -> Owners {
        self.distribution.owners(part)
    }

    /// This rank's block, in C order, to be read; meanwhile other ranks wait that want to write to it. Local.
    ///
    /// # Errors
    /// [`Error::TimedOut`] when another rank holds the block for writing and does not let go.
    pub fn local(&self) -> Result<LocalBlock<'_, T>, Error> {
        let guard = self
            .own_lock()
            .map(|lock| lock.read(&self.team, self.team.rank()))
            .transpose()?;
        self.readers.set(self.readers.get() + 1);
        Ok(LocalBlock {
            start: self.own_start()?,
            len: self.block.len(),
            readers: &self.readers,
            _guard: guard,
        })
    }

    /// This rank's block, in C order, to be written; meanwhile other ranks wait that want to reach it. Local.
    ///
    /// # Errors
    /// [`Error::TimedOut`] when another rank holds the block and does not let go.
    pub fn local_mut(&mut self) -> Result<LocalBlockMut<'_, T>, Error> {
        let guard = self
            .own_lock()
            .map(|lock| lock.write(&self.team, self.team.rank()))
            .transpose()?;
        Ok(LocalBlockMut {
            start: self.own_start()?,
            len: self.block.len(),
            array: self,
            _guard: guard,
        })
    }

    /// Sets every element to `value`.
    ///
    /// # Collective
    /// Over all ranks; includes a [`GlobalArray::sync`] before and after.
    ///
    /// # Errors
    /// Those of a collective call.
    pub fn fill(&mut self, value: T) -> Result<(), Error> {
        self.sync()?;
        self.local_mut()?.fill(value);
        self.sync()
    }

    /// Waits until everything that this rank has put or accumulated is in place. Local.
    ///
    /// # Errors
    /// MPI's.
    pub fn fence(&self) -> Result<(), Error> {
        std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
        self.open().flush_all()
    }

    /// What any rank did to the array before, every rank sees after.
    ///
    /// # Collective
    /// Over all ranks: a fence, and a barrier.
    ///
    /// # Errors
    /// Those of [`Team::barrier`].
    pub fn sync(&self) -> Result<(), Error> {
        self.fence()?;
        self.team.barrier()?;
        match self.open().window.remote() {
            Some(remote) => remote.sync(),
            None => Ok(()),
        }
    }

    fn open(&self) -> &Rc<OpenWindow> {
        self.window
            .as_ref()
            .expect("only destroy and drop take the window away")
    }

    fn own_lock(&self) -> Option<&AccessLock> {
        self.open().window.lock(self.team.rank())
    }

    /// First element of this rank's block, as the network has left it.
    fn own_start(&self) -> Result<*mut T, Error> {
        let open = self.open();
        if let Some(remote) = open.window.remote() {
            remote.sync()?;
        }
        Ok(open
            .window
            .direct(self.team.rank())
            .expect("a rank addresses its own block")
            .cast())
    }
}

impl<T: Element> Drop for GlobalArray<T> {
    /// Never communicates: the team frees the window when all ranks have dropped it.
    fn drop(&mut self) {
        if let Some(window) = self.window.take() {
            self.team.drop_window(self.number, window);
        }
    }
}

impl<T: Element> fmt::Debug for GlobalArray<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "GlobalArray<{}> {}, here {}",
            std::any::type_name::<T>(),
            self.distribution,
            self.block
        )
    }
}

/// A rank's own block, to be read; made by [`GlobalArray::local`].
pub struct LocalBlock<'a, T: Element> {
    start: *mut T,
    len: usize,
    readers: &'a Cell<usize>,
    _guard: Option<AccessGuard<'a>>,
}

impl<T: Element> Deref for LocalBlock<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: the window holds `len` elements of this rank at `start`, aligned to 64 bytes and zeroed when made, for
        // longer than the array lives. The guard keeps writers away; without one (several nodes) the caller has parted
        // the access from puts by `sync`, as the module's Limitations ask.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}

impl<T: Element> Drop for LocalBlock<'_, T> {
    fn drop(&mut self) {
        self.readers.set(self.readers.get() - 1);
    }
}

/// A rank's own block, to be written; made by [`GlobalArray::local_mut`].
pub struct LocalBlockMut<'a, T: Element> {
    start: *mut T,
    len: usize,
    array: &'a GlobalArray<T>,
    _guard: Option<AccessGuard<'a>>,
}

impl<T: Element> Deref for LocalBlockMut<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: as for `LocalBlock`; the guard keeps everybody else away.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}

impl<T: Element> DerefMut for LocalBlockMut<'_, T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and `&mut self` makes this rank's own access unique.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.len) }
    }
}

impl<T: Element> Drop for LocalBlockMut<'_, T> {
    fn drop(&mut self) {
        if let Some(remote) = self.array.open().window.remote() {
            // It only orders this process's memory; what fails here fails again at the next sync.
            let _ = remote.sync();
        }
    }
}
