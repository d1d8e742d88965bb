//! Conditions against the columns they name.

mod cast;

use super::{BoundValue, PlanError, PlannedFilter, names, value::Binder};
use crate::request::{Condition, Filter, Operator};
use catalog::{Column, SchemaCache, Table, TypeKind};
use serde_json::Value;

/// The tree with its names resolved and its constants folded, so that "every row" is seen as that.
pub(super) fn resolve(
    filter: &Filter,
    table: &Table,
    cache: &SchemaCache,
) -> Result<PlannedFilter, PlanError> {
    let each = |filters: &[Filter]| {
        filters.iter().map(|filter| resolve(filter, table, cache)).collect::<Result<Vec<_>, _>>()
    };
    Ok(match filter {
        Filter::All => PlannedFilter::All,
        Filter::And(filters) => and(each(filters)?),
        Filter::Or(filters) => or(each(filters)?),
        Filter::Not(filter) => not(resolve(filter, table, cache)?),
        Filter::Condition(condition) => {
            let column = names::column(table, &condition.column, &condition.path)?;
            of_condition(condition, column, cache)?
        }
        Filter::Cast(condition, casts) => cast::resolve(condition, *casts, table, cache)?,
    })
}

fn and(filters: Vec<PlannedFilter>) -> PlannedFilter {
    if filters.contains(&PlannedFilter::Never) {
        return PlannedFilter::Never;
    }
    let mut kept: Vec<_> =
        filters.into_iter().filter(|filter| *filter != PlannedFilter::All).collect();
    match kept.len() {
        0 => PlannedFilter::All,
        1 => kept.remove(0),
        _ => PlannedFilter::And(kept),
    }
}

/// No alternatives hold for no row.
fn or(filters: Vec<PlannedFilter>) -> PlannedFilter {
    if filters.contains(&PlannedFilter::All) {
        return PlannedFilter::All;
    }
    let mut kept: Vec<_> =
        filters.into_iter().filter(|filter| *filter != PlannedFilter::Never).collect();
    match kept.len() {
        0 => PlannedFilter::Never,
        1 => kept.remove(0),
        _ => PlannedFilter::Or(kept),
    }
}

fn not(filter: PlannedFilter) -> PlannedFilter {
    match filter {
        PlannedFilter::All => PlannedFilter::Never,
        PlannedFilter::Never => PlannedFilter::All,
        other => PlannedFilter::Not(Box::new(other)),
    }
}

fn of_condition(
    condition: &Condition,
    column: &Column,
    cache: &SchemaCache,
) -> Result<PlannedFilter, PlanError> {
    let term = Term { binder: Binder { column, cache, path: &condition.path } };
    let value = &condition.value;
    match condition.operator {
        Operator::Eq => term.equal(value),
        Operator::Neq if value.is_null() => Ok(term.is_null(true)),
        Operator::Neq => term.compare(Operator::Neq, value),
        operator @ (Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte) => {
            if value.is_null() {
                return Err(term.unfit("null is neither more nor less than anything"));
            }
            term.compare(operator, value)
        }
        operator @ (Operator::Like | Operator::Ilike) => term.like(operator, value),
        Operator::In => term.among(value, false),
        Operator::NotIn => term.among(value, true),
        Operator::Is => term.is(value),
        Operator::IsNull => Ok(term.is_null(false)),
        Operator::NotNull => Ok(term.is_null(true)),
        operator @ (Operator::Contains | Operator::Contained) => term.containment(operator, value),
    }
}

/// A condition whose column is known.
struct Term<'a> {
    binder: Binder<'a>,
}

impl Term<'_> {
    fn column(&self) -> Column {
        self.binder.column.clone()
    }

    /// An array for a column that holds none asks for any of its values.
    fn equal(&self, value: &Value) -> Result<PlannedFilter, PlanError> {
        let data_type = &self.binder.column.data_type;
        match value {
            Value::Null => Ok(self.is_null(false)),
            Value::Array(_) if !data_type.is_array() && !data_type.is_json() => {
                self.among(value, false)
            }
            _ => self.compare(Operator::Eq, value),
        }
    }

    fn compare(&self, operator: Operator, value: &Value) -> Result<PlannedFilter, PlanError> {
        let value = self.binder.bind(value)?;
        Ok(PlannedFilter::Compare { column: self.column(), operator, value })
    }

    /// Patterns are text, whatever the column is; its values are compared as text.
    fn like(&self, operator: Operator, value: &Value) -> Result<PlannedFilter, PlanError> {
        let Value::String(pattern) = value else {
            return Err(self.unfit("a pattern is a string"));
        };
        if pattern.contains('\0') {
            let column = self.binder.column.name.as_str().to_owned();
            return Err(PlanError::NulInText { column, path: self.binder.path.to_owned() });
        }
        let value = BoundValue::Text(pattern.clone());
        Ok(PlannedFilter::Compare { column: self.column(), operator, value })
    }

    fn among(&self, value: &Value, negated: bool) -> Result<PlannedFilter, PlanError> {
        let Value::Array(items) = value else {
            return Err(self.unfit("an array of values is expected"));
        };
        let given = items.iter().filter(|item| !item.is_null());
        let values = given.map(|item| self.binder.bind(item)).collect::<Result<Vec<_>, _>>()?;
        let has_null = items.iter().any(Value::is_null);
        let among = match values.is_empty() {
            true if negated => PlannedFilter::All,
            true => PlannedFilter::Never,
            false => self.listed(values, negated),
        };
        // As with `eq`: null in the list means the rows without a value.
        Ok(match (has_null, negated) {
            (false, _) => among,
            (true, false) => or(vec![among, self.is_null(false)]),
            (true, true) => and(vec![among, self.is_null(true)]),
        })
    }

    /// A list of arrays is no array of arrays, so each is compared for itself.
    fn listed(&self, values: Vec<BoundValue>, negated: bool) -> PlannedFilter {
        if !self.binder.column.data_type.is_array() {
            return PlannedFilter::Among { column: self.column(), values, negated };
        }
        let operator = if negated { Operator::Neq } else { Operator::Eq };
        let compare = |value| PlannedFilter::Compare { column: self.column(), operator, value };
        let each = values.into_iter().map(compare).collect();
        if negated { and(each) } else { or(each) }
    }

    fn is(&self, value: &Value) -> Result<PlannedFilter, PlanError> {
        let word = match value {
            Value::Null => return Ok(self.is_null(false)),
            Value::Bool(true) => "true".to_owned(),
            Value::Bool(false) => "false".to_owned(),
            Value::String(word) => word.trim().to_ascii_lowercase(),
            Value::Number(_) | Value::Array(_) | Value::Object(_) => String::new(),
        };
        let value = match word.as_str() {
            "null" => return Ok(self.is_null(false)),
            "not null" | "not_null" => return Ok(self.is_null(true)),
            "true" => Some(true),
            "false" => Some(false),
            "unknown" => None,
            _ => return Err(self.unfit("'is' takes null, true, false or unknown")),
        };
        if self.binder.column.data_type.base_name() != "bool" {
            return Err(self.unfit("only a boolean is true, false or unknown"));
        }
        Ok(PlannedFilter::IsBool { column: self.column(), value })
    }

    fn containment(&self, operator: Operator, value: &Value) -> Result<PlannedFilter, PlanError> {
        let data_type = self.binder.column.data_type.underlying();
        let fits = data_type.is_array()
            || data_type.is_json()
            || matches!(data_type.kind, TypeKind::Range);
        if !fits {
            return Err(self.unfit("only arrays, ranges and JSON contain something"));
        }
        if value.is_null() {
            return Err(self.unfit("null is contained in nothing"));
        }
        self.compare(operator, value)
    }

    fn is_null(&self, negated: bool) -> PlannedFilter {
        PlannedFilter::IsNull { column: self.column(), negated }
    }

    fn unfit(&self, expected: &'static str) -> PlanError {
        let column = self.binder.column.name.as_str().to_owned();
        PlanError::UnfitOperator { column, path: self.binder.path.to_owned(), expected }
    }
}

#[cfg(test)]
mod tests;
