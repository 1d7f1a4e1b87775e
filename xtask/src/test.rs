//! `cargo xtask test`: the Rust tests without MPI, those that need ranks, and the Python suite on each number of ranks.

use std::{
    fmt,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use clap::Args;

use crate::{
    build,
    cargo::{self, PROFILE, cargo},
    error::{Error, Result},
    mpi::Mpi,
    process::{Followed, follow, output, say},
    repo::{self, Repo},
};

/// A suite that runs longer than this hangs.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// What to test.
#[derive(Args)]
pub struct Options {
    /// Numbers of ranks to test on; 1 means without a launcher
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2, 4])]
    ranks: Vec<usize>,
    /// Only tests whose name matches: pytest's -k, and the filter of the Rust tests
    #[arg(short = 'k', value_name = "EXPR")]
    select: Option<String>,
    /// Only the Rust tests
    #[arg(long, conflicts_with = "python")]
    rust: bool,
    /// Only the Python tests
    #[arg(long)]
    python: bool,
}

impl Options {
    /// All tests on these numbers of ranks.
    pub fn on_ranks(ranks: &[usize]) -> Self {
        Self {
            ranks: ranks.to_vec(),
            select: None,
            rust: false,
            python: false,
        }
    }
}

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    passed: usize,
    failed: usize,
}

impl fmt::Display for Count {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// One line of the closing table.
struct Suite {
    name: String,
    count: Count,
    took: Duration,
}

/// Runs the tests; ends with the line `N passed, N failed`.
pub fn run(repo: &Repo, options: &Options) -> Result<()> {
    let mpi = build::run(repo)?;
    let mut suites = Vec::new();
    if !options.python {
        suites.push(rust_without_ranks(repo, options)?);
        suites.extend(rust_on_ranks(repo, &mpi, options)?);
    }
    if !options.rust {
        for (ranks, threshold) in python_runs(&options.ranks) {
            suites.push(python(repo, options, ranks, threshold)?);
        }
    }
    close(&suites)
}

fn close(suites: &[Suite]) -> Result<()> {
    let mut total = Count::default();
    println!();
    for suite in suites {
        println!(
            "{:<52} {:>5.0} s  {}",
            suite.name,
            suite.took.as_secs_f64(),
            suite.count
        );
        total.passed += suite.count.passed;
        total.failed += suite.count.failed;
    }
    println!("\n{total}");
    match total {
        Count {
            failed: 0,
            passed: 0,
        } => Err(Error::new("no test ran")),
        Count { failed: 0, .. } => Ok(()),
        Count { failed, .. } => Err(Error::new(format!("{failed} failed"))),
    }
}

/// Unit, integration and documentation tests, with the one-process and threads transports.
fn rust_without_ranks(repo: &Repo, options: &Options) -> Result<Suite> {
    let mut command = cargo(repo, None);
    command.args([
        "test",
        "--quiet",
        "--workspace",
        "--exclude",
        "gain-py",
        PROFILE,
        "--no-fail-fast",
    ]);
    if let Some(filter) = &options.select {
        command.args(["--", filter]);
    }
    suite("Rust", &mut command, of_libtest, options.select.is_some())
}

/// The test binaries named mpi* or ranks*: started by the launcher, every rank runs every test.
fn rust_on_ranks(repo: &Repo, mpi: &Mpi, options: &Options) -> Result<Vec<Suite>> {
    let mut suites = Vec::new();
    for (package, test) in tests_on_ranks(repo)? {
        if test.ends_with("failures") {
            suites.push(rust_test(
                repo,
                mpi,
                options,
                (&package, &test),
                Ranks::ByItself,
            )?);
            continue;
        }
        for &ranks in &options.ranks {
            suites.push(rust_test(
                repo,
                mpi,
                options,
                (&package, &test),
                Ranks::OnANode(ranks),
            )?);
            if ranks > 1 {
                let spread = Ranks::OnAsManyNodes(ranks);
                suites.push(rust_test(repo, mpi, options, (&package, &test), spread)?);
            }
        }
    }
    Ok(suites)
}

/// How a test binary gets its ranks.
#[derive(Clone, Copy)]
enum Ranks {
    /// It starts its own.
    ByItself,
    /// Ranks that share memory.
    OnANode(usize),
    /// Each rank pretends to be on a node of its own, so that messages are tested.
    OnAsManyNodes(usize),
}

fn rust_test(
    repo: &Repo,
    mpi: &Mpi,
    options: &Options,
    (package, test): (&str, &str),
    ranks: Ranks,
) -> Result<Suite> {
    let mut command = cargo(repo, Some(mpi));
    command.args(["test", "--quiet", PROFILE, "--package", package]);
    command.args(["--features", "mpi", "--test", test]);
    if let Some(filter) = &options.select {
        command.args(["--", filter]);
    }
    cargo::library_path(mpi, &mut command);
    let launcher = repo.program("mpiexec");
    let mut start = |n: usize| -> Result<()> {
        command.env(runner_variable()?, format!("{} -n {n}", launcher.display()));
        Ok(())
    };
    let how = match ranks {
        Ranks::ByItself => String::new(),
        Ranks::OnANode(n) => {
            start(n)?;
            format!(", {n} ranks")
        }
        Ranks::OnAsManyNodes(n) => {
            start(n)?;
            command.env("GAIN_RANKS_PER_NODE", "1");
            format!(", {n} ranks as {n} nodes")
        }
    };
    command.env("GAIN_MPIEXEC", &launcher);
    suite(
        &format!("Rust, {package} {test}{how}"),
        &mut command,
        of_libtest,
        options.select.is_some(),
    )
}

/// (package, test) of each integration test that needs ranks.
fn tests_on_ranks(repo: &Repo) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for manifest in repo::files_below(repo.root(), "toml")
        .into_iter()
        .filter(|path| path.ends_with("Cargo.toml"))
    {
        let folder = manifest.parent().expect("a file lies in a folder");
        let text = repo::read(&manifest)?;
        let Some(package) = text.lines().find_map(|line| line.strip_prefix("name = ")) else {
            continue;
        };
        let mut tests: Vec<PathBuf> = repo::files_below(&folder.join("tests"), "rs");
        tests.retain(|path| path.parent() == Some(&folder.join("tests")));
        let names = tests
            .iter()
            .filter_map(|path| path.file_stem())
            .map(|name| name.to_string_lossy().into_owned());
        let names = names.filter(|name| name.starts_with("mpi") || name.starts_with("ranks"));
        found.extend(names.map(|name| (package.trim_matches('"').to_owned(), name)));
    }
    Ok(found)
}

/// The variable that makes cargo start test binaries through a launcher.
fn runner_variable() -> Result<String> {
    let version = output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_else(|| Error::new("rustc -vV names no host"))?;
    Ok(format!(
        "CARGO_TARGET_{}_RUNNER",
        host.to_uppercase().replace('-', "_")
    ))
}

/// (ranks, GAIN_THRESHOLD) of each run of the Python suite: every array spread on each number of ranks. With the default
/// threshold most of the suite's arrays are whole on every rank, which is the same on two ranks and on more: so that runs on one
/// rank and on the first larger number only.
fn python_runs(ranks: &[usize]) -> Vec<(usize, Option<&'static str>)> {
    let several = ranks.iter().copied().find(|&n| n > 1);
    let mut runs = Vec::new();
    for &n in ranks {
        if n == 1 || Some(n) == several {
            runs.push((n, None));
        }
        runs.push((n, Some("0")));
    }
    runs
}

/// The Python suite: plain Python for one rank, else every rank runs every test in the same order.
fn python(repo: &Repo, options: &Options, ranks: usize, threshold: Option<&str>) -> Result<Suite> {
    let mut command = if ranks == 1 {
        Command::new(repo.program("python"))
    } else {
        let mut launcher = Command::new(repo.program("mpiexec"));
        launcher
            .args(["-n", &ranks.to_string()])
            .arg(repo.program("python"));
        launcher
    };
    command
        .args([
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "tests/python",
        ])
        .current_dir(repo.root());
    if let Some(expression) = &options.select {
        command.args(["-k", expression]);
    }
    command
        .env("PYTHONHASHSEED", "0")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    if std::env::var_os("GAIN_TIMEOUT").is_none() {
        command.env("GAIN_TIMEOUT", "60");
    }
    let mut name = format!("Python, {ranks} rank{}", if ranks == 1 { "" } else { "s" });
    if let Some(threshold) = threshold {
        command.env("GAIN_THRESHOLD", threshold);
        name += &format!(", GAIN_THRESHOLD={threshold}");
    }
    suite(&name, &mut command, of_pytest, options.select.is_some())
}

fn suite(
    name: &str,
    command: &mut Command,
    count: fn(&str) -> Count,
    may_be_empty: bool,
) -> Result<Suite> {
    say(&format!("tests: {name}"));
    let start = Instant::now();
    let followed = follow(command, LIMIT)?;
    let count = verdict(&followed, count, may_be_empty);
    Ok(Suite {
        name: name.to_owned(),
        count,
        took: start.elapsed(),
    })
}

/// The sum over a run's closing lines; a run that failed without counting a failure counts as one, and so does one that ran no
/// test though none were selected.
fn verdict(followed: &Followed, count: fn(&str) -> Count, may_be_empty: bool) -> Count {
    let mut total = Count::default();
    for line in &followed.lines {
        let count = count(line);
        total.passed += count.passed;
        total.failed += count.failed;
    }
    let is_empty = total == Count::default();
    if is_empty && may_be_empty && !followed.late {
        return total;
    }
    if is_empty || (!followed.ok && total.failed == 0) {
        total.failed = 1;
    }
    total
}

/// `test result: ok. 5 passed; 0 failed; ...`
fn of_libtest(line: &str) -> Count {
    if line.starts_with("test result:") {
        numbers(line)
    } else {
        Count::default()
    }
}

/// `3 passed, 1 failed, 2 errors in 0.12s`
fn of_pytest(line: &str) -> Count {
    let plain = line.trim_matches(['=', ' ']);
    let is_summary =
        plain.contains(" in ") && plain.starts_with(|first: char| first.is_ascii_digit());
    if is_summary {
        numbers(plain)
    } else {
        Count::default()
    }
}

fn numbers(line: &str) -> Count {
    let mut count = Count::default();
    let words: Vec<&str> = line
        .split([' ', ',', ';', '.'])
        .filter(|word| !word.is_empty())
        .collect();
    for pair in words.windows(2) {
        let Ok(number) = pair[0].parse::<usize>() else {
            continue;
        };
        match pair[1] {
            "passed" | "xfailed" => count.passed += number,
            "failed" | "error" | "errors" | "xpassed" => count.failed += number,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(count: fn(&str) -> Count, line: &str, passed: usize, failed: usize) {
        assert_eq!(count(line), Count { passed, failed }, "{line}");
    }

    #[test]
    fn every_array_is_spread_on_each_number_of_ranks() {
        let spread = Some("0");
        assert_eq!(
            python_runs(&[1, 2, 4]),
            [(1, None), (1, spread), (2, None), (2, spread), (4, spread)]
        );
        assert_eq!(python_runs(&[3]), [(3, None), (3, spread)]);
    }

    #[test]
    fn closing_lines_are_counted() {
        check(
            of_libtest,
            "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; finished in 0.1s",
            5,
            0,
        );
        check(
            of_libtest,
            "test result: FAILED. 5 passed; 2 failed; 0 ignored",
            5,
            2,
        );
        check(of_libtest, "5 passed in a sentence", 0, 0);
        check(of_pytest, "3 passed, 1 failed, 2 errors in 0.12s", 3, 3);
        check(
            of_pytest,
            "===== 1 failed, 12 passed, 4 deselected in 3.30s =====",
            12,
            1,
        );
        check(of_pytest, "a test that passed in time", 0, 0);
    }

    #[test]
    fn a_run_that_ends_badly_without_a_count_has_failed() {
        let followed = |ok, late, line: &str| Followed {
            ok,
            late,
            lines: vec![line.to_owned()],
        };
        let count = |run: &Followed, may_be_empty| verdict(run, of_pytest, may_be_empty);
        assert_eq!(count(&followed(false, false, "killed"), false).failed, 1);
        assert_eq!(
            count(&followed(false, false, "9 deselected in 0.1s"), true).failed,
            0
        );
        assert_eq!(count(&followed(false, true, ""), true).failed, 1);
        assert_eq!(count(&followed(true, false, ""), false).failed, 1);
        assert_eq!(count(&followed(true, false, ""), true).failed, 0);
        assert_eq!(
            count(&followed(true, false, "2 passed in 0.1s"), false),
            Count {
                passed: 2,
                failed: 0
            }
        );
    }
}
