//! `cargo xtask ci`: what .ci/run calls; stops at the first step that fails.

use crate::{
    bootstrap,
    cargo::{PROFILE, cargo},
    conformance, docs,
    error::Result,
    process::{run as run_command, say},
    repo::Repo,
    test, tidy,
};

/// Formatting, tidy, lints with and without MPI, documentation, then README's test command with 3 ranks added, and
/// NumPy's own tests of indexing and views.
pub fn run(repo: &Repo) -> Result<()> {
    say("formatting");
    run_command(cargo(repo, None).args(["fmt", "--all", "--check"]))?;
    tidy::run(repo)?;
    let mpi = bootstrap::run(repo)?;
    let lints = ["clippy", "--quiet", "--workspace", "--all-targets", PROFILE];
    for features in [&[][..], &["--features", "gain-py/mpi"]] {
        say(&format!("clippy {}", features.join(" ")));
        run_command(
            cargo(repo, Some(&mpi))
                .args(lints)
                .args(features)
                .args(["--", "-D", "warnings"]),
        )?;
    }
    docs::run(repo)?;
    test::run(repo, &test::Options::on_ranks(&[1, 2, 3, 4]))?;
    conformance::run(repo, &conformance::Options::of_ci())
}
