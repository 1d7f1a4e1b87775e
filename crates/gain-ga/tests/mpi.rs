//! The conformance suite under MPI: every rank runs this program, one verdict is agreed on, rank 0 reports.
//!
//! Run it by `mpiexec -n 2 target/debug/deps/mpi-*`, or `cargo xtask test --ranks 2 --rust`; alone it runs on one rank.

mod suite;

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gain_ga::Team;
use libtest_mimic::{Arguments, Failed, Trial};

thread_local! {
    /// MPI is initialised once, and the tests run on the main thread.
    static TEAM: RefCell<Option<Team>> = const { RefCell::new(None) };
}

fn team() -> Team {
    TEAM.with_borrow(|team| {
        team.clone()
            .expect("the team lives as long as the tests run")
    })
}

/// Runs a test on every rank and agrees on the verdict.
fn agreed(test: fn(&Team)) -> Result<(), Failed> {
    let team = team();
    let own = catch_unwind(AssertUnwindSafe(|| test(&team))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_default()
    });
    if let Err(text) = &own {
        // The other ranks may be anywhere in the test: there is no way back to a common place.
        team.abort(101, text);
    }
    match team.barrier() {
        Ok(()) => Ok(()),
        Err(error) => team.abort(101, &error.to_string()),
    }
}

fn main() {
    let team = Team::mpi().expect("MPI starts");
    let rank = team.rank();
    TEAM.set(Some(team));
    let mut arguments = Arguments::from_args();
    // Tests communicate: one after the other, on this thread, in one order on all ranks.
    arguments.test_threads = Some(1);
    if rank > 0 {
        arguments.format = Some(libtest_mimic::FormatSetting::Terse);
        arguments.quiet = true;
        arguments.logfile = Some("/dev/null".to_owned());
    }
    let trials = suite::all()
        .into_iter()
        .map(|(name, test)| Trial::test(name, move || agreed(test)))
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    team_finalise();
    std::process::exit(i32::from(conclusion.has_failed()));
}

fn team_finalise() {
    TEAM.take()
        .expect("the team lives as long as the tests run")
        .finalise()
        .expect("MPI ends");
}
