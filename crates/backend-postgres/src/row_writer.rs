//! PostgreSQL's binary rows as JSON bytes, equal to what its own `to_json` writes, without a value in between.

mod array;
mod composite;
mod float;
mod number;
mod other;
mod range;
mod reader;
mod temporal;
mod text;
mod writer;

pub use writer::Writer;

use bytes::{BufMut, BytesMut};
use query::statement::RowsWanted;
use sqlx::{
    Column, Row, TypeInfo, ValueRef,
    postgres::{PgColumn, PgRow},
};
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
    /// Where its `"name":` ends.
    key_end: usize,
    writer: Writer,
}

/// Writes rows of one shape; chosen once for each result.
pub(crate) struct RowWriter {
    columns: Vec<ColumnWriter>,
    /// `"name":` of each, escaped once, one behind the other: a point read has no time for many
    /// small pieces of memory.
    keys: BytesMut,
    /// Columns before this one are not written.
    first: usize,
    shape: Shape,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Object,
    ObjectWithoutNulls,
    Value,
}

/// The names of an answer's columns.
pub(crate) fn column_names(columns: &[PgColumn]) -> Vec<String> {
    let names: Vec<_> = columns.iter().map(Column::name).collect();
    backend::distinct_names(&names)
}

impl RowWriter {
    /// Columns before `first` are for somebody else.
    pub(crate) fn for_row(
        row: &PgRow,
        wanted: RowsWanted,
        first: usize,
    ) -> Result<Self, UnwritableColumn> {
        let shape = match wanted {
            RowsWanted::Objects => Shape::Object,
            RowsWanted::ObjectsWithoutNulls => Shape::ObjectWithoutNulls,
            RowsWanted::Values => Shape::Value,
        };
        let columns = row.columns().get(first..).unwrap_or_default();
        // Names hardly ever repeat, and a point read has no time for copies of them.
        let repeats = columns.iter().enumerate().any(|(at, column)| {
            columns[..at].iter().any(|earlier| earlier.name() == column.name())
        });
        let distinct = if repeats { column_names(columns) } else { Vec::new() };
        let mut keys = BytesMut::with_capacity(columns.len() * 16);
        let writers = columns.iter().enumerate().map(|(at, column)| {
            let name = distinct.get(at).map_or_else(|| column.name(), String::as_str);
            text::write_string(name.as_bytes(), &mut keys);
            keys.put_u8(b':');
            match Writer::for_type(column.type_info(), shape == Shape::ObjectWithoutNulls) {
                Some(writer) => Ok(ColumnWriter { key_end: keys.len(), writer }),
                None => Err(UnwritableColumn {
                    column: name.to_owned(),
                    type_name: column.type_info().name().to_owned(),
                }),
            }
        });
        let columns = writers.collect::<Result<_, _>>()?;
        Ok(Self { columns, keys, first, shape })
    }

    /// Append one JSON object, or one value.
    pub(crate) fn write(&self, row: &PgRow, out: &mut BytesMut) -> Result<(), UnwritableColumn> {
        if self.shape == Shape::Value {
            return self.write_value(row, out);
        }
        let mut separator = b'{';
        let mut key_start = 0;
        for (at, column) in self.columns.iter().enumerate() {
            let key = &self.keys[key_start..column.key_end];
            key_start = column.key_end;
            let index = self.first + at;
            let value = row.try_get_raw(index).map_err(|_| unwritable(row, index))?;
            if value.is_null() {
                if self.shape == Shape::Object {
                    out.put_u8(separator);
                    out.extend_from_slice(key);
                    out.extend_from_slice(b"null");
                    separator = b',';
                }
                continue;
            }
            out.put_u8(separator);
            out.extend_from_slice(key);
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

    /// The first column alone.
    fn write_value(&self, row: &PgRow, out: &mut BytesMut) -> Result<(), UnwritableColumn> {
        let index = self.first;
        let value = row.try_get_raw(index).map_err(|_| unwritable(row, index))?;
        match self.columns.first() {
            Some(column) if !value.is_null() => {
                let bytes = value.as_bytes().map_err(|_| unwritable(row, index))?;
                column.writer.write(bytes, out).map_err(|Malformed| unwritable(row, index))
            }
            _ => {
                out.extend_from_slice(b"null");
                Ok(())
            }
        }
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
