//! Before an exchange: who will speak to whom, and whether any rank has something to complain of.

use crate::error::{Error, Result};
use crate::runtime::Runtime;

/// An index out of bounds; of several, the smallest in this order is reported, alike on every rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    /// The axis that it was for, as users count.
    pub axis: usize,
    /// Its position among the entries in C order.
    pub position: usize,
    /// The index as given.
    pub index: i64,
    /// Length of the axis.
    pub size: usize,
}

impl Complaint {
    /// NumPy's error. Local.
    #[must_use]
    pub fn error(&self) -> Error {
        Error::OutOfBounds {
            index: self.index as isize,
            axis: self.axis,
            size: self.size,
        }
    }

    fn words(&self) -> [u64; 4] {
        [
            self.axis as u64,
            self.position as u64,
            self.index as u64,
            self.size as u64,
        ]
    }

    fn from_words(words: &[u64]) -> Complaint {
        Complaint {
            axis: words[0] as usize,
            position: words[1] as usize,
            index: words[2] as i64,
            size: words[3] as usize,
        }
    }
}

/// Tells all ranks how many entries this one has for which others, and gives those that have some for this one. Collective.
///
/// # Errors
/// The first complaint of any rank, on all of them; errors of the network.
pub(crate) fn announce(
    rt: &Runtime,
    complaint: Option<Complaint>,
    mine: &[(usize, usize)],
) -> Result<Vec<(usize, usize)>> {
    let mut words: Vec<u64> = vec![u64::from(complaint.is_some())];
    words.extend(complaint.iter().flat_map(Complaint::words));
    for &(to, count) in mine {
        words.extend([to as u64, count as u64]);
    }
    let gathered = rt.team().all_gather(bytemuck::cast_slice(&words))?;
    let mut first: Option<Complaint> = None;
    let mut for_me = Vec::new();
    for (from, bytes) in gathered.iter().enumerate() {
        let words = bytes
            .chunks_exact(8)
            .map(bytemuck::pod_read_unaligned::<u64>);
        let words: Vec<u64> = words.collect();
        let mut pairs = &words[1..];
        if words[0] == 1 {
            let found = Complaint::from_words(&words[1..5]);
            first = Some(first.map_or(found, |first| first.min(found)));
            pairs = &words[5..];
        }
        let spoken = pairs
            .chunks_exact(2)
            .find(|pair| pair[0] == rt.rank() as u64);
        for_me.extend(spoken.map(|pair| (from, pair[1] as usize)));
    }
    match first {
        Some(complaint) => Err(complaint.error()),
        None => Ok(for_me),
    }
}
