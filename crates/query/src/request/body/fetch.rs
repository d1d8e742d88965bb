//! What a fetch may say.

use super::{
    COLUMNS, CONDITIONS, COUNT, GROUPING, HEAD, SCHEMA, STRIP_NULLS, TABLE, WHERE, filter,
    relation_of, selection, wants_count,
};
use crate::request::{
    LimitFrom, Operation, ParseOptions, ReadRequest, Window,
    condition::Conditions,
    error::RequestError,
    fields::Fields,
    grouping, order,
    window::{self, Asked, INFORMATIONAL, LIMIT, OFFSET, ORDER, PAGE, PAGE_SIZE},
};

pub(super) fn parse(
    mut fields: Fields,
    options: &ParseOptions,
) -> Result<ReadRequest, RequestError> {
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
        GROUPING,
    ])?;
    let relation = relation_of(&mut fields, Operation::Fetch)?;
    let mut conditions = Conditions::new(options);
    let columns = selection(&mut fields, options, &mut conditions)?;
    let filter = filter(&mut fields, &mut conditions)?;
    let order = fields.take(ORDER)?.map(|order| order::parse(order, options)).transpose()?;
    let Asked { limit, offset } = window::asked(&mut fields)?;
    let limit_from = if limit.is_some() { LimitFrom::Caller } else { LimitFrom::Default };
    let mut window = Window { limit: limit.unwrap_or(Window::DEFAULT_LIMIT), offset };
    let head = fields.take_bool(HEAD)?;
    let count = wants_count(&mut fields)? || head;
    let limit_from = if head { LimitFrom::Caller } else { limit_from };
    if head {
        window.limit = 0;
    }
    let strip_nulls = fields.take_choice(STRIP_NULLS)?;
    let grouping = grouping::parse(&mut fields, options)?;
    let order = order.unwrap_or_default();
    Ok(ReadRequest {
        columns,
        filter,
        order,
        window,
        count,
        strip_nulls,
        grouping,
        limit_from,
        ..ReadRequest::of(relation)
    })
}
