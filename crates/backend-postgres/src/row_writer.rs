//! PostgreSQL's binary rows as JSON bytes, equal to what its own `to_json` writes, without a value in between.

mod array;
mod float;
mod number;
mod temporal;
mod text;
mod writer;

pub use writer::Writer;

use bytes::{BufMut, BytesMut};
use query::statement::RowsWanted;
use sqlx::{Column, Row, TypeInfo, ValueRef, postgres::PgRow};
use std::fmt;

/// A value whose bytes are not what its type says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not what their type says")]
pub struct Malformed;

/// The column that could not be written, and its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnwritableColumn {
    pub column: String,
    pub type_name: String,
}

impl fmt::Display for UnwritableColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {} of type {}", self.column, self.type_name)
    }
}

struct ColumnWriter {
    /// `"name":`, escaped once.
    key: Box<[u8]>,
    writer: Writer,
}

/// Writes rows of one shape; chosen once for each result.
pub(crate) struct RowWriter {
    columns: Vec<ColumnWriter>,
    nulls: Nulls,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Nulls {
    Written,
    LeftOut,
}

impl RowWriter {
    pub(crate) fn for_row(row: &PgRow, wanted: RowsWanted) -> Result<Self, UnwritableColumn> {
        let nulls = match wanted {
            RowsWanted::Objects | RowsWanted::Values => Nulls::Written,
            RowsWanted::ObjectsWithoutNulls => Nulls::LeftOut,
        };
        let columns = row.columns().iter().map(|column| {
            let mut key = BytesMut::with_capacity(column.name().len() + 3);
            text::write_string(column.name().as_bytes(), &mut key);
            key.put_u8(b':');
            match Writer::for_type(column.type_info(), nulls == Nulls::LeftOut) {
                Some(writer) => Ok(ColumnWriter { key: Box::from(&key[..]), writer }),
                None => Err(UnwritableColumn {
                    column: column.name().to_owned(),
                    type_name: column.type_info().name().to_owned(),
                }),
            }
        });
        Ok(Self { columns: columns.collect::<Result<_, _>>()?, nulls })
    }

    /// Append one JSON object.
    pub(crate) fn write(&self, row: &PgRow, out: &mut BytesMut) -> Result<(), UnwritableColumn> {
        let mut separator = b'{';
        for (index, column) in self.columns.iter().enumerate() {
            let value = row.try_get_raw(index).map_err(|_| unwritable(row, index))?;
            if value.is_null() {
                if self.nulls == Nulls::Written {
                    out.put_u8(separator);
                    out.extend_from_slice(&column.key);
                    out.extend_from_slice(b"null");
                    separator = b',';
                }
                continue;
            }
            out.put_u8(separator);
            out.extend_from_slice(&column.key);
            separator = b',';
            let bytes = value.as_bytes().map_err(|_| unwritable(row, index))?;
            column.writer.write(bytes, out).map_err(|Malformed| unwritable(row, index))?;
        }
        if separator == b'{' {
            out.put_u8(b'{');
        }
        out.put_u8(b'}');
        Ok(())
    }
}

#[cold]
fn unwritable(row: &PgRow, index: usize) -> UnwritableColumn {
    let column = row.columns().get(index);
    UnwritableColumn {
        column: column.map_or_else(String::new, |column| column.name().to_owned()),
        type_name: column.map_or_else(String::new, |column| column.type_info().name().to_owned()),
    }
}
