//! `cargo xtask bench`: every speed figure, as ratios taken side by side in one run.

use std::process::Command;

use clap::Args;

use crate::{build, error::Result, process::run as run_command, repo::Repo};

/// The measurements of `gain bench`, in the order in which they are run.
const ALL: [&str; 4] = ["laplace", "sum", "small", "statement"];

/// What to measure.
#[derive(Args)]
pub struct Options {
    /// Measurements (default: all): laplace, sum, small, statement
    #[arg(value_parser = ALL)]
    names: Vec<String>,
}

/// Builds, then measures.
pub fn run(repo: &Repo, options: &Options) -> Result<()> {
    build::run(repo)?;
    for name in ALL {
        if options.names.is_empty() || options.names.iter().any(|wanted| wanted == name) {
            run_command(Command::new(repo.program("gain")).args(["bench", name]))?;
            println!();
        }
    }
    Ok(())
}
