//! Which column a name means.

use super::PlanError;
use crate::request::{is_identifier, to_snake};
use catalog::{Column, Table};

/// The column of exactly this name; else the only one of this name in other case; else the one that
/// camelCase would be in snake_case. Nothing here guesses, so writes and conditions use it too.
pub(super) fn column<'a>(
    table: &'a Table,
    name: &str,
    path: &str,
) -> Result<&'a Column, PlanError> {
    find(table, name).ok_or_else(|| PlanError::unknown_column(table, name, path))
}

/// The same for a column that is only shown, where a near miss may be meant.
pub(super) fn shown_column<'a>(
    table: &'a Table,
    name: &str,
    path: &str,
) -> Result<&'a Column, PlanError> {
    let found = find(table, name).or_else(|| resembling(table, name));
    found.ok_or_else(|| PlanError::unknown_column(table, name, path))
}

fn find<'a>(table: &'a Table, name: &str) -> Option<&'a Column> {
    if let Some(column) = table.column(name) {
        return Some(column);
    }
    let mut same =
        table.columns.iter().filter(|column| column.name.as_str().eq_ignore_ascii_case(name));
    match (same.next(), same.next()) {
        (None, _) => table.column(&to_snake(name)),
        (only, None) => only,
        (Some(_), Some(_)) => None,
    }
}

/// `display_username` for `display_name`: the same beginning of at least three letters, and an end
/// that holds the column's whole end. Less would answer `user_id` to whoever asks for `user_email`.
fn resembling<'a>(table: &'a Table, name: &str) -> Option<&'a Column> {
    const SHORTEST: usize = 3;
    if !is_identifier(name) {
        return None;
    }
    let (start, end) = name.split_once('_').filter(|(start, _)| start.len() >= SHORTEST)?;
    let resembles = |column: &&Column| {
        let parts = column.name.as_str().split_once('_');
        parts.is_some_and(|(known, rest)| {
            known.eq_ignore_ascii_case(start)
                && rest.len() >= SHORTEST
                && end.to_ascii_lowercase().ends_with(&rest.to_ascii_lowercase())
        })
    };
    only(table.columns.iter().filter(resembles))
}

/// The one that is there, when there is one.
fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::samples::{base, table_of};

    fn people() -> Table {
        let text = || base("text", "text");
        table_of(
            "people",
            ["id", "display_name", "user_id", "createdAt", "Twice", "twice", "age"]
                .map(|name| (name, text())),
        )
    }

    fn found(name: &str, is_shown: bool) -> Option<String> {
        let people = people();
        let column = if is_shown { shown_column } else { column };
        column(&people, name, "columns").ok().map(|column| column.name.as_str().to_owned())
    }

    #[test]
    fn a_column_is_found_by_its_name_its_case_and_its_camel_case() {
        for (name, expected) in [
            ("display_name", "display_name"),
            ("DISPLAY_NAME", "display_name"),
            ("displayName", "display_name"),
            ("userID", "user_id"),
            ("createdat", "createdAt"),
            ("Twice", "Twice"),
            ("twice", "twice"),
        ] {
            assert_eq!(found(name, false).as_deref(), Some(expected), "{name}");
        }
        // Two columns are called so, in other case.
        assert_eq!(found("TWICE", false), None);
    }

    #[test]
    fn a_near_miss_is_shown_but_never_compared_or_written() {
        assert_eq!(found("display_username", true).as_deref(), Some("display_name"));
        assert_eq!(found("display_username", false), None);
        for name in ["user_email", "unknown", "_", "_x", "di_name", "display_", "age_", ""] {
            assert_eq!(found(name, true), None, "{name}");
        }
        for name in
            ["display_x' || (select 1) || 'name", "_', (select version()), '", "display_\"name"]
        {
            assert_eq!(found(name, true), None, "{name}");
        }
    }
}
