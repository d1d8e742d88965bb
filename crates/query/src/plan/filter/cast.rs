//! Conditions that compare as another type than the column's.

use super::of_condition;
use crate::plan::{BoundValue, PlanError, PlannedFilter, names, value::Binder};
use crate::request::{CastType, Casts, Condition, Operator};
use catalog::{Column, SchemaCache, Table, TypeKind};
use serde_json::Value;

/// The value is read as `casts.value`, then compared as `casts.column`, or as the column's own type.
pub(super) fn resolve(
    condition: &Condition,
    casts: Casts,
    table: &Table,
    cache: &SchemaCache,
) -> Result<PlannedFilter, PlanError> {
    let column = names::column(table, &condition.column, &condition.path)?;
    let mut condition = condition.clone();
    if let Some(cast) = casts.value {
        condition.value = read_as(cast, &condition, column, cache)?;
    }
    let Some(to) = casts.column.filter(|to| is_needed(*to, casts, column, &condition)) else {
        return of_condition(&condition, column, cache);
    };
    let seen = Column { data_type: to.data_type(), ..column.clone() };
    Ok(match of_condition(&condition, &seen, cache)? {
        // "Every row" must stay visible, or a change to all of them would not be noticed.
        constant @ (PlannedFilter::All | PlannedFilter::Never) => constant,
        filter => PlannedFilter::Cast { to, filter: Box::new(filter) },
    })
}

/// A cast to what the column is anyway would only keep an index from being used.
fn is_needed(to: CastType, casts: Casts, column: &Column, condition: &Condition) -> bool {
    let data_type = column.data_type.underlying();
    let is_plain = matches!(data_type.kind, TypeKind::Base(_) | TypeKind::Enum(_));
    if casts.is_automatic && (!is_plain || data_type.is_json()) {
        return false;
    }
    let base = data_type.base_name();
    if base == to.name() {
        return false;
    }
    match base {
        "text" | "varchar" | "citext" => !matches!(to.name(), "text" | "varchar"),
        "uuid" if to == CastType::TEXT => !is_uuid_test(condition),
        _ => true,
    }
}

/// Compares for equality with UUIDs alone, in any of their written forms.
fn is_uuid_test(condition: &Condition) -> bool {
    let is_uuid = |value: &Value| {
        value.is_null()
            || value.as_str().is_some_and(|text| uuid::Uuid::parse_str(text.trim()).is_ok())
    };
    match (condition.operator, &condition.value) {
        (Operator::In | Operator::NotIn | Operator::Eq, Value::Array(items)) => {
            items.iter().all(is_uuid)
        }
        (Operator::Eq | Operator::Neq, value) => is_uuid(value),
        _ => false,
    }
}

/// The value in the form its type writes it in.
fn read_as(
    cast: CastType,
    condition: &Condition,
    column: &Column,
    cache: &SchemaCache,
) -> Result<Value, PlanError> {
    let seen = Column { data_type: cast.data_type(), ..column.clone() };
    let binder = Binder { column: &seen, cache, path: &condition.path };
    let read = |value: &Value| binder.bind(value).map(spoken);
    match &condition.value {
        Value::Array(items) => {
            items.iter().map(read).collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        value => read(value),
    }
}

fn spoken(value: BoundValue) -> Value {
    match value {
        BoundValue::Null => Value::Null,
        BoundValue::Bool(value) => value.into(),
        BoundValue::Int2(value) => value.into(),
        BoundValue::Int4(value) => value.into(),
        BoundValue::Int8(value) => value.into(),
        BoundValue::Float8(value) => value.to_string().into(),
        BoundValue::Uuid(value) => value.to_string().into(),
        BoundValue::Text(value) => value.into(),
    }
}
