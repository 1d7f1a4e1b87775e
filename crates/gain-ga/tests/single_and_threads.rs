//! The conformance suite on one process and on threads as ranks.

mod suite;

use gain_ga::Team;

#[test]
fn single() {
    for (name, test) in suite::all() {
        println!("{name}");
        test(&Team::single());
    }
}

#[test]
fn threads() {
    for n_ranks in [1, 2, 3, 4, 7] {
        for (name, test) in suite::all() {
            println!("{name} on {n_ranks} threads");
            Team::threads(n_ranks, |team| test(&team));
        }
    }
}
