//! Ranges as the text PostgreSQL gives them, for elements whose text is known here.

use super::{Malformed, Writer, text::write_string};
use bytes::BytesMut;

const EMPTY: u8 = 0x01;
const LOWER_INCLUSIVE: u8 = 0x02;
const UPPER_INCLUSIVE: u8 = 0x04;
const LOWER_INFINITE: u8 = 0x08;
const UPPER_INFINITE: u8 = 0x10;

/// The element of a built-in range, by the range's number in `pg_type.dat`.
pub(super) fn element(oid: u32) -> Option<Writer> {
    Some(match oid {
        3904 => Writer::Int4,
        3906 => Writer::Numeric,
        3908 => Writer::Timestamp,
        3910 => Writer::TimestampTz,
        3912 => Writer::Date,
        3926 => Writer::Int8,
        _ => return None,
    })
}

pub(super) fn write(element: &Writer, bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    let (&flags, mut rest) = bytes.split_first().ok_or(Malformed)?;
    let has = |flag: u8| flags & flag != 0;
    if has(EMPTY) {
        write_string(b"empty", out);
        return Ok(());
    }
    let mut text = String::from(if has(LOWER_INCLUSIVE) { "[" } else { "(" });
    if !has(LOWER_INFINITE) {
        bound(element, &mut rest, &mut text)?;
    }
    text.push(',');
    if !has(UPPER_INFINITE) {
        bound(element, &mut rest, &mut text)?;
    }
    text.push(if has(UPPER_INCLUSIVE) { ']' } else { ')' });
    write_string(text.as_bytes(), out);
    if rest.is_empty() { Ok(()) } else { Err(Malformed) }
}

fn bound(element: &Writer, rest: &mut &[u8], text: &mut String) -> Result<(), Malformed> {
    let (length, tail) = rest.split_first_chunk::<4>().ok_or(Malformed)?;
    let length = usize::try_from(i32::from_be_bytes(*length)).map_err(|_| Malformed)?;
    let (value, tail) = tail.split_at_checked(length).ok_or(Malformed)?;
    *rest = tail;
    let mut json = BytesMut::new();
    element.write(value, &mut json)?;
    let json = std::str::from_utf8(&json).map_err(|_| Malformed)?;
    let shown = json.trim_matches('"');
    // JSON's moments have a `T` and a full offset; the database's own text has neither.
    let shown = match element {
        Writer::Timestamp => shown.replacen('T', " ", 1),
        Writer::TimestampTz => shown.replacen('T', " ", 1).replacen("+00:00", "+00", 1),
        _ => shown.to_owned(),
    };
    // A bound with a blank or a comma in it is quoted.
    if shown.contains([' ', ',', '"', '\\', '(', ')', '[', ']']) {
        text.push('"');
        text.push_str(&shown);
        text.push('"');
    } else {
        text.push_str(&shown);
    }
    Ok(())
}
