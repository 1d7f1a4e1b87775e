//! One-sided access to boxes: get, put, accumulate, contiguous and strided, blocking and not.
#![expect(unsafe_code, reason = "reaches the memory of other ranks")]

use std::rc::Rc;

use smallvec::SmallVec;

use super::GlobalArray;
use crate::element::{AccumulateOp, Element};
use crate::error::Error;
use crate::index_box::{IndexBox, Indices};
use crate::memory::Buffer;
use crate::strided::{c_strides, copy, rows};
use crate::window::{OpenWindow, Region};

/// A box of an array of which every `step`-th index is taken, from the box's first.
struct Selection<'a> {
    part: &'a IndexBox,
    step: &'a [usize],
}

/// What one rank owns of a selection, and where it lies on both sides.
struct Share {
    rank: usize,
    region: Region,
    /// First byte in the caller's values, and the strides there.
    offset: usize,
    strides: SmallVec<[isize; 4]>,
}

/// How values and array are joined.
#[derive(Clone, Copy)]
enum Writing {
    Put,
    Accumulate(AccumulateOp),
}

impl Selection<'_> {
    /// Number of indices taken on each axis.
    fn shape(&self) -> Indices {
        self.part
            .shape()
            .iter()
            .zip(self.step)
            .map(|(extent, step)| extent.div_ceil(*step))
            .collect()
    }
}

impl<T: Element> GlobalArray<T> {
    /// Reads a box into `values`, in C order.
    ///
    /// # Local
    /// One-sided: no other rank takes part.
    ///
    /// # Errors
    /// [`Error::Usage`] when the box reaches outside the array or `values` has another length than the box;
    /// [`Error::TimedOut`] when a rank holds its block and does not let go; MPI's.
    pub fn get(&self, part: &IndexBox, values: &mut [T]) -> Result<(), Error> {
        self.get_strided(part, &ones(part), values)
    }

    /// Writes `values`, in C order, to a box; when it returns, they are in place.
    ///
    /// # Local
    /// One-sided: no other rank takes part.
    ///
    /// # Errors
    /// As [`GlobalArray::get`]; [`Error::Usage`] also when this rank holds a guard of [`GlobalArray::local`].
    pub fn put(&self, part: &IndexBox, values: &[T]) -> Result<(), Error> {
        self.put_strided(part, &ones(part), values)
    }

    /// Joins `values`, in C order, with a box; each element atomically among accumulations.
    ///
    /// # Local
    /// One-sided: no other rank takes part.
    ///
    /// # Errors
    /// As [`GlobalArray::put`]; [`Error::Usage`] also for the minimum or maximum of complex numbers.
    pub fn accumulate(&self, part: &IndexBox, values: &[T], op: AccumulateOp) -> Result<(), Error> {
        self.accumulate_strided(part, &ones(part), values, op)
    }

    /// [`GlobalArray::get`] of every `step[a]`-th index of the box on each axis, from its first. Local, one-sided.
    ///
    /// # Errors
    /// As [`GlobalArray::get`]; [`Error::Usage`] also for a step of 0, or not one step per axis.
    pub fn get_strided(
        &self,
        part: &IndexBox,
        step: &[usize],
        values: &mut [T],
    ) -> Result<(), Error> {
        let shares = self.shares("get", &Selection { part, step }, values.len())?;
        let target = values.as_mut_ptr().cast::<u8>();
        let mut packed = Vec::new();
        for share in &shares {
            match self.open().window.direct(share.rank) {
                Some(start) => {
                    let _guard = match self.open().window.lock(share.rank) {
                        Some(lock) => Some(lock.read(&self.team, share.rank)?),
                        None => None,
                    };
                    // SAFETY: the region lies in the rank's block and the share's place in `values`, which is unique; the guard
                    // keeps writers away (see the module's Limitations for teams of several nodes).
                    unsafe { share.copy_out::<T>(start, target) };
                }
                None => packed.push((share, self.start_get(share)?)),
            }
        }
        for (share, buffer) in packed {
            self.flush(share.rank)?;
            // SAFETY: the flush has filled the buffer; it holds the share in C order, and `values` is unique.
            unsafe { share.unpack::<T>(buffer.as_ptr(), target) };
        }
        Ok(())
    }

    /// [`GlobalArray::put`] to every `step[a]`-th index of the box on each axis, from its first. Local, one-sided.
    ///
    /// # Errors
    /// As [`GlobalArray::put`] and [`GlobalArray::get_strided`].
    pub fn put_strided(&self, part: &IndexBox, step: &[usize], values: &[T]) -> Result<(), Error> {
        self.write("put", &Selection { part, step }, values, Writing::Put)
            .map(drop)
    }

    /// [`GlobalArray::accumulate`] to every `step[a]`-th index of the box on each axis, from its first. Local, one-sided.
    ///
    /// # Errors
    /// As [`GlobalArray::accumulate`] and [`GlobalArray::get_strided`].
    pub fn accumulate_strided(
        &self,
        part: &IndexBox,
        step: &[usize],
        values: &[T],
        op: AccumulateOp,
    ) -> Result<(), Error> {
        self.check_op(op)?;
        self.write(
            "accumulate",
            &Selection { part, step },
            values,
            Writing::Accumulate(op),
        )
        .map(drop)
    }

    /// Starts [`GlobalArray::get`]; the handle gives the values. Local, one-sided.
    ///
    /// # Errors
    /// As [`GlobalArray::get`].
    pub fn nb_get(&self, part: &IndexBox) -> Result<PendingGet<'_, T>, Error> {
        let mut values = vec![T::zeroed(); part.len()];
        let shares = self.shares(
            "nb_get",
            &Selection {
                part,
                step: &ones(part),
            },
            values.len(),
        )?;
        let mut pending = Vec::new();
        for share in shares {
            if let Some(start) = self.open().window.direct(share.rank) {
                let _guard = match self.open().window.lock(share.rank) {
                    Some(lock) => Some(lock.read(&self.team, share.rank)?),
                    None => None,
                };
                // SAFETY: as in `get_strided`.
                unsafe { share.copy_out::<T>(start, values.as_mut_ptr().cast()) };
            } else {
                let buffer = self.start_get(&share)?;
                pending.push((share, Some(buffer)));
            }
        }
        Ok(PendingGet {
            array: self,
            values,
            pending,
        })
    }

    /// Starts [`GlobalArray::put`]; `values` may change once it has returned. Local, one-sided.
    ///
    /// # Errors
    /// As [`GlobalArray::put`].
    pub fn nb_put(&self, part: &IndexBox, values: &[T]) -> Result<PendingPut<'_, T>, Error> {
        let ranks = self.start_write(
            "nb_put",
            &Selection {
                part,
                step: &ones(part),
            },
            values,
            Writing::Put,
        )?;
        Ok(PendingPut { array: self, ranks })
    }

    /// Whether an accumulation can be.
    pub(super) fn check_op(&self, op: AccumulateOp) -> Result<(), Error> {
        if T::PARTS > 1 && op != AccumulateOp::Sum {
            return Err(Error::Usage {
                operation: "accumulate",
                reason: format!("complex numbers have no {op:?}"),
            });
        }
        Ok(())
    }

    /// Whether this rank may write to a rank's block while it holds guards of its own.
    pub(super) fn check_writable(&self, operation: &'static str, rank: usize) -> Result<(), Error> {
        if self.readers.get() > 0 && rank == self.team.rank() {
            return Err(Error::Usage {
                operation,
                reason: "this rank's block is being read (a guard of local() lives)".to_owned(),
            });
        }
        Ok(())
    }

    /// Completes transfers with one rank.
    pub(super) fn flush(&self, rank: usize) -> Result<(), Error> {
        self.open()
            .window
            .remote()
            .map_or(Ok(()), |remote| remote.flush(rank))
    }

    /// The parts of a selection by owner; of a replicated array, this rank's copy.
    fn shares(
        &self,
        operation: &'static str,
        selection: &Selection<'_>,
        len: usize,
    ) -> Result<Vec<Share>, Error> {
        let (part, step) = (selection.part, selection.step);
        let shape = self.distribution.shape();
        let wrong = |reason: String| Err(Error::Usage { operation, reason });
        if step.len() != part.ndim() || step.contains(&0) {
            return wrong(format!("steps {step:?} for box {part}"));
        }
        if part.is_empty() && len == 0 {
            return Ok(Vec::new());
        }
        if part.ndim() != shape.len() || !IndexBox::full(&shape).contains_box(part) {
            return wrong(format!(
                "box {part} reaches outside an array of shape {shape:?}"
            ));
        }
        let taken = selection.shape();
        let total: usize = taken.iter().product();
        if total != len {
            return wrong(format!("{len} values for {total} elements"));
        }
        let strides = c_strides(&taken, size_of::<T>());
        let own = self.distribution.is_replicated().then(|| self.team.rank());
        let owners = self.distribution.owners(part);
        Ok(owners
            .filter_map(|(rank, piece)| {
                self.share(own.unwrap_or(rank), &piece, selection, &strides)
            })
            .collect())
    }

    /// What lies of a selection in one rank's piece of its box; `None` when the steps pass over it.
    fn share(
        &self,
        rank: usize,
        piece: &IndexBox,
        selection: &Selection<'_>,
        strides: &[isize],
    ) -> Option<Share> {
        let block = self.distribution.box_of(rank);
        let block_strides = c_strides(&block.shape(), size_of::<T>());
        let mut share = Share {
            rank,
            region: Region {
                offset: 0,
                shape: SmallVec::new(),
                strides: SmallVec::new(),
            },
            offset: 0,
            strides: SmallVec::from_slice(strides),
        };
        for axis in 0..piece.ndim() {
            let (lo, step) = (selection.part.lo[axis], selection.step[axis]);
            let first = (piece.lo[axis] - lo).div_ceil(step);
            let end = (piece.hi[axis] - lo).div_ceil(step);
            if first >= end {
                return None;
            }
            share.region.shape.push(end - first);
            share
                .region
                .strides
                .push(block_strides[axis] * step as isize);
            share.region.offset +=
                (lo + first * step - block.lo[axis]) * block_strides[axis] as usize;
            share.offset += first * strides[axis] as usize;
        }
        Some(share)
    }

    /// Starts to read a share over the network.
    fn start_get(&self, share: &Share) -> Result<Buffer, Error> {
        let remote = self
            .open()
            .window
            .remote()
            .expect("a block that is not addressable is reached by the network");
        let mut buffer = Buffer::new(share.len::<T>())?;
        // SAFETY: the buffer holds the share, and its holder keeps it until the rank is flushed (`PendingGet` also when dropped).
        unsafe {
            remote.get(
                share.rank,
                &share.region,
                (T::KIND, T::PARTS),
                buffer.as_mut_ptr(),
            )?
        };
        Ok(buffer)
    }

    /// Writes and completes.
    fn write(
        &self,
        operation: &'static str,
        selection: &Selection<'_>,
        values: &[T],
        how: Writing,
    ) -> Result<(), Error> {
        let ranks = self.start_write(operation, selection, values, how)?;
        self.complete(&ranks)
    }

    /// Completes the writes to some ranks.
    fn complete(&self, ranks: &[usize]) -> Result<(), Error> {
        ranks.iter().try_for_each(|&rank| self.flush(rank))?;
        // With nothing else in flight the packed copies can go.
        if !ranks.is_empty() {
            self.open().flush_all()?;
        }
        Ok(())
    }

    /// Starts to write; gives the ranks to which the network is still on its way.
    fn start_write(
        &self,
        operation: &'static str,
        selection: &Selection<'_>,
        values: &[T],
        how: Writing,
    ) -> Result<Vec<usize>, Error> {
        let mut shares = self.shares(operation, selection, values.len())?;
        if self.distribution.is_replicated() {
            // Every copy is written.
            let copies = |share: &Share| {
                (0..self.team.n_ranks())
                    .map(|rank| share.on(rank))
                    .collect::<Vec<_>>()
            };
            shares = shares.iter().flat_map(copies).collect();
        }
        let mut ranks = Vec::new();
        for share in &shares {
            self.check_writable(operation, share.rank)?;
        }
        for share in &shares {
            let window = &self.open().window;
            match (window.direct(share.rank), window.lock(share.rank), how) {
                (Some(start), Some(lock), _) => {
                    let _guard = lock.write(&self.team, share.rank)?;
                    // SAFETY: the region lies in the rank's block and the share's place in `values`; the guard keeps
                    // everybody else away.
                    unsafe { share.copy_in(start, values.as_ptr(), how) };
                }
                // SAFETY: as above, but for the guard: see the module's Limitations for teams of several nodes.
                (Some(start), None, Writing::Put) => unsafe {
                    share.copy_in(start, values.as_ptr(), how)
                },
                _ => {
                    self.start_remote_write(share, values, how)?;
                    ranks.push(share.rank);
                }
            }
        }
        Ok(ranks)
    }

    /// Starts to write a share over the network, from a packed copy that the window keeps.
    fn start_remote_write(&self, share: &Share, values: &[T], how: Writing) -> Result<(), Error> {
        let open: &Rc<OpenWindow> = self.open();
        let remote = open
            .window
            .remote()
            .expect("without a lock the network orders writes");
        let mut buffer = Buffer::new(share.len::<T>())?;
        let item = (T::KIND, T::PARTS);
        // SAFETY: the share lies in `values`, and the buffer, which holds it in C order, stays with the window until a flush.
        unsafe {
            share.pack(values.as_ptr(), buffer.as_mut_ptr());
            match how {
                Writing::Put => remote.put(share.rank, &share.region, item, buffer.as_ptr())?,
                Writing::Accumulate(op) => {
                    remote.accumulate(share.rank, &share.region, item, buffer.as_ptr(), op)?
                }
            }
        }
        open.in_flight.borrow_mut().push(buffer);
        Ok(())
    }
}

impl Share {
    fn len<T>(&self) -> usize {
        self.region.shape.iter().product::<usize>() * size_of::<T>()
    }

    /// The same share of another rank's copy.
    fn on(&self, rank: usize) -> Share {
        Share {
            rank,
            region: self.region.clone(),
            offset: self.offset,
            strides: self.strides.clone(),
        }
    }

    /// # Safety
    /// The region lies in the memory at `block`, the share's place in the values at `values`; nobody writes to the one nor uses the other.
    unsafe fn copy_out<T>(&self, block: *const u8, values: *mut u8) {
        // SAFETY: promised by the caller.
        unsafe {
            let from = (
                block.add(self.region.offset),
                self.region.strides.as_slice(),
            );
            copy(
                &self.region.shape,
                size_of::<T>(),
                from,
                (values.add(self.offset), &self.strides),
            );
        }
    }

    /// # Safety
    /// The region lies in the memory at `block`, which nobody else uses, and the share's place in the values at `values`.
    unsafe fn copy_in<T: Element>(&self, block: *mut u8, values: *const T, how: Writing) {
        let shape = &self.region.shape;
        // SAFETY: promised by the caller.
        unsafe {
            let from = (
                values.cast::<u8>().add(self.offset),
                self.strides.as_slice(),
            );
            let to = (
                block.add(self.region.offset),
                self.region.strides.as_slice(),
            );
            match how {
                Writing::Put => copy(shape, size_of::<T>(), from, to),
                Writing::Accumulate(op) => {
                    let axes: SmallVec<[(usize, isize, isize); 4]> = shape
                        .iter()
                        .zip(from.1.iter().zip(to.1))
                        .map(|(&len, (&read, &write))| (len, read, write))
                        .collect();
                    rows(&axes, from.0, to.0, &|source, target| {
                        let (source, target) = (source.cast::<T>(), target.cast::<T>());
                        // SAFETY: both are elements of the region and its values; the block is aligned to 64 bytes.
                        target.write(T::accumulate(op, target.read(), source.read()));
                    });
                }
            }
        }
    }

    /// # Safety
    /// The share lies in the values at `values`, and `packed` has room for it.
    unsafe fn pack<T>(&self, values: *const T, packed: *mut u8) {
        let strides = c_strides(&self.region.shape, size_of::<T>());
        // SAFETY: promised by the caller.
        unsafe {
            copy(
                &self.region.shape,
                size_of::<T>(),
                (values.cast::<u8>().add(self.offset), &self.strides),
                (packed, &strides),
            );
        }
    }

    /// # Safety
    /// `packed` holds the share in C order, and its place lies in the values at `values`, which nobody else uses.
    unsafe fn unpack<T>(&self, packed: *const u8, values: *mut u8) {
        let strides = c_strides(&self.region.shape, size_of::<T>());
        // SAFETY: promised by the caller.
        unsafe {
            copy(
                &self.region.shape,
                size_of::<T>(),
                (packed, &strides),
                (values.add(self.offset), &self.strides),
            )
        };
    }
}

fn ones(part: &IndexBox) -> Indices {
    SmallVec::from_elem(1, part.ndim())
}

/// Values on their way here; made by [`GlobalArray::nb_get`].
#[must_use = "a pending get is waited for to have its values"]
pub struct PendingGet<'a, T: Element> {
    array: &'a GlobalArray<T>,
    values: Vec<T>,
    pending: Vec<(Share, Option<Buffer>)>,
}

impl<T: Element> PendingGet<'_, T> {
    /// The values of the box, in C order. Local.
    ///
    /// # Errors
    /// MPI's.
    pub fn wait(mut self) -> Result<Vec<T>, Error> {
        for (share, buffer) in &mut self.pending {
            self.array.flush(share.rank)?;
            if let Some(buffer) = buffer.take() {
                // SAFETY: the flush has filled the buffer, which holds the share in C order; `values` is our own.
                unsafe { share.unpack::<T>(buffer.as_ptr(), self.values.as_mut_ptr().cast()) };
            }
        }
        Ok(std::mem::take(&mut self.values))
    }
}

impl<T: Element> Drop for PendingGet<'_, T> {
    /// Leaves buffers that the network may still write to with the window.
    fn drop(&mut self) {
        let buffers = self
            .pending
            .iter_mut()
            .filter_map(|(_, buffer)| buffer.take());
        self.array.open().in_flight.borrow_mut().extend(buffers);
    }
}

/// Values on their way out; made by [`GlobalArray::nb_put`]. Dropped, it is completed by the next [`GlobalArray::fence`].
#[must_use = "a pending put is in place once it is waited for"]
pub struct PendingPut<'a, T: Element> {
    array: &'a GlobalArray<T>,
    ranks: Vec<usize>,
}

impl<T: Element> PendingPut<'_, T> {
    /// Waits until the values are in place. Local.
    ///
    /// # Errors
    /// MPI's.
    pub fn wait(self) -> Result<(), Error> {
        self.array.complete(&self.ranks)
    }
}
