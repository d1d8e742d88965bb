//! What dialects of SQL say differently, and how PostgreSQL says it.

use super::{filter, writer::Writer};
use crate::plan::{BoundValue, OutputColumn, PlannedOrder};
use crate::request::Operator;
use crate::statement::Param;
use catalog::{Column, Ident};

pub(in crate::statement) trait Dialect {
    /// The most parameters one statement can have.
    fn max_params(&self) -> usize;

    /// What stands before every table's name, where there is but one schema.
    fn only_schema(&self) -> Option<&'static str> {
        None
    }

    /// A column whose value is read.
    fn column(&self, sql: &mut Writer, name: &Ident);

    /// Whether the database makes JSON of an answered column itself.
    fn answers_as_json(&self, _output: &OutputColumn) -> bool {
        false
    }

    /// Whether rows of related tables can stand in a row, and tables have names of their own.
    fn embeds(&self) -> bool;

    /// A number of rows.
    fn count(&self, sql: &mut Writer, count: i64);

    /// A value that is written to a column.
    fn value(&self, sql: &mut Writer, column: &Column, value: &BoundValue);

    /// A column's default, where other rows give a value.
    fn default_of(&self, sql: &mut Writer, column: &Column);

    /// A column beside one value.
    fn compare(&self, sql: &mut Writer, column: &Column, operator: Operator, value: &BoundValue);

    /// A column beside a list of values, in a text that is the same for every length.
    fn among(&self, sql: &mut Writer, column: &Column, values: &[BoundValue], negated: bool);

    /// Of a boolean that is neither true nor false.
    fn is_unknown(&self) -> &'static str;

    /// Whether nulls come first, where it has to be said.
    fn nulls_first(&self, term: &PlannedOrder) -> Option<bool>;
}

/// Every value is a parameter with a cast to its column's type.
pub(super) struct Postgres;

impl Dialect for Postgres {
    /// What the wire protocol can number.
    fn max_params(&self) -> usize {
        65_535
    }

    fn column(&self, sql: &mut Writer, name: &Ident) {
        sql.column_of(sql.current_source(), name);
    }

    fn answers_as_json(&self, output: &OutputColumn) -> bool {
        !output.is_written_here
    }

    fn embeds(&self) -> bool {
        true
    }

    fn count(&self, sql: &mut Writer, count: i64) {
        sql.bind(Param::Int8(count)).syntax("::int8");
    }

    fn value(&self, sql: &mut Writer, column: &Column, value: &BoundValue) {
        sql.value(&column.data_type, value);
    }

    fn default_of(&self, sql: &mut Writer, _column: &Column) {
        sql.syntax("DEFAULT");
    }

    fn compare(&self, sql: &mut Writer, column: &Column, operator: Operator, value: &BoundValue) {
        filter::compare(sql, column, operator, value);
    }

    fn among(&self, sql: &mut Writer, column: &Column, values: &[BoundValue], negated: bool) {
        filter::among(sql, column, values, negated);
    }

    fn is_unknown(&self) -> &'static str {
        " IS UNKNOWN"
    }

    fn nulls_first(&self, term: &PlannedOrder) -> Option<bool> {
        term.nulls_first
    }
}
