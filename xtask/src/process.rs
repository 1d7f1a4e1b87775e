//! Running other programs: quietly with the output kept for a failure, loudly, or line by line.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::error::{Error, Result};

/// Says what is being done.
pub fn say(text: &str) {
    eprintln!("xtask: {text}");
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs with the terminal's output; an exit status other than 0 is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .map_err(|cause| cannot_start(command, &cause))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::new(format!(
        "`{}` ended with {status}",
        shown(command)
    )))
}

/// Runs and returns standard output; what it wrote to standard error is shown only when it fails.
pub fn output(command: &mut Command) -> Result<String> {
    let done = command
        .output()
        .map_err(|cause| cannot_start(command, &cause))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let text = [done.stdout, done.stderr].concat();
    Err(Error::new(format!(
        "`{}` ended with {}:\n{}",
        shown(command),
        done.status,
        String::from_utf8_lossy(&text)
    )))
}

/// How a command that was followed line by line ended.
pub struct Followed {
    /// Its exit status was 0.
    pub ok: bool,
    /// It was ended because it ran past its limit.
    pub late: bool,
    /// What it wrote to standard output.
    pub lines: Vec<String>,
}

/// Runs, passing each line of standard output on as it comes and keeping it; ends the command and all it started after `limit`.
pub fn follow(command: &mut Command, limit: Duration) -> Result<Followed> {
    in_own_group(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|cause| cannot_start(command, &cause))?;
    let pipe = child.stdout.take().expect("standard output is piped");
    let ended = Arc::new(AtomicBool::new(false));
    let guard = guard(child.id(), limit, Arc::clone(&ended));
    let mut lines = Vec::new();
    for line in BufReader::new(pipe)
        .split(b'\n')
        .map_while(std::result::Result::ok)
    {
        let line = String::from_utf8_lossy(&line).into_owned();
        let mut out = std::io::stdout().lock();
        // A closed terminal must not end the tests.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
        lines.push(line);
    }
    let status = wait(&mut child)?;
    ended.store(true, Ordering::Release);
    guard.thread().unpark();
    let late = guard.join().expect("the guard doesn't panic");
    Ok(Followed {
        ok: status && !late,
        late,
        lines,
    })
}

fn wait(child: &mut Child) -> Result<bool> {
    let status = child
        .wait()
        .map_err(|cause| Error::new(format!("lost a child process: {cause}")))?;
    Ok(status.success())
}

fn guard(id: u32, limit: Duration, ended: Arc<AtomicBool>) -> thread::JoinHandle<bool> {
    thread::spawn(move || {
        let start = Instant::now();
        while !ended.load(Ordering::Acquire) {
            let Some(left) = limit.checked_sub(start.elapsed()) else {
                say(&format!(
                    "still running after {} s: ending it",
                    limit.as_secs()
                ));
                end_group(id);
                return true;
            };
            thread::park_timeout(left);
        }
        false
    })
}

/// Starts the command as the leader of a group of its own, so that it can be ended with everything it started.
fn in_own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

/// Asks the group to end (launchers then end their ranks), and makes sure of it.
fn end_group(id: u32) {
    for signal in ["-TERM", "-KILL"] {
        // The group may be gone already.
        let _ = Command::new("kill")
            .args([signal, "--", &format!("-{id}")])
            .stderr(Stdio::null())
            .status();
        thread::sleep(Duration::from_secs(2));
    }
}

fn cannot_start(command: &Command, cause: &std::io::Error) -> Error {
    Error::new(format!("can't start `{}`: {cause}", shown(command)))
}

/// The first of `names` that is a program on PATH, outside of the given folder.
pub fn on_path(name: &str, outside: &std::path::Path) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .filter(|folder| !folder.starts_with(outside))
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}
