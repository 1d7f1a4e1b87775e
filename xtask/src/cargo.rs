//! How cargo is called: one environment and one profile for every word, so that nothing is built twice.

use std::{env, process::Command};

use crate::{mpi::Mpi, repo::Repo};

/// The profile of everything that is built, tests too: what is tested is what ships, and dependencies compile once.
pub const PROFILE: &str = "--release";

/// A cargo command in the repository, with the variables that the build scripts of mpi-sys and pyo3 read.
pub fn cargo(repo: &Repo, mpi: Option<&Mpi>) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(repo.root());
    forget_outer_cargo(&mut command);
    build_environment(repo, mpi, &mut command);
    command
}

/// Sets what build scripts read.
pub fn build_environment(repo: &Repo, mpi: Option<&Mpi>, command: &mut Command) {
    command.env("PYO3_PYTHON", repo.program("python"));
    command.env("PYO3_BUILD_EXTENSION_MODULE", "1");
    if let Some(mpi) = mpi {
        command.env("MPICC", &mpi.mpicc);
        command.env("LIBCLANG_PATH", &mpi.libclang);
        command.env(
            "BINDGEN_EXTRA_CLANG_ARGS",
            format!("-I{}", mpi.compiler_headers),
        );
    }
}

/// Linker arguments that make a binary find the MPI it was built with.
pub fn run_path(mpi: &Mpi) -> Vec<String> {
    let folder = mpi.libraries.iter();
    folder
        .flat_map(|folder| {
            [
                "-C".to_owned(),
                format!("link-arg=-Wl,-rpath,{}", folder.display()),
            ]
        })
        .collect()
}

/// Lets a program that was linked without a run path find the MPI's library.
pub fn library_path(mpi: &Mpi, command: &mut Command) {
    if let Some(folder) = &mpi.libraries {
        let before = env::var("LD_LIBRARY_PATH").unwrap_or_default();
        command.env("LD_LIBRARY_PATH", format!("{}:{before}", folder.display()));
    }
}

/// Removes what the outer `cargo run` set for xtask: build scripts that watch these variables would run again.
fn forget_outer_cargo(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        let is_outer = name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_")
            || name == "CARGO_CRATE_NAME";
        if is_outer || name == "LD_LIBRARY_PATH" {
            command.env_remove(&*name);
        }
    }
}
