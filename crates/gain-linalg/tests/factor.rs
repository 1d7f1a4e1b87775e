//! Factorisations: the same bits on any number of ranks, and residuals as backward stable algorithms leave them.

use gain_core::{Array, Runtime, Settings, Team, create};
use gain_linalg::{factor, matmul};

/// Elements in (-1, 1), the same everywhere.
fn noise(count: usize, mut seed: u64) -> Vec<f64> {
    (0..count)
        .map(|_| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        })
        .collect()
}

fn runtime(team: Team) -> Runtime {
    let settings = Settings {
        threshold: 0,
        n_threads: 1,
        ..Settings::default()
    };
    Runtime::with_team(team, settings)
}

fn matrix(rt: &Runtime, m: usize, n: usize) -> Array {
    create::from_slice(rt, &[m, n], &noise(m * n, 7)).expect("it fits")
}

fn bits(array: &Array) -> Vec<u64> {
    let elements = array.to_vec::<f64>().expect("it is f64");
    elements.into_iter().map(f64::to_bits).collect()
}

/// The largest difference of two arrays' elements.
fn difference(a: &Array, b: &Array) -> f64 {
    let (a, b) = (
        a.to_vec::<f64>().expect("f64"),
        b.to_vec::<f64>().expect("f64"),
    );
    a.iter()
        .zip(&b)
        .map(|(x, y)| (x - y).abs())
        .fold(0.0, f64::max)
}

/// Runs on 1, 2 and 3 ranks; all results have the same bits.
fn alike(work: impl Fn(&Runtime) -> Vec<u64> + Sync) {
    let mut found = Vec::new();
    for n_ranks in [1, 2, 3] {
        found.extend(Team::threads(n_ranks, |team| work(&runtime(team))));
    }
    assert!(found.iter().all(|other| *other == found[0]));
}

/// Runs on 1, 2 and 3 ranks; all results agree to rounding errors.
fn alike_within(work: impl Fn(&Runtime) -> Vec<f64> + Sync) {
    let mut found = Vec::new();
    for n_ranks in [1, 2, 3] {
        found.extend(Team::threads(n_ranks, |team| work(&runtime(team))));
    }
    for other in &found {
        for (x, y) in other.iter().zip(&found[0]) {
            assert!((x - y).abs() < 1e-12, "{x} {y}");
        }
    }
}

fn identity(rt: &Runtime, n: usize) -> Array {
    let elements: Vec<f64> = (0..n * n)
        .map(|at| f64::from(u8::from(at % (n + 1) == 0)))
        .collect();
    create::from_slice(rt, &[n, n], &elements).expect("it fits")
}

#[test]
fn systems() {
    alike(|rt| {
        let (a, b) = (matrix(rt, 150, 150), matrix(rt, 150, 70));
        let x = factor::solve(&a, &b)
            .expect("it runs")
            .expect("it is regular");
        assert!(difference(&matmul(&a, &x).expect("it runs"), &b) < 1e-10);
        let inverse = factor::inv(&a).expect("it runs").expect("it is regular");
        let (sign, logarithm) = factor::slogdet(&a).expect("it runs");
        let mut all = bits(&x);
        all.extend(bits(&inverse));
        all.extend([sign.re.to_bits(), logarithm.to_bits()]);
        all
    });
}

#[test]
fn triangular_factors() {
    alike(|rt| {
        let a = matrix(rt, 140, 140);
        let product = matmul(&a, &a.transpose(&[1, 0]).expect("two axes")).expect("it runs");
        let l = factor::cholesky(&product)
            .expect("it runs")
            .expect("it is definite");
        let back = matmul(&l, &l.transpose(&[1, 0]).expect("two axes")).expect("it runs");
        assert!(difference(&back, &product) < 1e-12);
        assert!(factor::cholesky(&a).expect("it runs").is_none());
        bits(&l)
    });
}

#[test]
fn orthogonal_factors() {
    for (m, n) in [(150, 140), (140, 150), (2100, 20)] {
        alike(|rt| {
            let a = matrix(rt, m, n);
            let (q, r) = factor::qr(&a, false, true).expect("it runs");
            let q = q.expect("it was asked for");
            assert!(difference(&matmul(&q, &r).expect("it runs"), &a) < 1e-12);
            let one = matmul(&q.transpose(&[1, 0]).expect("two axes"), &q).expect("it runs");
            let least = m.min(n);
            assert!(difference(&one, &identity(rt, least)) < 1e-12);
            let mut all = bits(&q);
            all.extend(bits(&r));
            all
        });
    }
}

#[test]
fn singular_matrices() {
    alike(|rt| {
        let mut elements = noise(130 * 130, 3);
        (0..130).for_each(|i| elements[i * 130 + 90] = 0.0);
        let a = create::from_slice(rt, &[130, 130], &elements).expect("it fits");
        assert!(factor::inv(&a).expect("it runs").is_none());
        assert_eq!(factor::det(&a).expect("it runs").norm(), 0.0);
        assert!(factor::inv(&matrix(rt, 130, 120)).is_err());
        Vec::new()
    });
}

#[test]
fn hermitian_matrices() {
    for n in [1, 2, 33, 150, 300] {
        alike_within(|rt| {
            let a = matrix(rt, n, n);
            let sum = gain_core::operate::ufunc(
                rt,
                gain_core::ufunc::ADD,
                &[
                    gain_core::Operand::Array(&a),
                    gain_core::Operand::Array(&a.transpose(&[1, 0]).expect("two axes")),
                ],
            )
            .expect("it runs");
            let (values, vectors) = factor::eigh(&sum, true)
                .expect("it runs")
                .expect("it is finite");
            let vectors = vectors.expect("it was asked for");
            let (alone, _) = factor::eigh(&sum, false)
                .expect("it runs")
                .expect("it is finite");
            assert!(difference(&values, &alone) < 1e-12, "{n}");
            let scaled = gain_core::operate::ufunc(
                rt,
                gain_core::ufunc::MULTIPLY,
                &[
                    gain_core::Operand::Array(&vectors),
                    gain_core::Operand::Array(&values),
                ],
            )
            .expect("it runs");
            let back = matmul(&sum, &vectors).expect("it runs");
            assert!(difference(&back, &scaled) < 1e-12, "{n}");
            let one =
                matmul(&vectors.transpose(&[1, 0]).expect("two axes"), &vectors).expect("it runs");
            assert!(difference(&one, &identity(rt, n)) < 1e-12, "{n}");
            values.to_vec::<f64>().expect("f64")
        });
    }
}
