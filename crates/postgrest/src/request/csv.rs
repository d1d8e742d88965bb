//! A body of comma-separated values becomes an array of objects.

use serde_json::{Map, Value};

/// One line of fields, each as it is between its commas or quotes.
type Record = Vec<String>;

/// The rows as objects; `NULL` is null.
pub(super) fn objects(text: &str) -> Result<Vec<Map<String, Value>>, String> {
    let mut records = records(text)?.into_iter();
    let header = records.next().ok_or("not enough input")?;
    records
        .map(|record| {
            if record.len() != header.len() {
                return Err("All lines must have same number of fields".to_owned());
            }
            let value = |field: String| match field.as_str() {
                "NULL" => Value::Null,
                _ => Value::String(field),
            };
            Ok(header.iter().cloned().zip(record.into_iter().map(value)).collect())
        })
        .collect()
}

fn records(text: &str) -> Result<Vec<Record>, String> {
    let mut records = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (record, after) = record(rest)?;
        // An empty line is no row.
        if record != [""] {
            records.push(record);
        }
        rest = after;
    }
    Ok(records)
}

fn record(mut rest: &str) -> Result<(Record, &str), String> {
    let mut record = Vec::new();
    loop {
        let (field, after) = field(rest)?;
        record.push(field);
        if let Some(next) = after.strip_prefix(',') {
            rest = next;
            continue;
        }
        let after = after.strip_prefix('\r').unwrap_or(after);
        return Ok((record, after.strip_prefix('\n').unwrap_or(after)));
    }
}

fn field(text: &str) -> Result<(String, &str), String> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([',', '\n', '\r']).unwrap_or(text.len());
        return Ok((text[..end].to_owned(), &text[end..]));
    };
    let mut field = String::new();
    loop {
        let end = rest.find('"').ok_or("a quoted field does not end")?;
        field.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            // A doubled quote is one.
            Some(after) => {
                field.push('"');
                rest = after;
            }
            None if rest.is_empty() || rest.starts_with([',', '\n', '\r']) => {
                return Ok((field, rest));
            }
            None => return Err("something follows a quoted field".to_owned()),
        }
    }
}
