//! `docs/errors.md` lists every code our problem tables can answer, and no other.

mod sources;

use sources::{document, files, quoted, rows};
use std::collections::BTreeMap;

/// Code without its tests: from `mod tests` on, everything is a test.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or(text)
}

/// Words; five digits are a code of PostgreSQL's own, and so are those with letters but no mark between.
fn is_code(text: &str) -> bool {
    let is_loud =
        text.contains('_') && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    if is_loud {
        return true;
    }
    text.bytes().any(|byte| byte.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A status of three digits, a comma and a word in quotes: the form of every arm of a problem table.
fn codes(text: &str) -> Vec<(u16, &str)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for at in 1..bytes.len().saturating_sub(4) {
        let Some(digits) = text.get(at..at + 3) else { continue };
        let starts = bytes[at - 1] == b'(' || bytes[at - 1].is_ascii_whitespace();
        let Some(status) =
            digits.parse::<u16>().ok().filter(|status| starts && (400..600).contains(status))
        else {
            continue;
        };
        let Some(rest) = text[at + 3..].strip_prefix(',') else { continue };
        let Some(rest) = rest.trim_start().strip_prefix('"') else { continue };
        let Some((code, _)) = rest.split_once('"') else { continue };
        if is_code(code) {
            found.push((status, code));
        }
    }
    found
}

/// Every code of the sources, with where it stands.
fn in_sources() -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in files(".rs") {
        let shown = path.display().to_string();
        if shown.contains("/tests/") || shown.contains("/examples/") || shown.ends_with("/tests.rs")
        {
            continue;
        }
        for (status, code) in codes(without_tests(&text)) {
            all.entry(code.to_owned()).or_default().push(format!("{status} in {shown}"));
        }
    }
    assert!(all.len() > 20, "only {} codes were found", all.len());
    all
}

fn in_document() -> Vec<String> {
    let text = document("errors.md");
    let listed: Vec<String> = rows(&text)
        .iter()
        .filter_map(|cells| Some(quoted(cells.first()?).next()?.to_owned()))
        .collect();
    assert!(!listed.is_empty(), "docs/errors.md lists nothing");
    listed
}

#[test]
fn every_code_in_the_sources_is_documented() {
    let listed = in_document();
    let missing: Vec<_> =
        in_sources().into_iter().filter(|(code, _)| !listed.contains(code)).collect();
    assert!(missing.is_empty(), "docs/errors.md does not list:\n{missing:#?}");
}

#[test]
fn every_documented_code_can_still_happen() {
    let literals: Vec<String> = files(".rs")
        .into_iter()
        .filter(|(path, _)| !path.to_string_lossy().contains("/tests/"))
        .map(|(_, text)| without_tests(&text).to_owned())
        .collect();
    let gone: Vec<_> = in_document()
        .into_iter()
        .filter(|code| !literals.iter().any(|text| text.contains(&format!("\"{code}\""))))
        .collect();
    assert!(gone.is_empty(), "docs/errors.md lists what nothing answers: {gone:?}");
}

#[test]
fn no_code_is_listed_twice() {
    let mut listed = in_document();
    listed.sort();
    let twice: Vec<_> = listed.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
