//! `gain bench ufuncs`, `ndarray`, `linalg` and `functions`: many statements, each beside NumPy's in the same process, on one thread, on all
//! and on two ranks.

use clap::Args;
use serde::Deserialize;

use super::program;
use crate::{error::Result, place, run::positive};

const PROGRAM: &str = include_str!("../programs/rows.py");

/// The size of the measurement.
#[derive(Args)]
pub struct Options {
    /// Interleaved repeats; the table shows medians
    #[arg(long, default_value_t = 5, value_parser = positive)]
    repeats: usize,
    /// On one thread only
    #[arg(long)]
    one_thread: bool,
}

/// Statements with NumPy's seconds and gain's.
#[derive(Deserialize)]
struct Measured {
    rows: Vec<(String, f64, f64)>,
}

/// Measures and prints one group of statements.
///
/// # Errors
///
/// gain can't be imported, or a statement fails.
pub fn run(group: &str, options: &Options) -> Result<()> {
    let threads = place::n_cores();
    let mut places = vec![(1, 1)];
    if !options.one_thread {
        places.extend([(1, threads), (2, 1)]);
    }
    let mut all = Vec::new();
    for &(ranks, threads) in &places {
        let mut command = program::python(PROGRAM, ranks, threads)?;
        command.env("OPENBLAS_NUM_THREADS", "1");
        command.args([group, &options.repeats.to_string()]);
        let measured: Measured = program::answer(&format!("gain bench {group}"), &mut command)?;
        all.push(measured.rows);
    }
    println!(
        "{group}: NumPy on one thread, gain's speed as a multiple of it; median of {} interleaved repeats",
        options.repeats
    );
    let heads = places
        .iter()
        .map(|(ranks, threads)| format!("{:>12}", format!("{ranks} x {threads}")));
    println!(
        "{:<40} {:>10}{}",
        "ranks x threads",
        "NumPy ms",
        heads.collect::<String>()
    );
    for (number, (statement, numpy, _)) in all[0].iter().enumerate() {
        let speeds = all
            .iter()
            .map(|rows| format!("{:>12.2}", rows[number].1 / rows[number].2));
        println!(
            "{statement:<40} {:>10.3}{}",
            numpy * 1e3,
            speeds.collect::<String>()
        );
    }
    let means = all.iter().map(|rows| {
        let logs: f64 = rows.iter().map(|row| (row.1 / row.2).ln()).sum();
        format!("{:>12.2}", (logs / rows.len() as f64).exp())
    });
    println!(
        "{:<40} {:>10}{}",
        "geometric mean",
        "",
        means.collect::<String>()
    );
    let mut slowest: Vec<_> = all[0].iter().map(|row| (row.1 / row.2, &row.0)).collect();
    slowest.sort_by(|a, b| a.0.total_cmp(&b.0));
    let list: Vec<String> = slowest
        .iter()
        .take(10)
        .map(|(speed, statement)| format!("{statement} {speed:.2}"))
        .collect();
    println!("slowest on one thread: {}", list.join("; "));
    Ok(())
}
