//! `cargo xtask docs`: rustdoc for the workspace; a warning is an error.

use crate::{
    bootstrap,
    cargo::cargo,
    error::Result,
    process::{run as run_command, say},
    repo::Repo,
};

/// Builds the documentation of every crate, with the MPI parts.
pub fn run(repo: &Repo) -> Result<()> {
    let mpi = bootstrap::run(repo)?;
    say("building the documentation");
    let mut command = cargo(repo, Some(&mpi));
    command.args([
        "doc",
        "--quiet",
        "--workspace",
        "--no-deps",
        "--release",
        "--features",
        "gain-py/mpi",
    ]);
    run_command(command.env("RUSTDOCFLAGS", "-D warnings"))?;
    say(&format!(
        "the documentation is in {}",
        repo.target().join("doc/gain_core/index.html").display()
    ));
    Ok(())
}
