//! Ranks that diverge, skip, finish early, fail or are interrupted: nobody hangs, and the errors tell who stood where.

use std::rc::Rc;
use std::time::{Duration, Instant};

use gain_ga::{Error, Incoming, Outgoing, Position, ReduceOp, StridedBytes, Team};

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

/// Runs `body` as rank 0 against `other` as the other ranks; gives every rank's error.
fn errors(
    n_ranks: usize,
    body: impl Fn(&Team) -> Result<(), Error> + Sync,
    other: impl Fn(&Team) -> Result<(), Error> + Sync,
) -> Vec<Error> {
    let start = Instant::now();
    let results = Team::threads(n_ranks, |team| {
        team.set_timeout(Some(Duration::from_millis(700)));
        let result = if team.rank() == 0 {
            body(&team)
        } else {
            other(&team)
        };
        if result.is_err() {
            team.fail();
        }
        result
    });
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "failures end within seconds"
    );
    results.into_iter().filter_map(Result::err).collect()
}

#[test]
fn different_operations_are_named_on_both_sides() {
    for n_ranks in [2, 3, 4] {
        let errors = errors(
            n_ranks,
            |team| {
                at(team, 5, "a.sum() at script.py:10");
                team.all_reduce(ReduceOp::Sum, &mut [1.0])
            },
            |team| {
                at(team, 5, "a.max() at script.py:12");
                team.all_reduce(ReduceOp::Sum, &mut [1.0])
            },
        );
        assert!(!errors.is_empty());
        let text = errors
            .iter()
            .find(|error| matches!(error, Error::Diverged { .. }))
            .expect("a rank has noticed")
            .to_string();
        assert!(
            text.contains("a.sum() at script.py:10") && text.contains("a.max() at script.py:12"),
            "{text}"
        );
    }
}

#[test]
fn a_call_of_another_kind_or_length_is_noticed() {
    let errors_of_kind = errors(
        2,
        |team| team.barrier(),
        |team| team.all_gather(&[1]).map(drop),
    );
    assert!(
        errors_of_kind
            .iter()
            .any(|e| e.to_string().contains("barrier") && e.to_string().contains("all_gather")),
        "{errors_of_kind:?}"
    );
    let exchange = |len: usize| {
        move |team: &Team| {
            let data = vec![0; len];
            at(team, 1, "u[1:] = v");
            let other = 1 - team.rank();
            team.exchange(
                &[Outgoing {
                    to: other,
                    source: StridedBytes::contiguous(&data),
                }],
                &[Incoming {
                    from: other,
                    bytes: len,
                }],
            )
            .map(drop)
        }
    };
    let errors_of_len = errors(2, exchange(1000), exchange(64));
    assert!(
        errors_of_len
            .iter()
            .any(|e| matches!(e, Error::Diverged { .. }) && e.to_string().contains("bytes")),
        "{errors_of_len:?}"
    );
}

#[test]
fn a_skipped_call_is_noticed_by_the_next_one() {
    let errors = errors(
        2,
        |team| {
            at(team, 1, "a.sum() at line 1");
            team.barrier()?;
            at(team, 2, "b.sum() at line 2");
            team.barrier()
        },
        |team| {
            at(team, 2, "b.sum() at line 2");
            team.barrier()
        },
    );
    assert_eq!(errors.len(), 2);
    assert!(
        errors[0].to_string().contains("line 1") && errors[0].to_string().contains("line 2"),
        "{}",
        errors[0]
    );
}

#[test]
fn a_rank_that_stays_away_is_a_time_out() {
    let errors = errors(
        2,
        |team| {
            at(team, 3, "a.sum() at line 3");
            team.barrier()
        },
        |team| {
            at(team, 2, "print() at line 2");
            std::thread::sleep(Duration::from_millis(1200));
            Ok(())
        },
    );
    let [
        Error::TimedOut {
            here_rank: 0,
            there_rank: 1,
            here_text,
            there_text,
            ..
        },
    ] = errors.as_slice()
    else {
        panic!("{errors:?}")
    };
    assert_eq!(
        (here_text.as_str(), there_text.as_str()),
        ("a.sum() at line 3", "print() at line 2")
    );
}

#[test]
fn a_finished_rank_is_noticed_at_once() {
    let start = Instant::now();
    let errors = errors(
        3,
        |team| {
            team.set_timeout(None);
            at(team, 3, "a.sum() at line 3");
            team.barrier()
        },
        |team| {
            at(team, 2, "the last line");
            team.finalise()
        },
    );
    assert!(start.elapsed() < Duration::from_millis(600));
    assert!(
        matches!(&errors[..], [Error::Finished { here_rank: 0, there_text, .. }] if there_text == "the last line"),
        "{errors:?}"
    );
}

#[test]
fn a_rank_that_panics_ends_the_others() {
    let start = Instant::now();
    let outcome = std::panic::catch_unwind(|| {
        Team::threads(3, |team| {
            assert_ne!(team.rank(), 1, "rank 1 gives up");
            let error = team.barrier().unwrap_err();
            assert!(
                matches!(error, Error::Failed { there_rank: 1, .. }),
                "{error}"
            );
        })
    });
    let panic = outcome.unwrap_err();
    assert!(
        panic
            .downcast_ref::<String>()
            .unwrap()
            .contains("rank 1 gives up")
    );
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_wait_can_be_interrupted() {
    let errors = errors(
        2,
        |team| {
            team.set_interrupt(Some(Rc::new(|| true)));
            team.barrier()
        },
        |_| {
            std::thread::sleep(Duration::from_millis(400));
            Ok(())
        },
    );
    assert!(
        matches!(&errors[..], [Error::Interrupted { here_rank: 0, .. }]),
        "{errors:?}"
    );
}
