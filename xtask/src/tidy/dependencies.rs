//! The table of which crate may depend on which: dependencies point down only (DESIGN.md, "The crates").

use crate::{
    error::Result,
    repo::{self, Repo},
};

/// Each crate's folder, and the crates of this workspace that it may name.
const ALLOWED: [(&str, &[&str]); 8] = [
    ("crates/gain-ga", &[]),
    ("crates/gain-ufunc", &[]),
    ("crates/gain-core", &["gain-ga", "gain-ufunc"]),
    ("crates/gain-linalg", &["gain-core"]),
    ("crates/gain-py", &["gain-core", "gain-linalg"]),
    ("crates/gain-cli", &[]),
    ("xtask", &[]),
    (
        "tests",
        &["gain-core", "gain-ga", "gain-linalg", "gain-ufunc"],
    ),
];

/// Dependencies that the table doesn't allow, and crates that it doesn't have.
pub fn complaints(repo: &Repo) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for manifest in repo::files_below(repo.root(), "toml")
        .into_iter()
        .filter(|path| path.ends_with("Cargo.toml"))
    {
        let folder = super::relative(repo, manifest.parent().expect("a file lies in a folder"));
        if folder.is_empty() {
            continue;
        }
        match ALLOWED.iter().find(|(name, _)| *name == folder) {
            None => found.push(format!(
                "{folder}: not in the table of crates in xtask/src/tidy/dependencies.rs"
            )),
            Some((_, allowed)) => {
                let named = named(&repo::read(&manifest)?);
                let wrong = named
                    .iter()
                    .filter(|name| !allowed.contains(&name.as_str()));
                found.extend(wrong.map(|name| format!("{folder}: must not depend on {name}")));
            }
        }
    }
    Ok(found)
}

/// The workspace's crates that a manifest names in any of its dependency tables.
fn named(manifest: &str) -> Vec<String> {
    let mut in_table = false;
    let mut found = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            in_table = line.trim_end_matches(']').ends_with("dependencies");
        } else if in_table && line.starts_with("gain-") {
            let end = line.find([' ', '.', '=']).unwrap_or(line.len());
            found.push(line[..end].to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_dependency_tables_are_read() {
        let manifest = "[features]\ngain-x = []\n[dependencies]\ngain-ga = { workspace = true }\nlibc = \"1\"\n\
                        [dev-dependencies]\ngain-ufunc.workspace = true\n[lints]\n";
        assert_eq!(named(manifest), ["gain-ga", "gain-ufunc"]);
    }
}
