//! Reading our own repository: its documents, its sources, and the tests in them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A test runs in its package's folder; the one it was compiled in may have been another checkout.
pub fn root() -> PathBuf {
    PathBuf::from("..")
}

pub fn document(name: &str) -> String {
    let path = root().join("docs").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below the folders of code with this ending.
pub fn files(ending: &str) -> Vec<(PathBuf, String)> {
    let found = files_below(&["app", "frontend", "server", "crates", "end2end"], ending);
    assert!(!found.is_empty(), "there is no file ending in {ending}");
    found
}

/// The same below these folders, if there are any.
pub fn files_below(folders: &[&str], ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in folders {
        walk(&root().join(folder), ending, &mut found);
    }
    found
}

fn walk(folder: &Path, ending: &str, found: &mut Vec<(PathBuf, String)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            walk(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending)
            && let Ok(text) = fs::read_to_string(&path)
        {
            found.push((path, text));
        }
    }
}

/// The cells of each row of each table in a Markdown text, without heads and rules.
pub fn rows(markdown: &str) -> Vec<Vec<&str>> {
    let lines: Vec<&str> = markdown.lines().collect();
    let is_rule = |line: &str| line.starts_with("| ---") || line.starts_with("|---");
    let mut rows = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let is_head = lines.get(at + 1).is_some_and(|next| is_rule(next));
        if line.starts_with('|') && !is_rule(line) && !is_head {
            rows.push(line.trim_matches('|').split('|').map(str::trim).collect());
        }
    }
    rows
}

/// What stands between backticks.
pub fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The names of all tests: Rust functions under a test attribute, and the sentences of browser tests.
#[allow(dead_code, reason = "each test program uses a part of this")]
pub fn tests() -> BTreeSet<String> {
    let rust = files(".rs");
    let rust = rust.iter().flat_map(|(_, text)| rust_tests(text));
    let browser = files(".test.mjs");
    let browser = browser.iter().flat_map(|(_, text)| {
        let calls = text.split("test('").skip(1);
        calls
            .filter_map(|rest| rest.split_once("',"))
            .map(|(name, _)| name.to_owned())
            .collect::<Vec<_>>()
    });
    rust.chain(browser).collect()
}

fn rust_tests(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        let is_attribute = line.starts_with("#[");
        is_test |= is_attribute && (line.contains("test]") || line.contains("test("));
        let Some((_, rest)) = line.split_once("fn ").filter(|_| !is_attribute) else { continue };
        if let Some((name, _)) = rest.split_once('(').filter(|_| is_test) {
            names.push(name.to_owned());
        }
        is_test = false;
    }
    // `proptest!` puts the attribute inside a macro; the lines look the same.
    names
}
