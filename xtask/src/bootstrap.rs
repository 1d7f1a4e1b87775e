//! From a bare machine to `.venv`: an environment of Python's own, the packages, the MPI. No root, nothing outside the repository.

use std::process::Command;

use crate::{
    error::{Error, Result},
    mpi::{self, Mpi},
    process::{on_path, output, say},
    repo::Repo,
};

/// What is installed besides an MPI: libclang serves mpi-sys's bindings, the others are needed to run and test.
const PACKAGES: [&str; 5] = [
    "numpy>=2.1",
    "maturin>=1.9,<2",
    "pytest>=8",
    "hypothesis>=6",
    "libclang>=16",
];

/// The oldest Python that is taken.
const OLDEST: (u32, u32) = (3, 11);

/// Makes sure of everything that a build needs, and says what it does; quick when all is there.
pub fn run(repo: &Repo) -> Result<Mpi> {
    check_c_compiler(repo)?;
    make_environment(repo)?;
    install(repo, "packages", &PACKAGES)?;
    mpi::prepare(repo)
}

fn check_c_compiler(repo: &Repo) -> Result<()> {
    if on_path("cc", repo.root()).is_some() {
        return Ok(());
    }
    Err(Error::new(format!(
        "no C compiler (`cc`) on PATH: it links Rust programs and compiles MPI's wrappers. Install one with\n    {}",
        install_line("gcc libc6-dev", "gcc glibc-devel")
    )))
}

fn make_environment(repo: &Repo) -> Result<()> {
    if repo.program("python").exists() && repo.is_done("environment", "made") {
        return Ok(());
    }
    let python = find_python(repo)?;
    say(&format!("making .venv with {python}"));
    output(
        Command::new(&python)
            .args(["-m", "venv", "--clear"])
            .arg(repo.path(".venv")),
    )
    .map_err(|error| {
        let line = install_line("python3-venv", "python3-pip");
        Error::new(format!(
            "{error}\nif the module venv or ensurepip is missing:\n    {line}"
        ))
    })?;
    repo.set_done("environment", "made")
}

/// The command of the first Python on PATH that is new enough.
fn find_python(repo: &Repo) -> Result<String> {
    let mut seen = Vec::new();
    let given = std::env::var("GAIN_PYTHON").ok();
    let names = [
        "python3",
        "python3.14",
        "python3.13",
        "python3.12",
        "python3.11",
        "python",
    ];
    for name in given.as_deref().into_iter().chain(names) {
        if given.as_deref() != Some(name) && on_path(name, &repo.path(".venv")).is_none() {
            continue;
        }
        let asked =
            output(Command::new(name).args(["-c", "import sys; print(*sys.version_info[:2])"]));
        let Ok(version) = asked else { continue };
        let mut numbers = version
            .split_whitespace()
            .filter_map(|number| number.parse::<u32>().ok());
        let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if version >= OLDEST {
            return Ok(name.to_owned());
        }
        seen.push(format!("{name} is {}.{}", version.0, version.1));
    }
    let seen = if seen.is_empty() {
        String::new()
    } else {
        format!(" ({})", seen.join(", "))
    };
    Err(Error::new(format!(
        "no Python {}.{} or newer on PATH{seen}. Install one with\n    {}\nor name one: GAIN_PYTHON=/path/to/python3",
        OLDEST.0,
        OLDEST.1,
        install_line("python3 python3-venv", "python3 python3-pip")
    )))
}

/// Installs packages into the environment unless the same list was installed before.
pub fn install(repo: &Repo, stamp: &str, packages: &[&str]) -> Result<()> {
    let state = packages.join("\n");
    if repo.is_done(stamp, &state) {
        return Ok(());
    }
    say(&format!("installing {} into .venv", packages.join(", ")));
    let mut pip = Command::new(repo.program("python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--upgrade",
    ])
    .args(packages);
    output(&mut pip)?;
    repo.set_done(stamp, &state)
}

/// The command that installs system packages here.
pub fn install_line(debian: &str, fedora: &str) -> String {
    let anywhere = std::path::Path::new("/nowhere");
    if on_path("dnf", anywhere).is_some() {
        format!("sudo dnf install {fedora}")
    } else if on_path("apt-get", anywhere).is_some() {
        format!("sudo apt-get install {debian}")
    } else {
        format!(
            "sudo apt-get install {debian}    (Debian, Ubuntu)\n    sudo dnf install {fedora}    (Fedora, RHEL)"
        )
    }
}
