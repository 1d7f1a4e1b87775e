//! The `gain` program: runs scripts on ranks, measures, and tells what it runs on and what ran.

mod bench;
mod error;
mod explain;
mod info;
mod place;
mod run;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Result;

/// Runs NumPy programs on all cores and on many ranks.
#[derive(Parser)]
#[command(name = "gain", version)]
struct Arguments {
    #[command(subcommand)]
    word: Word,
}

#[derive(Subcommand)]
enum Word {
    /// Run a script; with -n on that many ranks
    Run(run::Options),
    /// Measure gain against NumPy and against hand-written loops
    #[command(subcommand)]
    Bench(bench::Word),
    /// Tell the MPI, ranks, nodes, threads, instruction set and memory
    Info(info::Options),
    /// Run a script and print the plans that ran, with the bytes moved
    Explain(explain::Options),
}

fn run(word: Word) -> Result<ExitCode> {
    match word {
        Word::Run(options) => run::run(&options),
        Word::Bench(word) => bench::run(&word).map(|()| ExitCode::SUCCESS),
        Word::Info(options) => info::run(&options),
        Word::Explain(options) => explain::run(&options),
    }
}

fn main() -> ExitCode {
    run(Arguments::parse().word).unwrap_or_else(|error| {
        eprintln!("gain: {error}");
        ExitCode::FAILURE
    })
}
