//! Python programs that measure: each prints one line of JSON, on rank 0.

use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;

use crate::{
    error::{Error, Result},
    place,
};

/// Python with this program, on ranks and threads; NumPy's own libraries stay on one thread.
pub fn python(text: &str, n_ranks: usize, n_threads: usize) -> Result<Command> {
    let mut command = place::python_on(n_ranks)?;
    command.args(["-c", text]);
    command
        .env("GAIN_NUM_THREADS", n_threads.to_string())
        .env("OMP_NUM_THREADS", "1")
        .env("PYTHONHASHSEED", "0");
    Ok(command)
}

/// Runs a program and reads its line of JSON.
pub fn answer<T: DeserializeOwned>(what: &str, command: &mut Command) -> Result<T> {
    let done = command
        .stdin(Stdio::null())
        .output()
        .map_err(|cause| Error::Start {
            program: command.get_program().to_string_lossy().into_owned(),
            cause,
        })?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    if !done.status.success() {
        let text = text + &String::from_utf8_lossy(&done.stderr);
        return Err(Error::Failed {
            what: what.to_owned(),
            status: done.status.to_string(),
            text,
        });
    }
    let line = text
        .lines()
        .find(|line| line.starts_with('{'))
        .unwrap_or("");
    serde_json::from_str(line).map_err(|_| Error::Answer {
        what: what.to_owned(),
        text,
    })
}
