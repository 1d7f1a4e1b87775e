//! Reductions against the documented order by its letter: any pieces, threads, strides and routes give the same bits.

#![expect(unsafe_code, reason = "the interface under test takes raw memory")]

mod support;

use gain_ufunc::reduction::order;
use gain_ufunc::{
    DType, Error, LEAF, OperandType, Partials, Piece, Pool, ProgramBuilder, Reduction, Scalar,
    Signature, Ufunc, accumulator, reduce_small, resolve, run, ufunc,
};
use proptest::prelude::*;
use smallvec::SmallVec;
use support::{Array, Random, apply, indices, same};

const DTYPES: [DType; 9] = [
    DType::F64,
    DType::F64,
    DType::F32,
    DType::I64,
    DType::I32,
    DType::U8,
    DType::Bool,
    DType::C128,
    DType::C64,
];

fn joiner(reduction: Reduction, dtype: DType) -> (&'static Ufunc, Signature) {
    let ufunc = match reduction {
        Reduction::Sum => ufunc::ADD,
        Reduction::Prod => ufunc::MULTIPLY,
        Reduction::Min => ufunc::MINIMUM,
        Reduction::Max => ufunc::MAXIMUM,
        Reduction::FMin => ufunc::FMIN,
        Reduction::FMax => ufunc::FMAX,
        Reduction::Any => ufunc::LOGICAL_OR,
        _ => ufunc::LOGICAL_AND,
    };
    let signature =
        resolve(ufunc, &[OperandType::Array(dtype); 2]).expect("reductions have a ufunc");
    (ufunc, signature)
}

/// The element at an index of the iteration space.
type Element<'a> = dyn Fn(&[usize]) -> Scalar + 'a;

fn tree(
    at: &mut Vec<usize>,
    shape: &[usize],
    reduced: &[usize],
    element: &Element<'_>,
    join: &dyn Fn(Scalar, Scalar) -> Scalar,
) -> Option<Scalar> {
    let Some((&axis, inner)) = reduced.split_first() else {
        return Some(element(at));
    };
    let values: Vec<Scalar> = (0..shape[axis])
        .filter_map(|i| {
            at[axis] = i;
            tree(at, shape, inner, element, join)
        })
        .collect();
    if axis + 1 == shape.len() {
        let leaves: Vec<Scalar> = values
            .chunks(LEAF)
            .filter_map(|leaf| order::leaf(leaf, join))
            .collect();
        return order::tree(&leaves, join);
    }
    order::tree(&values, join)
}

/// NumPy's argmin or argmax over the reduced axes in C order.
fn argument(
    at: &[usize],
    shape: &[usize],
    reduced: &[usize],
    element: &Element<'_>,
    least: bool,
) -> i64 {
    let lens: Vec<usize> = reduced.iter().map(|&axis| shape[axis]).collect();
    let values: Vec<Scalar> = indices(&lens)
        .into_iter()
        .map(|inner| {
            let mut at = at.to_vec();
            reduced
                .iter()
                .zip(inner)
                .for_each(|(&axis, i)| at[axis] = i);
            element(&at)
        })
        .collect();
    let dtype = values[0].dtype();
    let is_nan = |x: &Scalar| x.as_complex().re.is_nan() || x.as_complex().im.is_nan();
    let less = resolve(ufunc::LESS, &[OperandType::Array(dtype); 2]).expect("an order");
    let mut best = 0;
    for (i, x) in values.iter().enumerate() {
        let pair = if least {
            [*x, values[best]]
        } else {
            [values[best], *x]
        };
        if !is_nan(&values[best]) && (is_nan(x) || apply(ufunc::LESS, &less, &pair).as_bool()) {
            best = i;
        }
    }
    best as i64
}

fn axes_of(mask: u32, ndim: usize, set: bool) -> Vec<usize> {
    (0..ndim)
        .filter(|axis| (mask >> axis & 1 == 1) == set)
        .collect()
}

fn expected(
    reduction: Reduction,
    shape: &[usize],
    mask: u32,
    element: &Element<'_>,
    dtype: DType,
) -> Vec<Scalar> {
    let (reduced, kept) = (
        axes_of(mask, shape.len(), true),
        axes_of(mask, shape.len(), false),
    );
    let kept_shape: Vec<usize> = kept.iter().map(|&axis| shape[axis]).collect();
    indices(&kept_shape)
        .into_iter()
        .map(|index| {
            let mut at = vec![0; shape.len()];
            kept.iter().zip(index).for_each(|(&axis, i)| at[axis] = i);
            if reduction.is_arg() {
                return Scalar::from(argument(
                    &at,
                    shape,
                    &reduced,
                    element,
                    reduction == Reduction::ArgMin,
                ));
            }
            let (ufunc, signature) = joiner(reduction, dtype);
            tree(&mut at, shape, &reduced, element, &|a, b| {
                apply(ufunc, &signature, &[a, b])
            })
            .expect("there are elements")
        })
        .collect()
}

fn random_shape(random: &mut Random) -> Vec<usize> {
    match random.below(11) {
        0 => vec![],
        1 => vec![1 + random.below(9000)],
        2 => vec![1 + random.below(40), 1 + random.below(40)],
        3 => vec![1 + random.below(700), 1 + random.below(4)],
        4 => vec![1 + random.below(4), 1 + random.below(2500)],
        5 => vec![1 + random.below(120), 1 + random.below(120)],
        6 => vec![
            1 + random.below(12),
            1 + random.below(12),
            1 + random.below(12),
        ],
        7 => vec![1, 1 + random.below(50), 1, 1 + random.below(5)],
        8 => vec![1 + random.below(3), 1 + random.below(100), 3],
        9 => vec![1 + random.below(30), 1100],
        _ => vec![1 + random.below(200)],
    }
}

/// Cuts along a kept axis anywhere, or along the outermost reduced one at units; never along inner reduced axes.
fn random_pieces(random: &mut Random, shape: &[usize], mask: u32) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut pieces = vec![(vec![0; shape.len()], shape.to_vec())];
    for axis in 0..shape.len() {
        let is_reduced = mask >> axis & 1 == 1;
        let outermost = mask.trailing_zeros() as usize == axis;
        if (is_reduced && !outermost) || random.below(3) == 0 {
            continue;
        }
        let unit = if is_reduced && axis + 1 == shape.len() {
            LEAF
        } else {
            1
        };
        let n_cuts = random.below(3);
        let mut cuts: Vec<usize> = (0..n_cuts)
            .map(|_| random.below(shape[axis] / unit + 1) * unit)
            .collect();
        cuts.extend([0, shape[axis]]);
        cuts.sort_unstable();
        pieces = pieces
            .into_iter()
            .flat_map(|(lo, hi)| {
                cuts.windows(2)
                    .map(|w| {
                        let (mut lo, mut hi) = (lo.clone(), hi.clone());
                        (lo[axis], hi[axis]) = (w[0], w[1]);
                        (lo, hi)
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    pieces
}

struct Case {
    shape: Vec<usize>,
    mask: u32,
    reduction: Reduction,
    dtype: DType,
    array: Array,
    /// Whether the value is `x + x * index` rather than a load.
    computed: bool,
}

impl Case {
    fn random(random: &mut Random) -> Case {
        let shape = random_shape(random);
        let dtype = random.pick(&DTYPES);
        Case {
            mask: random.below(1 << shape.len()) as u32,
            reduction: random.pick(&Reduction::REDUCTIONS),
            dtype,
            array: Array::random(random, dtype, &shape, true),
            computed: random.below(2) == 0 && !dtype.is_bool(),
            shape,
        }
    }

    fn input(&self) -> DType {
        accumulator(self.reduction, self.dtype).0
    }

    fn element(&self, index: &[usize]) -> Scalar {
        let x = self.array.get(index);
        let signature = resolve(ufunc::MULTIPLY, &[OperandType::Array(self.dtype); 2])
            .expect("numbers multiply");
        let x = if self.computed {
            apply(ufunc::MULTIPLY, &signature, &[x, x])
        } else {
            x
        };
        x.cast(self.input())
    }

    fn partials(
        &self,
        pieces: &[(Vec<usize>, Vec<usize>)],
        pool: &Pool,
        output: Option<&mut Array>,
    ) -> Partials {
        let mut builder = ProgramBuilder::new();
        let mut value = builder.load(0, self.dtype);
        if self.computed {
            let signature = resolve(ufunc::MULTIPLY, &[OperandType::Array(self.dtype); 2])
                .expect("numbers multiply");
            value = builder.call(ufunc::MULTIPLY, &signature, &[value, value]);
        }
        let value = builder.cast(value, self.input());
        if output.is_some() {
            builder.store(0, value, self.input());
        }
        builder.reduce(self.reduction, value, self.mask);
        let program = builder.finish();
        let mut output = output;
        let pieces: Vec<Piece> = pieces
            .iter()
            .map(|(lo, hi)| Piece {
                shape: lo.iter().zip(hi).map(|(lo, hi)| hi - lo).collect(),
                origin: SmallVec::from_slice(lo),
                loads: std::iter::once(self.array.view(lo)).collect(),
                stores: output.iter_mut().map(|array| array.view_mut(lo)).collect(),
                lag: None,
            })
            .collect();
        // SAFETY: the views are of arrays with the pieces' shapes.
        unsafe { run(&program, &pieces, &[], pool) }
            .expect("no loop complains")
            .expect("the program reduces")
    }

    fn n_units(&self) -> usize {
        match axes_of(self.mask, self.shape.len(), true).first() {
            Some(&axis) => order::n_units(axis + 1 == self.shape.len(), self.shape[axis]),
            None => 1,
        }
    }

    fn compare(&self, route: &str, bytes: &[u8], expected: &[Scalar]) {
        let dtype = if self.reduction.is_arg() {
            DType::I64
        } else {
            self.input()
        };
        assert_eq!(bytes.len(), expected.len() * dtype.size());
        for (i, (found, &expected)) in bytes.chunks_exact(dtype.size()).zip(expected).enumerate() {
            let found = Scalar::from_bytes(dtype, found);
            assert!(
                same(found, expected),
                "{route}: {} of {} {:?} strides {:?} over {:b}: element {i} is {found:?}, not {expected:?}",
                self.reduction,
                self.dtype,
                self.shape,
                self.array.strides,
                self.mask
            );
        }
    }
}

fn check(seed: u64) {
    let random = &mut Random(seed);
    let case = Case::random(random);
    let wanted = expected(
        case.reduction,
        &case.shape,
        case.mask,
        &|index| case.element(index),
        case.input(),
    );
    let pool = Pool::new(1 + random.below(3));

    let pieces = random_pieces(random, &case.shape, case.mask);
    let partials = case.partials(&pieces, &pool, None);
    case.compare(
        "pieces",
        &partials.finish(case.n_units()).expect("there are elements"),
        &wanted,
    );

    // Every piece by itself, sent, and merged in any order.
    let mut merged: Option<Partials> = None;
    let mut singles: Vec<Partials> = pieces
        .iter()
        .map(|piece| case.partials(std::slice::from_ref(piece), &pool, None))
        .collect();
    while !singles.is_empty() {
        let one = singles.swap_remove(random.below(singles.len()));
        let one = Partials::from_bytes(&one.to_bytes());
        match &mut merged {
            Some(all) => all.merge(one),
            None => merged = Some(one),
        }
    }
    let merged = merged.expect("there is a piece");
    case.compare(
        "merged",
        &merged.finish(case.n_units()).expect("there are elements"),
        &wanted,
    );

    // Cut in two along a kept axis and put together again.
    let (lo, shape) = merged.kept_box();
    if let Some(axis) = (0..shape.len()).find(|&axis| shape[axis] > 1) {
        let hi: Vec<usize> = lo.iter().zip(&shape).map(|(lo, len)| lo + len).collect();
        let (mut left, mut right) = (hi.clone(), lo.to_vec());
        left[axis] = lo[axis] + shape[axis] / 2;
        right[axis] = left[axis];
        let mut whole = merged.restrict(&right, &hi);
        whole.merge(merged.restrict(&lo, &left));
        case.compare(
            "cut",
            &whole.finish(case.n_units()).expect("there are elements"),
            &wanted,
        );
    }

    let mut copy = Array::random(random, case.input(), &case.shape, false);
    let whole = [(vec![0; case.shape.len()], case.shape.clone())];
    let partials = case.partials(&whole, &pool, Some(&mut copy));
    case.compare(
        "with a store",
        &partials.finish(case.n_units()).expect("there are elements"),
        &wanted,
    );
    for index in indices(&case.shape) {
        assert!(
            same(copy.get(&index), case.element(&index)),
            "the store at {index:?}"
        );
    }

    if !case.computed {
        let dtype = partials.result_dtype();
        let mut result = vec![0u8; wanted.len() * dtype.size()];
        let (ptr, strides) = (case.array.ptr().cast_const(), &case.array.strides);
        // SAFETY: the array has the shape, the result has room.
        unsafe {
            reduce_small(
                case.reduction,
                case.dtype,
                case.input(),
                &case.shape,
                ptr,
                strides,
                case.mask,
                result.as_mut_ptr(),
            )
        }
        .expect("there are elements");
        case.compare("small", &result, &wanted);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_reductions(seed in any::<u64>()) {
        check(seed);
    }
}

/// A minimum over zeros of both signs.
#[test]
fn reductions_that_once_failed() {
    check(12320615032356679609);
}

#[test]
fn large_reductions_on_several_threads() {
    for (shape, dtype) in [
        (vec![1_500_000], DType::F64),
        (vec![300, 3000], DType::F32),
        (vec![3000, 300], DType::F64),
        (vec![90, 80, 100], DType::F64),
    ] {
        for mask in 0..1u32 << shape.len() {
            let random = &mut Random(u64::from(mask));
            let array = Array {
                strides: shape.iter().map(|_| 0).collect(),
                ..Array::random(random, dtype, &[], false)
            };
            let mut array = Array {
                shape: shape.clone(),
                ..array
            };
            let n: usize = shape.iter().product();
            array.memory = (0..n * dtype.size() / 16 + 2)
                .map(|_| {
                    let pair = [
                        random.below(1000) as f64 * 0.001,
                        random.below(1000) as f64 * 1e-9,
                    ];
                    if dtype == DType::F64 {
                        u128::from(pair[0].to_bits()) << 64 | u128::from(pair[1].to_bits())
                    } else {
                        u128::from((pair[0] as f32).to_bits()) << 64
                            | u128::from((pair[1] as f32).to_bits())
                    }
                })
                .collect();
            let mut step = dtype.size() as isize;
            for axis in (0..shape.len()).rev() {
                array.strides[axis] = step;
                step *= shape[axis] as isize;
            }
            array.offset = 0;
            let case = Case {
                shape: shape.clone(),
                mask,
                reduction: Reduction::Sum,
                dtype,
                array,
                computed: false,
            };
            let whole = [(vec![0; shape.len()], shape.clone())];
            let one = case
                .partials(&whole, &Pool::new(1), None)
                .finish(case.n_units())
                .expect("there are elements");
            for n_threads in 2..5 {
                let many = case
                    .partials(&whole, &Pool::new(n_threads), None)
                    .finish(case.n_units())
                    .expect("there are elements");
                assert!(
                    one == many,
                    "{shape:?} over {mask:b} on {n_threads} threads"
                );
            }
        }
    }
}

#[test]
fn the_sum_is_nearly_exact() {
    let n = 3_000_000usize;
    let random = &mut Random(11);
    let x: Vec<f64> = (0..n)
        .map(|_| (random.below(1 << 30) as f64 - 4e8) * 1e-7)
        .collect();
    let magnitude: f64 = x.iter().map(|x| x.abs()).sum();
    // An exact sum by Neumaier's compensation.
    let (mut sum, mut lost) = (0.0f64, 0.0f64);
    for &x in &x {
        let next = sum + x;
        lost += if sum.abs() >= x.abs() {
            (sum - next) + x
        } else {
            (x - next) + sum
        };
        sum = next;
    }
    let mut result = 0f64;
    // SAFETY: the vector and the result are what they are said to be.
    unsafe {
        reduce_small(
            Reduction::Sum,
            DType::F64,
            DType::F64,
            &[n],
            x.as_ptr().cast(),
            &[8],
            1,
            (&raw mut result).cast(),
        )
    }
    .expect("a sum");
    let roundings = 16.0 + 6.0 + (n as f64 / 1024.0).log2();
    assert!((result - (sum + lost)).abs() <= roundings * f64::EPSILON / 2.0 * magnitude);
}

#[test]
fn nothing_has_an_identity_or_an_error() {
    for reduction in Reduction::REDUCTIONS {
        let random = &mut Random(1);
        let dtype = if matches!(reduction, Reduction::Any | Reduction::All) {
            DType::Bool
        } else {
            DType::F64
        };
        let case = Case {
            shape: vec![0, 3],
            mask: 1,
            reduction,
            dtype,
            array: Array::random(random, dtype, &[0, 3], false),
            computed: false,
        };
        let partials = case.partials(&[(vec![0, 0], vec![0, 3])], &Pool::new(1), None);
        let mut small = [0u8; 24];
        // SAFETY: there are no elements; the result has room for three.
        let by_small = unsafe {
            reduce_small(
                reduction,
                dtype,
                dtype,
                &[0, 3],
                case.array.ptr(),
                &case.array.strides,
                1,
                small.as_mut_ptr(),
            )
        };
        match partials.finish(0) {
            Ok(bytes) => {
                let one = f64::from(u8::from(reduction == Reduction::Prod));
                let expected = if dtype == DType::F64 {
                    [one; 3].map(f64::to_le_bytes).concat()
                } else {
                    vec![u8::from(reduction == Reduction::All); 3]
                };
                assert_eq!(bytes, expected, "{reduction}");
                assert_eq!(small[..bytes.len()], bytes);
                assert_eq!(by_small, Ok(()));
            }
            Err(error) => {
                assert!(matches!(error, Error::EmptyReduction { .. }));
                assert_eq!(by_small, Err(error));
            }
        }
    }
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
            .arg("random_reductions")
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
