//! `gain bench small`: the cost of one call on 10 elements, beside NumPy's in the same process.

use std::collections::BTreeMap;

use clap::Args;
use serde::Deserialize;

use super::{
    program,
    table::{Goal, print_goals},
};
use crate::{error::Result, run::positive};

const PROGRAM: &str = include_str!("../programs/small.py");

/// The size of the measurement.
#[derive(Args)]
pub struct Options {
    /// Interleaved repeats; the table shows medians
    #[arg(long, default_value_t = 9, value_parser = positive)]
    repeats: usize,
}

/// Seconds a call by statement: NumPy's and gain's.
#[derive(Deserialize)]
struct Measured {
    calls: BTreeMap<String, [f64; 2]>,
}

/// Measures and prints.
///
/// # Errors
///
/// gain can't be imported.
pub fn run(options: &Options) -> Result<()> {
    let mut command = program::python(PROGRAM, 1, 1)?;
    let measured: Measured =
        program::answer("gain bench small", command.arg(options.repeats.to_string()))?;
    println!(
        "one call on 10 elements, median of {} interleaved repeats",
        options.repeats
    );
    println!("{:<24} {:>10} {:>10}", "", "NumPy ns", "gain ns");
    let mut goals = Vec::new();
    for (statement, [numpy, gain]) in &measured.calls {
        println!("{statement:<24} {:>10.0} {:>10.0}", numpy * 1e9, gain * 1e9);
        goals.push(Goal::at_most(
            format!("{statement}: time of NumPy's"),
            gain / numpy,
            2.0,
        ));
    }
    print_goals(&goals);
    Ok(())
}
