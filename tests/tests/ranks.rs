//! The array programs on real ranks: every rank runs this program, one verdict is agreed on, rank 0 reports.
//!
//! Run it by `mpiexec -n 2 target/.../ranks-*`, or by `cargo xtask test --ranks 2 --rust`; alone it runs on one rank.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gain_core::{DType, Reduction, Runtime, Settings, Team, create, reduce};
use gain_tests::{memory, programs};
use libtest_mimic::{Arguments, Failed, Trial};

thread_local! {
    /// There is one team, and the tests run on the main thread.
    static TEAM: RefCell<Option<Team>> = const { RefCell::new(None) };
}

fn main() {
    let team = Team::from_environment().expect("a team");
    let rank = team.rank();
    TEAM.set(Some(team));
    let mut arguments = Arguments::from_args();
    // Tests communicate: one after the other, in one order on all ranks.
    arguments.test_threads = Some(1);
    if rank > 0 {
        arguments.quiet = true;
        arguments.logfile = Some("/dev/null".to_owned());
    }
    let mut trials: Vec<Trial> = Vec::new();
    for (name, program) in programs::ALL {
        for (threshold, n_threads) in [(0, 1), (0, 2), (2000, 1)] {
            let title = format!("{name}, threshold {threshold}, {n_threads} threads");
            trials.push(Trial::test(title, move || {
                agreed(|team| same_bits(team, program, threshold, n_threads))
            }));
        }
    }
    trials.push(Trial::test("a sweep sends each neighbour one row", || {
        agreed(sweep_traffic)
    }));
    trials.push(Trial::test(
        "a fused sum sends partial results only",
        || agreed(sum_traffic),
    ));
    trials.push(Trial::test(
        "two gibibytes stay spread over four ranks",
        || agreed(two_gibibytes),
    ));
    let conclusion = libtest_mimic::run(&arguments, trials);
    TEAM.take()
        .expect("the team lives as long as the tests run")
        .finalise()
        .expect("all ranks end");
    std::process::exit(i32::from(conclusion.has_failed()));
}

/// Runs a test on every rank and agrees on the verdict.
fn agreed(test: impl FnOnce(&Team)) -> Result<(), Failed> {
    let team = TEAM.with_borrow(|team| {
        team.clone()
            .expect("the team lives as long as the tests run")
    });
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| test(&team))) {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_default();
        // The other ranks may be anywhere in the test: there is no way back to a common place.
        team.abort(101, &text);
    }
    team.barrier()
        .map_err(|error| Failed::from(error.to_string()))
}

fn settings(threshold: usize, n_threads: usize) -> Settings {
    Settings {
        threshold,
        n_threads,
        ..Settings::default()
    }
}

/// The bytes on all ranks are those of one rank by itself.
fn same_bits(team: &Team, program: programs::Program, threshold: usize, n_threads: usize) {
    let together = program(&Runtime::with_team(
        team.clone(),
        settings(threshold, n_threads),
    ))
    .expect("runs on all ranks");
    let alone = program(&Runtime::single(settings(usize::MAX, 1))).expect("runs alone");
    assert!(together == alone, "the bits differ");
}

fn sweep_traffic(team: &Team) {
    let rt = Runtime::with_team(team.clone(), settings(0, 1));
    let u = create::zeros(&rt, &[400, 300], DType::F64).expect("memory");
    programs::sweeps(&u, 1).expect("runs");
    let before = rt.counters();
    programs::sweeps(&u, 10).expect("runs");
    let after = rt.counters();
    let neighbours = usize::from(rt.rank() > 0) + usize::from(rt.rank() + 1 < rt.n_ranks());
    assert_eq!(
        after.messages_sent - before.messages_sent,
        10 * neighbours as u64,
        "one message per neighbour and sweep"
    );
    let rows = (after.bytes_sent - before.bytes_sent) as usize / 10;
    assert!(
        rows >= neighbours * 298 * 8 && rows < neighbours * (298 * 8 + 1024) + 1,
        "{rows} bytes a sweep"
    );
}

fn sum_traffic(team: &Team) {
    let rt = Runtime::with_team(team.clone(), settings(0, 1));
    let x = create::full(&rt, &[1 << 18], 0.1.into()).expect("memory");
    rt.sync().expect("runs");
    let before = rt.counters();
    let doubled = (&x * 2.0).expect("shapes agree");
    reduce::reduce(&doubled, Reduction::Sum, None, false, None, true).expect("runs");
    let sent = rt.counters().bytes_sent - before.bytes_sent;
    assert!(
        sent <= 4096 * u64::from(rt.n_ranks() > 1) * rt.n_ranks() as u64,
        "{sent} bytes for one number"
    );
}

fn two_gibibytes(team: &Team) {
    if team.n_ranks() != 4 {
        return;
    }
    let side = 16_384;
    let whole = side * side * 8;
    let rt = Runtime::with_team(team.clone(), settings(1000, 1));
    let u = create::full(&rt, &[side, side], 1.0.into()).expect("memory");
    programs::sweeps(&u, 1).expect("runs");
    let (even, total) = {
        let every_second = gain_core::Index::Slice {
            start: None,
            stop: None,
            step: Some(2),
        };
        let rows = u.index(&[every_second]).expect("a slice");
        let even = reduce::reduce(&rows, Reduction::Sum, None, false, None, false).expect("runs");
        let total = reduce::reduce(&u, Reduction::Sum, None, false, None, false).expect("runs");
        (
            even.item().expect("a number").as_f64(),
            total.item().expect("a number").as_f64(),
        )
    };
    assert_eq!(
        (even, total),
        (0.5 * (side * side) as f64, (side * side) as f64)
    );
    let share = memory::peak() as f64 / whole as f64;
    assert!(
        share < 0.45,
        "rank {} had {:.0} % of the array in memory",
        team.rank(),
        100.0 * share
    );
}
