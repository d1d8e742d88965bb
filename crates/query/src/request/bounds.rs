//! Which of the matching rows a change is for.

use super::{
    OrderTerm, ParseOptions,
    error::RequestError,
    fields::Fields,
    order,
    window::{self, Asked},
};

/// The first rows in an order. Without a limit, those behind the offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    pub order: Vec<OrderTerm>,
    pub limit: Option<u64>,
    pub offset: u64,
}

/// An order alone changes nothing, and would be taken for a bound.
const ALONE: &str = "accompanied by 'limit' or 'offset' in a change";

/// A page without a size would have no end.
const PAGE_ALONE: &str = "accompanied by 'page_size' in a change";

pub(super) fn parse(
    fields: &mut Fields,
    options: &ParseOptions,
) -> Result<Option<Bounds>, RequestError> {
    let order =
        fields.take(window::ORDER)?.map(|order| order::parse(order, options)).transpose()?;
    let order = order.unwrap_or_default();
    let is_paged = fields.has(window::PAGE);
    let Asked { limit, offset } = window::asked(fields)?;
    if is_paged && limit.is_none() {
        return Err(fields.invalid(window::PAGE[0], PAGE_ALONE));
    }
    match (limit, offset) {
        (None, 0) if order.is_empty() => Ok(None),
        (None, 0) => {
            Err(RequestError::InvalidField { field: window::ORDER[0].to_owned(), expected: ALONE })
        }
        (limit, offset) => Ok(Some(Bounds { order, limit, offset })),
    }
}
