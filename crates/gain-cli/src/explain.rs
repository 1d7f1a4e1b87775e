//! `gain explain`: runs a script and prints the plans that ran, with the bytes moved.

use std::{
    env, fs,
    path::Path,
    process::{ExitCode, id},
};

use clap::Args;

use crate::{
    error::{Error, Result},
    run::{self as launch},
};

/// What to run; as for `gain run`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    run: launch::Options,
}

/// Runs the script; its own output comes first, then the plans of rank 0, or of all ranks if all may write.
///
/// # Errors
///
/// As for `gain run`. A script that fails keeps its exit status; the plans up to there are printed.
pub fn run(options: &Options) -> Result<ExitCode> {
    let folder = env::temp_dir().join(format!("gain-explain-{}", id()));
    fs::create_dir_all(&folder).map_err(|cause| Error::File {
        path: folder.clone(),
        cause,
    })?;
    let mut command = launch::command(&options.run)?;
    command.env("GAIN_EXPLAIN", folder.join("plans"));
    let status = command.status().map_err(|cause| Error::Start {
        program: command.get_program().to_string_lossy().into_owned(),
        cause,
    })?;
    print!("{}", plans(&folder, options.run.n, options.run.all_output));
    // Left behind, it is a folder among those for such files.
    let _ = fs::remove_dir_all(folder);
    let code = status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1);
    Ok(ExitCode::from(code))
}

/// One process writes to `plans`, ranks to `plans.rank0` and so on.
fn plans(folder: &Path, n_ranks: usize, all: bool) -> String {
    if n_ranks == 1 {
        return text(&folder.join("plans"));
    }
    let shown = if all { n_ranks } else { 1 };
    let of_rank = |rank| {
        format!(
            "rank {rank}\n{}",
            text(&folder.join(format!("plans.rank{rank}")))
        )
    };
    (0..shown).map(of_rank).collect()
}

fn text(file: &Path) -> String {
    let found = fs::read_to_string(file).unwrap_or_default();
    if found.is_empty() {
        return "no plan ran: all arrays were small, or the script made none\n".to_owned();
    }
    found
}
