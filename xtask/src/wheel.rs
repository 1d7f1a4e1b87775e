//! `cargo xtask wheel`: one wheel that uses MPI, one that needs none; the latter is tried in an empty environment.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    bootstrap,
    cargo::{self, PROFILE, cargo, run_path},
    error::{Error, Result},
    mpi::Mpi,
    process::{output, run as run_command, say},
    repo::{self, Repo},
};

const ADD_PROGRAM: &str = include_str!("wheel_program.py");

/// Runs where no MPI library may be loaded.
const TRIAL: &str = "\
import gain as np
a = np.arange(12.0).reshape(3, 4)
assert float((2 * a + 1).sum()) == 144.0
loaded = [line for line in open('/proc/self/maps') if 'libmpi' in line]
assert not loaded, loaded
print('gain', np._gain.__version__, 'works without MPI')
";

/// Builds both wheels into dist/mpi and dist/plain.
pub fn run(repo: &Repo) -> Result<()> {
    let mpi = bootstrap::run(repo)?;
    let program = ["build", "--quiet", "--package", "gain-cli", PROFILE];
    run_command(cargo(repo, None).args(program))?;
    let plain = build(repo, "plain", None)?;
    let with_mpi = build(repo, "mpi", Some(&mpi))?;
    try_without_mpi(repo, &plain)?;
    say(&format!("with MPI: {}", with_mpi.display()));
    say(&format!("without: {}", plain.display()));
    Ok(())
}

fn build(repo: &Repo, kind: &str, mpi: Option<&Mpi>) -> Result<PathBuf> {
    say(&format!("building the wheel: {kind}"));
    let folder = repo.path("dist").join(kind);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|cause| Error::io("remove", &folder, &cause))?;
    }
    let mut maturin = Command::new(repo.program("maturin"));
    maturin.current_dir(repo.root()).args([
        "build",
        "--quiet",
        PROFILE,
        "--auditwheel",
        "skip",
        "--interpreter",
    ]);
    maturin
        .arg(repo.program("python"))
        .arg("--out")
        .arg(&folder);
    cargo::build_environment(repo, mpi, &mut maturin);
    match mpi {
        Some(mpi) => maturin
            .args(["--features", "mpi", "--"])
            .args(wheel_run_path(mpi)),
        None => maturin.arg("--no-default-features"),
    };
    run_command(&mut maturin)?;
    let wheels = repo::files_below(&folder, "whl");
    let none = || Error::new(format!("maturin left no wheel in {}", folder.display()));
    let wheel = wheels.into_iter().next().ok_or_else(none)?;
    add_program(repo, &wheel)?;
    Ok(wheel)
}

/// The `gain` program goes into the wheel too.
fn add_program(repo: &Repo, wheel: &Path) -> Result<()> {
    let mut python = Command::new(repo.program("python"));
    python
        .args(["-c", ADD_PROGRAM])
        .arg(wheel)
        .arg(repo.target().join("release/gain"));
    run_command(&mut python)
}

/// An MPI that is installed as a wheel lies three folders above the module; else where it was found.
fn wheel_run_path(mpi: &Mpi) -> Vec<String> {
    let mut arguments = vec![
        "-C".to_owned(),
        "link-arg=-Wl,-rpath,$ORIGIN/../../..".to_owned(),
    ];
    arguments.extend(run_path(mpi));
    arguments
}

fn try_without_mpi(repo: &Repo, wheel: &Path) -> Result<()> {
    say("trying the wheel without MPI in an empty environment");
    let place = repo.path(".gain/try");
    output(
        Command::new(repo.program("python"))
            .args(["-m", "venv", "--clear"])
            .arg(&place),
    )?;
    let python = place.join("bin/python");
    output(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .arg(wheel),
    )?;
    let script = place.join("trial.py");
    repo::write(&script, TRIAL)?;
    let ways: [(PathBuf, &[&str]); 2] = [(python, &["-P"]), (place.join("bin/gain"), &["run"])];
    for (program, arguments) in ways {
        let mut command = Command::new(program);
        command
            .current_dir("/")
            .env_remove("LD_LIBRARY_PATH")
            .args(arguments)
            .arg(&script);
        print!("{}", output(&mut command)?);
    }
    Ok(())
}
