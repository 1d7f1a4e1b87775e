//! Sorted parts of several ranks as one sorted vector: exact cuts by selection, one exchange, a merge.
//!
//! # Rationale
//! Every rank's part of the result has the length that the distribution asks for, whatever the keys are: the cuts are found by a
//! selection among all ranks (weighted medians: Saukas and Song 1998), and equal keys are dealt out in the order of the ranks, so that
//! equal items that carry their indices stay in order.
//!
//! # Limitations
//! Each round of the selection tells every rank one key per cut and rank.

use bytemuck::Pod;
use gain_ga::{Incoming, Outgoing, StridedBytes};

use crate::error::Result;
use crate::runtime::Runtime;

use super::merge::merge_runs;

/// This rank's part of all ranks' items in order: those from `cuts[rank]` up to `cuts[rank + 1]`. `items` are sorted. Collective.
pub(super) fn distributed<T: Pod + Ord + Send + Sync>(
    rt: &Runtime,
    items: &[T],
    cuts: &[usize],
) -> Result<Vec<T>> {
    let splits = splits(rt, items, cuts)?;
    let n_ranks = rt.n_ranks();
    let mine: Vec<u64> = (0..n_ranks)
        .map(|to| (splits[to + 1] - splits[to]) as u64)
        .collect();
    rt.stand_at("sort");
    let counts = rt.team().all_gather(bytemuck::cast_slice(&mine))?;
    let count = |from: usize, to: usize| -> usize {
        bytemuck::pod_read_unaligned::<u64>(&counts[from][to * 8..][..8]) as usize
    };
    let rank = rt.rank();
    let sends: Vec<Outgoing<'_>> = (0..n_ranks)
        .filter(|&to| to != rank && mine[to] > 0)
        .map(|to| Outgoing {
            to,
            source: StridedBytes::contiguous(bytemuck::cast_slice(
                &items[splits[to]..splits[to + 1]],
            )),
        })
        .collect();
    let senders: Vec<usize> = (0..n_ranks)
        .filter(|&from| from != rank && count(from, rank) > 0)
        .collect();
    let receives: Vec<Incoming> = senders
        .iter()
        .map(|&from| Incoming {
            from,
            bytes: count(from, rank) * size_of::<T>(),
        })
        .collect();
    rt.stand_at("sort");
    let received = rt.team().exchange(&sends, &receives)?;
    let mut all: Vec<T> = Vec::with_capacity(cuts[rank + 1] - cuts[rank]);
    let mut ends = vec![0];
    let mut number = 0;
    for from in 0..n_ranks {
        if from == rank {
            all.extend_from_slice(&items[splits[rank]..splits[rank + 1]]);
        } else if count(from, rank) > 0 {
            let piece = received.piece(number).chunks_exact(size_of::<T>());
            all.extend(piece.map(bytemuck::pod_read_unaligned::<T>));
            number += 1;
        }
        ends.push(all.len());
    }
    merge_runs(&mut all, ends, rt.pool())?;
    Ok(all)
}

/// Where this rank's items are cut: `splits[to]..splits[to + 1]` go to rank `to`.
fn splits<T: Pod + Ord>(rt: &Runtime, items: &[T], cuts: &[usize]) -> Result<Vec<usize>> {
    let n_ranks = rt.n_ranks();
    let total = cuts[n_ranks];
    let mut splits = vec![0; n_ranks + 1];
    splits[n_ranks] = items.len();
    // Cuts inside the vector, each with the window of this rank's items in which its key may lie.
    let mut open: Vec<(usize, usize, usize)> = Vec::new();
    for (number, &cut) in cuts.iter().enumerate().take(n_ranks).skip(1) {
        if cut == 0 || cut == total {
            splits[number] = if cut == 0 { 0 } else { items.len() };
        } else {
            open.push((number, 0, items.len()));
        }
    }
    while !open.is_empty() {
        let mut message = Vec::new();
        for &(_, lo, hi) in &open {
            message.extend_from_slice(&((hi - lo) as u64).to_le_bytes());
            let middle = items.get(lo + (hi - lo) / 2).filter(|_| hi > lo);
            message.extend_from_slice(bytemuck::bytes_of(middle.unwrap_or(&T::zeroed())));
        }
        rt.stand_at("sort");
        let proposals = rt.team().all_gather(&message)?;
        let pivots: Vec<T> = (0..open.len())
            .map(|place| pivot(&proposals, place))
            .collect();
        let mut mine = Vec::with_capacity(2 * open.len());
        for x in &pivots {
            mine.push(items.partition_point(|item| item < x) as u64);
            mine.push(items.partition_point(|item| item <= x) as u64);
        }
        rt.stand_at("sort");
        let bounds = rt.team().all_gather(bytemuck::cast_slice(&mine))?;
        let bound = |rank: usize, place: usize| -> usize {
            bytemuck::pod_read_unaligned::<u64>(&bounds[rank][place * 8..][..8]) as usize
        };
        let mut still = Vec::new();
        for (place, &(number, lo, hi)) in open.iter().enumerate() {
            let (below, upto): (usize, usize) = (
                (0..n_ranks).map(|rank| bound(rank, 2 * place)).sum(),
                (0..n_ranks).map(|rank| bound(rank, 2 * place + 1)).sum(),
            );
            let own = (mine[2 * place] as usize, mine[2 * place + 1] as usize);
            let cut = cuts[number];
            if cut < below {
                still.push((number, lo, hi.min(own.0)));
            } else if cut > upto {
                still.push((number, lo.max(own.1), hi));
            } else {
                // Equal items are dealt out in the order of the ranks.
                let before: usize = (0..rt.rank())
                    .map(|rank| bound(rank, 2 * place + 1) - bound(rank, 2 * place))
                    .sum();
                let left = (cut - below).saturating_sub(before);
                splits[number] = own.0 + left.min(own.1 - own.0);
            }
        }
        open = still;
    }
    Ok(splits)
}

/// The weighted median of the ranks' proposals for one cut.
fn pivot<T: Pod + Ord>(proposals: &[Vec<u8>], place: usize) -> T {
    let entry = 8 + size_of::<T>();
    let mut keys: Vec<(T, u64)> = proposals
        .iter()
        .map(|message| &message[place * entry..][..entry])
        .map(|bytes| {
            (
                bytemuck::pod_read_unaligned(&bytes[8..]),
                bytemuck::pod_read_unaligned(&bytes[..8]),
            )
        })
        .filter(|&(_, weight)| weight > 0)
        .collect();
    keys.sort_unstable_by_key(|key| key.0);
    let half: u64 = keys.iter().map(|key| key.1).sum::<u64>() / 2;
    let mut seen = 0;
    for &(key, weight) in &keys {
        seen += weight;
        if seen > half {
            return key;
        }
    }
    unreachable!("a cut that is open lies in some rank's window")
}
