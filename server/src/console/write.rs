//! What a person changes: a new row, one cell, a row gone.

use super::{Desk, filter, labels, list, rows};
use api_types::console::{
    Cell, ColumnSpec, DataType, FieldInput, FieldType, FieldValue, ResourceSpec, Row,
};
use api_types::{FieldProblem, Problem, RecordKey};
use query::request::{
    ApiRequest, DeleteRequest, DeleteTarget, InsertRequest, Representation, UpdateRequest,
};
use resources::Resource;
use serde_json::{Map, Value};

/// Insert one row; every field that can be refused without the database is refused at once.
pub async fn create(
    desk: &Desk,
    resource: &Resource,
    fields: Vec<FieldInput>,
) -> Result<Option<RecordKey>, Problem> {
    let spec = &resource.spec;
    if !spec.can_create {
        return Err(refused(spec, "rows cannot be added here"));
    }
    let row = checked_row(resource, &fields)?;
    desk.check_fields(&spec.client, spec, &row)?;
    let request = ApiRequest::Insert(InsertRequest {
        relation: list::relation(spec),
        rows: vec![row],
        on_conflict: None,
        representation: Representation::default(),
    });
    let answer = desk
        .run(&spec.client, request)
        .await
        .map_err(|problem| at_field(desk, resource, problem))?;
    let decoded = rows::decode(&answer.rows).map_err(|error| super::unreadable(&error))?;
    Ok(decoded.first().and_then(|row| list::key_of(spec, row)))
}

/// Set one column of one row and read back what the database made of it.
pub async fn update_cell(
    desk: &Desk,
    resource: &Resource,
    key: &RecordKey,
    column: &str,
    value: FieldValue,
) -> Result<Cell, Problem> {
    let spec = &resource.spec;
    let known = editable(resource, column)?;
    let value = match value {
        FieldValue::Default => {
            default_value(known).map_err(|message| field_problem(column, message))?
        }
        FieldValue::Null if !known.nullable => {
            return Err(field_problem(column, "this field cannot be empty"));
        }
        FieldValue::Null => Value::Null,
        FieldValue::Text(text) => {
            to_value(known, text).map_err(|message| field_problem(column, message))?
        }
    };
    let set: Map<String, Value> = [(column.to_owned(), value)].into_iter().collect();
    let request = ApiRequest::Update(UpdateRequest {
        relation: list::relation(spec),
        set,
        filter: filter::of_key(spec, key).ok_or_else(|| super::no_such_record(spec, key))?,
        representation: Representation::default(),
    });
    let answer = desk
        .run(&spec.client, request)
        .await
        .map_err(|problem| at_field(desk, resource, problem))?;
    let decoded = rows::decode(&answer.rows).map_err(|error| super::unreadable(&error))?;
    let row = decoded.first().ok_or_else(|| super::no_such_record(spec, key))?;
    let columns = [column.to_owned()];
    let mut page = [Row { key: None, cells: vec![row.cell(column)] }];
    labels::fill(desk, resource, &columns, &mut page).await;
    let [Row { mut cells, .. }] = page;
    Ok(cells.pop().unwrap_or_default())
}

pub async fn delete(desk: &Desk, resource: &Resource, key: &RecordKey) -> Result<(), Problem> {
    let spec = &resource.spec;
    if let Some(reason) = &spec.read_only {
        return Err(refused(spec, reason));
    }
    let filter = filter::of_key(spec, key).ok_or_else(|| super::no_such_record(spec, key))?;
    let request = ApiRequest::Delete(DeleteRequest {
        relation: list::relation(spec),
        target: DeleteTarget::Filter(filter),
        representation: Representation::default(),
    });
    let answer = desk.run(&spec.client, request).await?;
    if answer.outcome.affected == 0 {
        return Err(super::no_such_record(spec, key));
    }
    Ok(())
}

fn editable<'a>(resource: &'a Resource, column: &str) -> Result<&'a ColumnSpec, Problem> {
    let spec = &resource.spec;
    if let Some(reason) = &spec.read_only {
        return Err(refused(spec, reason));
    }
    let found = spec.columns.iter().find(|known| known.name == column);
    let known = found.ok_or_else(|| super::unknown_column(spec, column))?;
    match &known.read_only {
        Some(reason) => Err(field_problem(column, reason.clone())),
        None if known.is_key => Err(field_problem(column, "the key of a record cannot be changed")),
        None if !resource.editable.contains(&known.name) => {
            Err(field_problem(column, "this field cannot be changed here"))
        }
        None => Ok(known),
    }
}

/// What is sent along where the form leaves a column out.
fn defaults(resource: &Resource) -> Map<String, Value> {
    let known = |name: &str| resource.spec.columns.iter().find(|column| column.name == name);
    let value = |(name, text): (&String, &String)| {
        // A configured text that is no JSON for a JSON column is left to the database to refuse.
        let value = to_value(known(name)?, text.clone()).unwrap_or_else(|_| text.as_str().into());
        Some((name.clone(), value))
    };
    resource.create_defaults.iter().filter_map(value).collect()
}

/// The column's default, when it is a value and no expression: only the database can work out those.
fn default_value(column: &ColumnSpec) -> Result<Value, String> {
    let Some(default) = column.default.as_deref() else {
        return if column.nullable {
            Ok(Value::Null)
        } else {
            Err("this field has no default".to_owned())
        };
    };
    match literal(default) {
        Some(text) => to_value(column, text),
        None => Err("its default is worked out by the database when a row is made".to_owned()),
    }
}

/// `'draft'::invoice_status`, `0`, `-1.50`, `true`: the text inside.
fn literal(default: &str) -> Option<String> {
    let default = default.trim();
    if let Some(quoted) = default.strip_prefix('\'') {
        let end = quoted.replace("''", "\u{0}\u{0}").find('\'')?;
        let rest = &quoted[end + 1..];
        let in_a_cast = |c: char| c.is_alphanumeric() || " _.\":[](),".contains(c);
        let is_cast = rest.is_empty() || (rest.starts_with("::") && rest.chars().all(in_a_cast));
        return is_cast.then(|| quoted[..end].replace("''", "'"));
    }
    let is_number = default.parse::<f64>().is_ok_and(f64::is_finite);
    (is_number || matches!(default, "true" | "false")).then(|| default.to_owned())
}

/// The fields as a row, or every problem that can be seen without the database.
fn checked_row(resource: &Resource, fields: &[FieldInput]) -> Result<Map<String, Value>, Problem> {
    let spec = &resource.spec;
    let mut row = defaults(resource);
    let mut problems = Vec::new();
    let mut refuse = |field: &str, message: String| {
        problems.push(FieldProblem { field: field.to_owned(), message });
    };
    for field in fields {
        let Some(column) = spec.columns.iter().find(|known| known.name == field.column) else {
            refuse(&field.column, "there is no such field".to_owned());
            continue;
        };
        if !resource.create_fields.contains(&column.name) {
            refuse(&column.name, "this field cannot be filled in here".to_owned());
            continue;
        }
        match &field.value {
            FieldValue::Default => {}
            FieldValue::Null if !column.nullable => {
                refuse(&column.name, "this field cannot be empty".to_owned());
            }
            FieldValue::Null => {
                row.insert(column.name.clone(), Value::Null);
            }
            FieldValue::Text(text) => match to_value(column, text.clone()) {
                Ok(value) => {
                    row.insert(column.name.clone(), value);
                }
                Err(message) => refuse(&column.name, message),
            },
        }
    }
    for column in spec.columns.iter().filter(|column| column.required) {
        let given = fields.iter().any(|field| {
            field.column == column.name && !matches!(field.value, FieldValue::Default)
        });
        if !given && !row.contains_key(&column.name) {
            refuse(&column.name, "this field is required".to_owned());
        }
    }
    if problems.is_empty() { Ok(row) } else { Err(invalid(problems)) }
}

/// Typed text as the JSON value the engine checks against the column's type.
fn to_value(column: &ColumnSpec, text: String) -> Result<Value, String> {
    let array = column.sql_type.ends_with(']');
    match (column.field_type, column.data_type) {
        (FieldType::List, _) | (_, DataType::Json) if array => Ok(list_value(&text)),
        (FieldType::Json, _) | (_, DataType::Json) => {
            serde_json::from_str(&text).map_err(|error| {
                format!("this is not JSON: line {}, column {}", error.line(), error.column())
            })
        }
        _ => Ok(Value::String(text)),
    }
}

/// A JSON array as it stands, otherwise a comma list.
fn list_value(text: &str) -> Value {
    match serde_json::from_str::<Value>(text) {
        Ok(value @ Value::Array(_)) => value,
        Ok(_) | Err(_) => text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(Value::from)
            .collect::<Vec<_>>()
            .into(),
    }
}

/// A refusal of the database, moved to the field it is about.
fn at_field(desk: &Desk, resource: &Resource, mut problem: Problem) -> Problem {
    let detail = |key: &str| problem.details.get(key).and_then(Value::as_str).map(str::to_owned);
    let columns = match (detail("column"), detail("constraint")) {
        (Some(column), _) => vec![column],
        (None, Some(constraint)) => desk.columns_of_constraint(resource, &constraint),
        (None, None) => Vec::new(),
    };
    for column in columns {
        let known = problem.fields.iter().any(|field| field.field == column);
        if !known && resource.spec.columns.iter().any(|spec| spec.name == column) {
            let message = problem.message.clone();
            problem.fields.push(FieldProblem { field: column, message });
        }
    }
    problem
}

pub fn invalid(fields: Vec<FieldProblem>) -> Problem {
    let count = fields.len();
    let message = match fields.as_slice() {
        [only] => format!("{}: {}. Nothing was written.", only.field, only.message),
        _ => format!("{count} fields have to be fixed. Nothing was written."),
    };
    Problem { fields, ..Problem::new(422, "invalid_fields", message) }
}

fn field_problem(column: &str, message: impl Into<String>) -> Problem {
    invalid(vec![FieldProblem { field: column.to_owned(), message: message.into() }])
}

fn refused(spec: &ResourceSpec, reason: &str) -> Problem {
    Problem::new(
        403,
        "read_only",
        format!("{} is read-only: {reason}. Nothing was written.", spec.label),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_default_that_is_a_value_is_one() {
        for (default, value) in [
            ("0", Some("0")),
            ("-1.50", Some("-1.50")),
            ("true", Some("true")),
            ("'draft'::invoice_status", Some("draft")),
            ("'it''s'::text", Some("it's")),
            ("''::text", Some("")),
            ("'x'::character varying(3)", Some("x")),
            ("'EUR'", Some("EUR")),
            ("now()", None),
            ("nextval('a_seq'::regclass)", None),
            ("CURRENT_DATE", None),
            ("'a' || 'b'", None),
            ("'a'::text || f(1)", None),
            ("('now'::text)::date", None),
        ] {
            assert_eq!(literal(default).as_deref(), value, "{default}");
        }
    }
}
