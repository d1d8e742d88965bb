//! SQLite's dialect. Values are bound in the storage class their column keeps them in, so no cast
//! stands in a statement.

mod default;
mod pattern;
mod temporal;
mod value;

use super::{
    Param, RenderError, Statement,
    postgres::{self, Dialect, Writer},
};
use crate::plan::{BoundValue, Plan, PlannedOrder};
use crate::request::{CastType, Operator};
use catalog::{Column, Ident};
use value::Form;

pub(super) fn render(plan: &Plan) -> Result<Statement, RenderError> {
    postgres::render_in(&Sqlite, plan)
}

pub(super) fn render_count(plan: &Plan) -> Result<Option<Statement>, RenderError> {
    postgres::render_count_in(&Sqlite, plan)
}

struct Sqlite;

impl Dialect for Sqlite {
    /// SQLite's own default, `SQLITE_MAX_VARIABLE_NUMBER`.
    fn max_params(&self) -> usize {
        32_766
    }

    /// Said, because a temporary table of the same name would come first.
    fn only_schema(&self) -> Option<&'static str> {
        Some("main.")
    }

    /// With its table, because SQLite reads an unknown quoted name that stands alone as a text.
    fn column(&self, sql: &mut Writer, name: &Ident) {
        match sql.cast() {
            None => own(sql, name),
            Some(CastType::TEXT) => {
                sql.syntax("CAST(");
                own(sql, name);
                sql.syntax(" AS TEXT)");
            }
            Some(_) => {
                sql.refuse(RenderError::NotSupported { what: "casts to other types than text" })
            }
        }
    }

    fn embeds(&self) -> bool {
        false
    }

    fn count(&self, sql: &mut Writer, count: i64) {
        sql.bind(Param::Int8(count));
    }

    fn value(&self, sql: &mut Writer, column: &Column, value: &BoundValue) {
        match value::param(column, value) {
            Ok(param) => bound(sql, column, param),
            Err(reason) => sql.refuse(reason),
        }
    }

    /// SQLite has no `DEFAULT` among values, so the default itself stands there.
    fn default_of(&self, sql: &mut Writer, column: &Column) {
        match default::of(column) {
            Ok(default::Default::Words(words)) => {
                sql.syntax(words);
            }
            Ok(default::Default::Value(param)) => {
                sql.bind(param);
            }
            Err(reason) => sql.refuse(reason),
        }
    }

    fn compare(&self, sql: &mut Writer, column: &Column, operator: Operator, value: &BoundValue) {
        if let Err(reason) = comparable(column, operator) {
            return sql.refuse(reason);
        }
        self.column(sql, &column.name);
        match operator {
            Operator::Like => {
                sql.syntax(" GLOB ").bind(pattern::glob(value));
            }
            Operator::Ilike => {
                sql.syntax(" LIKE ").bind(value.clone()).syntax(" ESCAPE '\\'");
            }
            _ if is_untyped(column) && pattern::reads_as_number(value) => {
                sql.syntax(postgres::sign(operator));
                self.number_or_text(sql, column, value);
            }
            _ => {
                sql.syntax(postgres::sign(operator));
                self.value(sql, column, value);
            }
        }
    }

    /// One parameter carries the whole list.
    fn among(&self, sql: &mut Writer, column: &Column, values: &[BoundValue], negated: bool) {
        if let Err(reason) = comparable(column, Operator::In) {
            return sql.refuse(reason);
        }
        let list = match value::list(column, values) {
            Ok(list) => list,
            Err(reason) => return sql.refuse(reason),
        };
        self.column(sql, &column.name);
        sql.syntax(if negated { " NOT IN (SELECT " } else { " IN (SELECT " });
        sql.syntax(match Form::of(column) {
            Form::Plain => "json_each.value",
            Form::Hex => "unhex(json_each.value)",
        });
        sql.syntax(" FROM json_each(").bind(list).syntax("))");
    }

    fn is_unknown(&self) -> &'static str {
        " IS NULL"
    }

    /// As PostgreSQL has it, where null is more than anything; SQLite's own order is the other.
    fn nulls_first(&self, term: &PlannedOrder) -> Option<bool> {
        term.column.nullable.then(|| term.nulls_first.unwrap_or(term.descending))
    }
}

impl Sqlite {
    /// A column without a type holds numbers beside texts, and neither equals the other.
    fn number_or_text(&self, sql: &mut Writer, column: &Column, value: &BoundValue) {
        sql.syntax("CASE typeof(");
        self.column(sql, &column.name);
        sql.syntax(") WHEN 'text' THEN ").bind(value.clone());
        sql.syntax(" ELSE CAST(").again().syntax(" AS NUMERIC) END");
    }
}

fn own(sql: &mut Writer, name: &Ident) {
    if let Some(table) = sql.table().cloned() {
        sql.ident(&table).syntax(".");
    }
    sql.ident(name);
}

fn bound(sql: &mut Writer, column: &Column, param: Param) {
    match Form::of(column) {
        Form::Plain => sql.bind(param),
        Form::Hex => sql.syntax("unhex(").bind(param).syntax(")"),
    };
}

/// What SQLite has no operator for is said before any statement.
fn comparable(column: &Column, operator: Operator) -> Result<(), RenderError> {
    let is_pattern = matches!(operator, Operator::Like | Operator::Ilike);
    let what = match operator {
        Operator::Contains | Operator::Contained => "'contains' and 'contained'",
        _ if is_pattern && column.data_type.base_name() == "bool" => "patterns for booleans",
        _ if is_pattern && column.data_type.base_name() == "bytea" => "patterns for bytes",
        _ if !is_pattern && column.data_type.is_json() => "comparison of JSON documents",
        _ => return Ok(()),
    };
    Err(RenderError::NotSupported { what })
}

fn is_untyped(column: &Column) -> bool {
    column.data_type.base_name() == "any"
}

#[cfg(test)]
mod tests;
