//! Global arrays: one-sided access, elements, counters, moves.

use gain_ga::{
    AccumulateOp, Distribution, Element, Error, GlobalArray, IndexBox, Indices, Team, ViewAxis,
    moves_between,
};
use num_complex::Complex;

use super::Test;

pub const TESTS: &[Test] = &[
    ("every_distribution_gets_and_puts", every_distribution),
    ("every_element_type", every_element_type),
    ("strided_boxes", strided_boxes),
    ("accumulations_are_atomic", accumulations),
    ("gather_and_scatter", gather_scatter),
    ("counters_count_each_once", read_inc),
    ("transfers_without_waiting", without_waiting),
    ("local_blocks", local_blocks),
    ("fill_duplicate_destroy_drop", fill_duplicate_drop),
    ("redistribution_by_moves", redistribution),
    ("wrong_accesses_are_errors", wrong_accesses),
    ("gets_while_the_target_computes", while_the_target_computes),
];

/// The value of an element of a test array.
fn value(index: &[usize]) -> f64 {
    index.iter().fold(1.0, |value, &i| value * 100.0 + i as f64)
}

/// An array of [`value`]s.
fn numbered(team: &Team, distribution: &Distribution) -> GlobalArray<f64> {
    let mut array = GlobalArray::create(team, distribution).unwrap();
    let block = array.block().clone();
    for (element, index) in array.local_mut().unwrap().iter_mut().zip(block.indices()) {
        *element = value(&index);
    }
    array.sync().unwrap();
    array
}

fn distributions(n_ranks: usize) -> Vec<Distribution> {
    let mut list = vec![
        Distribution::default_for(&[17, 5], n_ranks),
        Distribution::default_for(&[3, 23], n_ranks),
        Distribution::default_for(&[40], n_ranks),
        Distribution::default_for(&[5, 4, 6], n_ranks),
        Distribution::default_for(&[], n_ranks),
        Distribution::default_for(&[0, 3], n_ranks),
        Distribution::replicated(&[6, 7]),
        Distribution::regular(&[9, 8], &[1, n_ranks], n_ranks).unwrap(),
        Distribution::irregular(&[vec![0, 0, 5, 11]], n_ranks.max(3)).unwrap(),
    ];
    let base = Distribution::default_for(&[30, 6], n_ranks);
    list.push(base.view(&[
        ViewAxis::Base {
            axis: 1,
            start: 5,
            step: -1,
            len: 6,
        },
        ViewAxis::Base {
            axis: 0,
            start: 28,
            step: -3,
            len: 9,
        },
    ]));
    list.retain(|distribution| distribution.is_replicated() || distribution.n_ranks() == n_ranks);
    list
}

/// A few boxes of an array.
fn boxes(shape: &[usize]) -> Vec<IndexBox> {
    let full = IndexBox::full(shape);
    let mut list = vec![full.clone()];
    if !full.is_empty() {
        let inner = |shrink: usize| {
            let lo: Indices = shape.iter().map(|&len| (len / 3).min(len - 1)).collect();
            let hi: Indices = shape
                .iter()
                .zip(&lo)
                .map(|(&len, &lo)| (len - len / shrink).max(lo + 1))
                .collect();
            IndexBox { lo, hi }
        };
        list.extend([inner(4), inner(2)]);
    }
    list
}

fn every_distribution(team: &Team) {
    let (n, me) = (team.n_ranks(), team.rank());
    for distribution in distributions(n) {
        let array = numbered(team, &distribution);
        for part in boxes(&distribution.shape()) {
            let mut values = vec![0.0; part.len()];
            array.get(&part, &mut values).unwrap();
            let expected: Vec<f64> = part.indices().map(|index| value(&index)).collect();
            assert_eq!(values, expected, "{distribution} {part}");
        }
        array.sync().unwrap();
        // Each rank in turn writes a box, the next one checks it.
        for (turn, part) in boxes(&distribution.shape()).into_iter().enumerate() {
            let values: Vec<f64> = (0..part.len()).map(|i| (i * 3 + turn) as f64).collect();
            if me == turn % n {
                array.put(&part, &values).unwrap();
            }
            array.sync().unwrap();
            if me == (turn + 1) % n {
                let mut found = vec![0.0; part.len()];
                array.get(&part, &mut found).unwrap();
                assert_eq!(found, values, "{distribution} {part}");
            }
            array.sync().unwrap();
        }
        for (rank, part) in array.owners(&IndexBox::full(&distribution.shape())) {
            assert_eq!(array.locate(&part.lo), rank);
        }
        array.destroy().unwrap();
    }
}

fn every_element_type(team: &Team) {
    fn check<T: Element>(team: &Team, make: impl Fn(u8) -> T, ordered: bool) {
        let n = team.n_ranks();
        let array = GlobalArray::<T>::create(team, &Distribution::default_for(&[10], n)).unwrap();
        let full = IndexBox::full(&[10]);
        let values: Vec<T> = (0..10).map(&make).collect();
        array.accumulate(&full, &values, AccumulateOp::Sum).unwrap();
        array.sync().unwrap();
        let mut found = vec![make(0); 10];
        array.get(&full, &mut found).unwrap();
        let expected: Vec<T> = (0..10u8).map(|i| make(i * n as u8)).collect();
        assert_eq!(found, expected);
        array.sync().unwrap();
        if ordered {
            array
                .accumulate(&full, &[make(3); 10], AccumulateOp::Max)
                .unwrap();
            array.sync().unwrap();
            array
                .accumulate(&full, &[make(5); 10], AccumulateOp::Min)
                .unwrap();
            array.sync().unwrap();
            array.get(&full, &mut found).unwrap();
            let expected: Vec<T> = (0..10u8).map(|i| make((i * n as u8).clamp(3, 5))).collect();
            assert_eq!(found, expected);
        } else {
            assert!(array.accumulate(&full, &values, AccumulateOp::Max).is_err());
        }
        array.destroy().unwrap();
    }
    check(team, |i| i as i8, true);
    check(team, i16::from, true);
    check(team, i32::from, true);
    check(team, i64::from, true);
    check(team, |i| i, true);
    check(team, u16::from, true);
    check(team, u32::from, true);
    check(team, u64::from, true);
    check(team, f32::from, true);
    check(team, f64::from, true);
    check(team, |i| Complex::new(f32::from(i), -f32::from(i)), false);
    check(team, |i| Complex::new(f64::from(i), -f64::from(i)), false);
}

fn strided_boxes(team: &Team) {
    let n = team.n_ranks();
    let array = numbered(team, &Distribution::default_for(&[16, 9], n));
    for (part, step) in [
        (IndexBox::new([1, 0], [16, 9]), [3, 2]),
        (IndexBox::new([0, 4], [16, 5]), [1, 1]),
        (IndexBox::new([5, 2], [14, 9]), [7, 5]),
        (IndexBox::new([2, 2], [3, 9]), [20, 20]),
    ] {
        let expected: Vec<f64> = (part.lo[0]..part.hi[0])
            .step_by(step[0])
            .flat_map(|i| {
                (part.lo[1]..part.hi[1])
                    .step_by(step[1])
                    .map(move |j| value(&[i, j]))
            })
            .collect();
        let mut values = vec![0.0; expected.len()];
        array.get_strided(&part, &step, &mut values).unwrap();
        assert_eq!(values, expected, "{part} by {step:?}");
        team.barrier().unwrap();
        if team.rank() == n - 1 {
            let negative: Vec<f64> = expected.iter().map(|v| -v).collect();
            array.put_strided(&part, &step, &negative).unwrap();
            array.get_strided(&part, &step, &mut values).unwrap();
            assert_eq!(values, negative);
            let double: Vec<f64> = expected.iter().map(|v| 2.0 * v).collect();
            array
                .accumulate_strided(&part, &step, &double, AccumulateOp::Sum)
                .unwrap();
        }
        array.sync().unwrap();
        let mut whole = vec![0.0; 16 * 9];
        array.get(&IndexBox::full(&[16, 9]), &mut whole).unwrap();
        assert!(
            IndexBox::full(&[16, 9])
                .indices()
                .zip(&whole)
                .all(|(index, &found)| found == value(&index))
        );
        array.sync().unwrap();
    }
    array.destroy().unwrap();
}

fn accumulations(team: &Team) {
    let n = team.n_ranks();
    let array = GlobalArray::<i64>::create(team, &Distribution::default_for(&[12, 4], n)).unwrap();
    let part = IndexBox::new([1, 1], [11, 3]);
    for _ in 0..200 {
        array
            .accumulate(&part, &[1; 20], AccumulateOp::Sum)
            .unwrap();
    }
    array.sync().unwrap();
    let mut values = [0; 48];
    array.get(&IndexBox::full(&[12, 4]), &mut values).unwrap();
    for (index, &found) in IndexBox::full(&[12, 4]).indices().zip(&values) {
        assert_eq!(
            found,
            if part.contains(&index) {
                200 * n as i64
            } else {
                0
            }
        );
    }
    array.destroy().unwrap();
}

fn gather_scatter(team: &Team) {
    let n = team.n_ranks();
    let array = numbered(team, &Distribution::default_for(&[20, 3], n));
    let indices: Vec<Indices> = [[19, 2], [0, 0], [7, 1], [19, 2], [12, 0]]
        .iter()
        .map(|i| Indices::from_slice(i))
        .collect();
    let values = array.gather(&indices).unwrap();
    assert_eq!(
        values,
        indices.iter().map(|index| value(index)).collect::<Vec<_>>()
    );
    team.barrier().unwrap();
    if team.rank() == 0 {
        array.scatter(&indices[1..3], &[-1.0, -2.0]).unwrap();
    }
    array.sync().unwrap();
    assert_eq!(array.gather(&indices[1..3]).unwrap(), [-1.0, -2.0]);
    array.sync().unwrap();
    array
        .scatter_accumulate(
            &[indices[1].clone(), indices[1].clone()],
            &[1.0, 10.0],
            AccumulateOp::Sum,
        )
        .unwrap();
    array.sync().unwrap();
    assert_eq!(
        array.gather(&indices[1..2]).unwrap(),
        [11.0 * n as f64 - 1.0]
    );
    assert!(array.gather(&[Indices::from_slice(&[20, 0])]).is_err());
    assert!(array.scatter(&indices, &[1.0]).is_err());
    array.destroy().unwrap();
}

fn read_inc(team: &Team) {
    let n = team.n_ranks();
    let array = GlobalArray::<u64>::create(team, &Distribution::default_for(&[3], n)).unwrap();
    let mut drawn: Vec<u64> = (0..100).map(|_| array.read_inc(&[1], 1).unwrap()).collect();
    assert!(drawn.is_sorted());
    let all = team.all_gather(bytemuck::cast_slice(&drawn)).unwrap();
    drawn = all
        .iter()
        .flat_map(|bytes| bytes.chunks_exact(8).map(bytemuck::pod_read_unaligned))
        .collect();
    drawn.sort_unstable();
    assert_eq!(drawn, (0..100 * n as u64).collect::<Vec<_>>());
    array.sync().unwrap();
    assert_eq!(
        array.gather(&[Indices::from_slice(&[1])]).unwrap(),
        [100 * n as u64]
    );
    array.destroy().unwrap();
    let copies = GlobalArray::<i64>::create(team, &Distribution::replicated(&[2])).unwrap();
    assert!(copies.read_inc(&[0], 1).is_err());
}

fn without_waiting(team: &Team) {
    let (n, me) = (team.n_ranks(), team.rank());
    let array = numbered(team, &Distribution::default_for(&[4 * n, 6], n));
    let part = IndexBox::new([1, 0], [4 * n - 1, 5]);
    let (one, two) = (
        array.nb_get(&part).unwrap(),
        array.nb_get(&IndexBox::full(&[4 * n, 6])).unwrap(),
    );
    drop(array.nb_get(&part).unwrap());
    assert_eq!(
        two.wait().unwrap(),
        IndexBox::full(&[4 * n, 6])
            .indices()
            .map(|i| value(&i))
            .collect::<Vec<_>>()
    );
    assert_eq!(
        one.wait().unwrap(),
        part.indices().map(|i| value(&i)).collect::<Vec<_>>()
    );
    array.sync().unwrap();
    // Each rank writes the first row of the next one's block.
    let row = array.distribution().box_of((me + 1) % n).lo[0];
    let place = IndexBox::new([row, 0], [row + 1, 6]);
    let mut values = vec![me as f64; 6];
    let put = array.nb_put(&place, &values).unwrap();
    values.fill(-1.0);
    drop(array.nb_put(&place, &[me as f64; 6]).unwrap());
    put.wait().unwrap();
    array.sync().unwrap();
    assert_eq!(array.local().unwrap()[..6], [((me + n - 1) % n) as f64; 6]);
    array.destroy().unwrap();
}

fn local_blocks(team: &Team) {
    let n = team.n_ranks();
    let mut array = numbered(team, &Distribution::default_for(&[2 * n + 1, 3], n));
    assert_eq!(array.local().unwrap().as_ptr().align_offset(64), 0);
    assert_eq!(array.local().unwrap().len(), array.block().len());
    let own = array.block().clone();
    {
        let block = array.local().unwrap();
        let again = array.local().unwrap();
        assert_eq!(*block, *again);
        let mut values = vec![0.0; own.len()];
        array.get(&own, &mut values).unwrap();
        assert_eq!(*block, values);
        if !own.is_empty() {
            assert!(matches!(array.put(&own, &values), Err(Error::Usage { .. })));
        }
    }
    for element in array.local_mut().unwrap().iter_mut() {
        *element += 0.5;
    }
    array.sync().unwrap();
    let mut values = vec![0.0; array.distribution().len()];
    array
        .get(&IndexBox::full(&[2 * n + 1, 3]), &mut values)
        .unwrap();
    assert!(
        values
            .iter()
            .zip(IndexBox::full(&[2 * n + 1, 3]).indices())
            .all(|(&found, index)| found == value(&index) + 0.5)
    );
    array.destroy().unwrap();
}

fn fill_duplicate_drop(team: &Team) {
    let n = team.n_ranks();
    for round in 0..5 {
        let mut array =
            GlobalArray::<i32>::create(team, &Distribution::default_for(&[50], n)).unwrap();
        let mut values = [1; 50];
        array.get(&IndexBox::full(&[50]), &mut values).unwrap();
        assert_eq!(values, [0; 50]);
        array.fill(round).unwrap();
        let copy = array.duplicate().unwrap();
        // Ranks drop at different times; a drop does not communicate.
        if team.rank().is_multiple_of(2) {
            drop(array);
            team.barrier().unwrap();
        } else {
            team.barrier().unwrap();
            drop(array);
        }
        copy.get(&IndexBox::full(&[50]), &mut values).unwrap();
        assert_eq!(values, [round; 50]);
    }
}

fn redistribution(team: &Team) {
    let n = team.n_ranks();
    let shape = [11, 8];
    let targets = [
        Distribution::regular(&shape, &[1, n], n).unwrap(),
        Distribution::replicated(&shape),
        Distribution::default_for(&shape, n).with_grain(0, 4),
    ];
    for target in &targets {
        let source = numbered(team, &Distribution::default_for(&shape, n));
        let mut array = GlobalArray::<f64>::create(team, target).unwrap();
        let moves = moves_between(source.distribution(), target, team.rank());
        team.reset_counters();
        let pending = array.start_moves(&source, &moves).unwrap();
        array.finish_moves(pending).unwrap();
        let sent: usize = moves
            .iter()
            .filter(|m| m.from == team.rank() && m.to != team.rank())
            .map(|m| m.source.len() * 8)
            .sum();
        let peers = moves
            .iter()
            .filter(|m| m.from == team.rank() && m.to != team.rank())
            .count();
        assert_eq!(
            (team.counters().bytes_sent, team.counters().messages_sent),
            (sent as u64, peers as u64)
        );
        let own = array.block().clone();
        assert!(
            array
                .local()
                .unwrap()
                .iter()
                .zip(own.indices())
                .all(|(&found, index)| found == value(&index)),
            "{target}"
        );
        let mut back = GlobalArray::<f64>::create(team, source.distribution()).unwrap();
        back.copy_from(&array).unwrap();
        assert_eq!(*back.local().unwrap(), *source.local().unwrap());
        assert!(
            back.copy_from(
                &GlobalArray::create(team, &Distribution::default_for(&[3], n)).unwrap()
            )
            .is_err()
        );
    }
}

fn wrong_accesses(team: &Team) {
    let n = team.n_ranks();
    let array = GlobalArray::<f64>::create(team, &Distribution::default_for(&[10, 2], n)).unwrap();
    let usage = |result: Result<(), Error>| {
        assert!(matches!(result, Err(Error::Usage { .. })), "{result:?}")
    };
    usage(array.get(&IndexBox::new([0, 0], [11, 2]), &mut [0.0; 22]));
    usage(array.get(&IndexBox::new([0, 0], [1, 2]), &mut [0.0; 3]));
    usage(array.get(&IndexBox::new([0], [1]), &mut [0.0; 1]));
    usage(array.put(&IndexBox::new([0, 0], [1, 2]), &[0.0; 3]));
    usage(array.get_strided(&IndexBox::new([0, 0], [1, 2]), &[0, 1], &mut [0.0; 2]));
    let other = Distribution::default_for(&[10], n + 1);
    assert!(matches!(
        GlobalArray::<f64>::create(team, &other),
        Err(Error::Distribution { .. })
    ));
    if n > 1 {
        let shape = if team.rank() == 0 { [4] } else { [5] };
        assert!(matches!(
            GlobalArray::<f64>::create(team, &Distribution::default_for(&shape, n)),
            Err(Error::Usage { .. })
        ));
    }
    let huge = Distribution::default_for(&[1 << 45], n);
    assert!(matches!(
        GlobalArray::<f64>::create(team, &huge),
        Err(Error::Memory { .. })
    ));
    let mut after = GlobalArray::<f64>::create(team, &Distribution::default_for(&[4], n)).unwrap();
    after.fill(1.0).unwrap();
    array.destroy().unwrap();
}

fn while_the_target_computes(team: &Team) {
    // On one node a get needs nothing of its target; between nodes progress is MPI's, so the target calls its team.
    let array = numbered(team, &Distribution::default_for(&[64], team.n_ranks()));
    if team.rank() == 0 || team.n_nodes() > 1 {
        let mut values = [0.0; 64];
        for _ in 0..50 {
            array.get(&IndexBox::full(&[64]), &mut values).unwrap();
        }
    } else {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    array.destroy().unwrap();
}
