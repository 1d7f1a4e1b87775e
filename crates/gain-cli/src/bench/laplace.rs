//! `gain bench laplace`: NumPy, a hand-written fused loop and gain on the same time steps, checked bit for bit.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::id,
    time::Instant,
};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

use super::{
    fused::{self, Factors, Real},
    median, picture, program,
    table::{self, Goal, Row},
};
use crate::{
    error::{Error, Result},
    place,
    run::positive,
};

const PROGRAM: &str = include_str!("../programs/laplace.py");

const NUMPY: &str = "NumPy";
const LOOP: &str = "hand-written loop";
const GAIN: &str = "gain";

/// Sweeps before the clock starts: pages are touched, plans made.
const WARM_UP: usize = 2;

/// The size of the measurement.
#[derive(Args)]
pub struct Options {
    /// Points along each side of the grid
    #[arg(long, default_value_t = 4000, value_parser = grid)]
    n: usize,
    /// Time steps in each repeat
    #[arg(long, default_value_t = 10, value_parser = positive)]
    sweeps: usize,
    /// Ranks of the run with several ranks
    #[arg(long, default_value_t = 2, value_parser = positive)]
    ranks: usize,
    /// Threads of the runs with several threads [default: all cores]
    #[arg(long, value_parser = positive)]
    threads: Option<usize>,
    /// Kind of numbers
    #[arg(long, value_enum, default_value_t = Dtype::F64)]
    dtype: Dtype,
    /// Interleaved repeats; the table shows medians
    #[arg(long, default_value_t = 5, value_parser = positive)]
    repeats: usize,
    /// Only these contenders
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Kind>,
    /// Print JSON instead of the table
    #[arg(long)]
    json: bool,
    /// Write a picture of the grid after the last step
    #[arg(long, value_name = "FILE.png")]
    plot: Option<PathBuf>,
    /// Measure nothing, only write the picture
    #[arg(long, requires = "plot")]
    plot_only: bool,
}

/// The numbers of the grid.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Dtype {
    F32,
    F64,
}

/// The kinds of contenders.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// NumPy on one thread
    Numpy,
    /// The hand-written loop, on one and all threads
    Loop,
    /// gain in one process, on one and all threads
    Gain,
    /// gain on ranks
    Ranks,
}

fn grid(text: &str) -> std::result::Result<usize, String> {
    positive(text).and_then(|n| {
        if n < 3 {
            Err("a grid has at least 3 points".to_owned())
        } else {
            Ok(n)
        }
    })
}

/// One of those who are measured.
struct Contender {
    name: &'static str,
    ranks: usize,
    threads: usize,
    seconds: Vec<f64>,
    checksum: Option<String>,
}

/// What a run gives: seconds a sweep, and the checksum where it was asked for.
#[derive(Deserialize)]
struct Measured {
    seconds: f64,
    checksum: Option<String>,
}

/// All that is printed as JSON.
#[derive(Serialize)]
struct Report<'a> {
    n: usize,
    sweeps: usize,
    dtype: &'static str,
    rows: &'a [Row],
    goals: &'a [Goal],
}

/// Measures, checks, prints.
///
/// # Errors
///
/// A contender failed, or its answer is not the others'.
pub fn run(options: &Options) -> Result<()> {
    if !options.plot_only {
        compare(options)?;
    }
    options
        .plot
        .as_deref()
        .map_or(Ok(()), |path| plot(options, path))
}

fn compare(options: &Options) -> Result<()> {
    let mut contenders = contenders(options);
    let bar = progress(options, contenders.len());
    for repeat in 0..options.repeats {
        for contender in &mut contenders {
            bar.set_message(format!(
                "{} {} x {}",
                contender.name, contender.ranks, contender.threads
            ));
            let measured = measure(options, contender, repeat == 0)?;
            contender.seconds.push(measured.seconds);
            contender.checksum = contender.checksum.take().or(measured.checksum);
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    check(&contenders)?;
    let rows: Vec<Row> = contenders.into_iter().map(Contender::row).collect();
    show(options, &rows);
    Ok(())
}

impl Contender {
    fn new(name: &'static str, ranks: usize, threads: usize) -> Self {
        Self {
            name,
            ranks,
            threads,
            seconds: Vec::new(),
            checksum: None,
        }
    }

    fn row(self) -> Row {
        let seconds = median(self.seconds.clone());
        Row {
            name: self.name.to_owned(),
            ranks: self.ranks,
            threads: self.threads,
            seconds,
            all: self.seconds,
        }
    }
}

fn contenders(options: &Options) -> Vec<Contender> {
    let threads = options.threads.unwrap_or_else(place::n_cores);
    let wants = |kind| options.only.is_empty() || options.only.contains(&kind);
    let mut list = Vec::new();
    if wants(Kind::Numpy) {
        list.push(Contender::new(NUMPY, 1, 1));
    }
    for (kind, name) in [(Kind::Loop, LOOP), (Kind::Gain, GAIN)] {
        if wants(kind) {
            list.push(Contender::new(name, 1, 1));
            if threads > 1 {
                list.push(Contender::new(name, 1, threads));
            }
        }
    }
    if wants(Kind::Ranks) && options.ranks > 1 {
        list.push(Contender::new(GAIN, options.ranks, 1));
    }
    list
}

fn progress(options: &Options, n_contenders: usize) -> ProgressBar {
    let bar = ProgressBar::new((n_contenders * options.repeats) as u64);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}, {eta} left");
    bar.with_style(style.expect("the template is well formed"))
}

fn measure(options: &Options, contender: &Contender, with_checksum: bool) -> Result<Measured> {
    match (contender.name, options.dtype) {
        (LOOP, Dtype::F32) => hand_written::<f32>(options, contender, with_checksum),
        (LOOP, Dtype::F64) => hand_written::<f64>(options, contender, with_checksum),
        _ => python(options, contender, with_checksum, None),
    }
}

fn python(
    options: &Options,
    contender: &Contender,
    with_checksum: bool,
    file: Option<&str>,
) -> Result<Measured> {
    let mut command = program::python(PROGRAM, contender.ranks, contender.threads)?;
    let module = if contender.name == NUMPY {
        "numpy"
    } else {
        "gain"
    };
    let dtype = dtype_name(options.dtype);
    command.args([
        module,
        &options.n.to_string(),
        &options.sweeps.to_string(),
        &WARM_UP.to_string(),
        dtype,
    ]);
    command
        .arg(if with_checksum { "check" } else { "-" })
        .arg(file.unwrap_or("-"));
    program::answer(
        &format!("{} on {} ranks", contender.name, contender.ranks),
        &mut command,
    )
}

fn hand_written<T: Real>(
    options: &Options,
    contender: &Contender,
    with_checksum: bool,
) -> Result<Measured> {
    let n = options.n;
    let mut grids = fused::grids::<T>(n)?;
    let square = (1.0 / (n as f64 - 1.0)) * (1.0 / (n as f64 - 1.0));
    let factors = Factors {
        dx2: T::of(square),
        dy2: T::of(square),
        inv: T::of(0.5 / (square + square)),
    };
    fused::sweeps(&mut grids, n, factors, WARM_UP, contender.threads);
    let start = Instant::now();
    fused::sweeps(&mut grids, n, factors, options.sweeps, contender.threads);
    let seconds = start.elapsed().as_secs_f64() / options.sweeps as f64;
    let result = &grids[options.sweeps % 2];
    let checksum = with_checksum.then(|| format!("{:016x}", fused::checksum(result, n)));
    Ok(Measured { seconds, checksum })
}

/// All contenders have the checksum of the first: NumPy's, if it runs.
fn check(contenders: &[Contender]) -> Result<()> {
    let Some(expected) = contenders.first().and_then(|first| first.checksum.as_ref()) else {
        return Ok(());
    };
    for contender in contenders {
        let found = contender.checksum.as_ref().unwrap_or(expected);
        if found != expected {
            let who = format!(
                "{} on {} x {}",
                contender.name, contender.ranks, contender.threads
            );
            return Err(Error::Wrong {
                who,
                found: found.clone(),
                expected: expected.clone(),
            });
        }
    }
    Ok(())
}

fn show(options: &Options, rows: &[Row]) {
    let goals = goals(options, rows);
    let dtype = dtype_name(options.dtype);
    if options.json {
        let report = Report {
            n: options.n,
            sweeps: options.sweeps,
            dtype,
            rows,
            goals: &goals,
        };
        println!(
            "{}",
            serde_json::to_string(&report).expect("numbers and texts are JSON")
        );
    } else {
        let (n, sweeps, repeats) = (options.n, options.sweeps, options.repeats);
        let title = format!(
            "laplace, {n} x {n} {dtype}, {sweeps} sweeps, median of {repeats} interleaved repeats; all answers equal bit for bit"
        );
        table::print(&title, rows, ("ms/sweep", 1e3), NUMPY, LOOP);
        table::print_goals(&goals);
    }
}

fn goals(options: &Options, rows: &[Row]) -> Vec<Goal> {
    let threads = options.threads.unwrap_or_else(place::n_cores);
    let one = table::seconds(rows, GAIN, 1, 1);
    let all = table::seconds(rows, GAIN, 1, threads).filter(|_| threads > 1);
    let ranks = table::seconds(rows, GAIN, options.ranks, 1).filter(|_| options.ranks > 1);
    let numpy = table::seconds(rows, NUMPY, 1, 1);
    let mut goals = Vec::new();
    let mut add = |goal: Option<Goal>| goals.extend(goal);
    let plain = |threads| table::seconds(rows, LOOP, 1, threads);
    add(one
        .zip(plain(1))
        .map(|(a, b)| Goal::at_most("1 thread: time of the hand-written loop", a / b, 1.25)));
    let text = format!("{threads} threads: time of the hand-written loop");
    add(all
        .zip(plain(threads))
        .map(|(a, b)| Goal::at_most(text, a / b, 1.25)));
    add(one
        .zip(numpy)
        .map(|(a, b)| Goal::at_least("1 thread: x NumPy", b / a, 4.0)));
    let text = format!("{threads} threads: x NumPy");
    add(all
        .zip(numpy)
        .map(|(a, b)| Goal::at_least(text, b / a, 4.0 * threads as f64)));
    let text = format!("{threads} threads: x 1 thread");
    add(all
        .zip(one)
        .map(|(a, b)| Goal::at_least(text, b / a, 0.9 * threads as f64)));
    let text = format!("{} ranks: x 1 rank", options.ranks);
    add(ranks
        .zip(one)
        .map(|(a, b)| Goal::at_least(text, b / a, 0.9 * options.ranks as f64)));
    goals
}

fn dtype_name(dtype: Dtype) -> &'static str {
    match dtype {
        Dtype::F32 => "float32",
        Dtype::F64 => "float64",
    }
}

/// One more run of gain leaves its grid in a file, which is drawn.
fn plot(options: &Options, path: &Path) -> Result<()> {
    let file = env::temp_dir().join(format!("gain-grid-{}", id()));
    let contender = Contender::new(GAIN, 1, options.threads.unwrap_or_else(place::n_cores));
    python(options, &contender, false, Some(&file.to_string_lossy()))?;
    let bytes = fs::read(&file).map_err(|cause| Error::File {
        path: file.clone(),
        cause,
    })?;
    // Left behind, it is a file in the folder for such files.
    let _ = fs::remove_file(&file);
    let (numbers, _) = bytes.as_chunks::<8>();
    let values: Vec<f64> = numbers
        .iter()
        .map(|number| f64::from_ne_bytes(*number))
        .collect();
    picture::draw(path, &values, options.n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contender(name: &'static str, checksum: &str) -> Contender {
        Contender {
            checksum: Some(checksum.to_owned()),
            ..Contender::new(name, 1, 1)
        }
    }

    #[test]
    fn a_wrong_answer_is_an_error() {
        assert!(check(&[contender(NUMPY, "a"), contender(GAIN, "a")]).is_ok());
        assert!(check(&[contender(NUMPY, "a"), contender(GAIN, "b")]).is_err());
        assert!(check(&[]).is_ok());
    }
}
