//! Reading, writing and joining rows by index, and reshaping, on one to four ranks; values, messages and bytes.

use gain_core::route::{self, Content};
use gain_core::{Array, Error, Index, Runtime, Scalar, Settings, Team, create};
use proptest::prelude::*;

type Body<'a, T> = dyn Fn(&Runtime) -> Result<T, Error> + Sync + 'a;

/// Runs `body` on ranks with every array spread; all ranks must give the same.
fn on_ranks<T: Send + PartialEq + std::fmt::Debug>(n_ranks: usize, body: &Body<'_, T>) -> T {
    let mut found = Team::threads(n_ranks, |team| {
        let settings = Settings {
            threshold: 0,
            ..Settings::default()
        };
        body(&Runtime::with_team(team, settings)).expect("nothing fails")
    });
    assert!(found.windows(2).all(|pair| pair[0] == pair[1]), "{found:?}");
    found.remove(0)
}

fn numbers(rt: &Runtime, shape: &[usize]) -> Result<Array, Error> {
    let n = shape.iter().product::<usize>() as i64;
    create::from_slice(rt, shape, &(0..n).map(|i| i * 10).collect::<Vec<_>>())
}

/// Sources of several views, by number.
fn source(rt: &Runtime, which: usize) -> Result<Array, Error> {
    let slice = |start, stop, step| Index::Slice { start, stop, step };
    let all = slice(None, None, None);
    match which {
        0 => numbers(rt, &[13, 4]),
        1 => numbers(rt, &[4, 13])?.transpose(&[1, 0]),
        2 => numbers(rt, &[13, 9])?
            .index(&[slice(None, None, Some(-1)), slice(Some(1), None, Some(2))]),
        _ => numbers(rt, &[30, 4])?.index(&[slice(Some(3), Some(29), Some(2)), all]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn rows_are_read_and_written(
        indices in prop::collection::vec(-13i64..13, 0..40),
        which in 0usize..4,
        n_ranks in 1usize..5,
    ) {
        let (read, written, plain) = on_ranks(n_ranks, &|rt| {
            let a = source(rt, which)?;
            let index = create::from_slice(rt, &[indices.len()], &indices)?;
            let before = a.to_vec::<i64>()?;
            let read = route::read(&a, &[&index], &[0])?.to_vec::<i64>()?;
            let values = numbers(rt, &[indices.len(), 4])?;
            route::write(&a, &[&index], &[0], Content::Array(&values))?;
            Ok((read, a.to_vec::<i64>()?, before))
        });
        let row = |i: i64| ((if i < 0 { i + 13 } else { i }) * 4) as usize;
        let wanted: Vec<i64> = indices.iter().flat_map(|&i| plain[row(i)..][..4].to_vec()).collect();
        prop_assert_eq!(read, wanted);
        let mut after = plain.clone();
        for (k, &i) in indices.iter().enumerate() {
            for r in 0..4 {
                after[row(i) + r] = (k * 4 + r) as i64 * 10;
            }
        }
        prop_assert_eq!(written, after);
    }

    #[test]
    fn elements_are_read_and_joined(
        indices in prop::collection::vec((-13i64..13, -4i64..4), 0..40),
        which in 0usize..4,
        n_ranks in 1usize..5,
    ) {
        let (rows, columns): (Vec<i64>, Vec<i64>) = indices.iter().copied().unzip();
        let (read, joined, plain) = on_ranks(n_ranks, &|rt| {
            let a = source(rt, which)?;
            let i = create::from_slice(rt, &[rows.len()], &rows)?;
            let j = create::from_slice(rt, &[columns.len()], &columns)?;
            let before = a.to_vec::<i64>()?;
            let read = route::read(&a, &[&i, &j], &[0, 1])?.to_vec::<i64>()?;
            let values = numbers(rt, &[rows.len()])?;
            // Neither commutative nor associative, so that the order is seen.
            route::accumulate(&a, &[&i, &j], &[0, 1], &values, &mut |block, places, values| {
                let block = bytemuck_cast_mut(block);
                for (&at, value) in places.iter().zip(bytemuck_cast(values)) {
                    block[at as usize] = block[at as usize].wrapping_mul(3).wrapping_add(*value);
                }
            })?;
            Ok((read, a.to_vec::<i64>()?, before))
        });
        let at = |i: i64, j: i64| (i.rem_euclid(13) * 4 + j.rem_euclid(4)) as usize;
        let wanted: Vec<i64> = indices.iter().map(|&(i, j)| plain[at(i, j)]).collect();
        prop_assert_eq!(read, wanted);
        let mut after = plain.clone();
        for (k, &(i, j)) in indices.iter().enumerate() {
            after[at(i, j)] = after[at(i, j)].wrapping_mul(3).wrapping_add(k as i64 * 10);
        }
        prop_assert_eq!(joined, after);
    }

    #[test]
    fn any_shape_becomes_any_other(
        from in prop::sample::select(vec![vec![60], vec![5, 12], vec![3, 4, 5], vec![60, 1], vec![2, 30]]),
        to in prop::sample::select(vec![vec![60], vec![12, 5], vec![2, 3, 10], vec![1, 60], vec![15, 2, 2]]),
        turned in any::<bool>(),
        n_ranks in 1usize..5,
    ) {
        let (found, wanted) = on_ranks(n_ranks, &|rt| {
            let mut a = numbers(rt, &from)?;
            if turned {
                a = a.transpose(&(0..from.len()).rev().collect::<Vec<_>>())?;
            }
            Ok((a.reshaped_copy(&to)?.to_vec::<i64>()?, a.to_vec::<i64>()?))
        });
        prop_assert_eq!(found, wanted);
    }
}

fn bytemuck_cast(bytes: &[u8]) -> &[i64] {
    bytemuck::cast_slice(bytes)
}

fn bytemuck_cast_mut(bytes: &mut [u8]) -> &mut [i64] {
    bytemuck::cast_slice_mut(bytes)
}

#[test]
fn an_index_out_of_bounds_is_an_error_on_every_rank() {
    for n_ranks in 1..4 {
        let texts = Team::threads(n_ranks, |team| {
            let settings = Settings {
                threshold: 0,
                ..Settings::default()
            };
            let rt = Runtime::with_team(team, settings);
            let a = numbers(&rt, &[13]).expect("memory");
            let index = create::from_slice(&rt, &[4], &[1i64, 2, 3, 13]).expect("memory");
            let read = route::read(&a, &[&index], &[0]).map(drop);
            let one = Content::One(Scalar::from(1i64));
            let written = route::write(&a, &[&index], &[0], one);
            [read, written].map(|done| done.expect_err("out of bounds").to_string())
        });
        let wanted = "index 13 is out of bounds for axis 0 with size 13";
        assert!(texts.iter().flatten().all(|text| text == wanted));
    }
}

#[test]
fn a_pair_exchanges_one_message_of_places_and_one_of_rows() {
    let sent = Team::threads(3, |team| {
        let settings = Settings {
            threshold: 0,
            ..Settings::default()
        };
        let rt = Runtime::with_team(team, settings);
        let a = numbers(&rt, &[3000, 2]).expect("memory");
        let index: Vec<i64> = (0..3000).map(|i| (i * 7) % 3000).collect();
        let index = create::from_slice(&rt, &[3000], &index).expect("memory");
        rt.team().barrier().expect("all are here");
        let before = rt.counters();
        route::read(&a, &[&index], &[0]).expect("in bounds");
        let after = rt.counters();
        (
            after.messages_sent - before.messages_sent,
            after.bytes_sent - before.bytes_sent,
        )
    });
    let owner = |i: usize| (i * 7) % 3000 / 1000;
    for (rank, (messages, bytes)) in sent.into_iter().enumerate() {
        // Two rounds of announcements, then places to two others and rows to two others.
        assert_eq!(messages, 2 + 2 + 2);
        let asks = (0..3000).filter(|&i| i / 1000 == rank && owner(i) != rank);
        let gives = (0..3000).filter(|&i| i / 1000 != rank && owner(i) == rank);
        let announcements = bytes as usize - asks.count() * 8 - gives.count() * 16;
        assert!(
            announcements < 400,
            "{announcements} bytes of announcements"
        );
    }
}

#[test]
fn what_is_replicated_is_read_without_a_message() {
    let sent = Team::threads(3, |team| {
        let settings = Settings {
            threshold: 100,
            ..Settings::default()
        };
        let rt = Runtime::with_team(team, settings);
        let a = numbers(&rt, &[50, 2]).expect("memory");
        let index = create::from_slice(&rt, &[3], &[4i64, 0, -1]).expect("memory");
        let before = rt.counters();
        let read = route::read(&a, &[&index], &[0]).expect("in bounds");
        route::write(&a, &[&index], &[0], Content::Array(&read)).expect("in bounds");
        rt.counters().messages_sent - before.messages_sent
    });
    assert_eq!(sent, [0, 0, 0]);
}
