//! Random array programs on one to four ranks against a plain interpreter: views, steps, broadcasts, overlaps, reductions, indices and masks,
//! on odd distributions.

mod reference;

use gain_core::route::Content;
use gain_core::{
    Array, DType, Distribution, Index, Operand, Options, Reduction, Runtime, Scalar, Selector,
    Settings, Team, create, operate, reduce, ufunc,
};
use proptest::prelude::*;
use reference::Plain;

/// One step of a program; array numbers are taken modulo the arrays that exist.
#[derive(Clone, Debug)]
enum Op {
    New(usize),
    View(usize, Vec<Index>),
    Transpose(usize),
    Binary(usize, usize, usize),
    Assign(usize, usize),
    InPlace(usize, usize, usize),
    Reduce(usize, usize, usize),
    Constant(usize, i64),
    Observe(usize),
    /// A copy under an odd distribution.
    Spread(usize, Vec<usize>),
    /// Rows by index.
    Take(usize, Vec<i64>),
    Put(usize, Vec<i64>, usize),
    /// What is greater than 0, by a mask.
    Select(usize),
    Mask(usize, i64),
    Flatten(usize),
}

const SHAPES: [&[usize]; 6] = [&[7, 5], &[5], &[12], &[7, 1], &[3, 4, 5], &[40]];
type OfTwo = fn(i64, i64) -> i64;

const BINARY: [(&gain_core::Ufunc, OfTwo); 4] = [
    (ufunc::ADD, i64::wrapping_add),
    (ufunc::SUBTRACT, i64::wrapping_sub),
    (ufunc::MULTIPLY, i64::wrapping_mul),
    (ufunc::MAXIMUM, i64::max_of),
];
const FOLDS: [(Reduction, OfTwo); 3] = [
    (Reduction::Sum, i64::wrapping_add),
    (Reduction::Min, i64::min_of),
    (Reduction::Prod, i64::wrapping_mul),
];

/// `Ord`'s methods as plain functions.
trait Extremes {
    fn max_of(self, other: Self) -> Self;
    fn min_of(self, other: Self) -> Self;
}

impl Extremes for i64 {
    fn max_of(self, other: i64) -> i64 {
        self.max(other)
    }

    fn min_of(self, other: i64) -> i64 {
        self.min(other)
    }
}

fn index() -> impl Strategy<Value = Index> {
    let bound = || proptest::option::of(-8isize..9);
    let step = prop_oneof![
        Just(None),
        Just(Some(1)),
        Just(Some(2)),
        Just(Some(-1)),
        Just(Some(-2)),
        Just(Some(3))
    ];
    prop_oneof![
        6 => (bound(), bound(), step).prop_map(|(start, stop, step)| Index::Slice { start, stop, step }),
        1 => (-3isize..4).prop_map(Index::Int),
        1 => Just(Index::NewAxis),
        1 => Just(Index::Ellipsis),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let n = || 0usize..12;
    prop_oneof![
        1 => n().prop_map(Op::New),
        4 => (n(), proptest::collection::vec(index(), 1..4)).prop_map(|(a, i)| Op::View(a, i)),
        1 => n().prop_map(Op::Transpose),
        4 => (n(), n(), n()).prop_map(|(f, a, b)| Op::Binary(f, a, b)),
        3 => (n(), n()).prop_map(|(a, b)| Op::Assign(a, b)),
        2 => (n(), n(), n()).prop_map(|(f, a, b)| Op::InPlace(f, a, b)),
        2 => (n(), n(), 0usize..3).prop_map(|(f, a, axis)| Op::Reduce(f, a, axis)),
        1 => (n(), -3i64..4).prop_map(|(a, v)| Op::Constant(a, v)),
        1 => n().prop_map(Op::Observe),
        3 => (n(), seeds()).prop_map(|(a, s)| Op::Spread(a, s)),
        2 => (n(), rows()).prop_map(|(a, i)| Op::Take(a, i)),
        2 => (n(), rows(), n()).prop_map(|(a, i, b)| Op::Put(a, i, b)),
        1 => n().prop_map(Op::Select),
        1 => (n(), -3i64..4).prop_map(|(a, v)| Op::Mask(a, v)),
        1 => n().prop_map(Op::Flatten),
    ]
}

fn seeds() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(0usize..1000, 1..9)
}

fn rows() -> impl Strategy<Value = Vec<i64>> {
    proptest::collection::vec(-20i64..20, 0..9)
}

/// Cuts of any axes anywhere: blocks may be empty or of one, ranks may be left out.
fn odd(shape: &[usize], n_ranks: usize, seeds: &[usize]) -> Distribution {
    let mut seeds = seeds.iter().cycle();
    let mut draw = |below: usize| seeds.next().expect("a cycle of some") % below;
    let mut places = n_ranks;
    let cuts = shape.iter().map(|&len| {
        let parts = 1 + draw(places);
        places /= parts;
        let inner = (1..parts).map(|_| draw(len + 1));
        let mut points: Vec<usize> = inner.chain([0, len]).collect();
        points.sort_unstable();
        points
    });
    let cuts: Vec<Vec<usize>> = cuts.collect();
    Distribution::irregular(&cuts, n_ranks).expect("the blocks are as many as ranks or fewer")
}

/// The indices as an array, spread oddly.
fn index_array(rt: &Runtime, indices: &[i64]) -> Array {
    let array = create::from_slice(rt, &[indices.len()], indices).expect("memory");
    let seeds: Vec<usize> = indices.iter().map(|i| i.unsigned_abs() as usize).collect();
    if rt.n_ranks() == 1 || indices.is_empty() {
        return array;
    }
    let distribution = odd(array.shape(), rt.n_ranks(), &seeds);
    array.redistributed(distribution).expect("memory")
}

fn mask_of(rt: &Runtime, array: &Array) -> Selector {
    let mask = operate::ufunc(rt, ufunc::GREATER, &[array.into(), 0i64.into()]);
    Selector::Mask(mask.expect("any shape"))
}

fn initial(shape: &[usize], seed: usize) -> Vec<i64> {
    (0..shape.iter().product::<usize>())
        .map(|i| ((i * 7 + seed * 13) % 23) as i64 - 11)
        .collect()
}

/// Runs the program both ways and compares all arrays at the end.
fn check(rt: &Runtime, ops: &[Op]) {
    let mut arrays: Vec<(Array, Plain)> = Vec::new();
    let make = |arrays: &mut Vec<(Array, Plain)>, which: usize| {
        let shape = SHAPES[which % SHAPES.len()];
        let values = initial(shape, which + arrays.len());
        arrays.push((
            create::from_slice(rt, shape, &values).expect("memory"),
            Plain::new(shape, values),
        ));
    };
    make(&mut arrays, 0);
    make(&mut arrays, 1);
    for op in ops {
        step(rt, &mut arrays, op, make);
    }
    for (number, (array, plain)) in arrays.iter().enumerate() {
        compare(array, plain, &format!("array {number} of {ops:?}"));
    }
}

fn step(
    rt: &Runtime,
    arrays: &mut Vec<(Array, Plain)>,
    op: &Op,
    make: impl Fn(&mut Vec<(Array, Plain)>, usize),
) {
    let pick = |n: usize| arrays[n % arrays.len()].clone();
    match op {
        Op::New(which) => make(arrays, *which),
        Op::View(a, indices) => {
            let (array, plain) = pick(*a);
            match (array.index(indices), plain.index(indices)) {
                (Ok(view), Some(plain)) => arrays.push((view, plain)),
                (Err(_), None) => {}
                (got, wanted) => panic!("{indices:?}: {got:?} but {wanted:?}"),
            }
        }
        Op::Transpose(a) => {
            let (array, plain) = pick(*a);
            let order: Vec<usize> = (0..array.ndim()).rev().collect();
            arrays.push((
                array.transpose(&order).expect("a permutation"),
                plain.reversed_axes(),
            ));
        }
        Op::Binary(f, a, b) => {
            let ((x, px), (y, py)) = (pick(*a), pick(*b));
            let (ufunc, f) = BINARY[f % BINARY.len()];
            match (
                operate::ufunc(rt, ufunc, &[(&x).into(), (&y).into()]),
                px.binary(&py, f),
            ) {
                (Ok(array), Some(plain)) => arrays.push((array, plain)),
                (got, wanted) => {
                    assert!(got.is_err() && wanted.is_none(), "{got:?} but {wanted:?}")
                }
            }
        }
        Op::Assign(a, b) => {
            let ((x, px), (y, py)) = (pick(*a), pick(*b));
            assert_eq!(
                x.assign(Operand::Array(&y)).is_ok(),
                px.assign(&py),
                "assign {:?} = {:?}",
                px.shape,
                py.shape
            );
        }
        Op::InPlace(f, a, b) => {
            let ((x, px), (y, py)) = (pick(*a), pick(*b));
            let (ufunc, f) = BINARY[f % BINARY.len()];
            let options = Options {
                out: Some(&x),
                ..Options::default()
            };
            let done =
                operate::ufunc_with(rt, ufunc, &[(&x).into(), (&y).into()], &options).is_ok();
            let wanted = px.binary(&py, f).filter(|result| result.shape == px.shape);
            assert_eq!(
                done,
                wanted.is_some(),
                "in place {:?} with {:?}",
                px.shape,
                py.shape
            );
            if let Some(result) = wanted {
                px.assign(&result);
            }
        }
        Op::Reduce(f, a, axis) => {
            let (array, plain) = pick(*a);
            let (reduction, f) = FOLDS[f % FOLDS.len()];
            let folded = plain.fold(*axis, f);
            let got = reduce::reduce(
                &array,
                reduction,
                Some(&[*axis as isize]),
                false,
                Some(DType::I64),
                false,
            );
            if let Some(plain) = folded {
                arrays.push((got.expect("an axis of some elements"), plain));
            }
        }
        Op::Constant(a, value) => {
            let (array, plain) = pick(*a);
            array.assign((*value).into()).expect("fits");
            plain.assign(&Plain::new(&[], vec![*value]));
        }
        Op::Observe(a) => {
            let (array, plain) = pick(*a);
            compare(&array, &plain, "observed");
        }
        Op::Spread(a, seeds) => {
            let (array, plain) = pick(*a);
            let distribution = odd(array.shape(), rt.n_ranks(), seeds);
            let spread = array.redistributed(distribution).expect("memory");
            arrays.push((spread, plain.copy()));
        }
        Op::Take(a, indices) => {
            let (array, plain) = pick(*a);
            if let Some(indices) = inside(&array, indices) {
                let selector = Selector::Integers(index_array(rt, &indices));
                let rows = array.select(&[selector]).expect("in bounds");
                arrays.push((rows, plain.rows(&indices).copy()));
            }
        }
        Op::Put(a, indices, b) => {
            let ((x, px), (y, py)) = (pick(*a), pick(*b));
            if let Some(indices) = inside(&x, indices) {
                let selector = Selector::Integers(index_array(rt, &indices));
                let done = x.assign_selected(&[selector], Content::Array(&y));
                let wanted = px.rows(&indices).assign(&py);
                assert_eq!(done.is_ok(), wanted, "{:?}: {done:?}", py.shape);
            }
        }
        Op::Select(a) => {
            let (array, plain) = pick(*a);
            if array.ndim() > 0 {
                let found = array.select(&[mask_of(rt, &array)]).expect("a mask");
                arrays.push((found, plain.positive().copy()));
            }
        }
        Op::Mask(a, value) => {
            let (array, plain) = pick(*a);
            if array.ndim() > 0 {
                let content = Content::One(Scalar::from(*value));
                let mask = mask_of(rt, &array);
                array.assign_selected(&[mask], content).expect("a mask");
                plain.positive().assign(&Plain::new(&[], vec![*value]));
            }
        }
        Op::Flatten(a) => {
            let (array, plain) = pick(*a);
            let shape = [array.size()];
            let flat = plain.reshaped(&shape);
            arrays.push(match array.reshape(&shape).expect("as many elements") {
                Some(view) => (view, flat),
                None => (array.reshaped_copy(&shape).expect("memory"), flat.copy()),
            });
        }
    }
}

/// The indices brought inside the first axis, if there is one with any; on both sides of 0.
fn inside(array: &Array, indices: &[i64]) -> Option<Vec<i64>> {
    let len = *array.shape().first().filter(|len| **len > 0)? as i64;
    Some(
        indices
            .iter()
            .map(|i| i.rem_euclid(2 * len) - len)
            .collect(),
    )
}

fn compare(array: &Array, plain: &Plain, what: &str) {
    assert_eq!(array.shape(), &plain.shape[..], "shape of {what}");
    assert_eq!(
        array.to_vec::<i64>().expect("values"),
        plain.values(),
        "values of {what}"
    );
}

fn settings(threshold: usize, n_threads: usize) -> Settings {
    Settings {
        threshold,
        n_threads,
        ..Settings::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_array_distributed(n_ranks in 1usize..5, n_threads in 1usize..3, ops in proptest::collection::vec(op(), 1..14)) {
        Team::threads(n_ranks, |team| check(&Runtime::with_team(team, settings(0, n_threads)), &ops));
    }

    #[test]
    fn small_arrays_replicated(n_ranks in 1usize..4, ops in proptest::collection::vec(op(), 1..14)) {
        Team::threads(n_ranks, |team| check(&Runtime::with_team(team, settings(20, 1)), &ops));
    }
}
