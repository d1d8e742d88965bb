//! The bodies of the four operations, in every spelling that clients send.

mod delete;
mod fetch;
mod insert;
mod payload;
mod update;

use super::{
    ApiRequest, Filter, Operation, ParseOptions, Profile, RelationName, Representation, Selection,
    Shape, condition::Conditions, error::RequestError, fields::Fields, grouping, relation, select,
};
use serde_json::Value;

const TABLE: &[&str] = &["table_name", "table", "view_name"];
const SCHEMA: &[&str] = &["schema", "schema_name", "table_schema"];
const COLUMNS: &[&str] = &["columns", "select"];
const CONDITIONS: &[&str] = &["conditions"];
const WHERE: &[&str] = &["where", "where_clause", "where_filters"];
const STRIP_NULLS: &[&str] = &["strip_nulls", "stripNulls"];
const COUNT: &[&str] = &["count"];
const HEAD: &[&str] = &["head"];
const UPDATE_BODY: &[&str] = &["update_body"];
const GROUPING: &[&str] = grouping::FIELDS;

pub(super) fn parse(
    operation: Operation,
    body: &[u8],
    options: &ParseOptions,
) -> Result<ApiRequest, RequestError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(match operation {
            Operation::Update => {
                const TEXT: &str = "request body is required for /gateway/update";
                RequestError::MissingField { field: TABLE[0], text: TEXT }
            }
            Operation::Fetch | Operation::Insert | Operation::Delete => missing_table(operation),
        });
    }
    let fields = Fields::of_body(body)?;
    match operation {
        Operation::Fetch => fetch::parse(fields, options).map(ApiRequest::Read),
        Operation::Insert => insert::parse(fields, options).map(ApiRequest::Insert),
        Operation::Update => update::parse(fields, options).map(ApiRequest::Update),
        Operation::Delete => delete::parse(fields, options).map(ApiRequest::Delete),
    }
}

fn relation_of(fields: &mut Fields, operation: Operation) -> Result<RelationName, RequestError> {
    let schema = fields.take_text(SCHEMA)?.filter(|schema| !schema.is_empty());
    match fields.take_text(TABLE)?.filter(|name| !name.trim().is_empty()) {
        Some(name) => relation::parse(&name, schema),
        None => Err(missing_table(operation)),
    }
}

fn missing_table(operation: Operation) -> RequestError {
    let text = match operation {
        Operation::Insert => "table_name is required in the request body",
        Operation::Fetch | Operation::Update | Operation::Delete => "table_name is required",
    };
    RequestError::MissingField { field: TABLE[0], text }
}

fn filter(fields: &mut Fields, conditions: &mut Conditions<'_>) -> Result<Filter, RequestError> {
    let (list, object) = (fields.take(CONDITIONS)?, fields.take(WHERE)?);
    conditions.all(list, object)
}

fn selection(
    fields: &mut Fields,
    options: &ParseOptions,
    conditions: &mut Conditions<'_>,
) -> Result<Selection, RequestError> {
    let field = if fields.has(&[COLUMNS[0]]) { COLUMNS[0] } else { COLUMNS[1] };
    select::parse(fields.take(COLUMNS)?, field, options, conditions)
}

/// Names of columns alone, as an array or a comma list.
fn names(value: Value) -> Option<Vec<String>> {
    let names: Vec<String> = match value {
        Value::String(text) => text.split(',').map(|name| name.trim().to_owned()).collect(),
        Value::Array(items) => {
            let name = |item| if let Value::String(name) = item { Some(name) } else { None };
            items.into_iter().map(name).collect::<Option<_>>()?
        }
        _ => return None,
    };
    let are_names = !names.is_empty() && !names.iter().any(|name| name.is_empty() || name == "*");
    are_names.then_some(names)
}

/// Every mode of counting is answered exactly.
fn wants_count(fields: &mut Fields) -> Result<bool, RequestError> {
    match fields.take(COUNT)? {
        None => Ok(false),
        Some(Value::Bool(wanted)) => Ok(wanted),
        Some(Value::String(mode)) => match mode.as_str() {
            "exact" | "planned" | "estimated" => Ok(true),
            "none" => Ok(false),
            _ => Err(fields.invalid(COUNT[0], "'exact', 'planned' or 'estimated'")),
        },
        Some(_) => Err(fields.invalid(COUNT[0], "'exact', 'planned' or 'estimated'")),
    }
}

/// Changes always say how many rows they touched, so a wish for a count is met already.
fn representation(
    fields: &mut Fields,
    options: &ParseOptions,
    conditions: &mut Conditions<'_>,
) -> Result<Representation, RequestError> {
    wants_count(fields)?;
    let columns = selection(fields, options, conditions)?;
    // It would leave out rows that were written.
    if let Some(inner) = columns.embeds.iter().find(|embed| embed.is_inner) {
        return Err(RequestError::NotSupported { field: inner.path.clone() });
    }
    Ok(Representation {
        columns,
        strip_nulls: fields.take_choice(STRIP_NULLS)?,
        shape: Shape::Rows,
        head: fields.take_bool(HEAD)?,
        grouping: None,
        profile: Profile::Envelope,
    })
}

#[cfg(test)]
mod tests;
