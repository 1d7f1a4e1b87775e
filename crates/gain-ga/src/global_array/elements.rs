//! One-sided access to single elements: gather, scatter, and the counter that ranks share.
#![expect(unsafe_code, reason = "reaches the memory of other ranks")]

use smallvec::SmallVec;

use super::GlobalArray;
use crate::element::{AccumulateOp, Counter, Element};
use crate::error::Error;
use crate::index_box::{IndexBox, Indices};

impl<T: Element> GlobalArray<T> {
    /// Reads the elements at `indices`, in their order. Local, one-sided.
    ///
    /// # Errors
    /// [`Error::Usage`] when an index lies outside the array; as [`GlobalArray::get`].
    pub fn gather(&self, indices: &[Indices]) -> Result<Vec<T>, Error> {
        let mut values = vec![T::zeroed(); indices.len()];
        for (rank, places) in self.by_owner("gather", indices)? {
            let window = &self.open().window;
            let Some(start) = window.direct(rank) else {
                for place in places {
                    self.get(&element_box(&indices[place]), &mut values[place..=place])?;
                }
                continue;
            };
            let _guard = match window.lock(rank) {
                Some(lock) => Some(lock.read(&self.team, rank)?),
                None => None,
            };
            let block = self.distribution.box_of(rank);
            for place in places {
                // SAFETY: the index lies in the rank's block, whose elements are aligned; the guard keeps writers away.
                values[place] = unsafe {
                    start
                        .cast::<T>()
                        .add(block.offset_of(&indices[place]))
                        .read()
                };
            }
        }
        Ok(values)
    }

    /// Writes `values[i]` to the element at `indices[i]`; of an index named twice one value stands. Local, one-sided.
    ///
    /// # Errors
    /// [`Error::Usage`] when an index lies outside the array or the lengths differ; as [`GlobalArray::put`].
    pub fn scatter(&self, indices: &[Indices], values: &[T]) -> Result<(), Error> {
        self.scatter_by(
            "scatter",
            indices,
            values,
            |_, comes| comes,
            |array, part, value| array.put(part, value),
        )
    }

    /// Joins `values[i]` with the element at `indices[i]`, atomically; an index may be named often. Local, one-sided.
    ///
    /// # Errors
    /// As [`GlobalArray::scatter`] and [`GlobalArray::accumulate`].
    pub fn scatter_accumulate(
        &self,
        indices: &[Indices],
        values: &[T],
        op: AccumulateOp,
    ) -> Result<(), Error> {
        self.check_op(op)?;
        let join = |there, comes| T::accumulate(op, there, comes);
        self.scatter_by(
            "scatter_accumulate",
            indices,
            values,
            join,
            |array, part, value| array.accumulate(part, value, op),
        )
    }

    fn scatter_by(
        &self,
        operation: &'static str,
        indices: &[Indices],
        values: &[T],
        join: impl Fn(T, T) -> T,
        one: impl Fn(&Self, &IndexBox, &[T]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if indices.len() != values.len() {
            return Err(Error::Usage {
                operation,
                reason: format!("{} values for {} indices", values.len(), indices.len()),
            });
        }
        for (rank, places) in self.by_owner(operation, indices)? {
            let window = &self.open().window;
            self.check_writable(operation, rank)?;
            let (Some(start), Some(lock), false) = (
                window.direct(rank),
                window.lock(rank),
                self.distribution.is_replicated(),
            ) else {
                for place in places {
                    one(self, &element_box(&indices[place]), &values[place..=place])?;
                }
                continue;
            };
            let _guard = lock.write(&self.team, rank)?;
            let block = self.distribution.box_of(rank);
            for place in places {
                // SAFETY: the index lies in the rank's block, whose elements are aligned; the guard keeps everybody else away.
                unsafe {
                    let element = start.cast::<T>().add(block.offset_of(&indices[place]));
                    element.write(join(element.read(), values[place]));
                }
            }
        }
        Ok(())
    }

    /// The places in `indices` by owner, in order; of a replicated array, all by this rank.
    fn by_owner(
        &self,
        operation: &'static str,
        indices: &[Indices],
    ) -> Result<Vec<(usize, Vec<usize>)>, Error> {
        let full = IndexBox::full(&self.distribution.shape());
        let mut owned = Vec::with_capacity(indices.len());
        for (place, index) in indices.iter().enumerate() {
            if !full.contains(index) {
                return Err(Error::Usage {
                    operation,
                    reason: format!("index {index:?} lies outside {full}"),
                });
            }
            let replicated = self.distribution.is_replicated();
            owned.push((
                if replicated {
                    self.team.rank()
                } else {
                    self.distribution.owner_of(index)
                },
                place,
            ));
        }
        owned.sort_unstable();
        let groups = owned.chunk_by(|a, b| a.0 == b.0);
        Ok(groups
            .map(|group| (group[0].0, group.iter().map(|(_, place)| *place).collect()))
            .collect())
    }
}

impl<T: Counter> GlobalArray<T> {
    /// Adds `increment` to an element and gives what was there before, atomically: ranks that draw from it share out work. Local, one-sided.
    ///
    /// # Errors
    /// [`Error::Usage`] when the index lies outside the array, or the array is replicated; as [`GlobalArray::put`].
    pub fn read_inc(&self, index: &[usize], increment: T) -> Result<T, Error> {
        let operation = "read_inc";
        if self.distribution.is_replicated() {
            return Err(Error::Usage {
                operation,
                reason: "the copies of a replicated array are no one counter".to_owned(),
            });
        }
        let index: Indices = SmallVec::from_slice(index);
        let rank = self.by_owner(operation, std::slice::from_ref(&index))?[0].0;
        self.check_writable(operation, rank)?;
        let offset = self.distribution.box_of(rank).offset_of(&index);
        let window = &self.open().window;
        if let (Some(start), Some(lock)) = (window.direct(rank), window.lock(rank)) {
            let _guard = lock.write(&self.team, rank)?;
            // SAFETY: the index lies in the rank's block, whose elements are aligned; the guard keeps everybody else away.
            return Ok(unsafe {
                let element = start.cast::<T>().add(offset);
                let there = element.read();
                element.write(T::accumulate(AccumulateOp::Sum, there, increment));
                there
            });
        }
        let remote = window
            .remote()
            .expect("without a lock the network orders accumulations");
        let there = remote.fetch_add(
            rank,
            offset * size_of::<T>(),
            T::KIND,
            bytemuck::cast(increment),
        )?;
        Ok(bytemuck::cast(there))
    }
}

/// The box of one element.
fn element_box(index: &Indices) -> IndexBox {
    IndexBox {
        lo: index.clone(),
        hi: index.iter().map(|i| i + 1).collect(),
    }
}
