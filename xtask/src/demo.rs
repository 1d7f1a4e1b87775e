//! `cargo xtask demo`: the main job. One program, with NumPy, with gain in one process, and on 2 ranks.

use std::process::Command;

use clap::Args;

use crate::{
    build,
    error::{Error, Result},
    process::{output, run as run_command, say},
    repo::Repo,
};

/// Results that differ more than this from NumPy's are wrong: a sum's order differs, nothing else.
const TOLERANCE: f64 = 1e-12;

/// The size of the demonstration.
#[derive(Args)]
pub struct Options {
    /// Points along each side of the grid
    #[arg(long, default_value_t = 2000)]
    n: usize,
    /// Time steps
    #[arg(long, default_value_t = 50)]
    steps: usize,
}

/// What one run of the example printed.
struct Outcome {
    name: &'static str,
    error: f64,
    seconds: f64,
}

/// Builds, runs, shows the table, writes laplace.png.
pub fn run(repo: &Repo, options: &Options) -> Result<()> {
    build::run(repo)?;
    let mut outcomes = Vec::new();
    let programs: [(&str, &str, &[&str]); 3] = [
        ("NumPy", "laplace_numpy.py", &[]),
        ("gain, one process", "laplace.py", &["-n", "1"]),
        ("gain, 2 ranks", "laplace.py", &["-n", "2"]),
    ];
    for (name, script, launch) in programs {
        say(&format!("running examples/{script}: {name}"));
        outcomes.push(outcome(repo, options, name, script, launch)?);
    }
    show(options, &outcomes);
    check(&outcomes)?;
    picture(repo)
}

fn outcome(
    repo: &Repo,
    options: &Options,
    name: &'static str,
    script: &str,
    launch: &[&str],
) -> Result<Outcome> {
    let mut command = if launch.is_empty() {
        Command::new(repo.program("python"))
    } else {
        let mut gain = Command::new(repo.program("gain"));
        gain.arg("run").args(launch);
        gain
    };
    command
        .arg(repo.path("examples").join(script))
        .args([options.n.to_string(), options.steps.to_string()]);
    let text = output(&mut command)?;
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key));
        let number = line
            .and_then(|rest| rest.split_whitespace().next())
            .and_then(|word| word.parse().ok());
        number.ok_or_else(|| Error::new(format!("{name} printed no line `{key} NUMBER`:\n{text}")))
    };
    Ok(Outcome {
        name,
        error: value("error:")?,
        seconds: value("seconds:")?,
    })
}

fn show(options: &Options, outcomes: &[Outcome]) {
    println!(
        "\nexamples/laplace.py, {0} x {0}, {1} steps",
        options.n, options.steps
    );
    println!(
        "{:<20} {:>10} {:>10}   error after the last step",
        "", "seconds", "x NumPy"
    );
    for outcome in outcomes {
        let ratio = outcomes[0].seconds / outcome.seconds;
        println!(
            "{:<20} {:>10.3} {:>10.2}   {:e}",
            outcome.name, outcome.seconds, ratio, outcome.error
        );
    }
    println!();
}

fn check(outcomes: &[Outcome]) -> Result<()> {
    let (numpy, one, two) = (&outcomes[0], &outcomes[1], &outcomes[2]);
    if one.error.to_bits() != two.error.to_bits() {
        return Err(Error::new(
            "the result on 2 ranks is not the one of one process",
        ));
    }
    if (one.error - numpy.error).abs() > TOLERANCE * numpy.error.abs() {
        return Err(Error::new("the result is not NumPy's"));
    }
    Ok(())
}

/// A grid small enough to reach the solution in a moment.
fn picture(repo: &Repo) -> Result<()> {
    let file = repo.path("laplace.png");
    let size = ["--n", "200", "--sweeps", "20000", "--plot-only", "--plot"];
    let mut gain = Command::new(repo.program("gain"));
    run_command(gain.args(["bench", "laplace"]).args(size).arg(&file))?;
    say(&format!(
        "the picture of the solution is {}",
        file.display()
    ));
    Ok(())
}
