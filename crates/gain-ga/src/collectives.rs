//! Collective functions of a team, built on its messages, so that each of them finds ranks that have diverged.
//!
//! # Rationale
//! `all_gather` is Bruck's (Bruck et al. 1997, "Efficient algorithms for all-to-all communications in multiport message-passing
//! systems"), `barrier` the dissemination barrier (Hensgen, Finkel, Manber 1988), `broadcast` a binomial tree, `all_reduce`
//! recursive doubling (Thakur, Rabenseifner, Gropp 2005): each takes about log2(n_ranks) rounds. MPI's own collectives would
//! hang, or mix up data, where the ranks do not all call the same one.

use std::ops::Range;

use crate::error::Error;
use crate::position::{HEADER_BYTES, Header, Kind};
use crate::team::{Inner, Team};
use crate::transport::{Message, Sending};
use crate::waiting::Wait;

/// How [`Team::all_reduce`] joins two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReduceOp {
    /// The sum; integers wrap around.
    Sum,
    /// The smaller; NaN if either is.
    Min,
    /// The larger; NaN if either is.
    Max,
}

/// A number that [`Team::all_reduce`] takes: `i64`, `u64`, `f64`.
pub trait Reducible: bytemuck::Pod + sealed::Sealed {
    /// Joins two values. Local.
    #[must_use]
    fn reduce(op: ReduceOp, left: Self, right: Self) -> Self;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for i64 {}
    impl Sealed for u64 {}
    impl Sealed for f64 {}
}

macro_rules! reducible_integer {
    ($($t:ty),*) => {$(
        impl Reducible for $t {
            fn reduce(op: ReduceOp, left: Self, right: Self) -> Self {
                match op {
                    ReduceOp::Sum => left.wrapping_add(right),
                    ReduceOp::Min => left.min(right),
                    ReduceOp::Max => left.max(right),
                }
            }
        }
    )*};
}
reducible_integer!(i64, u64);

impl Reducible for f64 {
    fn reduce(op: ReduceOp, left: Self, right: Self) -> Self {
        let nan = left.is_nan() || right.is_nan();
        match op {
            ReduceOp::Sum => left + right,
            ReduceOp::Min | ReduceOp::Max if nan => f64::NAN,
            ReduceOp::Min => left.min(right),
            ReduceOp::Max => left.max(right),
        }
    }
}

impl Team {
    /// Every rank's bytes, in rank order; the lengths may differ.
    ///
    /// # Collective
    /// Over all ranks.
    ///
    /// # Errors
    /// Those of [`crate::Exchange::finish`], and [`Error::Memory`].
    pub fn all_gather(&self, mine: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        let talk = Talk::new(self, Kind::AllGather);
        let (n_ranks, rank) = (self.n_ranks(), self.rank());
        // blocks[i] is rank (rank + i) % n_ranks's.
        let mut blocks: Vec<Vec<u8>> = vec![mine.to_vec()];
        let mut step = 1;
        while step < n_ranks {
            let count = step.min(n_ranks - step);
            let mut payload = Vec::new();
            for block in &blocks[..count] {
                payload.extend_from_slice(&(block.len() as u64).to_le_bytes());
                payload.extend_from_slice(block);
            }
            let received = talk.both(
                (rank + n_ranks - step) % n_ranks,
                &[&payload],
                (rank + step) % n_ranks,
                None,
            )?;
            let mut rest = received.payload();
            for _ in 0..count {
                let (len, behind) = rest
                    .split_first_chunk::<8>()
                    .ok_or_else(|| broken("all_gather"))?;
                let len = u64::from_le_bytes(*len) as usize;
                let (block, behind) = behind
                    .split_at_checked(len)
                    .ok_or_else(|| broken("all_gather"))?;
                blocks.push(block.to_vec());
                rest = behind;
            }
            step *= 2;
        }
        blocks.rotate_right(rank);
        Ok(blocks)
    }

    /// Makes `bytes` on every rank what it is on rank `root`; only the root's length counts.
    ///
    /// # Collective
    /// Over all ranks, with one root.
    ///
    /// # Errors
    /// [`Error::Usage`] when there is no such rank; those of [`crate::Exchange::finish`], and [`Error::Memory`].
    pub fn broadcast(&self, root: usize, bytes: &mut Vec<u8>) -> Result<(), Error> {
        let (n_ranks, rank) = (self.n_ranks(), self.rank());
        if root >= n_ranks {
            return Err(Error::Usage {
                operation: "broadcast",
                reason: format!("there is no rank {root} in a team of {n_ranks}"),
            });
        }
        let talk = Talk::new(self, Kind::Broadcast);
        let place = (rank + n_ranks - root) % n_ranks;
        // In the tree over places, the parent of a place lacks its lowest bit; its children have one more below that.
        let below = if place == 0 {
            n_ranks.next_power_of_two()
        } else {
            1 << place.trailing_zeros()
        };
        if place != 0 {
            let parent = (place - below + root) % n_ranks;
            let received = talk.receive(parent, None)?;
            bytes.clear();
            bytes.extend_from_slice(received.payload());
        }
        let mut sending = Vec::new();
        let mut bit = below / 2;
        while bit > 0 {
            if place + bit < n_ranks {
                let child = (place + bit + root) % n_ranks;
                sending.push((child, talk.send(child, &[bytes])?));
            }
            bit /= 2;
        }
        sending
            .into_iter()
            .try_for_each(|(child, request)| talk.wait_sent(child, request))
    }

    /// Joins the values of all ranks place by place; all ranks get the same bits.
    ///
    /// The order in which floating-point values are added depends on the number of ranks alone.
    ///
    /// # Collective
    /// Over all ranks, with one operation and length.
    ///
    /// # Errors
    /// Those of [`crate::Exchange::finish`].
    pub fn all_reduce<T: Reducible>(&self, op: ReduceOp, values: &mut [T]) -> Result<(), Error> {
        let talk = Talk::new(self, Kind::AllReduce);
        let (n_ranks, rank) = (self.n_ranks(), self.rank());
        let bytes = Some(std::mem::size_of_val(values));
        let join = |values: &mut [T], received: &Payload, received_is_left: bool| {
            for (value, other) in values
                .iter_mut()
                .zip(received.payload().chunks_exact(size_of::<T>()))
            {
                let other = bytemuck::pod_read_unaligned(other);
                *value = if received_is_left {
                    T::reduce(op, other, *value)
                } else {
                    T::reduce(op, *value, other)
                };
            }
        };
        // The ranks beyond the largest power of two hand their values to a partner below it and get the result back.
        let power = if n_ranks.is_power_of_two() {
            n_ranks
        } else {
            n_ranks.next_power_of_two() / 2
        };
        if rank >= power {
            let partner = rank - power;
            let request = talk.send(partner, &[bytemuck::cast_slice(values)])?;
            talk.wait_sent(partner, request)?;
            let received = talk.receive(partner, bytes)?;
            bytemuck::cast_slice_mut::<T, u8>(values).copy_from_slice(received.payload());
            return Ok(());
        }
        let extra = (rank + power < n_ranks).then_some(rank + power);
        if let Some(extra) = extra {
            join(values, &talk.receive(extra, bytes)?, false);
        }
        let mut bit = 1;
        while bit < power {
            let partner = rank ^ bit;
            let received = talk.both(partner, &[bytemuck::cast_slice(values)], partner, bytes)?;
            join(values, &received, partner < rank);
            bit *= 2;
        }
        if let Some(extra) = extra {
            let request = talk.send(extra, &[bytemuck::cast_slice(values)])?;
            talk.wait_sent(extra, request)?;
        }
        Ok(())
    }

    /// Returns once every rank has called it.
    ///
    /// # Collective
    /// Over all ranks.
    ///
    /// # Errors
    /// Those of [`crate::Exchange::finish`].
    pub fn barrier(&self) -> Result<(), Error> {
        let talk = Talk::new(self, Kind::Barrier);
        let (n_ranks, rank) = (self.n_ranks(), self.rank());
        let mut step = 1;
        while step < n_ranks {
            talk.both(
                (rank + step) % n_ranks,
                &[],
                (rank + n_ranks - step) % n_ranks,
                Some(0),
            )?;
            step *= 2;
        }
        Ok(())
    }
}

fn broken(operation: &'static str) -> Error {
    Error::Usage {
        operation,
        reason: "a message holds less than its header says".to_owned(),
    }
}

/// The messages of one collective call.
struct Talk<'a> {
    inner: &'a Inner,
    header: Header,
}

/// What a message carries behind its header.
struct Payload {
    message: Message,
}

impl Payload {
    fn payload(&self) -> &[u8] {
        &self.message.store.as_slice()[HEADER_BYTES..self.message.bytes]
    }
}

impl<'a> Talk<'a> {
    fn new(team: &'a Team, kind: Kind) -> Talk<'a> {
        let header = team.inner.header.borrow().of(kind, 0);
        Talk {
            inner: &team.inner,
            header,
        }
    }

    fn send(&self, to: usize, parts: &[&[u8]]) -> Result<Option<Box<dyn Sending>>, Error> {
        let payload: usize = parts.iter().map(|part| part.len()).sum();
        let bytes = HEADER_BYTES + payload;
        let mut store = self.inner.transport.room(to, bytes)?;
        self.header.with_bytes(bytes).write(store.as_mut_slice());
        let mut range: Range<usize> = 0..HEADER_BYTES;
        for part in parts {
            range = range.end..range.end + part.len();
            store.as_mut_slice()[range.clone()].copy_from_slice(part);
        }
        self.inner.count(1, payload as u64, 0, 0);
        self.inner.transport.send(to, Message { store, bytes })
    }

    fn wait_sent(&self, to: usize, request: Option<Box<dyn Sending>>) -> Result<(), Error> {
        let Some(mut request) = request else {
            return Ok(());
        };
        let mut wait = Wait::new();
        while !request.test()? {
            wait.pause(self.inner, &self.header, to)?;
        }
        Ok(())
    }

    fn receive(&self, from: usize, payload: Option<usize>) -> Result<Payload, Error> {
        let bytes = payload.map(|payload| HEADER_BYTES + payload);
        let mut request = self.inner.transport.receive(from, bytes)?;
        let mut wait = Wait::new();
        loop {
            if let Some(message) = request.test()? {
                self.inner
                    .check(&self.header.with_bytes(bytes.unwrap_or(0)), from, &message)?;
                self.inner
                    .count(0, 0, 1, (message.bytes - HEADER_BYTES) as u64);
                return Ok(Payload { message });
            }
            wait.pause(self.inner, &self.header, from)?;
        }
    }

    /// Sends to one rank while receiving from another.
    fn both(
        &self,
        to: usize,
        parts: &[&[u8]],
        from: usize,
        payload: Option<usize>,
    ) -> Result<Payload, Error> {
        let mut request = self.send(to, parts)?;
        let bytes = payload.map(|payload| HEADER_BYTES + payload);
        let mut awaited = self.inner.transport.receive(from, bytes)?;
        let mut wait = Wait::new();
        let mut found = None;
        loop {
            if found.is_none()
                && let Some(message) = awaited.test()?
            {
                self.inner
                    .check(&self.header.with_bytes(bytes.unwrap_or(0)), from, &message)?;
                self.inner
                    .count(0, 0, 1, (message.bytes - HEADER_BYTES) as u64);
                found = Some(message);
            }
            if let Some(sending) = &mut request
                && sending.test()?
            {
                request = None;
            }
            match (found.take(), &request) {
                (Some(message), None) => return Ok(Payload { message }),
                (message, _) => found = message,
            }
            wait.pause(
                self.inner,
                &self.header,
                if found.is_none() { from } else { to },
            )?;
        }
    }
}
