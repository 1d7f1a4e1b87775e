//! Rust files: first lines, lengths, unfinished code, and the list of files that hold `unsafe`.

use std::collections::BTreeSet;

use crate::{
    error::Result,
    repo::{self, Repo},
};

/// The longest file; most are a quarter of this.
const LONGEST: usize = 800;

/// The list of files that may hold `unsafe`, one a line.
const UNSAFE_FILES: &str = "xtask/unsafe_files.txt";

/// All complaints on Rust files.
pub fn complaints(repo: &Repo) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut unsafe_found = BTreeSet::new();
    for path in repo::files_below(repo.root(), "rs") {
        let name = super::relative(repo, &path);
        let text = repo::read(&path)?;
        let file = File {
            name: &name,
            text: &text,
        };
        found.extend(file.first_line());
        found.extend(file.length());
        found.extend(file.unfinished());
        if file.holds_unsafe() {
            unsafe_found.insert(name.clone());
        }
    }
    found.extend(unlisted(
        &unsafe_found,
        &repo::read(&repo.path(UNSAFE_FILES))?,
    ));
    Ok(found)
}

/// The differences between the files that hold `unsafe` and the list.
fn unlisted(found: &BTreeSet<String>, list: &str) -> Vec<String> {
    let lines = list
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let listed: BTreeSet<String> = lines.map(str::to_owned).collect();
    let extra = found
        .difference(&listed)
        .map(|name| format!("{name}: holds unsafe but is not in {UNSAFE_FILES}"));
    let stale = listed
        .difference(found)
        .map(|name| format!("{name}: in {UNSAFE_FILES}, but holds no unsafe"));
    extra.chain(stale).collect()
}

struct File<'a> {
    name: &'a str,
    text: &'a str,
}

impl File<'_> {
    fn first_line(&self) -> Option<String> {
        let first = self.text.lines().next().unwrap_or("");
        let says = first
            .strip_prefix("//! ")
            .is_some_and(|rest| !rest.trim().is_empty());
        (!says).then(|| {
            format!(
                "{}: the first line doesn't say what the file is for (`//! ...`)",
                self.name
            )
        })
    }

    fn length(&self) -> Option<String> {
        let lines = self.text.lines().count();
        (lines > LONGEST).then(|| {
            format!(
                "{}: {lines} lines, more than {LONGEST}: split it by job",
                self.name
            )
        })
    }

    fn unfinished(&self) -> Vec<String> {
        // Put together here so that this file passes its own check.
        let calls = ["todo", "unimplemented", "dbg"].map(|name| format!("{name}!("));
        let ignored = format!("#[{}", "ignore");
        let mut found = Vec::new();
        for (number, line) in self.text.lines().enumerate() {
            let code = code_of(line);
            let bad = calls.iter().find(|call| code.contains(call.as_str()));
            let bad = bad.or_else(|| code.trim_start().starts_with(&ignored).then_some(&ignored));
            found.extend(
                bad.map(|bad| format!("{}:{}: {bad} is unfinished work", self.name, number + 1)),
            );
        }
        found
    }

    /// Blocks, functions, impls, attributes: not the names of lints, nor words in texts.
    fn holds_unsafe(&self) -> bool {
        let keyword = "unsafe";
        let followers = [" {", " fn", " impl", " trait", " extern", "("];
        self.text.lines().map(code_of).any(|code| {
            let is_word =
                |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let words = code.match_indices(keyword).filter(|(at, _)| is_word(*at));
            let mut rest = words.map(|(at, _)| &code[at + keyword.len()..]);
            rest.any(|rest| followers.iter().any(|follower| rest.starts_with(follower)))
        })
    }
}

/// The part of a line before a comment.
fn code_of(line: &str) -> &str {
    line.split("//").next().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> File<'_> {
        File { name: "a.rs", text }
    }

    #[test]
    fn each_rule_sees_its_case() {
        assert!(file("//! Says.\n").first_line().is_none());
        assert!(file("//!\n").first_line().is_some());
        assert!(file("use a;\n").first_line().is_some());
        assert!(file(&"\n".repeat(LONGEST + 1)).length().is_some());
        assert_eq!(
            file(&format!("fn a() {{ {}!() }}", "todo"))
                .unfinished()
                .len(),
            1
        );
        assert_eq!(file(&format!("// {}!()", "todo")).unfinished().len(), 0);
    }

    #[test]
    fn code_that_is_unsafe_is_told_from_words_about_it() {
        let block = format!("let a = {} {{ *p }};", "unsafe");
        assert!(file(&block).holds_unsafe());
        assert!(!file("#![expect(unsafe_code, reason = \"x\")]").holds_unsafe());
        assert!(!file("// unsafe { }").holds_unsafe());
    }

    #[test]
    fn the_list_must_equal_what_is_found() {
        let found = BTreeSet::from(["a.rs".to_owned(), "b.rs".to_owned()]);
        let complaints = unlisted(&found, "# why\na.rs\nc.rs\n");
        assert_eq!(complaints.len(), 2);
        assert!(complaints[0].starts_with("b.rs") && complaints[1].starts_with("c.rs"));
    }
}
