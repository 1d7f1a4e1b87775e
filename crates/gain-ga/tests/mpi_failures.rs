//! Failures under MPI: starts real ranks of this very program and looks at their exit status, their words and the time.
//!
//! Run it alone (`cargo test --features mpi --test mpi_failures`): it calls the launcher named by `GAIN_MPIEXEC`, else `mpiexec`.

use std::process::Command;
use std::time::{Duration, Instant};

use gain_ga::{Position, ReduceOp, Team, promised_ranks};
use libtest_mimic::{Arguments, Failed, Trial};

/// Tells a rank which failure to play.
const CASE: &str = "GAIN_TEST_FAILURE";

/// A failure: its name, what a rank does, words that standard error has, the most seconds it takes.
type Case = (&'static str, fn(&Team), &'static [&'static str], u64);

const CASES: &[Case] = &[
    (
        "diverging_ranks_name_both_operations",
        diverge,
        &["a.sum() at script.py:10", "a.max() at script.py:12"],
        10,
    ),
    (
        "a_skipped_call_is_named",
        skip,
        &["a.sum() at line 1", "b.sum() at line 2"],
        10,
    ),
    (
        "a_rank_that_stays_away_is_a_time_out",
        stay_away,
        &["rank 0 has waited", "a.sum() at line 3", "asleep at line 2"],
        10,
    ),
    (
        "a_finished_rank_is_noticed_at_once",
        finish_early,
        &["rank 1 has finished", "the last line"],
        10,
    ),
    (
        "a_rank_that_aborts_ends_all",
        abort,
        &["rank 1: gives up"],
        10,
    ),
    ("a_rank_that_dies_ends_all", die, &[], 10),
];

fn at(team: &Team, sequence: u64, text: &str) {
    let fingerprint = text.bytes().fold(sequence, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(byte.into())
    });
    team.set_position(Position {
        sequence,
        fingerprint,
        text,
    });
}

/// Ends the job as a user's program would.
fn or_abort(team: &Team, result: Result<(), gain_ga::Error>) {
    if let Err(error) = result {
        team.abort(3, &error.to_string());
    }
}

fn diverge(team: &Team) {
    at(
        team,
        5,
        if team.rank() == 0 {
            "a.sum() at script.py:10"
        } else {
            "a.max() at script.py:12"
        },
    );
    or_abort(team, team.all_reduce(ReduceOp::Sum, &mut [1.0]));
}

fn skip(team: &Team) {
    if team.rank() == 0 {
        at(team, 1, "a.sum() at line 1");
        or_abort(team, team.barrier());
    }
    at(team, 2, "b.sum() at line 2");
    or_abort(team, team.barrier());
}

fn stay_away(team: &Team) {
    team.set_timeout(Some(Duration::from_millis(700)));
    if team.rank() == 0 {
        at(team, 3, "a.sum() at line 3");
        or_abort(team, team.barrier());
    }
    at(team, 2, "asleep at line 2");
    std::thread::sleep(Duration::from_secs(60));
}

fn finish_early(team: &Team) {
    at(team, 2, "the last line");
    if team.rank() == 0 {
        at(team, 3, "a.sum() at line 3");
        or_abort(team, team.barrier());
    }
}

fn abort(team: &Team) {
    if team.rank() == 1 {
        team.abort(3, "gives up");
    }
    std::thread::sleep(Duration::from_secs(60));
}

fn die(team: &Team) {
    if team.rank() == 1 {
        std::process::abort();
    }
    or_abort(team, team.barrier());
}

/// Starts two ranks that play a case.
fn check(case: Case) -> Result<(), Failed> {
    let (name, _, words, seconds) = case;
    let program = std::env::current_exe()?;
    let launcher = std::env::var("GAIN_MPIEXEC").unwrap_or_else(|_| "mpiexec".to_owned());
    let start = Instant::now();
    let mut command = Command::new(&launcher);
    // Open MPI starts as root, and more ranks than cores, only when told; MPICH does not read these.
    command.envs([
        ("OMPI_ALLOW_RUN_AS_ROOT", "1"),
        ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"),
    ]);
    command.envs([
        ("PRTE_MCA_rmaps_default_mapping_policy", ":oversubscribe"),
        ("OMPI_MCA_osc", "^ucx"),
        (CASE, name),
    ]);
    let output = command
        .args(["-n", "2"])
        .arg(&program)
        .output()
        .map_err(|error| format!("{launcher}: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        return Err(format!("the job ended well:\n{text}").into());
    }
    if start.elapsed() > Duration::from_secs(seconds) {
        return Err(format!("the job took {:?}:\n{text}", start.elapsed()).into());
    }
    match words.iter().find(|word| !text.contains(**word)) {
        Some(word) => Err(format!("`{word}` is not in:\n{text}").into()),
        None => Ok(()),
    }
}

fn main() {
    if let Ok(name) = std::env::var(CASE) {
        let team = Team::from_environment().expect("MPI starts");
        let case = CASES
            .iter()
            .find(|case| case.0 == name)
            .expect("a case of the list");
        (case.1)(&team);
        team.finalise().expect("MPI ends");
        return;
    }
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    if promised_ranks().is_some() {
        // Under a launcher there is no launching; the harness runs this program by itself as well.
        return;
    }
    let trials = CASES
        .iter()
        .map(|case| Trial::test(case.0, || check(*case)))
        .collect();
    libtest_mimic::run(&arguments, trials).exit();
}
