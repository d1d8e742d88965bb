//! Conditions as text. Groups stand in parentheses, always.

use super::writer::Writer;
use crate::plan::{BoundValue, PlannedFilter, array_text};
use crate::request::Operator;
use catalog::{Column, DataType, TypeKind};

pub(super) fn render(sql: &mut Writer, filter: &PlannedFilter) {
    match filter {
        PlannedFilter::All => {
            sql.syntax("TRUE");
        }
        PlannedFilter::Never => {
            sql.syntax("FALSE");
        }
        PlannedFilter::And(filters) => group(sql, filters, " AND ", "TRUE"),
        PlannedFilter::Or(filters) => group(sql, filters, " OR ", "FALSE"),
        PlannedFilter::Not(filter) => {
            sql.syntax("NOT (");
            render(sql, filter);
            sql.syntax(")");
        }
        PlannedFilter::Compare { column, operator, value } => {
            sql.dialect().compare(sql, column, *operator, value);
        }
        PlannedFilter::IsNull { column, negated } => {
            let words = if *negated { " IS NOT NULL" } else { " IS NULL" };
            sql.column(&column.name).syntax(words);
        }
        PlannedFilter::IsBool { column, value } => {
            let unknown = sql.dialect().is_unknown();
            sql.column(&column.name).syntax(match value {
                Some(true) => " IS TRUE",
                Some(false) => " IS FALSE",
                None => unknown,
            });
        }
        PlannedFilter::Among { column, values, negated } => {
            sql.dialect().among(sql, column, values, *negated);
        }
        PlannedFilter::Cast { to, filter } => sql.seen_as(*to, |sql| render(sql, filter)),
    }
}

fn group(sql: &mut Writer, filters: &[PlannedFilter], word: &'static str, none: &'static str) {
    if filters.is_empty() {
        sql.syntax(none);
        return;
    }
    sql.syntax("(");
    for (at, filter) in filters.iter().enumerate() {
        if at > 0 {
            sql.syntax(word);
        }
        render(sql, filter);
    }
    sql.syntax(")");
}

pub(super) fn compare(sql: &mut Writer, column: &Column, operator: Operator, value: &BoundValue) {
    if let Operator::Like | Operator::Ilike = operator {
        sql.column(&column.name);
        if !is_text(&column.data_type) {
            sql.syntax("::text");
        }
        sql.syntax(sign(operator)).bind(value.clone()).syntax("::text");
        return;
    }
    let data_type = comparable(sql, column);
    sql.syntax(sign(operator)).value(&data_type, value);
}

/// One parameter carries the whole list, so the text is the same for every length.
pub(super) fn among(sql: &mut Writer, column: &Column, values: &[BoundValue], negated: bool) {
    let data_type = comparable(sql, column);
    sql.syntax(if negated { " <> ALL(" } else { " = ANY(" });
    sql.array(&data_type, array_text(values)).syntax(")");
}

/// The column as something that has an `=`: plain `json` has none, `jsonb` has.
fn comparable(sql: &mut Writer, column: &Column) -> DataType {
    sql.column(&column.name);
    if column.data_type.base_name() != "json" {
        return column.data_type.clone();
    }
    sql.syntax("::jsonb");
    let kind = TypeKind::Base("jsonb".to_owned());
    DataType { oid: 3802, sql: "jsonb".to_owned(), kind }
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type.base_name(), "text" | "varchar" | "bpchar" | "citext" | "name")
}

pub(in crate::statement) fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Neq => " <> ",
        Operator::Gt => " > ",
        Operator::Gte => " >= ",
        Operator::Lt => " < ",
        Operator::Lte => " <= ",
        Operator::Like => " LIKE ",
        Operator::Ilike => " ILIKE ",
        Operator::Contains => " @> ",
        Operator::Contained => " <@ ",
        Operator::Eq
        | Operator::In
        | Operator::NotIn
        | Operator::Is
        | Operator::IsNull
        | Operator::NotNull => " = ",
    }
}
