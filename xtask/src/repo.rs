//! Where things are: the repository, its environment `.venv`, cargo's target folder.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::error::{Error, Result};

/// The checkout that this xtask was built from.
pub struct Repo {
    root: PathBuf,
}

impl Repo {
    /// The repository of this xtask.
    pub fn find() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here
            .parent()
            .expect("xtask lies in the repository")
            .to_path_buf();
        Self { root }
    }

    /// A path in the repository.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The repository itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A program of the environment, e.g. `python`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.root.join(".venv/bin").join(name)
    }

    /// Cargo's target folder.
    pub fn target(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| self.path("target"), |named| self.root.join(named))
    }

    /// A small file in the environment that says which state a step left behind.
    pub fn stamp(&self, name: &str) -> PathBuf {
        self.root.join(".venv/.gain").join(name)
    }

    /// True if the step `name` was last done for exactly this `state`.
    pub fn is_done(&self, name: &str, state: &str) -> bool {
        fs::read_to_string(self.stamp(name)).is_ok_and(|found| found == state)
    }

    /// Records that the step `name` was done for this `state`.
    pub fn set_done(&self, name: &str, state: &str) -> Result<()> {
        write(&self.stamp(name), state)
    }
}

/// Writes a file, with its folder.
pub fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|cause| Error::io("make", folder, &cause))?;
    }
    fs::write(path, text).map_err(|cause| Error::io("write", path, &cause))
}

/// Reads a text file.
pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|cause| Error::io("read", path, &cause))
}

/// Puts a copy of `from` at `to` in one step, so that a process that has the old file open or mapped keeps it.
pub fn replace(from: &Path, to: &Path) -> Result<()> {
    let beside = to.with_extension("incoming");
    fs::copy(from, &beside).map_err(|cause| Error::io("copy", from, &cause))?;
    fs::rename(&beside, to).map_err(|cause| Error::io("write", to, &cause))
}

/// All files below `folder` whose name ends in `.extension`, sorted; hidden folders and `target` are left out.
pub fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if path.is_dir() && !name.starts_with('.') && name != "target" && name != "__pycache__"
            {
                open.push(path);
            } else if path.extension().is_some_and(|is| is == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
