//! Tables of measurements, and goals that were met or missed.

use serde::Serialize;

/// One contender's time.
#[derive(Serialize)]
pub struct Row {
    /// Who.
    pub name: String,
    /// Number of ranks.
    pub ranks: usize,
    /// Threads a rank.
    pub threads: usize,
    /// The median, in seconds.
    pub seconds: f64,
    /// All that was measured, in seconds, in order.
    pub all: Vec<f64>,
}

/// A ratio and what it should be.
#[derive(Serialize)]
pub struct Goal {
    /// What the ratio is of.
    pub what: String,
    /// The ratio.
    pub ratio: f64,
    /// The bound.
    pub bound: f64,
    /// True if the ratio should be at least the bound; else at most.
    pub at_least: bool,
}

impl Goal {
    /// A ratio that should not be greater than `bound`.
    pub fn at_most(what: impl Into<String>, ratio: f64, bound: f64) -> Self {
        Self {
            what: what.into(),
            ratio,
            bound,
            at_least: false,
        }
    }

    /// A ratio that should not be less than `bound`.
    pub fn at_least(what: impl Into<String>, ratio: f64, bound: f64) -> Self {
        Self {
            what: what.into(),
            ratio,
            bound,
            at_least: true,
        }
    }

    fn is_met(&self) -> bool {
        if self.at_least {
            self.ratio >= self.bound
        } else {
            self.ratio <= self.bound
        }
    }
}

/// Prints the contenders with their time in `unit` (its name, and how many are in a second), the speed relative to the row
/// named `base`, and the time relative to the row named `plain` that uses as many cores.
pub fn print(title: &str, rows: &[Row], unit: (&str, f64), base: &str, plain: &str) {
    println!("{title}");
    println!(
        "{:<24} {:>15} {:>10} {:>8} {:>16}",
        "", "ranks x threads", unit.0, "x NumPy", "of a plain loop"
    );
    let base = rows
        .iter()
        .find(|row| row.name == base)
        .map(|row| row.seconds);
    for row in rows {
        let loops = rows.iter().filter(|other| other.name == plain);
        let peer = loops
            .filter(|other| other.threads <= row.ranks * row.threads)
            .max_by_key(|other| other.threads);
        let peer = peer.map(|other| row.seconds / other.seconds);
        println!(
            "{:<24} {:>15} {:>10.3} {:>8} {:>16}",
            row.name,
            format!("{} x {}", row.ranks, row.threads),
            row.seconds * unit.1,
            ratio(base.map(|base| base / row.seconds)),
            ratio(peer),
        );
    }
}

/// Prints each goal with its figure.
pub fn print_goals(goals: &[Goal]) {
    for goal in goals {
        let verdict = if goal.is_met() { "met" } else { "MISSED" };
        let word = if goal.at_least { "at least" } else { "at most" };
        println!(
            "  {:<56} {:>6.2}  ({word} {}: {verdict})",
            goal.what, goal.ratio, goal.bound
        );
    }
}

/// The time of a row, if it ran.
pub fn seconds(rows: &[Row], name: &str, ranks: usize, threads: usize) -> Option<f64> {
    let row = rows
        .iter()
        .find(|row| row.name == name && row.ranks == ranks && row.threads == threads);
    row.map(|row| row.seconds)
}

fn ratio(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:.2}"))
}
