//! `cargo xtask build`: leaves .venv/bin/python that can `import gain`, .venv/bin/gain and .venv/bin/mpiexec.

use std::{fs, path::PathBuf, process::Command};

use crate::{
    bootstrap,
    cargo::{PROFILE, cargo, run_path},
    error::{Error, Result},
    mpi::Mpi,
    process::{output, run as run_command, say},
    repo::{self, Repo},
};

/// Builds all, and returns the MPI that was built against.
pub fn run(repo: &Repo) -> Result<Mpi> {
    let mpi = bootstrap::run(repo)?;
    extension(repo, &mpi)?;
    program(repo)?;
    check(repo)?;
    Ok(mpi)
}

/// Builds the extension module and puts it into python/gain, which `.venv` sees through a .pth file.
fn extension(repo: &Repo, mpi: &Mpi) -> Result<()> {
    say("building the extension module");
    let mut command = cargo(repo, Some(mpi));
    command.args([
        "rustc",
        "--quiet",
        "--package",
        "gain-py",
        PROFILE,
        "--features",
        "mpi",
        "--lib",
        "--",
    ]);
    run_command(command.args(run_path(mpi)))?;
    let folder = repo.path("python/gain");
    for old in repo::files_below(&folder, "so") {
        let is_ours = old
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("_gain."));
        if is_ours && !old.ends_with("_gain.so") {
            // A module that maturin left would be found first.
            fs::remove_file(&old).map_err(|cause| Error::io("remove", &old, &cause))?;
        }
    }
    repo::replace(
        &repo.target().join("release/lib_gain.so"),
        &folder.join("_gain.so"),
    )?;
    let paths = site_packages(repo)?.join("gain.pth");
    repo::write(&paths, &format!("{}\n", repo.path("python").display()))
}

/// Builds the `gain` program into the environment.
fn program(repo: &Repo) -> Result<()> {
    say("building the gain program");
    run_command(cargo(repo, None).args(["build", "--quiet", "--package", "gain-cli", PROFILE]))?;
    repo::replace(&repo.target().join("release/gain"), &repo.program("gain"))
}

/// Imports what was built, from another folder.
fn check(repo: &Repo) -> Result<()> {
    let code = "import gain; print('gain', gain._gain.__version__)";
    let mut python = Command::new(repo.program("python"));
    let version = output(python.current_dir("/").args(["-c", code]))?;
    say(&format!("{} is ready in .venv", version.trim()));
    Ok(())
}

fn site_packages(repo: &Repo) -> Result<PathBuf> {
    let code = "import sysconfig; print(sysconfig.get_path('purelib'))";
    let text = output(Command::new(repo.program("python")).args(["-c", code]))?;
    Ok(PathBuf::from(text.trim()))
}
