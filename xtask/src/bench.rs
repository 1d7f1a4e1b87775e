//! `cargo xtask bench`: every speed figure, as ratios taken side by side in one run.

use std::process::Command;

use clap::Args;

use crate::{
    build,
    cargo::{PROFILE, cargo},
    error::Result,
    process::run as run_command,
    repo::Repo,
};

/// The measurements of `gain bench`, in the order in which they are run.
const ALL: [&str; 8] = [
    "laplace",
    "sum",
    "small",
    "statement",
    "ufuncs",
    "ndarray",
    "linalg",
    "functions",
];

/// The measurement that needs neither Python nor ranks: an example of gain-core's.
const PLANNING: &str = "planning";

/// What to measure.
#[derive(Args)]
pub struct Options {
    /// Measurements (default: all): those of `gain bench`, and planning
    #[arg(value_parser = ALL.into_iter().chain([PLANNING]).collect::<Vec<_>>())]
    names: Vec<String>,
}

/// Builds, then measures.
pub fn run(repo: &Repo, options: &Options) -> Result<()> {
    build::run(repo)?;
    let is_wanted =
        |name: &str| options.names.is_empty() || options.names.iter().any(|wanted| wanted == name);
    for name in ALL.into_iter().filter(|name| is_wanted(name)) {
        run_command(Command::new(repo.program("gain")).args(["bench", name]))?;
        println!();
    }
    if is_wanted(PLANNING) {
        let mut example = cargo(repo, None);
        example.args([
            "run",
            "--quiet",
            PROFILE,
            "-p",
            "gain-core",
            "--example",
            PLANNING,
        ]);
        run_command(&mut example)?;
    }
    Ok(())
}
