//! Rows for `COPY` in its binary format: nothing of them is parsed, cast or planned on the other side,
//! which costs the database a good part less than a statement with as many values.

use crate::StoreError;
use sqlx::PgConnection;
use uuid::Uuid;

/// PostgreSQL's moments begin in the year 2000.
const EPOCH: i64 = 946_684_800_000_000;
const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

pub(crate) struct CopyRows {
    bytes: Vec<u8>,
    columns: i16,
}

impl CopyRows {
    /// With as many columns as each row will get, in their order.
    pub(crate) fn new(columns: i16, rows: usize) -> Self {
        let mut bytes = Vec::with_capacity(HEAD.len() + rows * 400);
        bytes.extend_from_slice(HEAD);
        Self { bytes, columns }
    }

    pub(crate) fn row(&mut self) -> &mut Self {
        self.bytes.extend_from_slice(&self.columns.to_be_bytes());
        self
    }

    pub(crate) fn text(&mut self, text: Option<&str>) -> &mut Self {
        self.field(text.map(str::as_bytes))
    }

    pub(crate) fn uuid(&mut self, id: Uuid) -> &mut Self {
        self.field(Some(id.as_bytes()))
    }

    pub(crate) fn int(&mut self, number: i32) -> &mut Self {
        self.field(Some(&number.to_be_bytes()))
    }

    pub(crate) fn bigint(&mut self, number: Option<i64>) -> &mut Self {
        self.field(number.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice))
    }

    pub(crate) fn flag(&mut self, flag: Option<bool>) -> &mut Self {
        self.field(flag.map(|flag| [u8::from(flag)]).as_ref().map(<[u8; 1]>::as_slice))
    }

    pub(crate) fn moment(&mut self, micros: i64) -> &mut Self {
        self.field(Some(&micros.saturating_sub(EPOCH).to_be_bytes()))
    }

    pub(crate) fn jsonb(&mut self, json: Option<&str>) -> &mut Self {
        let Some(json) = json else { return self.field(None) };
        // The version comes first.
        self.length(json.len() + 1).bytes.push(1);
        self.bytes.extend_from_slice(json.as_bytes());
        self
    }

    /// Seconds since 1970 as a `numeric` with six places: digits to the base of 10,000.
    pub(crate) fn seconds(&mut self, micros: i64) -> &mut Self {
        let mut rest = u128::from(micros.unsigned_abs()) * 100;
        let mut digits = [0_i16; 6];
        for digit in digits.iter_mut().rev() {
            *digit = (rest % 10_000) as i16;
            rest /= 10_000;
        }
        let first = digits.iter().position(|digit| *digit != 0).unwrap_or(3);
        let end = digits.iter().rposition(|digit| *digit != 0).map_or(first, |last| last + 1);
        let sign: i16 = if micros < 0 { 0x4000 } else { 0 };
        let head = [(end - first) as i16, 3 - first as i16, sign, 6];
        self.length(2 * (head.len() + end - first));
        let numbers = head.iter().chain(&digits[first..end]);
        self.bytes.extend(numbers.flat_map(|number| number.to_be_bytes()));
        self
    }

    fn field(&mut self, value: Option<&[u8]>) -> &mut Self {
        match value {
            Some(value) => {
                self.length(value.len()).bytes.extend_from_slice(value);
            }
            None => self.bytes.extend_from_slice(&(-1_i32).to_be_bytes()),
        }
        self
    }

    fn length(&mut self, length: usize) -> &mut Self {
        let length = i32::try_from(length).unwrap_or(i32::MAX);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self
    }

    /// Hand the rows over to a `copy … from stdin (format binary)`.
    pub(crate) async fn send(
        mut self,
        connection: &mut PgConnection,
        statement: &'static str,
    ) -> Result<(), StoreError> {
        self.bytes.extend_from_slice(&(-1_i16).to_be_bytes());
        let mut copy = connection.copy_in_raw(statement).await?;
        copy.send(self.bytes).await?;
        copy.finish().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numeric(micros: i64) -> Vec<i16> {
        let mut rows = CopyRows::new(1, 0);
        rows.seconds(micros);
        let bytes = &rows.bytes[HEAD.len() + 4..];
        bytes.chunks(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]])).collect()
    }

    #[test]
    fn seconds_are_digits_to_the_base_of_ten_thousand() {
        assert_eq!(numeric(1_732_697_000_123_456), [5, 2, 0, 6, 17, 3269, 7000, 1234, 5600]);
        assert_eq!(numeric(1_000_000), [1, 0, 0, 6, 1]);
        assert_eq!(numeric(-20_000), [1, -1, 0x4000, 6, 200]);
        assert_eq!(numeric(0), [0, 0, 0, 6]);
    }
}
