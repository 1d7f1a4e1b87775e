//! Jacobi sweeps on a square plate, in Rust: `cargo run --release -p gain-core --example laplace -- [N] [SWEEPS] [THREADS]`.

use std::time::Instant;

use gain_core::{Array, DType, Error, Index, Operand, Runtime, Settings, create};

fn main() -> Result<(), Error> {
    let numbers: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|text| text.parse().ok())
        .collect();
    let (n, sweeps, n_threads) = (
        number(&numbers, 0, 4000),
        number(&numbers, 1, 20),
        number(&numbers, 2, 1),
    );
    let rt = Runtime::single(Settings {
        n_threads,
        ..Settings::default()
    });
    let u = create::zeros(&rt, &[n, n], DType::F64)?;
    u.index(&[Index::Int(0)])?.assign(Operand::from(1.0))?;
    sweep(&u)?;
    rt.sync()?;
    let start = Instant::now();
    for _ in 0..sweeps {
        sweep(&u)?;
    }
    rt.sync()?;
    let per_sweep = start.elapsed().as_secs_f64() / sweeps as f64;
    println!(
        "{n} x {n}, {n_threads} threads: {:.2} ms a sweep; u[1, n/2] = {}",
        per_sweep * 1e3,
        u.element(&[1, n / 2])?
    );
    Ok(())
}

fn number(numbers: &[usize], at: usize, default: usize) -> usize {
    numbers.get(at).copied().unwrap_or(default)
}

fn sweep(u: &Array) -> Result<(), Error> {
    let (up, down, inner) = (
        slice(None, Some(-2)),
        slice(Some(2), None),
        slice(Some(1), Some(-1)),
    );
    let (dx2, dy2) = (0.01, 0.01);
    let vertical = (&(&u.index(&[up, inner])? + &u.index(&[down, inner])?)? * dy2)?;
    let horizontal = (&(&u.index(&[inner, up])? + &u.index(&[inner, down])?)? * dx2)?;
    let next = (&(&vertical + &horizontal)? * (0.5 / (dx2 + dy2)))?;
    u.index(&[inner, inner])?.assign(Operand::from(&next))
}

fn slice(start: Option<isize>, stop: Option<isize>) -> Index {
    Index::Slice {
        start,
        stop,
        step: None,
    }
}
