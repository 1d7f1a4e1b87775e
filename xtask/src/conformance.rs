//! `cargo xtask conformance`: the tests that NumPy's wheel brings, run on gain, against the list of those that are known to fail.

use std::process::Command;

use clap::Args;

use crate::{
    build,
    error::{Error, Result},
    process::say,
    repo::Repo,
};

/// Which tests are run, and where.
#[derive(Args)]
pub struct Options {
    /// Numbers of ranks; 1 means one process with the default threshold, more have every array distributed
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2])]
    ranks: Vec<usize>,
    /// Test files below numpy/, such as _core/tests/test_numeric.py; else those of indexing, views and index grids
    #[arg(long, num_args = 1.., value_name = "FILE")]
    files: Vec<String>,
    /// Run all files that have a list, some minutes
    #[arg(long)]
    all: bool,
    /// Remove the lines of tests that pass now from tests/conformance/expected
    #[arg(long)]
    update: bool,
    /// List what fails unexpectedly: for files that had no list
    #[arg(long)]
    list: bool,
}

impl Options {
    /// What CI runs.
    pub fn of_ci() -> Self {
        Self {
            ranks: vec![1, 2],
            files: Vec::new(),
            all: false,
            update: false,
            list: false,
        }
    }
}

/// Builds, runs, compares; a failure that is not listed is an error, and so is a listed test that passes.
pub fn run(repo: &Repo, options: &Options) -> Result<()> {
    build::run(repo)?;
    say("conformance with NumPy's own tests");
    let ranks: Vec<String> = options.ranks.iter().map(usize::to_string).collect();
    let mut command = Command::new(repo.program("python"));
    command.arg(repo.path("tests/conformance/run.py"));
    command.args(["--ranks", &ranks.join(",")]);
    if options.update {
        command.arg("--update");
    }
    if options.list {
        command.arg("--list");
    }
    if options.all {
        command.arg("--all");
    }
    if !options.files.is_empty() {
        command.arg("--files").args(&options.files);
    }
    let status = command
        .status()
        .map_err(|cause| Error::new(format!("can't start the conformance run: {cause}")))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::new(
        "the tests that fail are not those listed in tests/conformance/expected",
    ))
}
