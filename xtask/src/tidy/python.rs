//! Python files: the first line is a docstring that says what the file is for.

use crate::{
    error::Result,
    repo::{self, Repo},
};

/// Files of the package, the examples and the tests that begin with anything else.
pub fn complaints(repo: &Repo) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for path in ["python", "examples", "tests"]
        .iter()
        .flat_map(|name| repo::files_below(&repo.path(name), "py"))
    {
        if !begins_with_docstring(&repo::read(&path)?) {
            found.push(format!(
                "{}: the first line isn't a docstring",
                super::relative(repo, &path)
            ));
        }
    }
    Ok(found)
}

fn begins_with_docstring(text: &str) -> bool {
    let first = text
        .lines()
        .find(|line| !line.starts_with("#!"))
        .unwrap_or("");
    let first = first.trim_start_matches('r');
    first
        .strip_prefix("\"\"\"")
        .is_some_and(|rest| !rest.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_docstring_must_come_first() {
        assert!(begins_with_docstring("\"\"\"Says.\"\"\"\nimport os\n"));
        assert!(begins_with_docstring(
            "#!/usr/bin/env python\n\"\"\"Says.\n"
        ));
        assert!(!begins_with_docstring("import os\n"));
        assert!(!begins_with_docstring(""));
    }
}
