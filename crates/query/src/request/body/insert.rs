//! What an insert may say.

use super::{
    COLUMNS, COUNT, HEAD, SCHEMA, STRIP_NULLS, TABLE, UPDATE_BODY,
    payload::{default_to_null, on_conflict, rows},
    relation_of, representation,
};
use crate::request::{
    InsertRequest, Operation, ParseOptions, condition::Conditions, error::RequestError,
    fields::Fields,
};

const ROWS: &[&str] = &["insert_body", "data"];
const ON_CONFLICT: &[&str] = &["on_conflict"];
const DEFAULT_TO_NULL: &[&str] = &["default_to_null"];

pub(super) fn parse(
    mut fields: Fields,
    options: &ParseOptions,
) -> Result<InsertRequest, RequestError> {
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
    let on_conflict = on_conflict(&mut fields, options)?;
    let mut representation = representation(&mut fields, options, &mut Conditions::new(options))?;
    representation.shape = shape;
    Ok(InsertRequest { relation, rows, on_conflict, representation })
}
