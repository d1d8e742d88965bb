//! The few rows of an exchange's statement, column by column as text or raw bytes.

use super::unescaped;
use crate::{error::RunError, row_writer::UnwritableColumn};
use backend::RestRow;
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use sqlx::{
    Column, Either, Row, TypeInfo, ValueRef,
    postgres::{PgQueryResult, PgRow, PgTypeInfo, PgTypeKind, PgValueFormat, PgValueRef},
};

/// Read all rows, as long as they are no larger together than what is left of the limit.
pub(super) async fn read(
    mut items: impl Stream<Item = Result<Either<PgQueryResult, PgRow>, sqlx::Error>> + Unpin,
    left: &mut usize,
) -> Result<Vec<RestRow>, RunError> {
    let limit = *left;
    let mut rows = Vec::new();
    while let Some(item) = items.try_next().await? {
        let Either::Right(row) = item else { continue };
        rows.push(taken(&row, left, limit)?);
    }
    Ok(rows)
}

/// One row, unless it is larger than what is left.
pub(super) fn taken(row: &PgRow, left: &mut usize, limit: usize) -> Result<RestRow, RunError> {
    // Before any of it is copied.
    *left = left.checked_sub(size(row)?).ok_or(RunError::TooLarge { limit })?;
    columns(row)
}

/// As the row came; as text only numbers are longer, and those by a few bytes.
fn size(row: &PgRow) -> Result<usize, RunError> {
    let sizes = (0..row.columns().len()).map(|index| {
        let value = row.try_get_raw(index)?;
        Ok(if value.is_null() { 0 } else { value.as_bytes().map_or(0, <[u8]>::len) })
    });
    sizes.sum()
}

fn columns(row: &PgRow) -> Result<RestRow, RunError> {
    let each = row.columns().iter().enumerate().map(|(index, column)| {
        let value = row.try_get_raw(index)?;
        if value.is_null() {
            return Ok(None);
        }
        let read = text_or_bytes(&value, column.type_info());
        read.map(Some).ok_or_else(|| {
            RunError::Unwritable(UnwritableColumn {
                column: column.name().to_owned(),
                type_name: column.type_info().name().to_owned(),
            })
        })
    });
    each.collect()
}

fn text_or_bytes(value: &PgValueRef<'_>, type_info: &PgTypeInfo) -> Option<Bytes> {
    let bytes = value.as_bytes().ok()?;
    match value.format() {
        PgValueFormat::Text => Some(of_text(bytes, type_info)),
        PgValueFormat::Binary => of_binary(bytes, type_info),
    }
}

fn of_text(bytes: &[u8], type_info: &PgTypeInfo) -> Bytes {
    match (type_info.oid().map_or(0, |oid| oid.0), bytes) {
        (BOOL, b"t") => Bytes::from_static(b"true"),
        (BOOL, _) => Bytes::from_static(b"false"),
        (BYTEA, [b'\\', b'x', digits @ ..]) => unescaped::hexadecimal(digits),
        (BYTEA, escaped) => unescaped::octal(escaped),
        _ => Bytes::copy_from_slice(bytes),
    }
}

/// In binary form these are what they are as text, or nearly so. The numbers are fixed in
/// PostgreSQL's pg_type.dat.
fn of_binary(bytes: &[u8], type_info: &PgTypeInfo) -> Option<Bytes> {
    let number = |number: i64| Bytes::from(number.to_string());
    Some(match type_info.oid().map_or(0, |oid| oid.0) {
        BOOL => Bytes::from_static(if bytes == [1] { b"true" } else { b"false" }),
        INT8 => number(i64::from_be_bytes(bytes.try_into().ok()?)),
        INT2 => number(i16::from_be_bytes(bytes.try_into().ok()?).into()),
        INT4 => number(i32::from_be_bytes(bytes.try_into().ok()?).into()),
        // One byte for the version stands before the text.
        JSONB => Bytes::copy_from_slice(bytes.get(1..)?),
        oid if AS_THEY_ARE.contains(&oid) => Bytes::copy_from_slice(bytes),
        _ => match type_info.kind() {
            PgTypeKind::Enum(_) => Bytes::copy_from_slice(bytes),
            PgTypeKind::Domain(inner) => return of_binary(bytes, inner),
            _ => return None,
        },
    })
}

const BOOL: u32 = 16;
const BYTEA: u32 = 17;
const INT8: u32 = 20;
const INT2: u32 = 21;
const INT4: u32 = 23;
const JSONB: u32 = 3802;
/// bytea, name, text, json, xml, unknown, bpchar, varchar and void.
const AS_THEY_ARE: [u32; 9] = [17, 19, 25, 114, 142, 705, 1042, 1043, 2278];
