//! Strings and the types that are shown as strings.

use super::Malformed;
use bytes::{BufMut, BytesMut};
use serde_json::Value;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// What must stand after a backslash for each byte: 0 for nothing, `u` for `\u00xx`.
const ESCAPES: [u8; 256] = escapes();

const fn escapes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = b'u';
        byte += 1;
    }
    table[0x08] = b'b';
    table[0x09] = b't';
    table[0x0a] = b'n';
    table[0x0c] = b'f';
    table[0x0d] = b'r';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table
}

/// A JSON string, escaped as PostgreSQL's `escape_json` does.
pub(super) fn write_string(text: &[u8], out: &mut BytesMut) {
    out.reserve(text.len() + 2);
    out.put_u8(b'"');
    let mut written = 0;
    for (index, &byte) in text.iter().enumerate() {
        let escape = ESCAPES[byte as usize];
        if escape == 0 {
            continue;
        }
        out.extend_from_slice(&text[written..index]);
        written = index + 1;
        if escape == b'u' {
            let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&digits);
        } else {
            out.extend_from_slice(&[b'\\', escape]);
        }
    }
    out.extend_from_slice(&text[written..]);
    out.put_u8(b'"');
}

/// The internal one-byte type; a byte outside ASCII is shown in octal, since alone it is not UTF-8.
pub(super) fn write_char(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    match bytes {
        [0] => out.extend_from_slice(b"\"\""),
        [byte] if byte.is_ascii() => write_string(bytes, out),
        [byte] => out.extend_from_slice(format!("\"\\\\{byte:03o}\"").as_bytes()),
        _ => return Err(Malformed),
    }
    Ok(())
}

pub(super) fn write_uuid(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    if bytes.len() != 16 {
        return Err(Malformed);
    }
    let mut text = [b'-'; 38];
    text[0] = b'"';
    text[37] = b'"';
    let mut at = 1;
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            at += 1;
        }
        text[at] = HEX[usize::from(byte >> 4)];
        text[at + 1] = HEX[usize::from(byte & 15)];
        at += 2;
    }
    out.extend_from_slice(&text);
    Ok(())
}

/// `"\\x…"`: the backslash of PostgreSQL's hex form is escaped in JSON.
pub(super) fn write_bytea(bytes: &[u8], out: &mut BytesMut) {
    out.reserve(bytes.len() * 2 + 5);
    out.extend_from_slice(b"\"\\\\x");
    for byte in bytes {
        out.put_u8(HEX[usize::from(byte >> 4)]);
        out.put_u8(HEX[usize::from(byte & 15)]);
    }
    out.put_u8(b'"');
}

/// `jsonb` is sent as a version byte and its text.
pub(super) fn jsonb_text(bytes: &[u8]) -> Result<&[u8], Malformed> {
    match bytes.split_first() {
        Some((1, text)) => Ok(text),
        _ => Err(Malformed),
    }
}

/// A document without the null members of its objects, at any depth; nulls in arrays stay.
pub(super) fn write_json_without_nulls(text: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    let mut document: Value = serde_json::from_slice(text).map_err(|_| Malformed)?;
    strip_nulls(&mut document);
    serde_json::to_writer(out.writer(), &document).map_err(|_| Malformed)
}

fn strip_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(strip_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
