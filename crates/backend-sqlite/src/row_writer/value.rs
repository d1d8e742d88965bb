//! One value, whatever its column was declared to hold: SQLite lets most columns hold anything.

use crate::declared::Kind;
use bytes::{BufMut, BytesMut};
use query::statement::RowsWanted;
use serde_json::{Value, value::RawValue};
use sqlx::{Decode, Sqlite, TypeInfo, ValueRef, sqlite::SqliteValueRef};

#[derive(Debug)]
pub(super) struct Unreadable;

pub(super) fn write(
    value: SqliteValueRef<'_>,
    kind: Kind,
    wanted: RowsWanted,
    out: &mut BytesMut,
) -> Result<(), Unreadable> {
    if value.is_null() {
        out.extend_from_slice(b"null");
        return Ok(());
    }
    let storage = value.type_info();
    match storage.name() {
        "INTEGER" => write_integer(decoded(value)?, kind, out),
        "REAL" => write_float(decoded(value)?, out),
        "TEXT" => {
            let bytes: &[u8] = decoded(value)?;
            // SQLite takes any bytes for a text, JSON does not.
            write_text(&String::from_utf8_lossy(bytes), kind, wanted, out);
        }
        "BLOB" => write_bytes(decoded(value)?, out),
        _ => return Err(Unreadable),
    }
    Ok(())
}

fn decoded<'r, T: Decode<'r, Sqlite>>(value: SqliteValueRef<'r>) -> Result<T, Unreadable> {
    T::decode(value).map_err(|_| Unreadable)
}

fn write_integer(number: i64, kind: Kind, out: &mut BytesMut) {
    match (kind, number) {
        (Kind::Bool, 0) => out.extend_from_slice(b"false"),
        (Kind::Bool, 1) => out.extend_from_slice(b"true"),
        _ => out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
    }
}

/// Beyond this a float is not every whole number.
const WHOLE: f64 = 9_007_199_254_740_992.0;

fn write_float(number: f64, out: &mut BytesMut) {
    if number.is_infinite() {
        out.extend_from_slice(if number > 0.0 { b"\"Infinity\"" } else { b"\"-Infinity\"" });
        return;
    }
    let text = ryu::Buffer::new().format_finite(number).to_owned();
    // `10`, as PostgreSQL writes it, and not `10.0`.
    let text = if number.abs() < WHOLE { text.strip_suffix(".0").unwrap_or(&text) } else { &text };
    out.extend_from_slice(text.as_bytes());
}

fn write_text(text: &str, kind: Kind, wanted: RowsWanted, out: &mut BytesMut) {
    match kind {
        Kind::Json => write_json(text, wanted, out),
        Kind::Timestamp if is_moment(text) => {
            write_string(&text.replacen(' ', "T", 1), out);
        }
        Kind::TimestampTz if is_moment(text) => {
            let zone = if has_zone(text) { "" } else { "+00:00" };
            write_string(&format!("{}{zone}", text.replacen(' ', "T", 1)), out);
        }
        Kind::Plain | Kind::Bool | Kind::Timestamp | Kind::TimestampTz => write_string(text, out),
    }
}

const MOMENT: &[u8; 16] = b"0000-00-00 00:00";

/// `2024-01-31 09:30…`, in SQLite's spelling or ISO's.
fn is_moment(text: &str) -> bool {
    text.len() >= MOMENT.len()
        && text.bytes().zip(MOMENT).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            b' ' => byte == b' ' || byte == b'T',
            other => byte == *other,
        })
}

fn has_zone(moment: &str) -> bool {
    moment.bytes().skip(MOMENT.len()).any(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-'))
}

/// A document as it stands; what is none is answered as the text it is.
fn write_json(text: &str, wanted: RowsWanted, out: &mut BytesMut) {
    let written = match wanted {
        RowsWanted::Objects | RowsWanted::Values => serde_json::from_str::<&RawValue>(text)
            .is_ok_and(|document| {
                out.extend_from_slice(document.get().as_bytes());
                true
            }),
        RowsWanted::ObjectsWithoutNulls => {
            serde_json::from_str(text).is_ok_and(|document: Value| {
                out.extend_from_slice(without_nulls(document).to_string().as_bytes());
                true
            })
        }
    };
    if !written {
        write_string(text, out);
    }
}

/// Nulls in arrays stay, since taking them out would move the others.
fn without_nulls(document: Value) -> Value {
    match document {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, member)| !member.is_null());
            kept.map(|(name, member)| (name, without_nulls(member))).collect()
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
    }
}

pub(super) fn write_string(text: &str, out: &mut BytesMut) {
    out.reserve(text.len() + 2);
    serde_json::to_writer(out.writer(), text).expect("a buffer in memory takes any text");
}

/// `"\\x…"`: the backslash of the hexadecimal form is escaped in JSON.
fn write_bytes(bytes: &[u8], out: &mut BytesMut) {
    out.extend_from_slice(b"\"\\\\x");
    let start = out.len();
    out.resize(start + bytes.len() * 2, 0);
    hex::encode_to_slice(bytes, &mut out[start..]).expect("there is room for two digits a byte");
    out.put_u8(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str, kind: Kind) -> String {
        let mut out = BytesMut::new();
        write_text(text, kind, RowsWanted::Objects, &mut out);
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn moments_are_answered_in_isos_spelling() {
        for (stored, plain, zoned) in [
            ("2024-01-31 09:30:00", "\"2024-01-31T09:30:00\"", "\"2024-01-31T09:30:00+00:00\""),
            (
                "2024-01-31T09:30:00.5",
                "\"2024-01-31T09:30:00.5\"",
                "\"2024-01-31T09:30:00.5+00:00\"",
            ),
            ("2024-01-31T09:30Z", "\"2024-01-31T09:30Z\"", "\"2024-01-31T09:30Z\""),
            ("2024-01-31", "\"2024-01-31\"", "\"2024-01-31\""),
            ("soon", "\"soon\"", "\"soon\""),
        ] {
            assert_eq!(text(stored, Kind::Timestamp), plain);
            assert_eq!(text(stored, Kind::TimestampTz), zoned);
        }
        let offset = "2024-01-31T09:30:00+02:00";
        assert_eq!(text(offset, Kind::TimestampTz), format!("\"{offset}\""));
    }

    #[test]
    fn json_is_answered_as_json_and_what_is_none_as_text() {
        assert_eq!(text(r#"{"a": [1.50, null]}"#, Kind::Json), r#"{"a": [1.50, null]}"#);
        assert_eq!(text("{broken", Kind::Json), "\"{broken\"");
        let mut out = BytesMut::new();
        write_json(
            r#"{"a":null,"b":[null,{"c":null}]}"#,
            RowsWanted::ObjectsWithoutNulls,
            &mut out,
        );
        assert_eq!(&out[..], br#"{"b":[null,{}]}"#);
    }

    #[test]
    fn numbers_keep_their_digits() {
        for (number, expected) in [
            (10.0, "10"),
            (0.1, "0.1"),
            (-2.5e-7, "-2.5e-7"),
            (1e21, "1e21"),
            (f64::INFINITY, "\"Infinity\""),
        ] {
            let mut out = BytesMut::new();
            write_float(number, &mut out);
            assert_eq!(&out[..], expected.as_bytes());
        }
    }
}
