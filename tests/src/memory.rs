//! How much memory this process has had at most.

/// The peak resident memory of this process in bytes. Local.
///
/// # Panics
/// Where `/proc/self/status` has no `VmHWM`.
pub fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .expect("a peak");
    let kib: usize = line
        .split_whitespace()
        .nth(1)
        .and_then(|number| number.parse().ok())
        .expect("a number of KiB");
    kib << 10
}
