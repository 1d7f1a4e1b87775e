//! What redistribution, transposition, reshaping, indices and masks send: to each rank at most one message of places and one of elements, with
//! the elements that change hands and no others.

use std::collections::BTreeSet;

use gain_core::route::Content;
use gain_core::{Array, Distribution, Operand, Result, Runtime, Selector, Settings, Team, create};
use proptest::prelude::*;

const SHAPE: [usize; 2] = [12, 10];
const ITEM: usize = size_of::<i64>();

/// What ranks have for one another: by sender and receiver the bytes.
#[derive(Clone, Debug, PartialEq)]
struct Flow(Vec<Vec<usize>>);

impl Flow {
    fn of(n_ranks: usize, pieces: impl IntoIterator<Item = (usize, usize, usize)>) -> Flow {
        let mut flow = vec![vec![0; n_ranks]; n_ranks];
        for (from, to, bytes) in pieces.into_iter().filter(|(from, to, _)| from != to) {
            flow[from][to] += bytes;
        }
        Flow(flow)
    }

    /// For each rank: messages, one to each rank that it has something for, and bytes.
    fn sent(&self) -> Vec<(usize, usize)> {
        let messages = |to: &[usize]| to.iter().filter(|bytes| **bytes > 0).count();
        let all = self.0.iter();
        all.map(|to| (messages(to), to.iter().sum())).collect()
    }
}

/// What one rank saw: what it sent, and how operands and result lie.
struct Seen {
    messages: usize,
    bytes: usize,
    arrays: Vec<Owners>,
}

/// The owner of each element, in C order.
struct Owners(Vec<usize>);

impl Owners {
    fn new(distribution: &Distribution) -> Owners {
        let owner = |index: Vec<usize>| distribution.owner_of(&index);
        Owners(all(&distribution.shape()).map(owner).collect())
    }
}

/// Runs `act` on what `prepare` makes, on ranks with every array spread.
fn watch(
    n_ranks: usize,
    prepare: impl Fn(&Runtime) -> Result<Vec<Array>> + Sync,
    act: impl Fn(&[Array]) -> Result<Array> + Sync,
) -> Vec<Seen> {
    Team::threads(n_ranks, |team| {
        let settings = Settings {
            threshold: 0,
            n_threads: 1,
            ..Settings::default()
        };
        let rt = Runtime::with_team(team, settings);
        let mut arrays = prepare(&rt).expect("it is made");
        arrays
            .iter()
            .for_each(|array| array.flush().expect("it is made"));
        rt.team().barrier().expect("all are here");
        let before = rt.counters();
        let result = act(&arrays).expect("it runs");
        result.flush().expect("it runs");
        let after = rt.counters();
        arrays.push(result);
        let owners = |array: &Array| Owners::new(&array.distribution().expect("it is placed"));
        Seen {
            messages: (after.messages_sent - before.messages_sent) as usize,
            bytes: (after.bytes_sent - before.bytes_sent) as usize,
            arrays: arrays.iter().map(owners).collect(),
        }
    })
}

fn sent(seen: &[Seen]) -> Vec<(usize, usize)> {
    seen.iter()
        .map(|seen| (seen.messages, seen.bytes))
        .collect()
}

fn numbers(rt: &Runtime, shape: &[usize]) -> Result<Array> {
    let n = shape.iter().product::<usize>() as i64;
    create::from_slice(rt, shape, &(0..n).collect::<Vec<_>>())
}

/// Cuts of both axes anywhere, as many as there are ranks for.
fn cuts(shape: [usize; 2], n_ranks: usize, seeds: &[usize]) -> Distribution {
    let parts = [1 + seeds[0] % n_ranks, 1];
    let parts = [parts[0], n_ranks / parts[0]];
    let mut seeds = seeds[1..].iter().cycle();
    let cuts = shape.iter().zip(parts).map(|(&len, parts)| {
        let inner = (1..parts).map(|_| seeds.next().expect("a cycle of some") % (len + 1));
        let mut points: Vec<usize> = inner.chain([0, len]).collect();
        points.sort_unstable();
        points
    });
    let cuts: Vec<Vec<usize>> = cuts.collect();
    Distribution::irregular(&cuts, n_ranks).expect("it fits")
}

fn seeds() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0usize..1000, 9)
}

/// The indices of a shape in C order.
fn all(shape: &[usize]) -> impl Iterator<Item = Vec<usize>> + use<> {
    let shape = shape.to_vec();
    (0..shape.iter().product()).map(move |flat| {
        let mut rest = flat;
        let mut index: Vec<usize> = shape
            .iter()
            .rev()
            .map(|len| (rest % len, rest /= len).0)
            .collect();
        index.reverse();
        index
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn redistribution(n_ranks in 1usize..6, from in seeds(), to in seeds()) {
        let seen = watch(
            n_ranks,
            |rt| Ok(vec![numbers(rt, &SHAPE)?.redistributed(cuts(SHAPE, n_ranks, &from))?]),
            |arrays| arrays[0].redistributed(cuts(SHAPE, n_ranks, &to)),
        );
        let [source, target] = &seen[0].arrays[..] else { unreachable!("two arrays") };
        let pieces = source.0.iter().zip(&target.0).map(|(&from, &to)| (from, to, ITEM));
        prop_assert_eq!(sent(&seen), Flow::of(n_ranks, pieces).sent());
    }

    #[test]
    fn transposition(n_ranks in 1usize..6, from in seeds(), to in seeds()) {
        let turned = [SHAPE[1], SHAPE[0]];
        let seen = watch(
            n_ranks,
            |rt| {
                let source = numbers(rt, &SHAPE)?.redistributed(cuts(SHAPE, n_ranks, &from))?;
                Ok(vec![source, numbers(rt, &turned)?.redistributed(cuts(turned, n_ranks, &to))?])
            },
            |arrays| {
                arrays[1].assign(Operand::Array(&arrays[0].transpose(&[1, 0])?))?;
                Ok(arrays[1].clone())
            },
        );
        let [source, target, _] = &seen[0].arrays[..] else { unreachable!("three arrays") };
        let pieces = all(&SHAPE).zip(&source.0).map(|(index, &from)| (from, target.0[index[1] * SHAPE[0] + index[0]], ITEM));
        prop_assert_eq!(sent(&seen), Flow::of(n_ranks, pieces).sent());
    }

    #[test]
    fn reshaping(n_ranks in 1usize..6, from in seeds(), which in 0usize..3) {
        let shape = [&[120][..], &[8, 15], &[4, 3, 10]][which];
        let seen = watch(
            n_ranks,
            |rt| Ok(vec![numbers(rt, &SHAPE)?.redistributed(cuts(SHAPE, n_ranks, &from))?]),
            |arrays| arrays[0].reshaped_copy(shape),
        );
        let [source, target] = &seen[0].arrays[..] else { unreachable!("two arrays") };
        let pieces = source.0.iter().zip(&target.0).map(|(&from, &to)| (from, to, ITEM));
        prop_assert_eq!(sent(&seen), Flow::of(n_ranks, pieces).sent());
    }

    #[test]
    fn rows_by_index(n_ranks in 2usize..6, from in seeds(), indices in prop::collection::vec(0usize..12, 1..40)) {
        let places: Vec<i64> = indices.iter().map(|&i| i as i64).collect();
        let prepare = |rt: &Runtime| Ok(vec![
            numbers(rt, &SHAPE)?.redistributed(cuts(SHAPE, n_ranks, &from))?,
            create::from_slice(rt, &[places.len()], &places)?,
            numbers(rt, &[places.len(), SHAPE[1]])?,
        ]);
        let selector = |arrays: &[Array]| [Selector::Integers(arrays[1].clone())];
        // Each element of the entries' rows: its entry, who has it on the entries' side, who on the array's.
        let elements = |mine: &Owners, theirs: &Owners| -> Vec<(usize, usize, usize)> {
            let sides = all(&[indices.len(), SHAPE[1]]).zip(&mine.0);
            sides.map(|(at, &here)| (at[0], here, theirs.0[indices[at[0]] * SHAPE[1] + at[1]])).collect()
        };
        // Indices that lie elsewhere than the entries come first; an owner is told the place of its part of a row once.
        let found = |elements: &[(usize, usize, usize)], index: &Owners| {
            let entries: BTreeSet<_> = elements.iter().map(|&(entry, here, _)| (entry, here)).collect();
            Flow::of(n_ranks, entries.into_iter().map(|(entry, here)| (index.0[entry], here, ITEM)))
        };
        let told = |elements: &[(usize, usize, usize)]| -> Vec<(usize, usize, usize)> {
            let parts: BTreeSet<_> = elements.iter().copied().collect();
            parts.into_iter().map(|(_, here, there)| (here, there, ITEM)).collect()
        };

        let read = watch(n_ranks, prepare, |arrays| arrays[0].select(&selector(arrays)));
        let [source, index, values, rows] = &read[0].arrays[..] else { unreachable!("four arrays") };
        let elements = elements(rows, source);
        let indices_come = found(&elements, index);
        let answers = elements.iter().map(|&(_, here, there)| (there, here, ITEM));
        check_routed(&read, &[indices_come.clone(), Flow::of(n_ranks, told(&elements)), Flow::of(n_ranks, answers)])?;

        let written = watch(n_ranks, prepare, |arrays| {
            arrays[0].assign_selected(&selector(arrays), Content::Array(&arrays[2]))?;
            Ok(arrays[0].clone())
        });
        // The values come to where the entries are read, too; then places and elements are one message.
        let values_come = values.0.iter().zip(&rows.0).map(|(&from, &here)| (from, here, ITEM));
        let letters = elements.iter().map(|&(_, here, there)| (here, there, ITEM)).chain(told(&elements));
        check_routed(&written, &[indices_come, Flow::of(n_ranks, values_come), Flow::of(n_ranks, letters)])?;
    }
}

/// All ranks say to whom they will speak, a few words; what follows is the flows' messages and bytes.
fn check_routed(seen: &[Seen], flows: &[Flow]) -> std::result::Result<(), TestCaseError> {
    let n_ranks = seen.len();
    let rounds = n_ranks.next_power_of_two().ilog2() as usize;
    for (rank, seen) in seen.iter().enumerate() {
        let wanted = flows.iter().map(|flow| flow.sent()[rank]);
        let (messages, bytes) = wanted.fold((0, 0), |sum, sent| (sum.0 + sent.0, sum.1 + sent.1));
        prop_assert_eq!(seen.messages, rounds + messages);
        let words = rounds * n_ranks * (2 + 2 * n_ranks) * ITEM;
        prop_assert!(
            (bytes..=bytes + words).contains(&seen.bytes),
            "{} bytes for {bytes}",
            seen.bytes
        );
    }
    Ok(())
}

#[test]
fn masks_send_counts_only() {
    let n_ranks = 3;
    let rounds = 2;
    let prepare = |rt: &Runtime| {
        let flags: Vec<bool> = (0..3000).map(|i| i % 3 != 1).collect();
        Ok(vec![
            numbers(rt, &[3000])?,
            create::from_slice(rt, &[3000], &flags)?,
        ])
    };
    let mask = |arrays: &[Array]| Selector::Mask(arrays[1].clone());
    let kept = watch(n_ranks, prepare, |arrays| arrays[0].select(&[mask(arrays)]));
    let written = watch(n_ranks, prepare, |arrays| {
        arrays[0].assign_selected(&[mask(arrays)], Content::One(7i64.into()))?;
        Ok(arrays[0].clone())
    });
    for (seen, most) in [(kept, rounds), (written, 2 * rounds)] {
        for seen in seen {
            assert!(
                seen.messages <= most && seen.bytes < 400,
                "{:?}",
                (seen.messages, seen.bytes)
            );
        }
    }
}
