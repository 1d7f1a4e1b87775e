//! How much memory one rank may ask for.
//!
//! The machine's memory is the smaller of what the kernel reports and what the control group allows. A team divides it
//! by the ranks of its fullest node, and every rank of the team takes the same number, so that a request that can not
//! be had fails alike on all of them, before the kernel would end one.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The limit in bytes; 0 until it is first asked for or set.
static LIMIT: AtomicUsize = AtomicUsize::new(0);

/// The share of the machine that is left to everything else: one part of this many.
const RESERVE: usize = 16;

/// Bytes of memory of this machine, or of this process's control group if that allows less. Local.
#[must_use]
pub fn machine_memory() -> usize {
    let total = memory_line("MemTotal:").unwrap_or(usize::MAX);
    cgroup_limit().map_or(total, |limit| limit.min(total))
}

/// Bytes that the buffers of this process may take together. Local.
///
/// A team sets it at its start ([`crate::Team::memory_limit`]); before, it is the machine's memory less a sixteenth.
#[must_use]
pub fn memory_limit() -> usize {
    match LIMIT.load(Ordering::Relaxed) {
        0 => {
            let limit = usable(machine_memory());
            LIMIT.store(limit, Ordering::Relaxed);
            limit
        }
        limit => limit,
    }
}

/// Sets the bytes that the buffers of this process may take together; at least one. Local.
pub fn set_memory_limit(bytes: usize) {
    LIMIT.store(bytes.max(1), Ordering::Relaxed);
}

/// What is left of a machine's memory for arrays.
pub(crate) fn usable(bytes: usize) -> usize {
    (bytes - bytes / RESERVE).max(1)
}

/// Bytes that could be had now without swapping; `None` when the kernel does not say.
pub(super) fn available_memory() -> Option<usize> {
    memory_line("MemAvailable:")
}

/// A line of /proc/meminfo, in bytes.
fn memory_line(name: &str) -> Option<usize> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    let kib: usize = line[name.len()..]
        .trim()
        .trim_end_matches("kB")
        .trim()
        .parse()
        .ok()?;
    kib.checked_mul(1024)
}

/// The smallest limit of this process's control groups, of either version.
fn cgroup_limit() -> Option<usize> {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let mut files = vec![
        "/sys/fs/cgroup/memory.max".to_owned(),
        "/sys/fs/cgroup/memory/memory.limit_in_bytes".to_owned(),
    ];
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else {
            continue;
        };
        if controllers.is_empty() {
            files.push(format!("/sys/fs/cgroup{path}/memory.max"));
        } else if controllers.split(',').any(|name| name == "memory") {
            files.push(format!("/sys/fs/cgroup/memory{path}/memory.limit_in_bytes"));
        }
    }
    files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok()?.trim().parse::<usize>().ok())
        .min()
}
