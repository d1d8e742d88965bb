//! Values bound in SQLite's storage classes.

use query::Param;
use serde_json::Value;
use sqlx::{Arguments, Error, sqlite::SqliteArguments};

pub(crate) fn arguments(params: &[Param]) -> Result<SqliteArguments, Error> {
    let mut arguments = SqliteArguments::default();
    for param in params {
        let added = match param {
            Param::Null => Arguments::add(&mut arguments, None::<i64>),
            Param::Bool(value) => Arguments::add(&mut arguments, *value),
            Param::Int2(value) => Arguments::add(&mut arguments, *value),
            Param::Int4(value) => Arguments::add(&mut arguments, *value),
            Param::Int8(value) => Arguments::add(&mut arguments, *value),
            Param::Float8(value) => Arguments::add(&mut arguments, *value),
            Param::Uuid(value) => Arguments::add(&mut arguments, value.to_string()),
            Param::Text(value) => Arguments::add(&mut arguments, value.clone()),
        };
        added.map_err(Error::Encode)?;
    }
    Ok(arguments)
}

/// Values a caller gave for SQL of their own: numbers as numbers, anything nested as JSON text.
pub(crate) fn given(params: &[Value]) -> Result<SqliteArguments, Error> {
    let param = |value: &Value| match (value, value.as_i64(), value.as_f64()) {
        (Value::Null, ..) => Param::Null,
        (Value::Bool(value), ..) => Param::Int8(i64::from(*value)),
        (Value::Number(_), Some(number), _) => Param::Int8(number),
        (Value::Number(_), None, Some(number)) if number.is_finite() => Param::Float8(number),
        (Value::String(text), ..) => Param::Text(text.clone()),
        (Value::Number(_) | Value::Array(_) | Value::Object(_), ..) => {
            Param::Text(value.to_string())
        }
    };
    arguments(&params.iter().map(param).collect::<Vec<_>>())
}
