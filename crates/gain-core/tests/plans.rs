//! Plans as text and as figures, for any number of ranks, without ranks.

use std::time::{Duration, Instant};

use gain_core::plan::{Operand, Plan, Problem, Slot, Statement, Work, plan};
use gain_core::{DType, Distribution, Indices, Layout, OperandType, Reduction, Ufunc, ufunc};
use gain_ufunc::resolve;

/// Builds problems statement by statement, as recording does.
struct Program {
    problem: Problem,
    constants: usize,
}

impl Program {
    fn new(rank: usize, n_ranks: usize) -> Program {
        Program {
            problem: Problem {
                rank,
                n_ranks,
                n_threads: 1,
                slots: Vec::new(),
                statements: Vec::new(),
            },
            constants: 0,
        }
    }

    fn array(&mut self, shape: &[usize]) -> usize {
        let distribution = Distribution::default_for(shape, self.problem.n_ranks);
        self.slot(shape, Some(distribution))
    }

    fn slot(&mut self, shape: &[usize], distribution: Option<Distribution>) -> usize {
        let memory = self.problem.slots.len();
        let placed = distribution.is_some();
        self.problem.slots.push(Slot {
            shape: Indices::from_slice(shape),
            dtype: DType::F64,
            memory,
            distribution,
            replicated: shape.is_empty(),
            placed,
            keep: placed,
            passing: false,
        });
        memory
    }

    fn statement(
        &mut self,
        work: Work,
        operands: Vec<Operand>,
        shape: &[usize],
        target: usize,
        layout: Layout,
    ) {
        let shape = Indices::from_slice(shape);
        self.problem.statements.push(Statement {
            work,
            operands: operands.into(),
            shape,
            target,
            layout,
        });
    }

    fn map(&mut self, ufunc: &'static Ufunc, operands: Vec<Operand>, shape: &[usize]) -> Operand {
        let types = vec![OperandType::Array(DType::F64); operands.len()];
        let signature = resolve(ufunc, &types).expect("a loop for float64");
        let target = self.slot(shape, None);
        self.statement(
            Work::Map { ufunc, signature },
            operands,
            shape,
            target,
            Layout::identity(shape),
        );
        view(target, Layout::identity(shape))
    }

    fn constant(&mut self) -> Operand {
        self.constants += 1;
        Operand::Constant {
            number: self.constants - 1,
            dtype: DType::F64,
        }
    }

    fn plan(&self) -> Plan {
        plan(&self.problem, 1000).expect("a plan")
    }
}

fn view(slot: usize, layout: Layout) -> Operand {
    Operand::View { slot, layout }
}

/// `u[1:-1,1:-1] = ((u[:-2,1:-1] + u[2:,1:-1]) * dy2 + (u[1:-1,:-2] + u[1:-1,2:]) * dx2) * inv`
fn laplace(rank: usize, n_ranks: usize, n: usize) -> Program {
    let mut p = Program::new(rank, n_ranks);
    let u = p.array(&[n, n]);
    let inner = [n - 2, n - 2];
    let at = |row: usize, column: usize| {
        Layout::identity(&[n, n])
            .slice(0, row, 1, n - 2)
            .slice(1, column, 1, n - 2)
    };
    let vertical = p.map(
        ufunc::ADD,
        vec![view(u, at(0, 1)), view(u, at(2, 1))],
        &inner,
    );
    let dy2 = p.constant();
    let vertical = p.map(ufunc::MULTIPLY, vec![vertical, dy2], &inner);
    let horizontal = p.map(
        ufunc::ADD,
        vec![view(u, at(1, 0)), view(u, at(1, 2))],
        &inner,
    );
    let dx2 = p.constant();
    let horizontal = p.map(ufunc::MULTIPLY, vec![horizontal, dx2], &inner);
    let both = p.map(ufunc::ADD, vec![vertical, horizontal], &inner);
    let inv = p.constant();
    let result = p.map(ufunc::MULTIPLY, vec![both, inv], &inner);
    p.statement(Work::Copy, vec![result], &inner, u, at(1, 1));
    p
}

#[test]
fn a_sweep_is_one_loop_that_exchanges_rows_and_lags() {
    let plan = laplace(1, 3, 302).plan();
    assert_eq!(plan.steps.len(), 1, "{plan}");
    let step = &plan.steps[0];
    assert!(step.makes.is_empty(), "no temporary is stored:\n{plan}");
    let rows = 300 * 8;
    assert_eq!(
        step.sends
            .iter()
            .map(|s| (s.to, s.bytes))
            .collect::<Vec<_>>(),
        [(2, rows), (0, rows)],
        "{plan}"
    );
    assert_eq!(
        step.receives
            .iter()
            .map(|r| (r.from, r.bytes))
            .collect::<Vec<_>>(),
        [(0, rows), (2, rows)],
        "{plan}"
    );
    assert_eq!(step.interior.len(), 1, "{plan}");
    assert_eq!(step.interior[0].lag, Some(1), "{plan}");
    assert_eq!(step.border.len(), 2, "{plan}");
    assert!(step.scratch.is_none(), "{plan}");
    let text = plan.to_string();
    for wanted in [
        "add multiply add multiply add multiply copy over",
        "lagging 1 rows",
        "receive 2400 bytes from rank 0",
    ] {
        assert!(text.contains(wanted), "{wanted:?} in\n{text}");
    }
}

#[test]
fn threads_get_row_ranges_with_saved_edges() {
    let mut program = laplace(0, 1, 302);
    program.problem.n_threads = 2;
    let plan = program.plan();
    let step = &plan.steps[0];
    assert_eq!(
        (step.interior.len(), step.border.len(), step.saves.len()),
        (2, 1, 4),
        "{plan}"
    );
    let rows: usize = step
        .interior
        .iter()
        .chain(&step.border)
        .map(|piece| piece.shape[0])
        .sum();
    assert_eq!(rows, 300, "{plan}");
}

#[test]
fn a_reversal_goes_through_scratch() {
    let mut p = Program::new(0, 1);
    let u = p.array(&[10_000]);
    let reversed = Layout::identity(&[10_000]).slice(0, 9_999, -1, 10_000);
    p.statement(
        Work::Copy,
        vec![view(u, reversed)],
        &[10_000],
        u,
        Layout::identity(&[10_000]),
    );
    let plan = p.plan();
    assert!(plan.steps[0].scratch.is_some(), "{plan}");
}

#[test]
fn a_fused_sum_stores_nothing_and_moves_nothing_but_partials() {
    let mut p = Program::new(2, 4);
    let (x, y) = (p.array(&[1 << 20]), p.array(&[1 << 20]));
    let shape = [1 << 20];
    let c = p.constant();
    let scaled = p.map(
        ufunc::MULTIPLY,
        vec![c, view(x, Layout::identity(&shape))],
        &shape,
    );
    let sum = p.map(
        ufunc::ADD,
        vec![scaled, view(y, Layout::identity(&shape))],
        &shape,
    );
    let result = p.slot(&[], None);
    p.problem.slots[result].keep = true;
    let work = Work::Reduce {
        reduction: Reduction::Sum,
        input: DType::F64,
        axes: [0].into_iter().collect(),
    };
    p.statement(work, vec![sum], &shape, result, Layout::identity(&[]));
    let plan = p.plan();
    assert_eq!(plan.steps.len(), 1, "{plan}");
    assert_eq!(
        (plan.steps[0].makes.len(), plan.steps[0].sends.len()),
        (1, 0),
        "{plan}"
    );
}

#[test]
fn independent_shapes_and_dependent_views_are_steps_of_their_own() {
    let mut p = Program::new(0, 2);
    let x = p.array(&[100, 100]);
    let square = p.map(
        ufunc::MULTIPLY,
        vec![
            view(x, Layout::identity(&[100, 100])),
            view(x, Layout::identity(&[100, 100])),
        ],
        &[100, 100],
    );
    let Operand::View { slot, .. } = square else {
        unreachable!("map gives a view")
    };
    let transposed = view(slot, Layout::identity(&[100, 100]).transpose(&[1, 0]));
    let sum = p.map(
        ufunc::ADD,
        vec![transposed, view(x, Layout::identity(&[100, 100]))],
        &[100, 100],
    );
    let Operand::View { slot: last, .. } = sum else {
        unreachable!("map gives a view")
    };
    p.problem.slots[last].keep = true;
    let plan = p.plan();
    assert_eq!(plan.steps.len(), 2, "{plan}");
    assert_eq!(plan.steps[1].release, [slot], "{plan}");
}

#[test]
fn rows_that_are_reduced_are_one_piece() {
    let mut p = Program::new(0, 1);
    let a = p.array(&[4000, 4000]);
    let sums = p.slot(&[4000], None);
    let whole = Layout::identity(&[4000, 4000]);
    let sum = Work::Reduce {
        reduction: Reduction::Sum,
        input: DType::F64,
        axes: [1].into_iter().collect(),
    };
    p.statement(
        sum,
        vec![view(a, whole)],
        &[4000, 4000],
        sums,
        Layout::identity(&[4000]),
    );
    p.problem.slots[sums].keep = true;
    let plan = p.plan();
    assert_eq!(
        plan.steps[0].interior.len(),
        1,
        "a row's short last leaf is no reason to cut:\n{plan}"
    );
}

#[test]
fn a_transposition_on_4096_ranks_sends_each_the_square_that_it_needs() {
    let (n_ranks, n) = (4096, 8192);
    let mut p = Program::new(1000, n_ranks);
    let (a, b) = (p.array(&[n, n]), p.array(&[n, n]));
    let turned = Layout::identity(&[n, n]).transpose(&[1, 0]);
    p.statement(
        Work::Copy,
        vec![view(a, turned)],
        &[n, n],
        b,
        Layout::identity(&[n, n]),
    );
    let plan = p.plan();
    let step = &plan.steps[0];
    // Two rows a rank: squares of 2 x 2.
    let others = || (0..n_ranks).filter(|&rank| rank != 1000);
    assert!(
        step.sends
            .iter()
            .map(|s| (s.to, s.bytes))
            .eq(others().map(|to| (to, 32)))
    );
    assert!(
        step.receives
            .iter()
            .map(|r| (r.from, r.bytes))
            .eq(others().map(|from| (from, 32)))
    );
    let text = plan.to_string();
    assert!(text.contains("receive 32 bytes from rank 4095"));
}

#[test]
fn other_cuts_on_4096_ranks_are_a_matter_of_neighbours() {
    let (n_ranks, n) = (4096, 1 << 20);
    for rank in [0, 1, 2048, 4095] {
        let mut p = Program::new(rank, n_ranks);
        let a = p.array(&[n]);
        // Every block begins 64 elements later; the last one is the shorter for it.
        let points: Vec<usize> = (0..=n_ranks)
            .map(|k| if k == 0 { 0 } else { (k * 256 + 64).min(n) })
            .collect();
        let shifted = Distribution::irregular(&[points], n_ranks).expect("it fits");
        let b = p.slot(&[n], Some(shifted));
        let whole = Layout::identity(&[n]);
        p.statement(Work::Copy, vec![view(a, whole.clone())], &[n], b, whole);
        let plan = p.plan();
        let step = &plan.steps[0];
        let before = rank.checked_sub(1).map(|to| (to, 512));
        let behind = Some(rank + 1)
            .filter(|&from| from < n_ranks)
            .map(|from| (from, 512));
        let sent = step.sends.iter().map(|s| (s.to, s.bytes));
        assert!(sent.eq(before), "{plan}");
        let received = step.receives.iter().map(|r| (r.from, r.bytes));
        assert!(received.eq(behind), "{plan}");
    }
}

#[test]
fn one_share_of_65536_is_planned_within_a_millisecond() {
    let program = laplace(30_000, 65_536, 4 * 65_536);
    let best = (0..5)
        .map(|_| {
            let start = Instant::now();
            let plan = program.plan();
            assert_eq!(plan.steps[0].receives.len(), 2, "{plan}");
            start.elapsed()
        })
        .min()
        .expect("five runs");
    assert!(best < Duration::from_millis(1), "planning took {best:?}");
}
