//! `cargo xtask tidy`: checks what a tool can check. It runs inside the tests too.

mod dependencies;
mod python;
mod rust;

use crate::{
    error::{Error, Result},
    process::say,
    repo::Repo,
};

/// Checks the repository; all complaints come at once.
pub fn run(repo: &Repo) -> Result<()> {
    let complaints = complaints(repo)?;
    if complaints.is_empty() {
        say("tidy");
        return Ok(());
    }
    Err(Error::new(format!(
        "not tidy:\n    {}",
        complaints.join("\n    ")
    )))
}

fn complaints(repo: &Repo) -> Result<Vec<String>> {
    let mut found = dependencies::complaints(repo)?;
    found.extend(rust::complaints(repo)?);
    found.extend(python::complaints(repo)?);
    Ok(found)
}

/// A path as it is written in complaints and lists.
fn relative(repo: &Repo, path: &std::path::Path) -> String {
    path.strip_prefix(repo.root())
        .unwrap_or(path)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_tidy() {
        let found = complaints(&Repo::find()).expect("the repository can be read");
        assert!(found.is_empty(), "not tidy:\n{}", found.join("\n"));
    }
}
