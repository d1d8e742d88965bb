//! What a person changes: a new row, one cell, a row gone.

use super::{
    Desk, filter, labels, list, rows,
    value::{default_value, to_value},
};
use api_types::console::{Cell, ColumnSpec, FieldInput, FieldValue, ResourceSpec, Row};
use api_types::{FieldProblem, Problem, RecordKey};
use auth::Verb;
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
    desk.check(Verb::Create, spec)?;
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
    desk.check(Verb::Update, spec)?;
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
        bounds: None,
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
    desk.check(Verb::Delete, spec)?;
    if let Some(reason) = &spec.read_only {
        return Err(refused(spec, reason));
    }
    let filter = filter::of_key(spec, key).ok_or_else(|| super::no_such_record(spec, key))?;
    let request = ApiRequest::Delete(DeleteRequest {
        relation: list::relation(spec),
        target: DeleteTarget::Filter(filter),
        bounds: None,
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

/// The fields as a row, or every problem that can be seen without the database.
fn checked_row(resource: &Resource, fields: &[FieldInput]) -> Result<Map<String, Value>, Problem> {
    let spec = &resource.spec;
    let mut row = defaults(resource);
    let mut problems: Vec<FieldProblem> = Vec::new();
    let mut refuse = |field: &str, message: String| {
        // The first thing that is wrong with a field is the one to put right.
        if !problems.iter().any(|known| known.field == field) {
            problems.push(FieldProblem { field: field.to_owned(), message });
        }
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
            // A field nobody typed into; what a form must have is more than nothing.
            FieldValue::Text(text) if text.is_empty() && column.required => {}
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
        if !row.contains_key(&column.name) {
            refuse(&column.name, "this field is required".to_owned());
        }
    }
    if problems.is_empty() { Ok(row) } else { Err(invalid(problems)) }
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
