//! Which MPI is built against, where its library lies, and how its programs are started. Works where there is none.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    bootstrap,
    cargo::{PROFILE, cargo},
    error::{Error, Result},
    process::{on_path, output, say},
    repo::{self, Repo},
};

/// The wheel that brings an MPI where the system has none.
const WHEEL: &str = "mpich>=5,<6";

/// An MPI to build against and run with.
pub struct Mpi {
    /// The compiler wrapper, which mpi-sys asks for flags.
    pub mpicc: PathBuf,
    /// Where libmpi.so lies, unless the loader finds it by itself.
    pub libraries: Option<PathBuf>,
    /// Header search path for bindgen: the wheel's libclang has no headers of its own.
    pub compiler_headers: String,
    /// The folder of libclang.so.
    pub libclang: PathBuf,
}

/// Finds or installs an MPI and makes `.venv/bin/mpiexec` its launcher.
pub fn prepare(repo: &Repo) -> Result<Mpi> {
    let mpicc = match on_path("mpicc", &repo.path(".venv")) {
        Some(system) => {
            link_launcher(repo, &system)?;
            system
        }
        None => {
            let ours = repo.program("mpicc");
            if !ours.exists() {
                say("no mpicc on PATH: taking MPICH from its wheel");
            }
            bootstrap::install(repo, "mpi", &[WHEEL])?;
            ours
        }
    };
    let flags = output(Command::new(&mpicc).arg("-show"))?;
    forget_other(repo, &format!("{}\n{flags}", mpicc.display()))?;
    Ok(Mpi {
        libraries: library_folder(&flags),
        compiler_headers: output(Command::new("cc").arg("-print-file-name=include"))?
            .trim()
            .to_owned(),
        libclang: libclang(repo)?,
        mpicc,
    })
}

/// mpi-sys doesn't notice that it is built for another MPI than before, or for one that has moved.
fn forget_other(repo: &Repo, state: &str) -> Result<()> {
    let stamp = repo.target().join("release/.gain-mpi");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == state) {
        return Ok(());
    }
    output(cargo(repo, None).args(["clean", PROFILE, "--package", "mpi-sys"]))?;
    repo::write(&stamp, state)
}

/// The first folder that the wrapper passes to the linker and that holds libmpi.
fn library_folder(flags: &str) -> Option<PathBuf> {
    let folders = flags
        .split_whitespace()
        .filter_map(|flag| flag.strip_prefix("-L"));
    folders
        .map(PathBuf::from)
        .find(|folder| folder.join("libmpi.so").exists())
}

/// The folder of the libclang wheel in the environment, unless the user names another.
fn libclang(repo: &Repo) -> Result<PathBuf> {
    if let Some(named) = env::var_os("LIBCLANG_PATH") {
        return Ok(named.into());
    }
    let code = "import sysconfig; print(sysconfig.get_path('purelib'))";
    let packages = output(Command::new(repo.program("python")).args(["-c", code]))?;
    Ok(Path::new(packages.trim()).join("clang/native"))
}

/// Makes `.venv/bin/mpiexec` start the launcher that lies beside the system's mpicc.
fn link_launcher(repo: &Repo, mpicc: &Path) -> Result<()> {
    let folder = mpicc.parent().expect("a program lies in a folder");
    let launcher = ["mpiexec", "mpirun"]
        .map(|name| folder.join(name))
        .into_iter()
        .find(|program| program.is_file());
    let launcher = launcher.or_else(|| on_path("mpiexec", &repo.path(".venv")));
    let launcher = launcher.ok_or_else(|| {
        Error::new(format!(
            "{} is there, but no mpiexec beside it or on PATH",
            mpicc.display()
        ))
    })?;
    let script = wrapper(&launcher);
    let place = repo.program("mpiexec");
    if fs::read_to_string(&place).is_ok_and(|found| found == script) {
        return Ok(());
    }
    say(&format!("using the system's MPI: {}", mpicc.display()));
    // The wheel's launcher may be a link to a program elsewhere: never write through it.
    let _ = fs::remove_file(&place);
    repo::write(&place, &script)?;
    fs::set_permissions(&place, fs::Permissions::from_mode(0o755))
        .map_err(|cause| Error::io("make executable", &place, &cause))
}

/// A script that starts the launcher; the variables are Open MPI's (4 and 5) leave to run as root, with more ranks than cores,
/// and with threads on all cores. Other launchers ignore them.
fn wrapper(launcher: &Path) -> String {
    format!(
        "#!/bin/sh\n\
         # Written by `cargo xtask build`: the launcher of the MPI that gain is built with.\n\
         export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1\n\
         export OMPI_MCA_rmaps_base_oversubscribe=true PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe\n\
         export OMPI_MCA_hwloc_base_binding_policy=none PRTE_MCA_hwloc_default_binding_policy=none\n\
         exec '{}' \"$@\"\n",
        launcher.display()
    )
}
