//! Where Python and the MPI launcher are: beside this program, named by a variable, or on PATH.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use crate::error::{Error, Result};

/// The Python that gain is installed for: `GAIN_PYTHON`, else the one beside this program, else on PATH.
pub fn python() -> Result<PathBuf> {
    let missing = Error::NoProgram {
        name: "python",
        variable: "GAIN_PYTHON",
    };
    named("GAIN_PYTHON")
        .or_else(|| beside("python"))
        .or_else(|| on_path("python3"))
        .ok_or(missing)
}

/// The launcher, as a command that may carry arguments: `GAIN_MPIEXEC`, else the one beside this program, else on PATH.
pub fn launcher() -> Result<Vec<String>> {
    if let Ok(line) = env::var("GAIN_MPIEXEC") {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        if !words.is_empty() {
            return Ok(words);
        }
    }
    let missing = Error::NoProgram {
        name: "mpiexec",
        variable: "GAIN_MPIEXEC",
    };
    let found = beside("mpiexec")
        .or_else(|| on_path("mpiexec"))
        .ok_or(missing)?;
    Ok(vec![found.to_string_lossy().into_owned()])
}

/// Python, started `n_ranks` times by the launcher if that is more than 1.
pub fn python_on(n_ranks: usize) -> Result<Command> {
    let python = python()?;
    if n_ranks == 1 {
        return Ok(Command::new(python));
    }
    let launcher = launcher()?;
    let mut command = Command::new(&launcher[0]);
    command
        .args(&launcher[1..])
        .args(["-n", &n_ranks.to_string()])
        .arg(python);
    for (name, value) in LAUNCHER_SETTINGS {
        command.env(name, value);
    }
    Ok(command)
}

/// The cores that this process may use.
pub fn n_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Open MPI's leave (4 and 5) to run as root, with more ranks than cores, and with threads on all cores; MPICH and others ignore
/// these variables.
const LAUNCHER_SETTINGS: [(&str, &str); 6] = [
    ("OMPI_ALLOW_RUN_AS_ROOT", "1"),
    ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"),
    ("OMPI_MCA_rmaps_base_oversubscribe", "true"),
    ("OMPI_MCA_hwloc_base_binding_policy", "none"),
    ("PRTE_MCA_rmaps_default_mapping_policy", ":oversubscribe"),
    ("PRTE_MCA_hwloc_default_binding_policy", "none"),
];

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

fn beside(name: &str) -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    is_there(program.parent()?.join(name))
}

fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).find_map(|folder| is_there(folder.join(name)))
}

fn is_there(path: PathBuf) -> Option<PathBuf> {
    Path::is_file(&path).then_some(path)
}
