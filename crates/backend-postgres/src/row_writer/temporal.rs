//! Dates and times in ISO 8601, with PostgreSQL's infinities and its ` BC`.

use super::{Malformed, number::exactly};
use bytes::{BufMut, BytesMut};

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// From 1970-01-01 to PostgreSQL's own epoch, 2000-01-01.
const DAYS_TO_EPOCH: i64 = 10_957;

pub(super) fn write_date(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    match i32::from_be_bytes(exactly(bytes)?) {
        i32::MAX => out.extend_from_slice(b"\"infinity\""),
        i32::MIN => out.extend_from_slice(b"\"-infinity\""),
        days => {
            out.put_u8(b'"');
            let era = write_day(i64::from(days), out);
            out.extend_from_slice(era.suffix());
            out.put_u8(b'"');
        }
    }
    Ok(())
}

pub(super) fn write_timestamp(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    write_instant(i64::from_be_bytes(exactly(bytes)?), b"", out);
    Ok(())
}

/// Sessions run in UTC, so the offset is always the same.
pub(super) fn write_timestamptz(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    write_instant(i64::from_be_bytes(exactly(bytes)?), b"+00:00", out);
    Ok(())
}

fn write_instant(micros: i64, offset: &[u8], out: &mut BytesMut) {
    match micros {
        i64::MAX => out.extend_from_slice(b"\"infinity\""),
        i64::MIN => out.extend_from_slice(b"\"-infinity\""),
        micros => {
            out.put_u8(b'"');
            let era = write_day(micros.div_euclid(MICROS_PER_DAY), out);
            out.put_u8(b'T');
            write_clock(micros.rem_euclid(MICROS_PER_DAY), out);
            out.extend_from_slice(offset);
            out.extend_from_slice(era.suffix());
            out.put_u8(b'"');
        }
    }
}

pub(super) fn write_time(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    out.put_u8(b'"');
    write_clock(i64::from_be_bytes(exactly(bytes)?), out);
    out.put_u8(b'"');
    Ok(())
}

/// Microseconds of the day, then the zone in seconds west of Greenwich.
pub(super) fn write_timetz(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    let (micros, zone) = bytes.split_first_chunk::<8>().ok_or(Malformed)?;
    let west = i64::from(i32::from_be_bytes(exactly(zone)?));
    out.put_u8(b'"');
    write_clock(i64::from_be_bytes(*micros), out);
    out.put_u8(if west <= 0 { b'+' } else { b'-' });
    let (hours, minutes, seconds) = (west.abs() / 3600, west.abs() / 60 % 60, west.abs() % 60);
    write_two(hours, out);
    if minutes != 0 || seconds != 0 {
        out.put_u8(b':');
        write_two(minutes, out);
    }
    if seconds != 0 {
        out.put_u8(b':');
        write_two(seconds, out);
    }
    out.put_u8(b'"');
    Ok(())
}

/// `HH:MM:SS` and as much of the fraction as is not zero.
fn write_clock(micros: i64, out: &mut BytesMut) {
    let seconds = micros / MICROS_PER_SECOND;
    write_two(seconds / 3600, out);
    out.put_u8(b':');
    write_two(seconds / 60 % 60, out);
    out.put_u8(b':');
    write_two(seconds % 60, out);
    let mut fraction = micros % MICROS_PER_SECOND;
    if fraction == 0 {
        return;
    }
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (fraction % 10) as u8;
        fraction /= 10;
    }
    let length = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
    out.put_u8(b'.');
    out.extend_from_slice(&digits[..length]);
}

fn write_two(value: i64, out: &mut BytesMut) {
    out.put_u8(b'0' + (value / 10 % 10) as u8);
    out.put_u8(b'0' + (value % 10) as u8);
}

enum Era {
    Common,
    BeforeChrist,
}

impl Era {
    fn suffix(&self) -> &'static [u8] {
        match self {
            Self::Common => b"",
            Self::BeforeChrist => b" BC",
        }
    }
}

/// `YYYY-MM-DD` of a day counted from 2000-01-01; the era goes to the very end of the text.
fn write_day(days: i64, out: &mut BytesMut) -> Era {
    let (year, month, day) = civil_from_days(days + DAYS_TO_EPOCH);
    // There is no year 0: the year before 1 is 1 BC.
    let (year, era) = if year > 0 { (year, Era::Common) } else { (1 - year, Era::BeforeChrist) };
    if year < 10_000 {
        write_two(year / 100, out);
        write_two(year % 100, out);
    } else {
        out.extend_from_slice(itoa::Buffer::new().format(year).as_bytes());
    }
    out.put_u8(b'-');
    write_two(month, out);
    out.put_u8(b'-');
    write_two(day, out);
    era
}

/// Year, month and day in the proleptic Gregorian calendar, of days since 1970-01-01.
///
/// Counts in eras of 400 years that begin on a 1 March, so that the leap day comes last.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
