//! Products of any shapes, views and cuts: the plain sum's values.

use gain_core::{Array, DType, Distribution, Index, Runtime, Settings, Team, create};
use gain_linalg::{dot, matmul, vecdot};
use num_complex::Complex64;
use proptest::prelude::*;

fn noise(count: usize, mut seed: u64) -> Vec<f64> {
    (0..count)
        .map(|_| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            // Small integers: sums are exact in every dtype.
            ((seed >> 33) % 7) as f64 - 3.0
        })
        .collect()
}

/// How an operand lies in its memory.
#[derive(Clone, Copy, Debug)]
enum View {
    Plain,
    Transposed,
    Stepped,
    Reversed,
}

/// A matrix of this shape, seen so, and its elements in C order.
fn operand(
    rt: &Runtime,
    shape: [usize; 2],
    view: View,
    dtype: DType,
    seed: u64,
    cuts: &[usize],
) -> (Array, Vec<f64>) {
    let [m, n] = shape;
    let memory = match view {
        View::Plain => [m, n],
        View::Transposed => [n, m],
        View::Stepped | View::Reversed => [2 * m, 2 * n],
    };
    let elements = noise(memory[0] * memory[1], seed);
    let whole = create::from_slice(rt, &memory, &elements).expect("it fits");
    let whole = whole.astype(dtype).expect("it casts");
    let distribution = cut(memory, rt.n_ranks(), cuts);
    let whole = whole.redistributed(distribution).expect("it fits");
    let slice = |step: isize| Index::Slice {
        start: None,
        stop: None,
        step: Some(step),
    };
    let seen = match view {
        View::Plain => whole,
        View::Transposed => whole.transpose(&[1, 0]).expect("two axes"),
        View::Stepped => whole.index(&[slice(2), slice(2)]).expect("it lies inside"),
        View::Reversed => whole
            .index(&[slice(-2), slice(-2)])
            .expect("it lies inside"),
    };
    let at = |i: usize, j: usize| match view {
        View::Plain => elements[i * n + j],
        View::Transposed => elements[j * m + i],
        View::Stepped => elements[2 * i * 2 * n + 2 * j],
        View::Reversed => elements[(2 * m - 1 - 2 * i) * 2 * n + 2 * n - 1 - 2 * j],
    };
    let values = (0..m * n)
        .map(|at_| at(at_ / n.max(1), at_ % n.max(1)))
        .collect();
    (seen, values)
}

/// Cuts of both axes anywhere, with empty blocks and blocks of one; of the rows alone, of the columns alone, or on a grid.
fn cut(shape: [usize; 2], n_ranks: usize, cuts: &[usize]) -> Distribution {
    let rows = 1 + cuts[0] % n_ranks;
    let mut draws = cuts[1..].iter().cycle();
    let points = [rows, n_ranks / rows]
        .into_iter()
        .zip(shape)
        .map(|(parts, len)| {
            let inner = (1..parts).map(|_| draws.next().expect("a cycle of some") % (len + 1));
            let mut points: Vec<usize> = inner.chain([0, len]).collect();
            points.sort_unstable();
            points
        });
    let points: Vec<Vec<usize>> = points.collect();
    Distribution::irregular(&points, n_ranks).expect("it fits")
}

fn view() -> impl Strategy<Value = View> {
    prop_oneof![
        Just(View::Plain),
        Just(View::Transposed),
        Just(View::Stepped),
        Just(View::Reversed)
    ]
}

fn length() -> impl Strategy<Value = usize> {
    prop_oneof![
        Just(0),
        Just(1),
        Just(2),
        Just(7),
        Just(31),
        Just(97),
        1usize..20
    ]
}

fn dtype() -> impl Strategy<Value = DType> {
    prop_oneof![
        Just(DType::F64),
        Just(DType::F32),
        Just(DType::I64),
        Just(DType::I16),
        Just(DType::C128)
    ]
}

fn values(array: &Array) -> Vec<f64> {
    if array.dtype() == DType::C128 {
        let elements = array.to_vec::<Complex64>().expect("it is c128");
        return elements.into_iter().map(|element| element.re).collect();
    }
    let array = array.astype(DType::F64).expect("it casts");
    array.to_vec::<f64>().expect("f64")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn matrices((m, k, n) in (length(), length(), length()), left in view(), right in view(), dtype in dtype(), n_ranks in 1usize..=5, cuts in prop::collection::vec(0usize..1000, 7)) {
        Team::threads(n_ranks, |team| {
            let settings = Settings { threshold: 0, n_threads: 1, ..Settings::default() };
            let rt = Runtime::with_team(team, settings);
            let (a, x) = operand(&rt, [m, k], left, dtype, 3, &cuts);
            let (b, y) = operand(&rt, [k, n], right, dtype, 5, &cuts[3..]);
            let wanted: Vec<f64> = (0..m * n)
                .map(|at| (0..k).map(|p| x[at / n * k + p] * y[p * n + at % n]).sum())
                .collect();
            let product = matmul(&a, &b).expect("it runs");
            assert_eq!(product.shape(), [m, n]);
            assert_eq!(product.dtype(), dtype);
            assert_eq!(values(&product), wanted);
            if m > 0 && k > 0 {
                let row = a.index(&[Index::Int(m as isize - 1)]).expect("it lies inside");
                let wanted: Vec<f64> = (0..n)
                    .map(|j| (0..k).map(|p| x[(m - 1) * k + p] * y[p * n + j]).sum())
                    .collect();
                assert_eq!(values(&dot(&row, &b).expect("it runs")), wanted);
                let square: f64 = (0..k).map(|p| x[(m - 1) * k + p] * x[(m - 1) * k + p]).sum();
                assert_eq!(values(&dot(&row, &row).expect("it runs")), [square]);
                if dtype.is_float() {
                    let wanted: Vec<f64> = (0..m)
                        .map(|i| (0..k).map(|p| x[i * k + p] * x[i * k + p]).sum())
                        .collect();
                    assert_eq!(values(&vecdot(&a, &a).expect("it runs")), wanted);
                }
            }
        });
    }
}
