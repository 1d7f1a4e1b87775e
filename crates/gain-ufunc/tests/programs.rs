//! Random programs over random pieces against a plain interpreter, bit for bit.

#![expect(unsafe_code, reason = "the interface under test takes raw memory")]

mod support;

use gain_ufunc::{DType, Lag, Piece, Pool, Scalar, run, ufunc};
use proptest::prelude::*;
use smallvec::SmallVec;
use support::{Array, Random, Twin, same};

const DTYPES: [DType; 8] = [
    DType::F64,
    DType::F64,
    DType::F64,
    DType::F32,
    DType::F32,
    DType::I64,
    DType::I16,
    DType::Bool,
];

fn random_shape(random: &mut Random) -> Vec<usize> {
    match random.below(10) {
        0 => vec![],
        1 => vec![random.below(3000)],
        2 => vec![1 + random.below(40), 1 + random.below(40)],
        3 => vec![1 + random.below(700), 1 + random.below(4)],
        4 => vec![1 + random.below(4), 1 + random.below(700)],
        5 => vec![1 + random.below(90), 1 + random.below(90)],
        6 => vec![random.below(12), random.below(12), random.below(12)],
        7 => vec![1, 1 + random.below(50), 1, 1 + random.below(5)],
        8 => vec![1 + random.below(3), 1 + random.below(100), 3],
        _ => vec![1 + random.below(200)],
    }
}

/// Cuts a shape into boxes along one axis.
fn random_pieces(random: &mut Random, shape: &[usize]) -> Vec<(Vec<usize>, Vec<usize>)> {
    let (lo, hi) = (vec![0; shape.len()], shape.to_vec());
    if shape.is_empty() || random.below(2) == 0 {
        return vec![(lo, hi)];
    }
    let axis = random.below(shape.len());
    let cut = random.below(shape[axis] + 1);
    let (mut mid_hi, mut mid_lo) = (hi.clone(), lo.clone());
    (mid_hi[axis], mid_lo[axis]) = (cut, cut);
    vec![(lo, mid_hi), (mid_lo, hi)]
}

fn grow(random: &mut Random, twin: &mut Twin, n_calls: usize) {
    let binary = [
        ufunc::ADD,
        ufunc::ADD,
        ufunc::SUBTRACT,
        ufunc::MULTIPLY,
        ufunc::MULTIPLY,
        ufunc::DIVIDE,
        ufunc::MAXIMUM,
        ufunc::LESS,
    ];
    let unary = [ufunc::NEGATIVE, ufunc::ABSOLUTE, ufunc::SQRT, ufunc::FLOOR];
    for _ in 0..n_calls {
        let n = twin.values.len();
        let recent = |random: &mut Random| {
            if random.below(3) == 0 {
                random.below(n)
            } else {
                n - 1 - random.below(n.min(4))
            }
        };
        let (a, b) = (recent(random), recent(random));
        match random.below(8) {
            0 => twin.cast(a, random.pick(&DTYPES)),
            1 => drop(twin.call(random.pick(&unary), &[a])),
            2 if random.below(3) == 0 => drop(twin.call(ufunc::WHERE, &[random.below(n), a, b])),
            _ => drop(twin.call(random.pick(&binary), &[a, b])),
        }
    }
}

fn check(seed: u64, n_threads: usize) {
    let random = &mut Random(seed);
    let shape = random_shape(random);
    let n: usize = shape.iter().product();
    let mut twin = Twin::new();
    let arrays: Vec<Array> = (0..1 + random.below(4))
        .map(|_| {
            let dtype = random.pick(&DTYPES);
            Array::random(random, dtype, &shape, true)
        })
        .collect();
    for (slot, array) in arrays.iter().enumerate() {
        twin.load(slot, array);
    }
    let constants: Vec<Scalar> = (0..random.below(3))
        .map(|_| {
            let dtype = random.pick(&DTYPES);
            random.value(dtype)
        })
        .collect();
    for (slot, &scalar) in constants.iter().enumerate() {
        twin.constant(slot, scalar, n);
    }
    if !shape.is_empty() && random.below(4) == 0 {
        twin.index(random.below(shape.len()), &shape);
    }
    let most = if random.below(8) == 0 { 120 } else { 12 };
    let n_calls = random.below(most);
    grow(random, &mut twin, n_calls);
    let mut outputs: Vec<(Array, Vec<Scalar>)> = Vec::new();
    for slot in 0..1 + random.below(3) {
        let (value, expected) =
            twin.values[twin.values.len() - 1 - random.below(twin.values.len().min(3))].clone();
        let dtype = if random.below(3) == 0 {
            random.pick(&DTYPES)
        } else {
            twin.builder.dtype(value)
        };
        twin.builder.store(slot, value, dtype);
        let array = Array::random(random, dtype, &shape, false);
        outputs.push((array, expected.iter().map(|x| x.cast(dtype)).collect()));
    }
    let program = twin.builder.finish();
    let pieces: Vec<Piece> = random_pieces(random, &shape)
        .into_iter()
        .map(|(lo, hi)| Piece {
            shape: lo.iter().zip(&hi).map(|(lo, hi)| hi - lo).collect(),
            loads: arrays.iter().map(|array| array.view(&lo)).collect(),
            stores: outputs
                .iter_mut()
                .map(|(array, _)| array.view_mut(&lo))
                .collect(),
            origin: SmallVec::from_vec(lo),
            lag: None,
        })
        .collect();
    // SAFETY: the views are of arrays with the pieces' shapes; outputs are arrays of their own.
    unsafe { run(&program, &pieces, &constants, &Pool::new(n_threads)) }
        .expect("no loop complains");
    for (array, expected) in &outputs {
        for (index, &expected) in support::indices(&shape).iter().zip(expected) {
            let found = array.get(index);
            assert!(
                same(found, expected),
                "at {index:?} of {shape:?}: {found:?}, not {expected:?}; seed {seed}\n{program}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_programs(seed in any::<u64>()) {
        check(seed, 1);
    }
}

#[test]
fn a_large_program_on_several_threads() {
    let shape = [300, 2000];
    let random = &mut Random(7);
    let mut twin = Twin::new();
    let arrays = [DType::F64, DType::F64, DType::F32]
        .map(|dtype| Array::random(random, dtype, &shape, true));
    for (slot, array) in arrays.iter().enumerate() {
        twin.load(slot, array);
    }
    twin.index(0, &shape);
    grow(random, &mut twin, 6);
    let (value, expected) = twin.values.last().expect("there are values").clone();
    let dtype = twin.builder.dtype(value);
    twin.builder.store(0, value, dtype);
    let program = twin.builder.finish();
    for n_threads in [1, 2, 3] {
        let mut output = Array::random(random, dtype, &shape, false);
        let piece = Piece {
            shape: SmallVec::from_slice(&shape),
            origin: SmallVec::from_slice(&[0, 0]),
            loads: arrays.iter().map(|array| array.view(&[0, 0])).collect(),
            stores: std::iter::once(output.view_mut(&[0, 0])).collect(),
            lag: None,
        };
        // SAFETY: the views are of arrays with the piece's shape.
        unsafe { run(&program, &[piece], &[], &Pool::new(n_threads)) }.expect("no loop complains");
        assert!(
            output
                .elements()
                .iter()
                .zip(&expected)
                .all(|(&a, &b)| same(a, b)),
            "{program}"
        );
    }
}

/// `u[back..n-ahead] = u[..] * c + u[shifted]` in place, against the same in a copy.
fn check_lag(seed: u64) {
    let random = &mut Random(seed);
    let back = random.below(4);
    let ahead = random.below(4);
    let most = if random.below(2) == 0 { 20 } else { 4000 };
    let rows = 1 + random.below(most);
    let mut shape = vec![rows + back + ahead];
    if rows < 50 {
        shape.extend((0..random.below(3)).map(|_| 1 + random.below(60)));
    }
    let mut inner = shape.clone();
    inner[0] = rows;
    let dtype = random.pick(&[DType::F64, DType::F32, DType::I32]);
    let mut array = Array::random(random, dtype, &shape, false);
    let mut shift = vec![0; shape.len()];
    shift[0] = back;
    let at = |rows: usize| {
        let mut at = vec![0; shape.len()];
        at[0] = rows;
        at
    };
    let mut twin = Twin::new();
    let starts = [0, back, back + ahead];
    for (slot, &start) in starts.iter().enumerate() {
        let view = Array {
            shape: inner.clone(),
            ..array.clone()
        };
        let elements: Vec<Scalar> = support::indices(&inner)
            .into_iter()
            .map(|mut index| {
                index[0] += start;
                array.get(&index)
            })
            .collect();
        let value = twin.builder.load(slot, view.dtype);
        twin.values.push((value, elements));
    }
    twin.call(ufunc::ADD, &[0, 2]);
    twin.call(ufunc::MULTIPLY, &[3, 1]);
    twin.call(ufunc::SUBTRACT, &[4, 0]);
    let (value, expected) = twin.values[5].clone();
    twin.builder.store(0, value, dtype);
    let program = twin.builder.finish();
    let piece = Piece {
        shape: SmallVec::from_slice(&inner),
        origin: SmallVec::from_elem(0, inner.len()),
        loads: starts.iter().map(|&start| array.view(&at(start))).collect(),
        stores: std::iter::once(array.view_mut(&at(back))).collect(),
        lag: Some(Lag { rows: back }),
    };
    // SAFETY: the views lie in the array; the reads look back `back` rows.
    unsafe { run(&program, &[piece], &[], &Pool::new(1)) }.expect("no loop complains");
    for (mut index, expected) in support::indices(&inner).into_iter().zip(expected) {
        index[0] += back;
        assert!(
            same(array.get(&index), expected),
            "at {index:?} of {shape:?}, back {back}, seed {seed}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lagged_updates_equal_updates_of_a_copy(seed in any::<u64>()) {
        check_lag(seed);
    }
}

#[test]
fn two_arrays_are_swapped_in_one_program() {
    let random = &mut Random(3);
    let shape = [50, 40];
    let mut a = Array::random(random, DType::F64, &shape, false);
    let mut b = Array::random(random, DType::F64, &shape, false);
    let (old_a, old_b) = (a.elements(), b.elements());
    let mut builder = gain_ufunc::ProgramBuilder::new();
    let (x, y) = (builder.load(0, DType::F64), builder.load(1, DType::F64));
    builder.store(0, y, DType::F64);
    builder.store(1, x, DType::F64);
    let program = builder.finish();
    let piece = Piece {
        shape: SmallVec::from_slice(&shape),
        origin: SmallVec::from_slice(&[0, 0]),
        loads: [a.view(&[0, 0]), b.view(&[0, 0])].into_iter().collect(),
        stores: [a.view_mut(&[0, 0]), b.view_mut(&[0, 0])]
            .into_iter()
            .collect(),
        lag: None,
    };
    // SAFETY: each store is exactly one load.
    unsafe { run(&program, &[piece], &[], &Pool::new(2)) }.expect("no loop complains");
    assert!(a.elements().iter().zip(&old_b).all(|(&a, &b)| same(a, b)));
    assert!(b.elements().iter().zip(&old_a).all(|(&a, &b)| same(a, b)));
}

/// The same tests with the lesser instruction sets: the expected bits do not depend on them.
#[test]
fn other_instruction_sets_give_the_same_bits() {
    if std::env::var_os("GAIN_ISA").is_some() {
        return;
    }
    for isa in ["baseline", "avx2"] {
        let this = std::env::current_exe().expect("a test has a path");
        let status = std::process::Command::new(this)
            .arg("random_programs")
            .env("GAIN_ISA", isa)
            .output()
            .expect("the test runs");
        assert!(
            status.status.success(),
            "{isa}: {}",
            String::from_utf8_lossy(&status.stdout)
        );
    }
}
