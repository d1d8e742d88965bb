//! What a fetch may say.

use super::{
    COLUMNS, CONDITIONS, COUNT, GROUPING, HEAD, SCHEMA, STRIP_NULLS, TABLE, WHERE, filter,
    relation_of, selection, wants_count,
};
use crate::request::{
    Operation, ParseOptions, ReadRequest, Window, condition::Conditions, error::RequestError,
    fields::Fields, grouping, order,
};
use serde_json::Value;

const ORDER: &[&str] = &["sort_by", "sortBy", "order_by", "orderBy"];
const LIMIT: &[&str] = &["limit"];
const OFFSET: &[&str] = &["offset"];
const PAGE: &[&str] = &["current_page", "currentPage"];
const PAGE_SIZE: &[&str] = &["page_size", "pageSize"];

/// Said for information, and computed by whoever shows pages.
const INFORMATIONAL: &[&str] = &["total_pages", "totalPages"];

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
    let mut window = window(&mut fields)?;
    let head = fields.take_bool(HEAD)?;
    let count = wants_count(&mut fields)? || head;
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
        ..ReadRequest::of(relation)
    })
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
