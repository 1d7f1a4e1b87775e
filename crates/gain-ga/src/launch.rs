//! Which team the environment promises: alone, or one rank of many under a launcher.

use crate::error::Error;
use crate::team::Team;

/// Variables by which launchers tell a process the size of its job.
const SIZE_VARIABLES: [&str; 6] = [
    "OMPI_COMM_WORLD_SIZE",
    "PMI_SIZE",
    "PMIX_SIZE",
    "MPI_LOCALNRANKS",
    "MV2_COMM_WORLD_SIZE",
    "SLURM_STEP_NUM_TASKS",
];

/// Ranks that the launcher's variables promise, and the variable that says so; `None` without a launcher. Local.
///
/// `SLURM_STEP_NUM_TASKS` counts only in a process that `srun` started as a task (`SLURM_PROCID` is set).
#[must_use]
pub fn promised_ranks() -> Option<(usize, &'static str)> {
    promised_by(|name| std::env::var(name).ok())
}

fn promised_by(variable: impl Fn(&str) -> Option<String>) -> Option<(usize, &'static str)> {
    let under_srun = variable("SLURM_PROCID").is_some();
    SIZE_VARIABLES
        .into_iter()
        .filter(|name| under_srun || !name.starts_with("SLURM"))
        .filter_map(|name| Some((variable(name)?.trim().parse::<usize>().ok()?, name)))
        .max_by_key(|(ranks, _)| *ranks)
}

/// Name and version of the MPI library in use; `None` in a build without MPI. Local.
#[cfg(not(feature = "mpi"))]
#[must_use]
pub fn mpi_library() -> Option<String> {
    None
}

impl Team {
    /// The team that the environment promises: MPI's when a launcher promises several ranks, else [`Team::single`].
    ///
    /// # Collective
    /// Over all processes that the launcher started.
    ///
    /// # Errors
    /// [`Error::Launch`] when several ranks are promised but this build has no MPI, or MPI finds only one (the
    /// launcher belongs to another MPI than the one that GAiN was built with); errors of MPI.
    pub fn from_environment() -> Result<Team, Error> {
        match promised_ranks() {
            Some((ranks, variable)) if ranks > 1 => promised_team(ranks, variable),
            _ => Ok(Team::single()),
        }
    }
}

#[cfg(not(feature = "mpi"))]
fn promised_team(ranks: usize, variable: &str) -> Result<Team, Error> {
    Err(Error::Launch {
        reason: format!(
            "the launcher promises {ranks} ranks ({variable}), but this build of GAiN has no MPI; build it with the feature `mpi`, \
             or start one process"
        ),
    })
}

#[cfg(feature = "mpi")]
fn promised_team(ranks: usize, variable: &str) -> Result<Team, Error> {
    let team = Team::mpi()?;
    if team.n_ranks() > 1 {
        return Ok(team);
    }
    Err(Error::Launch {
        reason: format!(
            "the launcher promises {ranks} ranks ({variable}), but MPI finds one: the launcher belongs to another MPI than the one \
             that GAiN was built with ({}); use the `mpiexec` of that one, or `gain run`",
            crate::mpi_library().unwrap_or_default()
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], expected: Option<usize>) {
        let found = promised_by(|name| {
            variables
                .iter()
                .find(|(other, _)| *other == name)
                .map(|(_, value)| (*value).to_owned())
        });
        assert_eq!(found.map(|(ranks, _)| ranks), expected, "{variables:?}");
    }

    #[test]
    fn launchers_are_recognised() {
        check(&[], None);
        check(&[("PMI_SIZE", "4")], Some(4));
        check(&[("OMPI_COMM_WORLD_SIZE", "3"), ("PMI_SIZE", "1")], Some(3));
        check(&[("SLURM_STEP_NUM_TASKS", "8")], None);
        check(
            &[("SLURM_STEP_NUM_TASKS", "8"), ("SLURM_PROCID", "0")],
            Some(8),
        );
        check(&[("PMI_SIZE", "many")], None);
    }
}
