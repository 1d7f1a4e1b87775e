//! `cargo xtask clean`: removes what was built; a running build's own folder is cargo's to clean.

use std::fs;

use crate::{
    cargo::cargo,
    error::{Error, Result},
    process::run as run_command,
    repo::{self, Repo},
};

/// Removes target, .venv, .gain, dist and the extension module.
pub fn run(repo: &Repo) -> Result<()> {
    for folder in [".venv", ".gain", "dist"].map(|name| repo.path(name)) {
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|cause| Error::io("remove", &folder, &cause))?;
        }
    }
    for module in repo::files_below(&repo.path("python"), "so") {
        fs::remove_file(&module).map_err(|cause| Error::io("remove", &module, &cause))?;
    }
    run_command(cargo(repo, None).arg("clean"))
}
