//! What planning one rank's share of a Laplace sweep costs, by the number of ranks: `cargo run --release -p gain-core --example planning`.
//!
//! Nothing runs and nobody communicates: planning is pure.

use std::fs::read_to_string;
use std::time::Instant;

use gain_core::plan::{Operand, Plan, Problem, Slot, Statement, Work, plan};
use gain_core::{DType, Distribution, Indices, Layout, OperandType, Ufunc, ufunc};
use gain_ufunc::resolve;

/// Plans that are kept to see how much memory one takes.
const KEPT: usize = 1000;

fn main() {
    println!(
        "planning the share of a rank in the middle: one sweep of 7 statements, 4 rows a rank"
    );
    println!(
        "{:>8} {:>12} {:>14} {:>10} {:>8}",
        "ranks", "median us", "KiB a plan", "receives", ""
    );
    let mut kept: Vec<Vec<Plan>> = Vec::new();
    for n_ranks in [1, 64, 4096, 65_536] {
        let problem = sweep(n_ranks / 2, n_ranks, 4 * n_ranks + 2);
        let before = resident_bytes();
        let mut seconds = Vec::with_capacity(KEPT);
        let plans: Vec<Plan> = (0..KEPT)
            .map(|_| {
                let start = Instant::now();
                let made = plan(&problem, 1000).expect("float64 has loops for all of it");
                seconds.push(start.elapsed().as_secs_f64());
                made
            })
            .collect();
        let bytes = resident_bytes().saturating_sub(before) / KEPT;
        seconds.sort_by(f64::total_cmp);
        let receives = plans[0].steps[0].receives.len();
        let median = seconds[KEPT / 2];
        let verdict = if median < 1e-3 { "met" } else { "MISSED" };
        kept.push(plans);
        println!(
            "{n_ranks:>8} {:>12.1} {:>14.1} {receives:>10} {verdict:>8}",
            median * 1e6,
            bytes as f64 / 1024.0
        );
    }
    println!("  at most 1000 us");
}

/// Memory of this process that is in use, as far as the system tells.
fn resident_bytes() -> usize {
    let text = read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: usize = text
        .split(' ')
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    pages * 4096
}

/// `u[1:-1,1:-1] = ((u[:-2,1:-1] + u[2:,1:-1]) * dy2 + (u[1:-1,:-2] + u[1:-1,2:]) * dx2) * inv`, as recording leaves it.
fn sweep(rank: usize, n_ranks: usize, n: usize) -> Problem {
    let mut problem = Problem {
        rank,
        n_ranks,
        n_threads: 1,
        slots: Vec::new(),
        statements: Vec::new(),
    };
    let u = slot(
        &mut problem,
        &[n, n],
        Some(Distribution::default_for(&[n, n], n_ranks)),
    );
    let part = |row, column| Operand::View {
        slot: u,
        layout: Layout::identity(&[n, n])
            .slice(0, row, 1, n - 2)
            .slice(1, column, 1, n - 2),
    };
    let inner = [n - 2, n - 2];
    let vertical = map(&mut problem, ufunc::ADD, part(0, 1), part(2, 1), &inner);
    let vertical = map(&mut problem, ufunc::MULTIPLY, vertical, constant(0), &inner);
    let horizontal = map(&mut problem, ufunc::ADD, part(1, 0), part(1, 2), &inner);
    let horizontal = map(
        &mut problem,
        ufunc::MULTIPLY,
        horizontal,
        constant(1),
        &inner,
    );
    let both = map(&mut problem, ufunc::ADD, vertical, horizontal, &inner);
    let result = map(&mut problem, ufunc::MULTIPLY, both, constant(2), &inner);
    let Operand::View { layout, .. } = part(1, 1) else {
        unreachable!("a part is a view")
    };
    problem.statements.push(Statement {
        work: Work::Copy,
        operands: [result].into_iter().collect(),
        shape: Indices::from_slice(&inner),
        target: u,
        layout,
    });
    problem
}

fn constant(number: usize) -> Operand {
    Operand::Constant {
        number,
        dtype: DType::F64,
    }
}

/// A ufunc of two operands into a slot of its own.
fn map(
    problem: &mut Problem,
    ufunc: &'static Ufunc,
    left: Operand,
    right: Operand,
    shape: &[usize],
) -> Operand {
    let signature =
        resolve(ufunc, &[OperandType::Array(DType::F64); 2]).expect("a loop for float64");
    let target = slot(problem, shape, None);
    let layout = Layout::identity(shape);
    problem.statements.push(Statement {
        work: Work::Map { ufunc, signature },
        operands: [left, right].into_iter().collect(),
        shape: Indices::from_slice(shape),
        target,
        layout: layout.clone(),
    });
    Operand::View {
        slot: target,
        layout,
    }
}

/// Placed where there is a distribution, else made by the statements.
fn slot(problem: &mut Problem, shape: &[usize], distribution: Option<Distribution>) -> usize {
    let memory = problem.slots.len();
    let placed = distribution.is_some();
    problem.slots.push(Slot {
        shape: Indices::from_slice(shape),
        dtype: DType::F64,
        memory,
        distribution,
        replicated: false,
        placed,
        keep: placed,
        passing: false,
    });
    memory
}
