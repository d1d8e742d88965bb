//! The database's spelling made into drizzle-kit's: types, defaults, checks, view bodies.

use super::rows::ColumnRow;
use serde_json::Value;

/// A column's type, and the schema of its enum.
pub(super) fn type_of(column: &ColumnRow, schemas: &[String]) -> (String, Option<String>) {
    if column.type_schema != "pg_catalog" && matches!(column.type_kind.as_str(), "e" | "d" | "c") {
        let is_enum = column.type_kind == "e" && schemas.contains(&column.type_schema);
        // Only a plain enum keeps its schema apart from its name.
        if is_enum && !column.is_array {
            return (column.type_name.clone(), Some(column.type_schema.clone()));
        }
        let bare = match column.type_schema.as_str() {
            _ if column.type_kind == "e" && !column.is_array => column.type_name.clone(),
            "public" => column.type_name.clone(),
            schema => format!("{schema}.{}", column.type_name),
        };
        return (format!("{bare}{}", brackets(column)), None);
    }
    (format!("{}{}", base_type(element(column)), brackets(column)), None)
}

/// The type without its array brackets, as the database spells it.
pub(super) fn element(column: &ColumnRow) -> &str {
    column.spelled.trim_end_matches("[]")
}

fn brackets(column: &ColumnRow) -> String {
    // Arrays that a view computes are declared nowhere, but are arrays all the same.
    if column.is_array { "[]".repeat(column.dimensions.max(1) as usize) } else { String::new() }
}

fn base_type(spelled: &str) -> String {
    if spelled == "\"char\"" {
        return "char".to_owned();
    }
    let text = spelled
        .replace("character varying", "varchar")
        .replace("character", "char")
        .replace(" without time zone", "");
    match text.strip_prefix("numeric(") {
        Some(_) => text.replace(',', ", "),
        None => text,
    }
}

/// An integer whose own sequence fills it.
pub(super) fn serial_of(base: &str) -> Option<&'static str> {
    Some(match base {
        "smallint" => "smallserial",
        "integer" => "serial",
        "bigint" => "bigserial",
        _ => return None,
    })
}

/// A default as a snapshot holds it: JSON for plain numbers and booleans, else SQL text.
pub(super) fn default_of(expression: &str, base: &str) -> Value {
    if matches!(base, "json" | "jsonb")
        && let Some(literal) = literal(expression)
        && let Ok(value) = serde_json::from_str::<Value>(&unquoted(literal))
    {
        return format!("'{}'::{base}", value.to_string().replace('\'', "''")).into();
    }
    if let Some(literal) = literal(expression) {
        return literal.into();
    }
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    match base {
        "boolean" if expression == "true" => Value::Bool(true),
        "boolean" if expression == "false" => Value::Bool(false),
        "smallint" | "integer" | "bigint" | "real" | "double precision" => {
            match serde_json::from_str::<serde_json::Number>(expression) {
                Ok(number) => Value::Number(number),
                Err(_) => expression.into(),
            }
        }
        // Quoted, so that no digit is lost on the way through JSON.
        _ if base.starts_with("numeric") && is_number(expression) => {
            format!("'{expression}'").into()
        }
        _ => expression.into(),
    }
}

/// Whether drizzle-kit notes the default as an expression: see the facts on `internal`.
pub(super) fn is_noted_expression(default: &Value, base: &str) -> bool {
    let Value::String(text) = default else { return false };
    let is_number = matches!(base, "smallint" | "integer" | "bigint" | "real" | "double precision");
    is_number || text.starts_with('(') || text.starts_with("nextval(")
}

/// `'it''s'` of `'it''s'::text`: a literal with nothing but a cast behind it.
fn literal(expression: &str) -> Option<&str> {
    let end = quoted_end(expression)?;
    let (literal, rest) = expression.split_at(end);
    let cast = rest.strip_prefix("::");
    let is_type = |text: &str| {
        text.chars().all(|c| {
            c.is_alphanumeric() || matches!(c, '_' | ' ' | '"' | '.' | '(' | ')' | ',' | '[' | ']')
        })
    };
    (rest.is_empty() || cast.is_some_and(is_type)).then_some(literal)
}

/// Where the quoted text that starts here ends.
fn quoted_end(text: &str) -> Option<usize> {
    let mut rest = text.strip_prefix('\'')?;
    loop {
        let at = rest.find('\'')?;
        rest = &rest[at + 1..];
        match rest.strip_prefix('\'') {
            Some(more) => rest = more,
            None => return Some(text.len() - rest.len()),
        }
    }
}

fn unquoted(literal: &str) -> String {
    literal[1..literal.len() - 1].replace("''", "'")
}

/// A check without the brackets around the whole of it.
pub(super) fn without_outer_brackets(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) else {
        return text;
    };
    let mut depth = 0i32;
    let mut quote = None;
    for c in inner.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (None, _) => {}
        }
        // The first bracket closes before the end: `(a) AND (b)`.
        if depth < 0 {
            return text;
        }
    }
    inner
}

/// A view's body on one line; texts and quoted names keep their blanks.
pub(super) fn one_line(definition: &str) -> String {
    let mut line = String::with_capacity(definition.len());
    let mut quote = None;
    for c in definition.trim().trim_end_matches(';').chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if matches!(c, '\'' | '"') => quote = Some(c),
            None if c.is_whitespace() => {
                if !line.ends_with(' ') {
                    line.push(' ');
                }
                continue;
            }
            Some(_) | None => {}
        }
        line.push(c);
    }
    line
}

/// `security_barrier` is `securityBarrier`.
pub(super) fn camel(name: &str) -> String {
    let mut text = String::new();
    let mut is_next_capital = false;
    for c in name.chars() {
        if c == '_' {
            is_next_capital = true;
        } else if std::mem::take(&mut is_next_capital) {
            text.extend(c.to_uppercase());
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_taken_whole_and_an_expression_is_left_alone() {
        let cases = [
            ("'it''s'::text", "text", "'it''s'"),
            ("'a::b'::text", "text", "'a::b'"),
            ("'{a,\"b c\"}'::text[]", "text", "'{a,\"b c\"}'"),
            ("'{}'::text[]", "text", "'{}'"),
            ("ARRAY[1, 2]", "integer", "ARRAY[1, 2]"),
            ("('a'::text || 'b'::text)", "text", "('a'::text || 'b'::text)"),
            ("'a'::text || 'b'::text", "text", "'a'::text || 'b'::text"),
            ("'{\"a\": \"it''s\"}'::jsonb", "jsonb", "'{\"a\":\"it''s\"}'::jsonb"),
            ("3.10", "numeric", "'3.10'"),
            (
                "(random() > (0.5)::double precision)",
                "boolean",
                "(random() > (0.5)::double precision)",
            ),
        ];
        for (expression, base, expected) in cases {
            assert_eq!(default_of(expression, base), Value::from(expected), "{expression}");
        }
        assert_eq!(default_of("42", "integer"), Value::from(42));
        assert_eq!(default_of("true", "boolean"), Value::Bool(true));
    }

    #[test]
    fn only_brackets_around_the_whole_are_taken_off() {
        assert_eq!(without_outer_brackets("(a < b)"), "a < b");
        assert_eq!(without_outer_brackets("(a) AND (b)"), "(a) AND (b)");
        assert_eq!(without_outer_brackets("(c <> ')'::text)"), "c <> ')'::text");
    }

    #[test]
    fn a_view_keeps_the_blanks_inside_its_texts() {
        assert_eq!(
            one_line(" SELECT 'a  b',\n    \"x  y\"\n FROM t;"),
            "SELECT 'a  b', \"x  y\" FROM t"
        );
    }
}
