//! Types that are shown as the text PostgreSQL gives them.

use super::{Malformed, text::write_string};
use bytes::{BufMut, BytesMut};
use std::{
    fmt::Write as _,
    net::{Ipv4Addr, Ipv6Addr},
};

/// Microseconds, days and months, in the style `postgres`.
pub(super) fn write_interval(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    let bytes: &[u8; 16] = bytes.try_into().map_err(|_| Malformed)?;
    let micros = i64::from_be_bytes(*bytes.first_chunk().ok_or(Malformed)?);
    let days = i32::from_be_bytes(*bytes[8..].first_chunk().ok_or(Malformed)?);
    let months = i32::from_be_bytes(*bytes[12..].first_chunk().ok_or(Malformed)?);
    match (months, days, micros) {
        (i32::MAX, i32::MAX, i64::MAX) => return quoted("infinity", out),
        (i32::MIN, i32::MIN, i64::MIN) => return quoted("-infinity", out),
        _ => {}
    }
    let mut text = String::new();
    let mut was_negative = false;
    for (number, unit) in [(months / 12, "year"), (months % 12, "mon"), (days, "day")] {
        if number != 0 {
            let blank = if text.is_empty() { "" } else { " " };
            // After a negative part a positive one shows its sign.
            let sign = if was_negative && number > 0 { "+" } else { "" };
            let plural = if number == 1 { "" } else { "s" };
            let _infallible = write!(text, "{blank}{sign}{number} {unit}{plural}");
            was_negative = number < 0;
        }
    }
    if micros != 0 || text.is_empty() {
        let blank = if text.is_empty() { "" } else { " " };
        let sign = match micros {
            ..0 => "-",
            _ if was_negative => "+",
            _ => "",
        };
        let whole = micros.unsigned_abs();
        let (seconds, fraction) = (whole / 1_000_000, whole % 1_000_000);
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let _infallible = write!(text, "{blank}{sign}{hours:02}:{minutes:02}:{seconds:02}");
        if fraction > 0 {
            let digits = format!("{fraction:06}");
            let _infallible = write!(text, ".{}", digits.trim_end_matches('0'));
        }
    }
    quoted(&text, out)
}

/// `inet` leaves out the mask of a single host, `cidr` does not.
pub(super) fn write_inet(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    let [_family, bits, is_cidr, length, address @ ..] = bytes else { return Err(Malformed) };
    if usize::from(*length) != address.len() {
        return Err(Malformed);
    }
    let mut text = match address.len() {
        4 => Ipv4Addr::from(<[u8; 4]>::try_from(address).map_err(|_| Malformed)?).to_string(),
        16 => Ipv6Addr::from(<[u8; 16]>::try_from(address).map_err(|_| Malformed)?).to_string(),
        _ => return Err(Malformed),
    };
    if *is_cidr != 0 || usize::from(*bits) != address.len() * 8 {
        let _infallible = write!(text, "/{bits}");
    }
    quoted(&text, out)
}

/// `macaddr` and `macaddr8`.
pub(super) fn write_macaddr(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    if !matches!(bytes.len(), 6 | 8) {
        return Err(Malformed);
    }
    let pairs: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    quoted(&pairs.join(":"), out)
}

/// A length in bits and as many bytes as they need.
pub(super) fn write_bits(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    let (length, bits) = bytes.split_first_chunk::<4>().ok_or(Malformed)?;
    let length = usize::try_from(i32::from_be_bytes(*length)).map_err(|_| Malformed)?;
    if bits.len() != length.div_ceil(8) {
        return Err(Malformed);
    }
    out.reserve(length + 2);
    out.put_u8(b'"');
    for at in 0..length {
        out.put_u8(b'0' + (bits[at / 8] >> (7 - at % 8) & 1));
    }
    out.put_u8(b'"');
    Ok(())
}

fn quoted(text: &str, out: &mut BytesMut) -> Result<(), Malformed> {
    write_string(text.as_bytes(), out);
    Ok(())
}
