//! `gain run`: starts a script in one process or on ranks, with settings chosen for the user.

use std::{
    env,
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, ExitCode, id},
    time::{SystemTime, UNIX_EPOCH},
};

use clap::Args;

use crate::{
    error::{Error, Result},
    place,
};

/// What to run.
#[derive(Args)]
pub struct Options {
    /// The number of ranks; 1 needs no MPI
    #[arg(short, long, value_name = "N", default_value_t = 1, value_parser = positive)]
    pub n: usize,
    /// Threads per rank; the default shares the cores among the ranks
    #[arg(long, value_name = "T", value_parser = positive)]
    threads: Option<usize>,
    /// Let every rank write to standard output, not only rank 0
    #[arg(long)]
    pub all_output: bool,
    /// Let `import numpy` be NumPy in a script that doesn't import gain
    #[arg(long)]
    keep_numpy: bool,
    /// Run a module, as `python -m` does
    #[arg(short = 'm', value_name = "MODULE", conflicts_with = "keep_numpy")]
    module: Option<String>,
    /// The script, and what it is given
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required_unless_present = "module"
    )]
    script: Vec<String>,
}

/// A number of ranks or threads.
pub fn positive(text: &str) -> std::result::Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| "must be a number from 1 on".to_owned())
}

/// Becomes Python, or the launcher: signals then reach it directly, and its exit status is ours.
///
/// # Errors
///
/// The script, Python or the launcher is missing.
pub fn run(options: &Options) -> Result<ExitCode> {
    let mut command = command(options)?;
    let cause = command.exec();
    Err(Error::Start {
        program: command.get_program().to_string_lossy().into_owned(),
        cause,
    })
}

/// The command that runs the script.
pub fn command(options: &Options) -> Result<Command> {
    let mut command = place::python_on(options.n)?;
    command.args(["-m", "gain.launch"]);
    match (&options.module, options.script.first()) {
        (Some(module), _) => drop(command.args(["-m", module])),
        (None, Some(script)) if !Path::new(script).is_file() => {
            return Err(Error::NoScript {
                path: script.into(),
            });
        }
        _ if options.keep_numpy => drop(command.arg("--keep-numpy")),
        _ => {}
    }
    command.args(&options.script);
    settings(options, &mut command);
    Ok(command)
}

/// The variables that the ranks read; what the user has set stays.
fn settings(options: &Options, command: &mut Command) {
    let threads = options
        .threads
        .unwrap_or_else(|| (place::n_cores() / options.n).max(1))
        .to_string();
    if options.threads.is_some() {
        command.env("GAIN_NUM_THREADS", &threads);
    }
    let unless_set = [
        ("GAIN_NUM_THREADS", threads.as_str()),
        // What falls back to NumPy shares the cores too.
        ("OMP_NUM_THREADS", threads.as_str()),
        // Sets of strings must have one order on all ranks.
        ("PYTHONHASHSEED", "0"),
    ];
    for (name, value) in unless_set {
        let is_given = options.threads.is_some() && name == "GAIN_NUM_THREADS";
        if env::var_os(name).is_none() && !is_given {
            command.env(name, value);
        }
    }
    command.env("GAIN_JOB", job());
    if !options.all_output {
        command.env("GAIN_STDOUT", "rank0");
    }
}

/// A name no other job has.
fn job() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos());
    format!("{}-{now}", id())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn check(line: &str) -> Options {
        Line::try_parse_from(format!("run {line}").split_whitespace())
            .expect("the line is right")
            .options
    }

    #[test]
    fn options_after_the_script_are_the_scripts() {
        let options = check("-n 3 --threads 2 a.py -n 5 --all-output");
        assert_eq!(
            (options.n, options.threads, options.all_output),
            (3, Some(2), false)
        );
        assert_eq!(options.script, ["a.py", "-n", "5", "--all-output"]);
    }

    #[test]
    fn a_module_takes_arguments() {
        let options = check("-n 2 -m pytest -q tests");
        assert_eq!(options.module.as_deref(), Some("pytest"));
        assert_eq!(options.script, ["-q", "tests"]);
    }

    #[test]
    fn no_ranks_is_no_number() {
        assert!(Line::try_parse_from(["run", "-n", "0", "a.py"]).is_err());
        assert!(Line::try_parse_from(["run"]).is_err());
    }
}
