//! The bodies of the four operations, in every spelling that clients send.

mod payload;

use super::{
    ApiRequest, DeleteRequest, DeleteTarget, Filter, InsertRequest, Operation, ParseOptions,
    ReadRequest, RelationName, Representation, Shape, UpdateRequest, Window, condition::Conditions,
    error::RequestError, fields::Fields, order, relation,
};
use payload::{default_to_null, on_conflict, payload, rows};
use serde_json::Value;

const TABLE: &[&str] = &["table_name", "table", "view_name"];
const SCHEMA: &[&str] = &["schema", "schema_name", "table_schema"];
const COLUMNS: &[&str] = &["columns", "select"];
const CONDITIONS: &[&str] = &["conditions"];
const WHERE: &[&str] = &["where", "where_clause", "where_filters"];
const ORDER: &[&str] = &["sort_by", "sortBy", "order_by", "orderBy"];
const LIMIT: &[&str] = &["limit"];
const OFFSET: &[&str] = &["offset"];
const PAGE: &[&str] = &["current_page", "currentPage"];
const PAGE_SIZE: &[&str] = &["page_size", "pageSize"];
const STRIP_NULLS: &[&str] = &["strip_nulls", "stripNulls"];
const COUNT: &[&str] = &["count"];
const HEAD: &[&str] = &["head"];
const ROWS: &[&str] = &["insert_body", "data"];
const UPDATE_BODY: &[&str] = &["update_body"];
const ON_CONFLICT: &[&str] = &["on_conflict"];
const DEFAULT_TO_NULL: &[&str] = &["default_to_null"];
const RESOURCE_ID: &[&str] = &["resource_id"];

/// Said for information, and computed by whoever shows pages.
const INFORMATIONAL: &[&str] = &["total_pages", "totalPages"];

const GROUPING: &[&str] = &[
    "group_by",
    "time_granularity",
    "aggregation_column",
    "aggregation_strategy",
    "aggregation_dedup",
];

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
        Operation::Fetch => fetch(fields, options).map(ApiRequest::Read),
        Operation::Insert => insert(fields, options).map(ApiRequest::Insert),
        Operation::Update => update(fields, options).map(ApiRequest::Update),
        Operation::Delete => delete(fields, options).map(ApiRequest::Delete),
    }
}

fn fetch(mut fields: Fields, options: &ParseOptions) -> Result<ReadRequest, RequestError> {
    fields.refuse_unsupported(GROUPING)?;
    fields.refuse_unknown(&[
        TABLE,
        SCHEMA,
        COLUMNS,
        CONDITIONS,
        WHERE,
        ORDER,
        LIMIT,
        OFFSET,
        PAGE,
        PAGE_SIZE,
        STRIP_NULLS,
        COUNT,
        HEAD,
        INFORMATIONAL,
    ])?;
    let relation = relation_of(&mut fields, Operation::Fetch)?;
    let columns = columns(fields.take(COLUMNS)?)?;
    let filter = filter(&mut fields, options)?;
    let order = fields.take(ORDER)?.map(order::parse).transpose()?.unwrap_or_default();
    let mut window = window(&mut fields)?;
    let head = fields.take_bool(HEAD)?;
    let count = wants_count(&mut fields)? || head;
    if head {
        window.limit = 0;
    }
    let strip_nulls = fields.take_bool(STRIP_NULLS)?;
    Ok(ReadRequest { relation, columns, filter, order, window, count, strip_nulls })
}

fn insert(mut fields: Fields, options: &ParseOptions) -> Result<InsertRequest, RequestError> {
    fields.refuse_unknown(&[
        TABLE,
        SCHEMA,
        COLUMNS,
        ROWS,
        UPDATE_BODY,
        ON_CONFLICT,
        DEFAULT_TO_NULL,
        STRIP_NULLS,
        COUNT,
        HEAD,
    ])?;
    let relation = relation_of(&mut fields, Operation::Insert)?;
    const MISSING: &str = "insert_body is required in the request body";
    let body =
        fields.take(ROWS)?.ok_or(RequestError::MissingField { field: ROWS[0], text: MISSING })?;
    let (mut rows, shape) = rows(body, options)?;
    if fields.take_bool(DEFAULT_TO_NULL)? {
        default_to_null(&mut rows);
    }
    let on_conflict = on_conflict(&mut fields)?;
    let mut representation = representation(&mut fields)?;
    representation.shape = shape;
    Ok(InsertRequest { relation, rows, on_conflict, representation })
}

fn update(mut fields: Fields, options: &ParseOptions) -> Result<UpdateRequest, RequestError> {
    fields.refuse_unknown(&[
        TABLE,
        SCHEMA,
        COLUMNS,
        &["data", "set"],
        UPDATE_BODY,
        CONDITIONS,
        WHERE,
        STRIP_NULLS,
        COUNT,
        HEAD,
    ])?;
    let relation = relation_of(&mut fields, Operation::Update)?;
    let set = payload(&mut fields)?;
    let filter = filter(&mut fields, options)?;
    if filter == Filter::All {
        const TEXT: &str =
            "at least one condition is required for update (e.g. eq_column / eq_value)";
        return Err(RequestError::MissingField { field: CONDITIONS[0], text: TEXT });
    }
    let representation = representation(&mut fields)?;
    Ok(UpdateRequest { relation, set, filter, representation })
}

fn delete(mut fields: Fields, options: &ParseOptions) -> Result<DeleteRequest, RequestError> {
    fields.refuse_unknown(&[
        TABLE,
        SCHEMA,
        COLUMNS,
        RESOURCE_ID,
        CONDITIONS,
        WHERE,
        STRIP_NULLS,
        COUNT,
        HEAD,
    ])?;
    let relation = relation_of(&mut fields, Operation::Delete)?;
    let id = match fields.take(RESOURCE_ID)? {
        Some(Value::String(text)) if text.trim().is_empty() => None,
        Some(id @ (Value::String(_) | Value::Number(_))) => Some(id),
        Some(_) => return Err(fields.invalid(RESOURCE_ID[0], "a string or a number")),
        None => None,
    };
    // One client repeats a condition on a column called `id` here, so conditions say more.
    let target = match (filter(&mut fields, options)?, id) {
        (Filter::All, Some(id)) => DeleteTarget::Id(id),
        (Filter::All, None) => {
            const TEXT: &str = "resource_id is required";
            return Err(RequestError::MissingField { field: RESOURCE_ID[0], text: TEXT });
        }
        (filter, _) => DeleteTarget::Filter(filter),
    };
    let representation = representation(&mut fields)?;
    Ok(DeleteRequest { relation, target, representation })
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

fn filter(fields: &mut Fields, options: &ParseOptions) -> Result<Filter, RequestError> {
    let (list, object) = (fields.take(CONDITIONS)?, fields.take(WHERE)?);
    Conditions::new(options).all(list, object)
}

/// An array of names, or a comma list; nothing and `*` are every column.
fn columns(value: Option<Value>) -> Result<Option<Vec<String>>, RequestError> {
    let invalid = || RequestError::InvalidField {
        field: COLUMNS[0].to_owned(),
        expected: "an array of column names, or a comma list of them",
    };
    let names: Vec<String> = match value {
        None => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) => text.split(',').map(|name| name.trim().to_owned()).collect(),
        Some(Value::Array(items)) => {
            let name = |item| if let Value::String(name) = item { Some(name) } else { None };
            items.into_iter().map(name).collect::<Option<_>>().ok_or_else(invalid)?
        }
        Some(_) => return Err(invalid()),
    };
    match names.as_slice() {
        [] => Ok(None),
        [only] if only == "*" => Ok(None),
        names_given if names_given.iter().any(String::is_empty) => Err(invalid()),
        _ => Ok(Some(names)),
    }
}

/// `limit`, else the page's size, else the default; the offset is added to the page's.
fn window(fields: &mut Fields) -> Result<Window, RequestError> {
    let limit = fields.take_count(LIMIT)?;
    let page_size = fields.take_count(PAGE_SIZE)?;
    let offset = fields.take_count(OFFSET)?.unwrap_or(0);
    let page = match fields.take(PAGE)? {
        None => 1,
        Some(Value::Number(number)) => match (number.as_u64(), number.as_i64()) {
            (Some(page), _) => page.max(1),
            (None, Some(_below_zero)) => 1,
            (None, None) => return Err(fields.invalid(PAGE[0], "a whole number")),
        },
        Some(_) => return Err(fields.invalid(PAGE[0], "a whole number")),
    };
    fields.take(INFORMATIONAL)?;
    let skipped = (page - 1).checked_mul(page_size.unwrap_or(Window::DEFAULT_LIMIT));
    let offset = skipped
        .and_then(|skipped| skipped.checked_add(offset))
        .filter(|offset| i64::try_from(*offset).is_ok())
        .ok_or_else(|| fields.invalid(PAGE[0], "a page that can be reached"))?;
    Ok(Window { limit: limit.or(page_size).unwrap_or(Window::DEFAULT_LIMIT), offset })
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
fn representation(fields: &mut Fields) -> Result<Representation, RequestError> {
    wants_count(fields)?;
    if fields.take_bool(HEAD)? {
        return Err(RequestError::NotSupported { field: HEAD[0].to_owned() });
    }
    Ok(Representation {
        columns: columns(fields.take(COLUMNS)?)?,
        strip_nulls: fields.take_bool(STRIP_NULLS)?,
        shape: Shape::Rows,
    })
}

#[cfg(test)]
mod tests;
