//! Names read out of the database's texts, and only names.

use crate::error::DatabaseError;

/// Whether a foreign key was broken by taking the target away rather than by pointing nowhere.
pub(super) fn is_still_referenced(error: &DatabaseError) -> bool {
    error.detail.as_deref().is_some_and(|detail| detail.contains("is still referenced"))
}

/// The first name in double quotes; the messages read here quote identifiers only.
pub(super) fn quoted_name(error: &DatabaseError) -> Option<&str> {
    let (_, rest) = error.message.split_once('"')?;
    let (name, _) = rest.split_once('"')?;
    Some(name).filter(|name| !name.is_empty() && name.len() <= 127)
}

/// `Key (a, "B c")=(…)`: the columns before the values, and nothing when they are expressions.
pub(super) fn key_columns(error: &DatabaseError) -> Vec<String> {
    let parsed = error.detail.as_deref().and_then(|detail| {
        let (_, rest) = detail.split_once('(')?;
        parse_names(rest)
    });
    parsed.unwrap_or_default()
}

/// Identifiers up to `)=(`; `None` at the first thing that is not one.
fn parse_names(mut rest: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    loop {
        let (name, after) = parse_name(rest)?;
        names.push(name);
        match after.strip_prefix(", ") {
            Some(next) => rest = next,
            None => return after.starts_with(")=(").then_some(names),
        }
    }
}

fn parse_name(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))?;
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut name = String::new();
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(next) => {
                name.push('"');
                rest = next;
            }
            None => return Some((name, after)),
        }
    }
}
