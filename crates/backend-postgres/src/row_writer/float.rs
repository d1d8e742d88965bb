//! Floats as the shortest text that reads back the same, digit for digit as PostgreSQL shows them.

mod digits;

use super::{
    Malformed,
    number::{exactly, write_integer},
};
use bytes::{BufMut, BytesMut};
use digits::{Binary, Digits};

pub(super) fn write_float4(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    let value = f32::from_be_bytes(exactly(bytes)?);
    if value.is_finite() {
        // PostgreSQL leaves the plain notation at 1e6 for float4 and at 1e15 for float8.
        write_finite(value, 6, out);
    } else {
        write_not_finite(f64::from(value), out);
    }
    Ok(())
}

pub(super) fn write_float8(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    let value = f64::from_be_bytes(exactly(bytes)?);
    if value.is_finite() {
        write_finite(value, 15, out);
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

fn write_finite<F: Binary>(value: F, plain_below: i32, out: &mut BytesMut) {
    if value.is_negative() {
        out.put_u8(b'-');
    }
    let digits = Digits::shortest(value);
    match (digits.as_slice(), digits.exponent()) {
        ([], _) => out.put_u8(b'0'),
        (digits, exponent) if (-4..plain_below).contains(&exponent) => {
            write_plain(digits, exponent, out);
        }
        (digits, exponent) => write_scientific(digits, exponent, out),
    }
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
