//! SQLite's rows as JSON bytes: by what the column was declared, then by what it holds.

mod value;

use crate::declared::{Kind, Types};
use bytes::{BufMut, BytesMut};
use query::statement::RowsWanted;
use sqlx::{
    Column, Row, ValueRef,
    sqlite::{SqliteColumn, SqliteRow},
};
use value::Unreadable;

struct ColumnWriter {
    /// `"name":`, escaped once.
    key: Box<[u8]>,
    kind: Kind,
}

/// Writes rows of one shape; chosen once for each result.
pub(crate) struct RowWriter {
    columns: Vec<ColumnWriter>,
    wanted: RowsWanted,
}

/// The column that could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column} could not be read")]
pub(crate) struct UnwritableColumn {
    pub(crate) column: String,
}

/// The names of an answer's columns.
pub(crate) fn column_names(columns: &[SqliteColumn]) -> Vec<String> {
    let names: Vec<_> = columns.iter().map(Column::name).collect();
    backend::distinct_names(&names)
}

impl RowWriter {
    pub(crate) fn for_row(row: &SqliteRow, wanted: RowsWanted, types: &Types) -> Self {
        let names = column_names(row.columns());
        let columns = row.columns().iter().zip(&names).map(|(column, name)| {
            let mut key = BytesMut::with_capacity(name.len() + 3);
            value::write_string(name, &mut key);
            key.put_u8(b':');
            ColumnWriter { key: Box::from(&key[..]), kind: types.kind(column) }
        });
        Self { columns: columns.collect(), wanted }
    }

    /// Append one row in the shape that is wanted.
    pub(crate) fn write(
        &self,
        row: &SqliteRow,
        out: &mut BytesMut,
    ) -> Result<(), UnwritableColumn> {
        match (self.wanted, self.columns.first()) {
            (RowsWanted::Values, Some(column)) => self.write_value(row, 0, column, out),
            _ => self.write_object(row, out),
        }
    }

    fn write_value(
        &self,
        row: &SqliteRow,
        index: usize,
        column: &ColumnWriter,
        out: &mut BytesMut,
    ) -> Result<(), UnwritableColumn> {
        let value = row.try_get_raw(index).map_err(|_| unwritable(row, index))?;
        value::write(value, column.kind, self.wanted, out)
            .map_err(|Unreadable| unwritable(row, index))
    }

    fn write_object(&self, row: &SqliteRow, out: &mut BytesMut) -> Result<(), UnwritableColumn> {
        let mut separator = b'{';
        for (index, column) in self.columns.iter().enumerate() {
            let value = row.try_get_raw(index).map_err(|_| unwritable(row, index))?;
            if value.is_null() && self.wanted == RowsWanted::ObjectsWithoutNulls {
                continue;
            }
            out.put_u8(separator);
            out.extend_from_slice(&column.key);
            separator = b',';
            self.write_value(row, index, column, out)?;
        }
        if separator == b'{' {
            out.put_u8(b'{');
        }
        out.put_u8(b'}');
        Ok(())
    }
}

#[cold]
fn unwritable(row: &SqliteRow, index: usize) -> UnwritableColumn {
    let column = row.columns().get(index);
    UnwritableColumn { column: column.map_or("", |column| column.name()).to_owned() }
}
