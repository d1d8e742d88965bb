//! The common way, for comparison: each row becomes a tree of values, and the tree becomes text.

use anyhow::{Context, bail};
use serde_json::{Map, Number, Value};
use sqlx::{Column, Row, TypeInfo, ValueRef, postgres::PgRow};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// One row as an object. Knows the types of the bench table and no others.
pub fn row_to_value(row: &PgRow) -> anyhow::Result<Value> {
    let mut object = Map::with_capacity(row.columns().len());
    for (index, column) in row.columns().iter().enumerate() {
        let raw = row.try_get_raw(index)?;
        let value = if raw.is_null() {
            Value::Null
        } else {
            let bytes = raw.as_bytes().map_err(|error| anyhow::anyhow!("{error}"))?;
            to_value(column.type_info().name(), bytes)?
        };
        object.insert(column.name().to_owned(), value);
    }
    Ok(Value::Object(object))
}

fn to_value(type_name: &str, bytes: &[u8]) -> anyhow::Result<Value> {
    Ok(match type_name {
        "BOOL" => Value::Bool(bytes == [1]),
        "INT8" => Value::from(i64::from_be_bytes(bytes.try_into()?)),
        "TEXT" => Value::from(std::str::from_utf8(bytes)?),
        "NUMERIC" => Value::Number(numeric(bytes)?),
        "TIMESTAMPTZ" => Value::from(timestamp(i64::from_be_bytes(bytes.try_into()?))?),
        "UUID" => Value::from(uuid(bytes)),
        other => bail!("the bench table has no {other}"),
    })
}

/// Exact: `arbitrary_precision` keeps a number's text.
fn numeric(bytes: &[u8]) -> anyhow::Result<Number> {
    let mut text = bytes::BytesMut::new();
    backend_postgres::Writer::Numeric.write(bytes, &mut text)?;
    std::str::from_utf8(&text)?.parse().context("a numeric is a number")
}

fn timestamp(micros: i64) -> anyhow::Result<String> {
    const EPOCH: i128 = 946_684_800_000_000_000;
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000 + EPOCH)?;
    // PostgreSQL spells UTC as an offset.
    Ok(at.format(&Rfc3339)?.replace('Z', "+00:00"))
}

fn uuid(bytes: &[u8]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
