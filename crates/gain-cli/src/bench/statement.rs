//! `gain bench statement`: what a cached statement of 6 operations costs beyond its loops.
//!
//! The statement is recorded, found in the plan cache and run as for large arrays (`GAIN_THRESHOLD=0`), once on 8 x 8, where the
//! loops cost next to nothing: that time is the cost beyond the loops; and once on 1000 x 1000, beside NumPy and a hand-written loop.

use std::time::Instant;

use clap::Args;
use serde::Deserialize;

use super::{
    fused, median,
    pages::Pages,
    program,
    table::{Goal, print_goals},
};
use crate::{error::Result, run::positive};

const PROGRAM: &str = include_str!("../programs/statement.py");

/// The size of the measurement.
#[derive(Args)]
pub struct Options {
    /// Repeats; the table shows medians
    #[arg(long, default_value_t = 9, value_parser = positive)]
    repeats: usize,
}

/// Seconds a statement.
#[derive(Deserialize)]
struct Measured {
    small: f64,
    large: f64,
    numpy_large: f64,
}

/// Measures and prints.
///
/// # Errors
///
/// gain can't be imported.
pub fn run(options: &Options) -> Result<()> {
    let mut command = program::python(PROGRAM, 1, 1)?;
    command.env("GAIN_THRESHOLD", "0");
    let measured: Measured = program::answer(
        "gain bench statement",
        command.arg(options.repeats.to_string()),
    )?;
    println!(
        "r[:] = ((a + b) * c - d) * e + f - g, cached plan, one thread, median of {} repeats",
        options.repeats
    );
    println!("{:<24} {:>10.1} us", "gain, 8 x 8", measured.small * 1e6);
    println!(
        "{:<24} {:>10.1} us",
        "gain, 1000 x 1000",
        measured.large * 1e6
    );
    println!(
        "{:<24} {:>10.1} us",
        "NumPy, 1000 x 1000",
        measured.numpy_large * 1e6
    );
    println!(
        "{:<24} {:>10.1} us",
        "hand-written loop",
        hand_written(options)? * 1e6
    );
    print_goals(&[Goal::at_most(
        "cost beyond the loops, us",
        measured.small * 1e6,
        20.0,
    )]);
    Ok(())
}

/// Seconds of the loop that one would write, on 1000 x 1000 and huge pages.
fn hand_written(options: &Options) -> Result<f64> {
    const COUNT: usize = 20;
    let mut operands = Vec::new();
    for k in 0..8 {
        let mut pages = Pages::<f64>::zeroed(1000 * 1000)?;
        pages.fill(1.0 + f64::from(k) / 8.0);
        operands.push(pages);
    }
    let mut r = operands.pop().expect("eight were made");
    let mut seconds = Vec::new();
    for _ in 0..=options.repeats {
        let start = Instant::now();
        for _ in 0..COUNT {
            fused::six_operations(std::array::from_fn(|k| &operands[k][..]), &mut r);
            std::hint::black_box(&mut r);
        }
        seconds.push(start.elapsed().as_secs_f64() / COUNT as f64);
    }
    Ok(median(seconds.split_off(1)))
}
