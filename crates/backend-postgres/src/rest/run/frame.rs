//! What stands around the statements: the beginning, its settings, a function before them, the end.

use super::literal;
use backend::{Isolation, RestEnd, RestFrame};
use catalog::{Ident, QualifiedName};
use query::Access;

pub(super) fn begin(frame: RestFrame<'_>, out: &mut String) {
    out.push_str("BEGIN");
    out.push_str(match frame.isolation {
        None => "",
        Some(Isolation::ReadCommitted) => " ISOLATION LEVEL READ COMMITTED",
        Some(Isolation::RepeatableRead) => " ISOLATION LEVEL REPEATABLE READ",
        Some(Isolation::Serializable) => " ISOLATION LEVEL SERIALIZABLE",
    });
    out.push_str(match frame.access {
        Access::ReadOnly => " READ ONLY",
        Access::ReadWrite => " READ WRITE",
    });
}

type Settings = [(String, String)];

/// All settings in one statement, with their values in it.
pub(super) fn set(settings: &Settings, out: &mut String) {
    setting(settings, out, |value, _, out| literal::text(value.as_bytes(), out));
}

/// The same to be prepared: `$1`, `$2`, … are the values.
pub(super) fn set_prepared(settings: &Settings, out: &mut String) {
    setting(settings, out, |_, place, out| {
        out.push('$');
        out.push_str(itoa::Buffer::new().format(place));
    });
}

/// One column of one number, so that the values are not sent back.
fn setting(settings: &Settings, out: &mut String, value: impl Fn(&str, usize, &mut String)) {
    out.push_str("SELECT pg_catalog.cardinality(ARRAY[");
    for (index, (name, text)) in settings.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { ", " });
        out.push_str("pg_catalog.set_config(");
        if is_plain(name) {
            // Names are our own words; those of a client's settings are seldom anything else.
            out.extend(["'", name.as_str(), "'"]);
        } else {
            literal::text(name.as_bytes(), out);
        }
        out.push_str(", ");
        value(text, index + 1, out);
        out.push_str(", true)");
    }
    out.push_str("])");
}

/// Nothing in it means anything to SQL.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// `SELECT "schema"."function"()`
pub(super) fn call(function: &QualifiedName) -> String {
    format!("SELECT {}.{}()", quoted(&function.schema), quoted(&function.name))
}

fn quoted(name: &Ident) -> String {
    format!("\"{}\"", name.as_str().replace('"', "\"\""))
}

pub(super) const CHECK: &str = "SET CONSTRAINTS ALL IMMEDIATE";

pub(super) fn end(end: RestEnd) -> &'static str {
    match end {
        RestEnd::Commit => "COMMIT",
        RestEnd::RollBack | RestEnd::RollBackChecked => "ROLLBACK",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_setting_only_hexadecimal_digits_reach_the_text() {
        let value = "x'; DROP TABLE y; --\\\u{e9}".to_owned();
        let settings = [("role".to_owned(), value.clone()), (value, "é".to_owned())];
        let mut text = String::new();
        set(&settings, &mut text);
        assert!(
            text.starts_with("SELECT pg_catalog.cardinality(ARRAY[pg_catalog.set_config('role'")
        );
        assert!(!text.contains("DROP") && text.contains("'78273b2044524f50"), "{text}");
        text.clear();
        set_prepared(&settings, &mut text);
        assert!(!text.contains("DROP") && text.contains("$1, true") && text.contains("$2, true"));
    }

    #[test]
    fn a_transaction_begins_as_its_frame_says() {
        let frame = RestFrame {
            access: Access::ReadOnly,
            isolation: Some(Isolation::Serializable),
            settings: &[],
            before: None,
            leaves_traces: false,
        };
        let mut text = String::new();
        begin(frame, &mut text);
        assert_eq!(text, "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY");
    }

    #[test]
    fn a_function_is_called_by_its_quoted_name() {
        let name = |text| Ident::parse(text).unwrap();
        let function = QualifiedName::new(name("a\"b"), name("check"));
        assert_eq!(call(&function), "SELECT \"a\"\"b\".\"check\"()");
    }
}
