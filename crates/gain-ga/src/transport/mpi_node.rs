//! The ranks of a node under MPI, with their staging memory: what goes through it, and what falls back to MPI.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use mpi::ffi;

use super::inbox::Inbox;
use super::mpi_calls::{all_gather, minimum};
use super::mpi_messages::{BULK_TAG, Inbound, Messages, Outbound};
use super::staging::{Blocks, Own, Posted, Ring, open};
use super::store::Store;
use super::{Message, Receiving, Sending};
use crate::error::Error;
use crate::memory::memory_limit;

/// MiB of staging memory of each rank, unless `GAIN_STAGING_MIB` says otherwise; 0 does without.
const DEFAULT_MIB: usize = 256;
/// Polls for a message between two that let MPI make progress for others.
const MPI_EVERY: u32 = 32;

/// Staging memory of this rank and rings to and from the others of its node.
pub(super) struct Node {
    messages: Rc<Messages>,
    blocks: RefCell<Blocks>,
    /// By rank of the team; `None` on other nodes and for this rank itself.
    peers: Vec<Option<Peer>>,
    polls: Cell<u32>,
}

/// Another rank of the node.
struct Peer {
    outgoing: Ring,
    /// Messages that found the ring full, and the number of the next one to post.
    queue: RefCell<VecDeque<Posted>>,
    posted: Cell<u64>,
    incoming: Ring,
    inbox: Inbox<Arrival>,
}

/// A message that the ring has announced.
enum Arrival {
    Here(Message),
    Coming(Inbound),
}

impl Node {
    /// Shares staging memory among the ranks `mine` of a node; `None` when there is nobody to share with, or one of them can not.
    /// Collective over the node's communicator.
    pub(super) fn new(
        messages: &Rc<Messages>,
        node: ffi::MPI_Comm,
        mine: &[usize],
        rank: usize,
        n_ranks: usize,
    ) -> Result<Option<Rc<Node>>, Error> {
        if mine.len() < 2 {
            return Ok(None);
        }
        let own = Own::new(staging_bytes(), mine.len()).filter(|_| staging_bytes() > 0);
        let ticket = own.as_ref().map_or([0; 4], Own::ticket);
        let tickets = all_gather(node, ticket)?;
        let opened: Option<Vec<_>> = if tickets.contains(&[0; 4]) {
            None
        } else {
            tickets.iter().map(|&ticket| open(ticket)).collect()
        };
        // Nobody closes what others may still open, and either all share or none.
        let all_able = minimum(node, u64::from(opened.is_some()))?;
        let (Some(own), Some(opened), 1) = (own, opened, all_able) else {
            return Ok(None);
        };
        let blocks = Blocks::new(own);
        let place = mine
            .iter()
            .position(|&other| other == rank)
            .expect("a rank is on its own node");
        let mut peers: Vec<Option<Peer>> = (0..n_ranks).map(|_| None).collect();
        for (there, mapping) in opened
            .iter()
            .enumerate()
            .filter(|(there, _)| *there != place)
        {
            peers[mine[there]] = Some(Peer {
                outgoing: Ring::new(blocks.mapping(), there),
                queue: RefCell::default(),
                posted: Cell::new(0),
                incoming: Ring::new(mapping, place),
                inbox: Inbox::default(),
            });
        }
        Ok(Some(Rc::new(Node {
            messages: Rc::clone(messages),
            blocks: RefCell::new(blocks),
            peers,
            polls: Cell::new(0),
        })))
    }

    /// Whether messages with a rank go this way.
    pub(super) fn has(&self, rank: usize) -> bool {
        self.peers[rank].is_some()
    }

    /// A block for a message; `None` when there is no room.
    pub(super) fn room(&self, bytes: usize) -> Option<Store> {
        self.blocks.borrow_mut().take(bytes).map(Store::Shared)
    }

    fn peer(&self, rank: usize) -> &Peer {
        self.peers[rank]
            .as_ref()
            .expect("only ranks of the node are asked for")
    }

    /// Starts a message to a rank of the node.
    pub(super) fn send(
        self: &Rc<Self>,
        to: usize,
        message: Message,
    ) -> Result<Option<Box<dyn Sending>>, Error> {
        let peer = self.peer(to);
        let (posted, bulk) = match message.store {
            Store::Shared(block) => (Posted::Here(block), None),
            Store::Private(_) => {
                let bytes = message.bytes;
                (
                    Posted::ByNetwork(bytes),
                    Some(Outbound::start(&self.messages, to, BULK_TAG, message)?),
                )
            }
        };
        peer.queue.borrow_mut().push_back(posted);
        let number = peer.posted.get() + peer.queue.borrow().len() as u64 - 1;
        peer.post_queued();
        let mut sending = NodeSending {
            node: Rc::clone(self),
            to,
            number,
            bulk,
        };
        Ok(if sending.test()? {
            None
        } else {
            Some(Box::new(sending))
        })
    }

    /// Awaits the next message of a rank of the node.
    pub(super) fn receive(self: &Rc<Self>, from: usize) -> Box<dyn Receiving> {
        let number = self.peer(from).inbox.await_next();
        Box::new(NodeReceiving {
            node: Rc::clone(self),
            from,
            number,
            claimed: None,
            done: false,
        })
    }

    /// Posts what found rings full.
    pub(super) fn progress(&self) {
        self.peers.iter().flatten().for_each(Peer::post_queued);
    }
}

impl Peer {
    fn post_queued(&self) {
        let mut queue = self.queue.borrow_mut();
        while !queue.is_empty() && self.outgoing.has_room(self.posted.get()) {
            if let Some(posted) = queue.pop_front() {
                self.outgoing
                    .post(self.posted.replace(self.posted.get() + 1), posted);
            }
        }
    }
}

/// The size of the staging memory.
fn staging_bytes() -> usize {
    let asked = std::env::var("GAIN_STAGING_MIB")
        .ok()
        .and_then(|text| text.trim().parse::<usize>().ok());
    asked
        .unwrap_or(DEFAULT_MIB)
        .saturating_mul(1 << 20)
        .min(memory_limit() / 16)
}

/// A message that is not posted yet, or that MPI is carrying.
struct NodeSending {
    node: Rc<Node>,
    to: usize,
    number: u64,
    bulk: Option<Outbound>,
}

impl Sending for NodeSending {
    fn test(&mut self) -> Result<bool, Error> {
        let peer = self.node.peer(self.to);
        peer.post_queued();
        if let Some(bulk) = &mut self.bulk
            && bulk.test()?
        {
            self.bulk = None;
        }
        Ok(self.bulk.is_none() && peer.posted.get() > self.number)
    }
}

/// The claim to one message of one rank of the node.
struct NodeReceiving {
    node: Rc<Node>,
    from: usize,
    number: u64,
    /// The message, once announced, while MPI is still carrying it.
    claimed: Option<Inbound>,
    done: bool,
}

impl Receiving for NodeReceiving {
    fn test(&mut self) -> Result<Option<Message>, Error> {
        let node = &self.node;
        let peer = node.peer(self.from);
        while let Some(posted) = peer.incoming.take(peer.inbox.arrived()) {
            peer.inbox.arrive(match posted {
                Posted::Here(block) => {
                    let store = Store::Shared(block);
                    Arrival::Here(Message {
                        bytes: store.len(),
                        store,
                    })
                }
                Posted::ByNetwork(bytes) => Arrival::Coming(Inbound::start(
                    &node.messages,
                    self.from,
                    BULK_TAG,
                    Some(bytes),
                )?),
            });
        }
        if self.claimed.is_none() {
            match peer.inbox.claim(self.number) {
                Some(Arrival::Here(message)) => {
                    self.done = true;
                    return Ok(Some(message));
                }
                Some(Arrival::Coming(inbound)) => {
                    self.claimed = Some(inbound);
                    self.done = true;
                }
                None => {}
            }
        }
        if let Some(inbound) = &mut self.claimed {
            return inbound.test();
        }
        // A rank that polls shared memory still owes MPI's progress to others.
        node.polls.set(node.polls.get().wrapping_add(1));
        if node.polls.get().is_multiple_of(MPI_EVERY) {
            node.progress();
            node.messages.progress()?;
        }
        Ok(None)
    }
}

impl Drop for NodeReceiving {
    fn drop(&mut self) {
        if !self.done {
            self.node.peer(self.from).inbox.abandon(self.number);
        }
    }
}
