//! JSON rows, as the gateway answers them, into the cells the console draws.

use api_types::console::Cell;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::HashMap};

/// One row by column name. Values stay raw, so a numeric keeps every digit.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct RawRow<'a>(#[serde(borrow)] HashMap<Cow<'a, str>, &'a RawValue>);

impl RawRow<'_> {
    /// The text of a value: a string's content, anything else as JSON; `None` for null or absent.
    pub fn text(&self, column: &str) -> Option<String> {
        let raw = self.0.get(column)?.get();
        match raw.as_bytes().first() {
            Some(b'n') => None,
            Some(b'"') => Some(serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned())),
            _ => Some(raw.to_owned()),
        }
    }

    /// A whole cell.
    pub fn cell(&self, column: &str) -> Cell {
        Cell { value: self.text(column), ..Cell::default() }
    }

    /// A cell for a list: long values are cut here and say how long they were.
    pub fn list_cell(&self, column: &str) -> Cell {
        let mut cell = self.cell(column);
        if let Some(text) = &mut cell.value
            && let Some((end, _)) = text.char_indices().nth(LIST_CELL_CHARS)
        {
            cell.cut_from = u64::try_from(text.len()).ok();
            text.truncate(end);
        }
        cell
    }
}

/// How much of a value a list carries; the record page has it whole.
const LIST_CELL_CHARS: usize = 160;

/// The array the gateway wrote, as rows that borrow from it.
pub fn decode(bytes: &[u8]) -> Result<Vec<RawRow<'_>>, serde_json::Error> {
    serde_json::from_slice(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_strings_nulls_and_json_come_out_as_written() {
        let bytes =
            br#"[{"n":12345678901234567890.10,"s":"a\"b","z":null,"j":{"k":[1]},"b":true}]"#;
        let rows = decode(bytes).unwrap();
        assert_eq!(rows[0].text("n").as_deref(), Some("12345678901234567890.10"));
        assert_eq!(rows[0].text("s").as_deref(), Some("a\"b"));
        assert_eq!(rows[0].text("z"), None);
        assert_eq!(rows[0].text("j").as_deref(), Some(r#"{"k":[1]}"#));
        assert_eq!(rows[0].text("b").as_deref(), Some("true"));
        assert_eq!(rows[0].text("absent"), None);
    }

    #[test]
    fn a_long_value_is_cut_in_a_list_and_whole_in_a_record() {
        let long = "é".repeat(500);
        let bytes = serde_json::to_vec(&serde_json::json!([{ "note": long }])).unwrap();
        let rows = decode(&bytes).unwrap();
        let cell = rows[0].list_cell("note");
        assert_eq!(cell.value.map(|text| text.chars().count()), Some(LIST_CELL_CHARS));
        assert_eq!(cell.cut_from, Some(1000));
        assert_eq!(rows[0].cell("note").value, Some(long));
    }
}
