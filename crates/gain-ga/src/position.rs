//! Where a rank stands: what every message says of its sender, and what the status board shows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering, fence};

/// The point of the program that the following communication belongs to. Local.
///
/// Ranks that communicate must agree in `sequence` and `fingerprint`; a message that does not is the proof that
/// the ranks have diverged, and both texts go into the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Position<'a> {
    /// Counts the program's communications; ascending.
    pub sequence: u64,
    /// A hash of what is being done, equal on all ranks that do the same.
    pub fingerprint: u64,
    /// The operation and source line, for people; cut to 216 bytes.
    pub text: &'a str,
}

/// What is being communicated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Kind {
    Exchange = 1,
    AllGather,
    Broadcast,
    AllReduce,
    Barrier,
}

impl Kind {
    /// The kind's name in messages to people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Exchange => "exchange",
            Kind::AllGather => "all_gather",
            Kind::Broadcast => "broadcast",
            Kind::AllReduce => "all_reduce",
            Kind::Barrier => "barrier",
        }
    }

    fn from_code(code: u64) -> Option<Kind> {
        [
            Kind::Exchange,
            Kind::AllGather,
            Kind::Broadcast,
            Kind::AllReduce,
            Kind::Barrier,
        ]
        .into_iter()
        .find(|kind| *kind as u64 == code)
    }
}

/// Words of a header: mark, sequence, fingerprint, bytes of the whole message, length of the text, text.
const WORDS: usize = 32;
/// Bytes that a header takes at the front of every message; the pieces behind it stay 64-byte aligned.
pub(crate) const HEADER_BYTES: usize = WORDS * 8;
/// Bytes of text in a header and on the board.
const TEXT_BYTES: usize = HEADER_BYTES - 5 * 8;
/// The upper half of the first word of every message.
const MARK: u64 = 0x4741_694e << 32;

/// The front of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    words: [u64; WORDS],
}

impl Header {
    /// The header of messages sent at `position`, of no kind and length yet.
    pub(crate) fn new(position: Position<'_>) -> Header {
        let mut words = [0; WORDS];
        words[1] = position.sequence;
        words[2] = position.fingerprint;
        let text = position.text.as_bytes();
        let mut end = text.len().min(TEXT_BYTES);
        while !position.text.is_char_boundary(end) {
            end -= 1;
        }
        words[4] = end as u64;
        for (word, bytes) in words[5..].iter_mut().zip(text[..end].chunks(8)) {
            let mut padded = [0; 8];
            padded[..bytes.len()].copy_from_slice(bytes);
            *word = u64::from_ne_bytes(padded);
        }
        Header { words }
    }

    /// The header of one message.
    pub(crate) fn of(&self, kind: Kind, bytes: usize) -> Header {
        let mut header = *self;
        header.words[0] = MARK | kind as u64;
        header.words[3] = bytes as u64;
        header
    }

    /// The same header of a message of another length.
    pub(crate) fn with_bytes(&self, bytes: usize) -> Header {
        let mut header = *self;
        header.words[3] = bytes as u64;
        header
    }

    /// Words that say something; behind them is room.
    fn used(&self) -> usize {
        5 + (self.words[4] as usize).div_ceil(8)
    }

    /// Writes the header at the front of a message.
    pub(crate) fn write(&self, message: &mut [u8]) {
        let used = self.used();
        message[..used * 8].copy_from_slice(bytemuck::cast_slice(&self.words[..used]));
    }

    /// Whether the message begins with this header, whatever the text: all that is looked at when nothing is wrong.
    #[inline]
    pub(crate) fn begins(&self, message: &[u8]) -> bool {
        let own: &[u8] = bytemuck::cast_slice(&self.words[..4]);
        message.get(..own.len()) == Some(own)
    }

    /// The header at the front of a message; `None` when there is none.
    pub(crate) fn read(message: &[u8]) -> Option<Header> {
        let mut words = [0u64; WORDS];
        bytemuck::cast_slice_mut(&mut words).copy_from_slice(message.get(..HEADER_BYTES)?);
        words[4] = words[4].min(TEXT_BYTES as u64);
        let mut header = Header { words };
        // What lies behind the text is no part of it.
        let used = header.used();
        header.words[used..].fill(0);
        (words[0] & !0xffff_ffff == MARK).then_some(header)
    }

    /// What stands for all that the rank has recorded.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.words[2]
    }

    /// Bytes of the whole message.
    pub(crate) fn bytes(&self) -> usize {
        self.words[3] as usize
    }

    /// The position's text, or the kind's name when it has none.
    pub(crate) fn text(&self) -> String {
        let text = text_of(&self.words[5..], self.words[4]);
        match Kind::from_code(self.words[0] & 0xffff_ffff) {
            Some(kind) if text.is_empty() => format!("{} {}", kind.name(), self.words[1]),
            _ => text,
        }
    }

    /// The text with what people do not see otherwise: kind, sequence, bytes.
    pub(crate) fn long_text(&self) -> String {
        let kind = Kind::from_code(self.words[0] & 0xffff_ffff).map_or("message", Kind::name);
        format!(
            "{} ({kind} {} of {} bytes)",
            text_of(&self.words[5..], self.words[4]),
            self.words[1],
            self.bytes()
        )
    }
}

fn text_of(words: &[u64], len: u64) -> String {
    let bytes: Vec<u8> = words
        .iter()
        .flat_map(|word| word.to_ne_bytes())
        .take((len as usize).min(TEXT_BYTES))
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What a rank is doing at large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RankState {
    /// It has not said anything yet.
    Starting,
    /// It runs.
    Running,
    /// It has left the team in order.
    Finished,
    /// It has met an error.
    Failed,
}

/// One rank's place on the status board, in memory that the ranks of a node share.
///
/// Written by its rank alone but for `told`; aligned no wider than a word, as MPI promises no more. The text is guarded by a version that is odd while it is being written.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Slot {
    state: AtomicU64,
    /// Of the first place of a node: 1 once a rank of the node tells the user what went wrong. It outlives that rank.
    told: AtomicU64,
    version: AtomicU64,
    words: [AtomicU64; WORDS],
}

impl Slot {
    /// A place of a rank that has not said anything; all words are 0, as in fresh shared memory.
    pub(crate) fn new() -> Slot {
        Slot {
            state: AtomicU64::new(0),
            told: AtomicU64::new(0),
            version: AtomicU64::new(0),
            words: [const { AtomicU64::new(0) }; WORDS],
        }
    }

    fn write(&self, header: &Header) {
        let version = self.version.load(Ordering::Relaxed);
        self.version
            .store(version.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::Release);
        for (slot, word) in self.words.iter().zip(&header.words).take(header.used()) {
            slot.store(*word, Ordering::Relaxed);
        }
        self.version
            .store(version.wrapping_add(2), Ordering::Release);
    }

    fn read(&self) -> Option<Header> {
        for _ in 0..1000 {
            let before = self.version.load(Ordering::Acquire);
            let words = std::array::from_fn(|i| self.words[i].load(Ordering::Relaxed));
            fence(Ordering::Acquire);
            if before.is_multiple_of(2) && self.version.load(Ordering::Relaxed) == before {
                return Some(Header { words });
            }
        }
        None
    }
}

/// Where every rank of the node stands, readable without the help of that rank.
#[derive(Clone, Debug)]
pub(crate) enum Board {
    /// The places of all ranks, in this process.
    Process(Arc<[Slot]>),
    /// By rank: the places of the ranks on this node, in a shared window that lives as long as the process; `None` elsewhere.
    #[cfg_attr(
        not(feature = "mpi"),
        expect(dead_code, reason = "only the MPI transport has ranks on other nodes")
    )]
    Node(Arc<[Option<&'static Slot>]>),
}

impl Board {
    fn slot(&self, rank: usize) -> Option<&Slot> {
        match self {
            Board::Process(slots) => slots.get(rank),
            Board::Node(slots) => slots.get(rank).copied().flatten(),
        }
    }

    /// Says where this rank stands.
    pub(crate) fn write(&self, rank: usize, header: &Header) {
        if let Some(slot) = self.slot(rank) {
            slot.write(header);
            if slot.state.load(Ordering::Relaxed) == 0 {
                slot.state.store(1, Ordering::Relaxed);
            }
        }
    }

    /// Says that this rank has finished or failed. The first word stands.
    pub(crate) fn leave(&self, rank: usize, state: RankState) {
        let code = match state {
            RankState::Starting => 0,
            RankState::Running => 1,
            RankState::Finished => 2,
            RankState::Failed => 3,
        };
        if let Some(slot) = self.slot(rank) {
            let _ = slot
                .state
                .fetch_update(Ordering::Release, Ordering::Relaxed, |old| {
                    (old < 2).then_some(code)
                });
        }
    }

    /// True for the first rank of the node that asks: it tells the user what went wrong.
    pub(crate) fn claim_telling(&self) -> bool {
        let first = match self {
            Board::Process(slots) => slots.first(),
            Board::Node(slots) => slots.iter().flatten().next().copied(),
        };
        first.is_none_or(|slot| slot.told.swap(1, Ordering::AcqRel) == 0)
    }

    /// What a rank is doing at large; `None` when it is on another node.
    pub(crate) fn state(&self, rank: usize) -> Option<RankState> {
        Some(match self.slot(rank)?.state.load(Ordering::Acquire) {
            0 => RankState::Starting,
            1 => RankState::Running,
            2 => RankState::Finished,
            _ => RankState::Failed,
        })
    }

    /// Where a rank stands, in words.
    pub(crate) fn text(&self, rank: usize) -> String {
        match self.slot(rank) {
            None => "a place that this node can not see".to_owned(),
            Some(slot) => match slot.read() {
                Some(header) if header.words[4] > 0 => header.text(),
                Some(header) if header.words[1] > 0 => format!("communication {}", header.words[1]),
                _ => "its start".to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_survive_the_wire() {
        let long = "ä".repeat(300);
        for text in ["", "a.sum() at script.py:12", long.as_str()] {
            let header = Header::new(Position {
                sequence: 7,
                fingerprint: 9,
                text,
            })
            .of(Kind::Barrier, 300);
            let mut message = vec![0; 300];
            header.write(&mut message);
            assert_eq!(Header::read(&message), Some(header));
            assert!(text.starts_with(&header.text()) || text.is_empty());
        }
        assert_eq!(Header::read(&[0; 300]), None);
        assert_eq!(Header::read(&[0; 3]), None);
    }

    #[test]
    fn one_rank_tells() {
        let board = Board::Process(Arc::from(vec![Slot::new(), Slot::new()]));
        assert_eq!(
            [(); 3].map(|()| board.claim_telling()),
            [true, false, false]
        );
    }

    #[test]
    fn the_first_word_on_leaving_stands() {
        let board = Board::Process(Arc::from(vec![Slot::new()]));
        assert_eq!(board.state(0), Some(RankState::Starting));
        board.write(
            0,
            &Header::new(Position {
                sequence: 1,
                fingerprint: 0,
                text: "x",
            }),
        );
        assert_eq!(
            (board.state(0), board.text(0).as_str()),
            (Some(RankState::Running), "x")
        );
        board.leave(0, RankState::Failed);
        board.leave(0, RankState::Finished);
        assert_eq!(board.state(0), Some(RankState::Failed));
        assert_eq!(board.state(1), None);
    }
}
