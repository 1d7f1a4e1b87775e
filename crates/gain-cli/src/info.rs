//! `gain info`: what gain finds here, on one process or on ranks.

use std::{fs, process::ExitCode};

use clap::Args;
use serde_json::{Map, Value};

use crate::{bench::program, error::Result, place, run::positive};

/// Prints a JSON object on rank 0.
const PROGRAM: &str = include_str!("programs/info.py");

/// How to ask.
#[derive(Args)]
pub struct Options {
    /// The number of ranks to ask
    #[arg(short, long, value_name = "N", default_value_t = 1, value_parser = positive)]
    n: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints one line a fact.
///
/// # Errors
///
/// gain can't be imported, or the launcher is missing.
pub fn run(options: &Options) -> Result<ExitCode> {
    let mut facts = Map::new();
    facts.insert("python".into(), place::python()?.to_string_lossy().into());
    let launcher =
        place::launcher().map_or_else(|error| error.to_string(), |words| words.join(" "));
    facts.insert("launcher".into(), launcher.into());
    facts.insert("cores".into(), place::n_cores().into());
    facts.insert("memory of the node".into(), memory().into());
    let mut command = place::python_on(options.n)?;
    let told: Map<String, Value> = program::answer("gain info", command.args(["-c", PROGRAM]))?;
    facts.extend(told);
    if options.json {
        println!("{}", Value::Object(facts));
    } else {
        for (name, value) in &facts {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            println!("{name:<22} {text}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The machine's memory, and what is free of it.
fn memory() -> String {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let gibibytes = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key));
        let kibibytes = line
            .and_then(|rest| rest.split_whitespace().next())
            .and_then(|word| word.parse::<f64>().ok());
        kibibytes.map_or_else(
            || "unknown".to_owned(),
            |number| format!("{:.1} GiB", number / 1048576.0),
        )
    };
    format!(
        "{}, {} available",
        gibibytes("MemTotal:"),
        gibibytes("MemAvailable:")
    )
}
