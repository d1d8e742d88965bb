//! Booleans, integers, floats and numerics, digit for digit as PostgreSQL shows them.

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

fn write_integer(value: impl itoa::Integer, out: &mut BytesMut) {
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

pub(super) fn write_float4(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    let value = f32::from_be_bytes(exactly(bytes)?);
    if value.is_finite() {
        // PostgreSQL leaves the plain notation at 1e6 for float4 and at 1e15 for float8.
        write_shortest(ryu::Buffer::new().format_finite(value), 6, out);
    } else {
        write_not_finite(f64::from(value), out);
    }
    Ok(())
}

pub(super) fn write_float8(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    let value = f64::from_be_bytes(exactly(bytes)?);
    if value.is_finite() {
        write_shortest(ryu::Buffer::new().format_finite(value), 15, out);
    } else {
        write_not_finite(value, out);
    }
    Ok(())
}

/// JSON has no such numbers, so they are strings.
fn write_not_finite(value: f64, out: &mut BytesMut) {
    let text: &[u8] = match (value.is_nan(), value.is_sign_positive()) {
        (true, _) => b"\"NaN\"",
        (false, true) => b"\"Infinity\"",
        (false, false) => b"\"-Infinity\"",
    };
    out.extend_from_slice(text);
}

/// The shortest digits, given in ryu's notation, laid out in PostgreSQL's.
fn write_shortest(text: &str, plain_below: i32, out: &mut BytesMut) {
    let text = match text.strip_prefix('-') {
        Some(rest) => {
            out.put_u8(b'-');
            rest
        }
        None => text,
    };
    let mut digits = [0_u8; 32];
    let (length, exponent) = split_digits(text, &mut digits);
    let digits = &digits[..length];
    if digits.is_empty() {
        out.put_u8(b'0');
    } else if (-4..plain_below).contains(&exponent) {
        write_plain(digits, exponent, out);
    } else {
        write_scientific(digits, exponent, out);
    }
}

/// The significant digits of `text`, their number, and the power of ten of the first one.
fn split_digits(text: &str, digits: &mut [u8; 32]) -> (usize, i32) {
    let (mantissa, power) = match text.split_once('e') {
        Some((mantissa, power)) => (mantissa, power.parse::<i32>().unwrap_or(0)),
        None => (text, 0),
    };
    let (mut length, mut leading_zeros, mut point) = (0, 0, None);
    for (index, byte) in mantissa.bytes().enumerate() {
        match byte {
            b'.' => point = Some(index),
            b'0' if length == 0 => leading_zeros += 1,
            digit => {
                digits[length] = digit;
                length += 1;
            }
        }
    }
    while length > 0 && digits[length - 1] == b'0' {
        length -= 1;
    }
    let before_point = point.unwrap_or(mantissa.len());
    (length, power + before_point as i32 - 1 - leading_zeros)
}

fn write_plain(digits: &[u8], exponent: i32, out: &mut BytesMut) {
    if exponent < 0 {
        out.extend_from_slice(b"0.");
        out.put_bytes(b'0', (-1 - exponent) as usize);
        out.extend_from_slice(digits);
        return;
    }
    let whole = exponent as usize + 1;
    if digits.len() <= whole {
        out.extend_from_slice(digits);
        out.put_bytes(b'0', whole - digits.len());
    } else {
        out.extend_from_slice(&digits[..whole]);
        out.put_u8(b'.');
        out.extend_from_slice(&digits[whole..]);
    }
}

fn write_scientific(digits: &[u8], exponent: i32, out: &mut BytesMut) {
    out.put_u8(digits[0]);
    if digits.len() > 1 {
        out.put_u8(b'.');
        out.extend_from_slice(&digits[1..]);
    }
    out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
    if exponent.abs() < 10 {
        out.put_u8(b'0');
    }
    write_integer(exponent.abs(), out);
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
        0xC000 => return Ok(out.extend_from_slice(b"\"NaN\"")),
        0xD000 => return Ok(out.extend_from_slice(b"\"Infinity\"")),
        0xF000 => return Ok(out.extend_from_slice(b"\"-Infinity\"")),
        _ => return Err(Malformed),
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

/// The first `width` of a group's four digits.
fn write_group(group: u16, width: usize, out: &mut BytesMut) {
    let digit = |power: u16| b'0' + (group / power % 10) as u8;
    let digits = [digit(1000), digit(100), digit(10), digit(1)];
    out.extend_from_slice(&digits[..width]);
}
