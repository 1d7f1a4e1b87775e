//! The conformance suite: every test is a function over a team, run alike on one process, threads and MPI.

mod arrays;
mod messages;

use gain_ga::Team;

/// A test: its name, and what every rank does.
pub type Test = (&'static str, fn(&Team));

/// All tests of the suite.
pub fn all() -> Vec<Test> {
    [messages::TESTS, arrays::TESTS].concat()
}
