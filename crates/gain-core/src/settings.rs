//! What the environment says about a run.

use std::path::PathBuf;
use std::time::Duration;

/// The settings of a run. The same on every rank, but for `n_threads` on nodes of different sizes.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Arrays of more elements than this are spread over the ranks; smaller ones are whole on every rank. `GAIN_THRESHOLD`.
    pub threshold: usize,
    /// Threads that compute, on each rank. `GAIN_NUM_THREADS`; by default the node's cores are shared among its ranks.
    pub n_threads: usize,
    /// How long a rank waits for another before it gives up; `None` waits for ever. `GAIN_TIMEOUT`, in seconds.
    pub timeout: Option<Duration>,
    /// A file to which the plans that run are appended. `GAIN_EXPLAIN`.
    pub explain: Option<PathBuf>,
}

/// The threshold when `GAIN_THRESHOLD` is not set: below it a message costs more than the work.
pub const DEFAULT_THRESHOLD: usize = 16_384;

impl Default for Settings {
    fn default() -> Self {
        Settings {
            threshold: DEFAULT_THRESHOLD,
            n_threads: 1,
            timeout: Some(Duration::from_secs(600)),
            explain: None,
        }
    }
}

impl Settings {
    /// The settings that the environment asks for, on a node shared by `ranks_on_node` ranks. Local.
    ///
    /// # Errors
    /// The name and text of a variable that is no number.
    pub fn from_environment(ranks_on_node: usize) -> Result<Settings, String> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let defaults = Settings::default();
        Ok(Settings {
            threshold: number("GAIN_THRESHOLD")?.unwrap_or(defaults.threshold),
            n_threads: number("GAIN_NUM_THREADS")?
                .unwrap_or((cores / ranks_on_node.max(1)).max(1))
                .max(1),
            timeout: match number("GAIN_TIMEOUT")? {
                None => defaults.timeout,
                Some(0) => None,
                Some(seconds) => Some(Duration::from_secs(seconds as u64)),
            },
            explain: std::env::var_os("GAIN_EXPLAIN")
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
        })
    }
}

fn number(name: &str) -> Result<Option<usize>, String> {
    match std::env::var(name) {
        Ok(text) if !text.trim().is_empty() => text
            .trim()
            .parse()
            .map(Some)
            .map_err(|_| format!("{name} is not a whole number: {text:?}")),
        _ => Ok(None),
    }
}
