//! In which form a JSON value travels to a type.

use serde_json::Value;
use sqlx::{
    TypeInfo,
    postgres::{PgTypeInfo, PgTypeKind},
};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Carried {
    Null,
    /// The type's own binary form.
    Binary(Vec<u8>),
    /// Text for the database to read; cast to the type unless text is what it takes.
    Text {
        text: Option<String>,
        is_cast: bool,
    },
}

/// The value in the form its type is bound in, or what was expected instead.
pub(super) fn carry(type_info: &PgTypeInfo, value: &Value) -> Result<Carried, String> {
    let oid = type_info.oid().map_or(0, |oid| oid.0);
    let is_json = matches!(oid, 114 | 3802);
    if value.is_null() {
        // A null must not change the text either, or each mix of nulls would be prepared anew.
        let is_cast = !is_binary(oid) && !is_textual(type_info, oid) && !is_json;
        return Ok(if is_cast { Carried::Text { text: None, is_cast } } else { Carried::Null });
    }
    if is_json {
        return json(oid, value);
    }
    if is_textual(type_info, oid) {
        return Ok(Carried::Text { text: Some(scalar(type_info, value)?), is_cast: false });
    }
    if is_binary(oid) {
        return binary(oid, scalar(type_info, value)?.trim(), value);
    }
    let text = match (type_info.kind(), value) {
        (PgTypeKind::Array(element), Value::Array(items)) => array(element, items)?,
        _ => scalar(type_info, value)?,
    };
    Ok(Carried::Text { text: Some(text), is_cast: true })
}

// The numbers are fixed in PostgreSQL's pg_type.dat.
fn is_binary(oid: u32) -> bool {
    matches!(oid, 16 | 20 | 21 | 23 | 700 | 701 | 2950)
}

/// Types whose binary form is their text.
fn is_textual(type_info: &PgTypeInfo, oid: u32) -> bool {
    matches!(oid, 0 | 19 | 25 | 705 | 1042 | 1043)
        || matches!(type_info.kind(), PgTypeKind::Enum(_))
        || type_info.name().eq_ignore_ascii_case("citext")
}

fn binary(oid: u32, text: &str, value: &Value) -> Result<Carried, String> {
    // `1e999` is refused rather than made infinite; `Infinity` is what it says.
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let bytes = match oid {
        16 => {
            let known = match text.to_ascii_lowercase().as_str() {
                "true" | "t" | "yes" | "on" => Some(1),
                "false" | "f" | "no" | "off" => Some(0),
                _ => None,
            };
            known.filter(|_| !value.is_number()).map(|byte| vec![byte])
        }
        20 => text.parse::<i64>().ok().map(|number| number.to_be_bytes().to_vec()),
        21 => text.parse::<i16>().ok().map(|number| number.to_be_bytes().to_vec()),
        23 => text.parse::<i32>().ok().map(|number| number.to_be_bytes().to_vec()),
        700 => {
            let number = text.parse::<f32>().ok().filter(|number| number.is_finite() || !has_digit);
            number.map(|number| number.to_be_bytes().to_vec())
        }
        701 => {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite() || !has_digit);
            number.map(|number| number.to_be_bytes().to_vec())
        }
        _ => uuid::Uuid::parse_str(text).ok().map(|id| id.as_bytes().to_vec()),
    };
    bytes.map(Carried::Binary).ok_or_else(|| {
        match oid {
            16 => "true or false",
            20 => "a whole number that fits bigint",
            21 => "a whole number that fits smallint",
            23 => "a whole number that fits integer",
            700 | 701 => "a number",
            _ => "a uuid",
        }
        .to_owned()
    })
}

/// Any JSON value, as itself: a string is a JSON string.
fn json(oid: u32, value: &Value) -> Result<Carried, String> {
    let text = value.to_string();
    if oid == 114 {
        return Ok(Carried::Binary(text.into_bytes()));
    }
    // `jsonb` is sent as a version byte and its text.
    let mut bytes = Vec::with_capacity(text.len() + 1);
    bytes.push(1);
    bytes.extend_from_slice(text.as_bytes());
    Ok(Carried::Binary(bytes))
}

fn scalar(type_info: &PgTypeInfo, value: &Value) -> Result<String, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            return Err(format!("one value of {}", type_info.name().to_ascii_lowercase()));
        }
    };
    if text.contains('\0') { Err("text without NUL".to_owned()) } else { Ok(text) }
}

/// `{"a","b\"c",NULL}`
fn array(element: &PgTypeInfo, items: &[Value]) -> Result<String, String> {
    let is_json = element.oid().is_some_and(|oid| matches!(oid.0, 114 | 3802));
    let mut text = String::from("{");
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        match item {
            Value::Null => text.push_str("NULL"),
            Value::Array(inner) if !is_json => text.push_str(&array(element, inner)?),
            _ if is_json => quote(&item.to_string(), &mut text),
            _ => quote(&scalar(element, item)?, &mut text),
        }
    }
    text.push('}');
    Ok(text)
}

fn quote(item: &str, text: &mut String) {
    text.push('"');
    for c in item.chars() {
        if matches!(c, '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
}
