//! What a delete may say.

use super::{
    COLUMNS, CONDITIONS, COUNT, HEAD, SCHEMA, STRIP_NULLS, TABLE, WHERE, filter, relation_of,
    representation,
};
use crate::request::{
    DeleteRequest, DeleteTarget, Filter, Operation, ParseOptions, bounds,
    condition::Conditions,
    error::RequestError,
    fields::Fields,
    window::{INFORMATIONAL, LIMIT, OFFSET, ORDER, PAGE, PAGE_SIZE},
};
use serde_json::Value;

const RESOURCE_ID: &[&str] = &["resource_id"];

pub(super) fn parse(
    mut fields: Fields,
    options: &ParseOptions,
) -> Result<DeleteRequest, RequestError> {
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
        ORDER,
        LIMIT,
        OFFSET,
        PAGE,
        PAGE_SIZE,
        INFORMATIONAL,
    ])?;
    let relation = relation_of(&mut fields, Operation::Delete)?;
    let id = match fields.take(RESOURCE_ID)? {
        Some(Value::String(text)) if text.trim().is_empty() => None,
        Some(id @ (Value::String(_) | Value::Number(_))) => Some(id),
        Some(_) => return Err(fields.invalid(RESOURCE_ID[0], "a string or a number")),
        None => None,
    };
    let mut conditions = Conditions::new(options);
    // One client repeats a condition on a column called `id` here, so conditions say more.
    let target = match (filter(&mut fields, &mut conditions)?, id) {
        (Filter::All, Some(id)) => DeleteTarget::Id(id),
        (Filter::All, None) => {
            const TEXT: &str = "resource_id is required";
            return Err(RequestError::MissingField { field: RESOURCE_ID[0], text: TEXT });
        }
        (filter, _) => DeleteTarget::Filter(filter),
    };
    let bounds = bounds::parse(&mut fields, options)?;
    let representation = representation(&mut fields, options, &mut conditions)?;
    Ok(DeleteRequest { relation, target, bounds, representation })
}
