//! What an update may say.

use super::{
    COLUMNS, CONDITIONS, COUNT, GROUPING, HEAD, SCHEMA, STRIP_NULLS, TABLE, UPDATE_BODY, WHERE,
    filter, payload::payload, relation_of, representation,
};
use crate::request::{
    Filter, Operation, ParseOptions, UpdateRequest, bounds,
    condition::Conditions,
    error::RequestError,
    fields::Fields,
    grouping,
    window::{INFORMATIONAL, LIMIT, OFFSET, ORDER, PAGE, PAGE_SIZE},
};

pub(super) fn parse(
    mut fields: Fields,
    options: &ParseOptions,
) -> Result<UpdateRequest, RequestError> {
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
        ORDER,
        LIMIT,
        OFFSET,
        PAGE,
        PAGE_SIZE,
        INFORMATIONAL,
        GROUPING,
    ])?;
    let relation = relation_of(&mut fields, Operation::Update)?;
    let set = payload(&mut fields, options)?;
    let mut conditions = Conditions::new(options);
    let filter = filter(&mut fields, &mut conditions)?;
    if filter == Filter::All {
        const TEXT: &str =
            "at least one condition is required for update (e.g. eq_column / eq_value)";
        return Err(RequestError::MissingField { field: CONDITIONS[0], text: TEXT });
    }
    let bounds = bounds::parse(&mut fields, options)?;
    let mut representation = representation(&mut fields, options, &mut conditions)?;
    representation.grouping = grouping::parse(&mut fields, options)?;
    Ok(UpdateRequest { relation, set, filter, bounds, representation })
}
