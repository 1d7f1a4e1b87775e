//! Pieces of memory between ranks, one message per pair: started, then finished.
//!
//! # Rationale
//! All pieces for one rank travel in one message, packed in the order of the list, so that a pair pays one latency. Start
//! posts everything and returns: the interior of an array is computed while its halo travels.

use smallvec::SmallVec;

use crate::error::Error;
use crate::position::{HEADER_BYTES, Header, Kind, RankState};
use crate::strided::StridedBytes;
use crate::team::{Inner, Team};
use crate::transport::{Message, Receiving, Sending, Store};
use crate::waiting::Wait;

/// Pieces begin at multiples of this many bytes.
const PIECE_ALIGNMENT: usize = 64;

/// A piece that this rank sends.
#[derive(Clone, Debug)]
pub struct Outgoing<'a> {
    /// The rank that receives it; may be this one.
    pub to: usize,
    /// What is sent, packed in C order.
    pub source: StridedBytes<'a>,
}

/// A piece that this rank receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// The rank that sends it; may be this one.
    pub from: usize,
    /// Its length.
    pub bytes: usize,
}

/// Pieces on their way; made by [`Team::start`].
///
/// Dropping it gives the pieces up without communicating; the other ranks do not notice.
#[must_use = "an exchange is finished to get what it receives"]
pub struct Exchange {
    team: Team,
    header: Header,
    sending: SmallVec<[Outbound; 4]>,
    receiving: SmallVec<[Inbound; 4]>,
    messages: SmallVec<[Option<Store>; 4]>,
    places: SmallVec<[Place; 4]>,
}

/// A message that has not left yet.
struct Outbound {
    to: usize,
    request: Box<dyn Sending>,
}

/// A message that is awaited.
struct Inbound {
    from: usize,
    /// Its length, header included.
    bytes: usize,
    /// Bytes of payload in it.
    payload: usize,
    /// Where it goes in `messages`.
    slot: usize,
    request: Box<dyn Receiving>,
}

/// Where a piece lies.
#[derive(Clone, Copy, Default)]
struct Place {
    message: usize,
    offset: usize,
    bytes: usize,
}

/// Everything that an exchange received; the pieces lie in it, 64-byte aligned, for as long as it lives.
pub struct Received {
    messages: SmallVec<[Option<Store>; 4]>,
    places: SmallVec<[Place; 4]>,
}

impl Received {
    /// The piece of entry `i` of the receives that the exchange was started with. Local.
    ///
    /// # Panics
    /// If there was no such entry.
    #[must_use]
    pub fn piece(&self, i: usize) -> &[u8] {
        let place = self.places[i];
        let message = self.messages[place.message]
            .as_ref()
            .expect("a finished exchange has all its messages");
        &message.as_slice()[place.offset..place.offset + place.bytes]
    }

    /// Number of pieces. Local.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether nothing was received. Local.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

impl Team {
    /// Packs and posts `sends` and awaits `receives`; returns without waiting for anybody.
    ///
    /// The sources are packed before it returns, so that they may change from then on. All pieces of a pair go in one message,
    /// in the order of the lists. A rank may send to itself.
    ///
    /// # Collective
    /// Among the pairs named: what a rank sends to another, that one receives, in the same order of pieces and lengths,
    /// in the exchange that it starts at the same position of the program.
    ///
    /// # Errors
    /// [`Error::Usage`] for a rank that is not in the team, and when the pieces from this rank to itself do not fit;
    /// [`Error::Memory`]; errors of the network.
    pub fn start(&self, sends: &[Outgoing<'_>], receives: &[Incoming]) -> Result<Exchange, Error> {
        let inner = &self.inner;
        let mut exchange = Exchange {
            team: self.clone(),
            header: inner.header.borrow().of(Kind::Exchange, 0),
            sending: SmallVec::new(),
            receiving: SmallVec::new(),
            messages: SmallVec::new(),
            places: SmallVec::from_elem(Place::default(), receives.len()),
        };
        let own = inner.transport.rank();
        let mut own_slot = None;
        // Receives first, so that what is on its way already finds its place.
        each_peer(
            receives.len(),
            inner,
            |i| receives[i].from,
            |from, pieces| {
                let (mut end, mut payload) = (HEADER_BYTES, 0);
                let slot = exchange.messages.len();
                for &i in pieces {
                    exchange.places[i as usize] = Place {
                        message: slot,
                        offset: end,
                        bytes: receives[i as usize].bytes,
                    };
                    payload += receives[i as usize].bytes;
                    end += padded(receives[i as usize].bytes);
                }
                exchange.messages.push(None);
                if from == own {
                    own_slot = Some((slot, end));
                } else {
                    let request = inner.transport.receive(from, Some(end))?;
                    exchange.receiving.push(Inbound {
                        from,
                        bytes: end,
                        payload,
                        slot,
                        request,
                    });
                }
                Ok(())
            },
        )?;
        each_peer(
            sends.len(),
            inner,
            |i| sends[i].to,
            |to, pieces| {
                let lens = pieces.iter().map(|&i| sends[i as usize].source.len());
                let (end, payload) = lens.fold((HEADER_BYTES, 0), |(end, payload), len| {
                    (end + padded(len), payload + len)
                });
                let mut store = inner.transport.room(to, end)?;
                exchange
                    .header
                    .of(Kind::Exchange, end)
                    .write(store.as_mut_slice());
                let mut at = HEADER_BYTES;
                for &i in pieces {
                    let source = &sends[i as usize].source;
                    source.pack(&mut store.as_mut_slice()[at..at + source.len()]);
                    at += padded(source.len());
                }
                if to == own {
                    match own_slot.take() {
                        Some((slot, awaited)) if awaited == end => {
                            exchange.messages[slot] = Some(store)
                        }
                        awaited => {
                            let awaited = awaited.map_or(0, |(_, awaited)| awaited);
                            return Err(own_mismatch(end, awaited));
                        }
                    }
                } else {
                    inner.count(1, payload as u64, 0, 0);
                    if let Some(request) =
                        inner.transport.send(to, Message { store, bytes: end })?
                    {
                        exchange.sending.push(Outbound { to, request });
                    }
                }
                Ok(())
            },
        )?;
        match own_slot {
            Some((_, awaited)) => Err(own_mismatch(0, awaited)),
            None => Ok(exchange),
        }
    }

    /// [`Team::start`] and [`Exchange::finish`] in one.
    ///
    /// # Collective
    /// As [`Team::start`].
    ///
    /// # Errors
    /// Of both.
    pub fn exchange(
        &self,
        sends: &[Outgoing<'_>],
        receives: &[Incoming],
    ) -> Result<Received, Error> {
        self.start(sends, receives)?.finish()
    }
}

impl Exchange {
    /// Waits until everything awaited is here and everything sent has left.
    ///
    /// # Collective
    /// Among the pairs of the exchange; the other ranks need to have started theirs.
    ///
    /// # Errors
    /// [`Error::Diverged`] when a message belongs to something else, [`Error::TimedOut`], [`Error::Finished`], [`Error::Failed`],
    /// [`Error::Interrupted`]; errors of the network.
    pub fn finish(mut self) -> Result<Received, Error> {
        let mut wait = Wait::new();
        while !self.poll()? {
            let awaited = self.receiving.first().map(|inbound| inbound.from);
            let awaited = awaited.or(self.sending.first().map(|outbound| outbound.to));
            let from = awaited.expect("an exchange that is not done waits for some rank");
            wait.pause(&self.team.inner, &self.header, from)?;
        }
        Ok(Received {
            messages: self.messages,
            places: self.places,
        })
    }

    /// Makes progress; whether [`Exchange::finish`] would return at once. Local.
    ///
    /// # Errors
    /// [`Error::Diverged`]; errors of the network.
    pub fn poll(&mut self) -> Result<bool, Error> {
        let inner = &self.team.inner;
        let mut i = 0;
        while i < self.receiving.len() {
            let inbound = &mut self.receiving[i];
            match inbound.request.test()? {
                None => i += 1,
                Some(message) => {
                    inner.check(
                        &self.header.of(Kind::Exchange, inbound.bytes),
                        inbound.from,
                        &message,
                    )?;
                    inner.count(0, 0, 1, inbound.payload as u64);
                    self.messages[inbound.slot] = Some(message.store);
                    self.receiving.swap_remove(i);
                }
            }
        }
        let mut i = 0;
        while i < self.sending.len() {
            if self.sending[i].request.test()? {
                self.sending.swap_remove(i);
            } else {
                i += 1;
            }
        }
        Ok(self.receiving.is_empty() && self.sending.is_empty())
    }
}

impl Inner {
    /// Checks that a message from rank `from` belongs to what this rank does.
    ///
    /// `expected` tells its length too, unless that is 0.
    pub(crate) fn check(
        &self,
        expected: &Header,
        from: usize,
        message: &Message,
    ) -> Result<(), Error> {
        let bytes = &message.store.as_slice()[..message.bytes.min(message.store.len())];
        let awaited = if expected.bytes() == 0 {
            expected.with_bytes(message.bytes)
        } else {
            *expected
        };
        if awaited.bytes() == message.bytes && awaited.begins(bytes) {
            return Ok(());
        }
        let found = Header::read(bytes);
        let board = self.transport.board();
        board.leave(self.transport.rank(), RankState::Failed);
        let (mut here_text, mut there_text) = (
            expected.text(),
            found.map_or_else(|| board.text(from), |found| found.text()),
        );
        if here_text == there_text {
            here_text = expected.long_text();
            there_text = found.map_or(there_text, |found| found.long_text());
            if found.is_some_and(|found| found.fingerprint() != expected.fingerprint()) {
                there_text += ", and what they recorded before that differs";
            }
        }
        Err(Error::Diverged {
            here_rank: self.transport.rank(),
            here_text,
            there_rank: from,
            there_text,
        })
    }
}

/// The room that a piece takes in a message.
fn padded(bytes: usize) -> usize {
    bytes.next_multiple_of(PIECE_ALIGNMENT)
}

fn own_mismatch(sent: usize, awaited: usize) -> Error {
    Error::Usage {
        operation: "exchange",
        reason: format!(
            "this rank sends itself a message of {sent} bytes and awaits one of {awaited}"
        ),
    }
}

/// Calls `each` with every rank named and the numbers of its entries, in their order.
fn each_peer(
    len: usize,
    inner: &Inner,
    peer: impl Fn(usize) -> usize,
    mut each: impl FnMut(usize, &[u32]) -> Result<(), Error>,
) -> Result<(), Error> {
    let n_ranks = inner.transport.n_ranks();
    let mut order: SmallVec<[u32; 16]> = (0..len as u32).collect();
    order.sort_by_key(|&i| peer(i as usize));
    for group in order.chunk_by(|&a, &b| peer(a as usize) == peer(b as usize)) {
        let rank = peer(group[0] as usize);
        if rank >= n_ranks {
            return Err(Error::Usage {
                operation: "exchange",
                reason: format!("there is no rank {rank} in a team of {n_ranks}"),
            });
        }
        each(rank, group)?;
    }
    Ok(())
}
