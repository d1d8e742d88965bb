//! Booleans, integers and numerics, digit for digit as PostgreSQL shows them.

use super::Malformed;
use bytes::{BufMut, BytesMut};

pub(super) fn write_bool(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    match bytes {
        [0] => out.extend_from_slice(b"false"),
        [1] => out.extend_from_slice(b"true"),
        _ => return Err(Malformed),
    }
    Ok(())
}

/// The bytes as a fixed-size array, or a refusal.
pub(super) fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Malformed> {
    bytes.try_into().map_err(|_| Malformed)
}

pub(super) fn write_integer(value: impl itoa::Integer, out: &mut BytesMut) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

pub(super) fn write_int2(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    write_integer(i16::from_be_bytes(exactly(bytes)?), out);
    Ok(())
}

pub(super) fn write_int4(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    write_integer(i32::from_be_bytes(exactly(bytes)?), out);
    Ok(())
}

pub(super) fn write_int8(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    write_integer(i64::from_be_bytes(exactly(bytes)?), out);
    Ok(())
}

/// To PostgreSQL an oid is not a number, so `to_json` quotes it.
pub(super) fn write_oid(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    out.put_u8(b'"');
    write_integer(u32::from_be_bytes(exactly(bytes)?), out);
    out.put_u8(b'"');
    Ok(())
}

/// Base-10000 digits with a weight, a sign and a display scale, as exact text.
pub(super) fn write_numeric(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    let (header, digits) = bytes.split_first_chunk::<8>().ok_or(Malformed)?;
    let field = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
    let weight = i32::from(field(2) as i16);
    let scale = usize::from(field(6));
    if digits.len() != usize::from(field(0)) * 2 {
        return Err(Malformed);
    }
    match field(4) {
        0x0000 => {}
        0x4000 => out.put_u8(b'-'),
        special => {
            out.extend_from_slice(special_numeric(special)?);
            return Ok(());
        }
    }
    let group = |index: i32| -> u16 {
        let at = usize::try_from(index).map_or(usize::MAX, |index| index * 2);
        digits.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |b| u16::from_be_bytes(*b))
    };
    if weight < 0 {
        out.put_u8(b'0');
    } else {
        write_integer(group(0), out);
        (1..=weight).for_each(|index| write_group(group(index), 4, out));
    }
    if scale > 0 {
        out.put_u8(b'.');
        let mut left = scale;
        let mut index = weight + 1;
        while left > 0 {
            let width = left.min(4);
            write_group(group(index), width, out);
            left -= width;
            index += 1;
        }
    }
    Ok(())
}

/// JSON has no such numbers, so they are strings.
fn special_numeric(sign: u16) -> Result<&'static [u8], Malformed> {
    match sign {
        0xC000 => Ok(b"\"NaN\""),
        0xD000 => Ok(b"\"Infinity\""),
        0xF000 => Ok(b"\"-Infinity\""),
        _ => Err(Malformed),
    }
}

/// The first `width` of a group's four digits.
fn write_group(group: u16, width: usize, out: &mut BytesMut) {
    let digit = |power: u16| b'0' + (group / power % 10) as u8;
    let digits = [digit(1000), digit(100), digit(10), digit(1)];
    out.extend_from_slice(&digits[..width]);
}
