//! `cargo xtask`: the developers' one entry, from a bare machine to the last check of CI.

mod bench;
mod bootstrap;
mod build;
mod cargo;
mod ci;
mod clean;
mod conformance;
mod demo;
mod docs;
mod error;
mod mpi;
mod process;
mod repo;
mod test;
mod tidy;
mod wheel;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{error::Result, repo::Repo};

/// Builds, tests, measures and checks GAiN. Everything it needs besides Rust, Python and a C compiler it brings itself.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    word: Word,
}

#[derive(Subcommand)]
enum Word {
    /// Build the Python package and the `gain` program into .venv
    Build,
    /// Run examples/laplace.py with NumPy, with gain in one process and on 2 ranks; show the table, write laplace.png
    Demo(demo::Options),
    /// Run all tests on the given numbers of ranks
    Test(test::Options),
    /// Run NumPy's own tests on gain and compare what fails with the lists in tests/conformance/expected
    Conformance(conformance::Options),
    /// Measure the speed figures as ratios to NumPy and to hand-written loops
    Bench(bench::Options),
    /// Check what a tool can check: dependencies between crates, first lines, unsafe files, file lengths
    Tidy,
    /// Build the documentation; any warning is an error
    Docs,
    /// Build the wheels, with and without MPI, and try the latter in an empty environment
    Wheel,
    /// What CI runs: formatting, lints, documentation, the tests on 1, 2, 3 and 4 ranks, and conformance
    Ci,
    /// Remove what was built, .venv included
    Clean,
}

fn run(word: Word) -> Result<()> {
    let repo = Repo::find();
    match word {
        Word::Build => build::run(&repo).map(drop),
        Word::Demo(options) => demo::run(&repo, &options),
        Word::Test(options) => test::run(&repo, &options),
        Word::Conformance(options) => conformance::run(&repo, &options),
        Word::Bench(options) => bench::run(&repo, &options),
        Word::Tidy => tidy::run(&repo),
        Word::Docs => docs::run(&repo),
        Word::Wheel => wheel::run(&repo),
        Word::Ci => ci::run(&repo),
        Word::Clean => clean::run(&repo),
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse().word) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
