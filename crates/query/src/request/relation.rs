//! A relation's name, with its schema in front of it or beside it.

use super::{RelationName, error::RequestError};

const FIELD: &str = "table_name";

/// `invoices`, `billing.invoices`, `"odd.name"`, or a name and its schema apart.
pub(super) fn parse(text: &str, schema: Option<String>) -> Result<RelationName, RequestError> {
    let refused = || RequestError::InvalidName { field: FIELD, name: text.to_owned() };
    let mut parts = split(text).ok_or_else(refused)?.into_iter();
    match (parts.next(), parts.next(), parts.next()) {
        (Some(name), None, None) => Ok(RelationName { schema, name }),
        (Some(typed), Some(name), None) => match schema {
            Some(beside) if beside != typed => Err(RequestError::ConflictingFields {
                first: FIELD.to_owned(),
                second: "schema".to_owned(),
            }),
            _ => Ok(RelationName { schema: Some(typed), name }),
        },
        _ => Err(refused()),
    }
}

/// The parts between dots; a dot inside double quotes belongs to the name.
fn split(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let (part, after) = match rest.strip_prefix('"').and_then(quoted) {
            Some(found) => found,
            None => match rest.split_once('.') {
                Some((part, after)) => (part.to_owned(), Some(after)),
                None => (rest.to_owned(), None),
            },
        };
        if part.is_empty() || parts.len() == 2 {
            return None;
        }
        parts.push(part);
        match after {
            Some(after) => rest = after,
            None => return Some(parts),
        }
    }
}

/// A name up to its closing quote, when a dot or the end follows it.
fn quoted(text: &str) -> Option<(String, Option<&str>)> {
    let mut name = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"')?;
        name.push_str(before);
        if let Some(after) = after.strip_prefix('"') {
            name.push('"');
            rest = after;
        } else if after.is_empty() {
            return Some((name, None));
        } else {
            return after.strip_prefix('.').map(|after| (name, Some(after)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_stands_before_the_name_or_beside_it() {
        let named = |text, schema: Option<&str>| parse(text, schema.map(str::to_owned)).ok();
        let expected = |schema: Option<&str>, name: &str| {
            Some(RelationName { schema: schema.map(str::to_owned), name: name.to_owned() })
        };
        assert_eq!(named("invoices", None), expected(None, "invoices"));
        assert_eq!(named("billing.invoices", None), expected(Some("billing"), "invoices"));
        assert_eq!(
            named("billing.invoices", Some("billing")),
            expected(Some("billing"), "invoices")
        );
        assert_eq!(named("invoices", Some("billing")), expected(Some("billing"), "invoices"));
        assert_eq!(named(r#""a.b"."c ""d""""#, None), expected(Some("a.b"), r#"c "d""#));
        assert_eq!(named(r#"no"such"#, None), expected(None, r#"no"such"#));
        assert_eq!(named(r#""unclosed"#, None), expected(None, r#""unclosed"#));
        for text in ["", ".", "a.", ".a", "a.b.c", "a.b.c.d", "a..b"] {
            assert!(matches!(parse(text, None), Err(RequestError::InvalidName { .. })), "{text}");
        }
        let apart = parse("billing.invoices", Some("public".to_owned()));
        assert!(matches!(apart, Err(RequestError::ConflictingFields { .. })), "{apart:?}");
    }
}
