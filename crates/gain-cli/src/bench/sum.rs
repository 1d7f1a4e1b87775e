//! `gain bench sum`: `(2.5*x + y).sum()` against NumPy and a hand-written loop that reads both once.

use std::time::Instant;

use clap::Args;
use serde::Deserialize;

use super::{
    fused, median,
    pages::Pages,
    program,
    table::{self, Goal, Row},
};
use crate::{
    error::{Error, Result},
    place,
    run::positive,
};

const PROGRAM: &str = include_str!("../programs/sum.py");

const NUMPY: &str = "NumPy";
const LOOP: &str = "hand-written loop";
const GAIN: &str = "gain";

/// Sums that differ by more than this part are wrong; their order of addition differs.
const TOLERANCE: f64 = 1e-12;

/// The size of the measurement.
#[derive(Args)]
pub struct Options {
    /// Elements of each vector
    #[arg(long, default_value_t = 20_000_000, value_parser = positive)]
    n: usize,
    /// Sums in each repeat
    #[arg(long, default_value_t = 10, value_parser = positive)]
    sums: usize,
    /// Interleaved repeats; the table shows medians
    #[arg(long, default_value_t = 5, value_parser = positive)]
    repeats: usize,
}

#[derive(Deserialize)]
struct Measured {
    seconds: f64,
    sum: f64,
}

/// Measures, checks, prints.
///
/// # Errors
///
/// A contender failed, or its sum is not NumPy's.
pub fn run(options: &Options) -> Result<()> {
    let mut rows: Vec<Row> = Vec::new();
    let threads = place::n_cores();
    for (name, threads) in [
        (NUMPY, 1),
        (LOOP, 1),
        (LOOP, threads),
        (GAIN, 1),
        (GAIN, threads),
    ] {
        let is_there = rows
            .iter()
            .any(|row| row.name == name && row.threads == threads);
        if !is_there {
            rows.push(Row {
                name: name.to_owned(),
                ranks: 1,
                threads,
                seconds: 0.0,
                all: Vec::new(),
            });
        }
    }
    let mut expected = None;
    for _ in 0..options.repeats {
        for row in &mut rows {
            let measured = measure(options, row)?;
            check(row, measured.sum, *expected.get_or_insert(measured.sum))?;
            row.all.push(measured.seconds);
        }
    }
    for row in &mut rows {
        row.seconds = median(row.all.clone());
    }
    show(options, &rows);
    Ok(())
}

fn measure(options: &Options, row: &Row) -> Result<Measured> {
    if row.name == LOOP {
        return hand_written(options, row.threads);
    }
    let module = if row.name == NUMPY { "numpy" } else { "gain" };
    let mut command = program::python(PROGRAM, 1, row.threads)?;
    program::answer(
        &row.name,
        command.args([module, &options.n.to_string(), &options.sums.to_string()]),
    )
}

/// The same vectors as in the Python program.
fn hand_written(options: &Options, n_threads: usize) -> Result<Measured> {
    let (mut x, mut y) = (
        Pages::<f64>::zeroed(options.n)?,
        Pages::<f64>::zeroed(options.n)?,
    );
    for (k, (x, y)) in x.iter_mut().zip(y.iter_mut()).enumerate() {
        *x = k as f64 * 1e-7;
        *y = 1.0 - *x;
    }
    let mut sum = fused::weighted_sum(&x, &y, n_threads);
    let start = Instant::now();
    for _ in 0..options.sums {
        sum = std::hint::black_box(fused::weighted_sum(std::hint::black_box(&x), &y, n_threads));
    }
    Ok(Measured {
        seconds: start.elapsed().as_secs_f64() / options.sums as f64,
        sum,
    })
}

fn check(row: &Row, found: f64, expected: f64) -> Result<()> {
    if (found - expected).abs() <= TOLERANCE * expected.abs() {
        return Ok(());
    }
    let who = format!("{} on {} threads", row.name, row.threads);
    Err(Error::Wrong {
        who,
        found: found.to_string(),
        expected: expected.to_string(),
    })
}

fn show(options: &Options, rows: &[Row]) {
    let title = format!(
        "(2.5*x + y).sum(), {} elements, median of {} interleaved repeats",
        options.n, options.repeats
    );
    table::print(&title, rows, ("ms", 1e3), NUMPY, LOOP);
    let mut counts: Vec<usize> = rows
        .iter()
        .filter(|row| row.name == GAIN)
        .map(|row| row.threads)
        .collect();
    counts.dedup();
    let ratio = |threads| {
        let pair =
            table::seconds(rows, GAIN, 1, threads).zip(table::seconds(rows, LOOP, 1, threads));
        pair.map(|(gain, plain)| gain / plain)
    };
    let goals = counts.into_iter().filter_map(|threads| {
        let what = format!("{threads} threads: time of the hand-written loop");
        ratio(threads).map(|ratio| Goal::at_most(what, ratio, 1.2))
    });
    table::print_goals(&goals.collect::<Vec<_>>());
}
