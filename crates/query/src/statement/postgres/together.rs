//! Many rows of one shape by one statement, whose text does not say how many they are.

use super::{RenderError, RowsWanted, Statement, dialect, write, writer::Writer};
use crate::plan::{Access, LoneRow, RowShape, array_text};
use crate::statement::Param;

/// `INSERT INTO "t" ("a") SELECT c1::int4 FROM unnest($1::text::text[]) WITH ORDINALITY AS r (c1, n)
/// ORDER BY n RETURNING …`: rows are written in this order, and so they are answered.
pub(in crate::statement) fn render(
    shape: &RowShape,
    rows: &[LoneRow],
) -> Result<Statement, RenderError> {
    let mut sql = Writer::new(&dialect::Postgres, &shape.table.name);
    sql.syntax("INSERT INTO ").qualified(&shape.table.name).syntax(" (");
    sql.listed(&shape.columns, |sql, column| {
        sql.ident(&column.name);
    });
    sql.syntax(") SELECT ");
    let numbered: Vec<_> = shape.columns.iter().enumerate().collect();
    sql.listed(&numbered, |sql, (at, column)| {
        sql.numbered(at + 1).read_from_text(&column.data_type);
    });
    sql.syntax(" FROM unnest(");
    sql.listed(&numbered, |sql, (at, _)| {
        let values = rows.iter().filter_map(|row| row.0.get(*at));
        sql.bind(Param::Text(array_text(values))).syntax("::text::text[]");
    });
    sql.syntax(") WITH ORDINALITY AS r (");
    sql.listed(&numbered, |sql, (at, _)| {
        sql.numbered(at + 1);
    });
    sql.syntax(", n) ORDER BY n");
    write::returning(&mut sql, &shape.returning, None)?;
    let wanted = if shape.returning.strip_nulls {
        RowsWanted::ObjectsWithoutNulls
    } else {
        RowsWanted::Objects
    };
    sql.finish(Access::ReadWrite, wanted)
}
