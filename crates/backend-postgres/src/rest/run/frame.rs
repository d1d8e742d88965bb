//! What stands around the statements: the beginning with its settings, and a function before them.

use backend::{Isolation, RestFrame};
use catalog::{Ident, QualifiedName};
use query::Access;
use std::fmt::Write;

/// `BEGIN` and all settings as one message, so that they cost one round trip together.
pub(super) fn opening(frame: RestFrame<'_>) -> String {
    let mut text = String::from("BEGIN");
    text.push_str(match frame.isolation {
        None => "",
        Some(Isolation::ReadCommitted) => " ISOLATION LEVEL READ COMMITTED",
        Some(Isolation::RepeatableRead) => " ISOLATION LEVEL REPEATABLE READ",
        Some(Isolation::Serializable) => " ISOLATION LEVEL SERIALIZABLE",
    });
    text.push_str(match frame.access {
        Access::ReadOnly => " READ ONLY",
        Access::ReadWrite => " READ WRITE",
    });
    for (index, (name, value)) in frame.settings.iter().enumerate() {
        text.push_str(if index == 0 { "; SELECT " } else { ", " });
        text.push_str("pg_catalog.set_config(");
        if is_plain(name) {
            // Names are our own words; those of a client's settings are seldom anything else.
            text.extend(["'", name.as_str(), "'"]);
        } else {
            literal(name, &mut text);
        }
        text.push_str(", ");
        literal(value, &mut text);
        text.push_str(", true)");
    }
    text
}

/// Nothing in it means anything to SQL.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// A value where none can be bound. Of the value itself only hexadecimal digits reach the text, so
/// there is nothing in it that could end the literal, whatever the session's settings.
fn literal(value: &str, out: &mut String) {
    out.push_str("pg_catalog.convert_from(pg_catalog.decode('");
    for byte in value.bytes() {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out.push_str("', 'hex'), 'UTF8')");
}

/// `SELECT "schema"."function"()`
pub(super) fn call(function: &QualifiedName) -> String {
    format!("SELECT {}.{}()", quoted(&function.schema), quoted(&function.name))
}

fn quoted(name: &Ident) -> String {
    format!("\"{}\"", name.as_str().replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(settings: &[(String, String)]) -> RestFrame<'_> {
        RestFrame {
            access: Access::ReadOnly,
            isolation: Some(Isolation::Serializable),
            settings,
            before: None,
            leaves_traces: false,
        }
    }

    #[test]
    fn of_a_value_only_hexadecimal_digits_reach_the_text() {
        let value = "x'; DROP TABLE y; --\\\u{e9}".to_owned();
        let settings = [("role".to_owned(), value.clone()), (value, "é".to_owned())];
        let text = opening(frame(&settings));
        assert!(text.starts_with("BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY; SELECT "));
        assert!(!text.contains("DROP") && text.contains("'78273b2044524f50"), "{text}");
    }

    #[test]
    fn a_function_is_called_by_its_quoted_name() {
        let name = |text| Ident::parse(text).unwrap();
        let function = QualifiedName::new(name("a\"b"), name("check"));
        assert_eq!(call(&function), "SELECT \"a\"\"b\".\"check\"()");
    }
}
