//! Which slice of the matching rows, in each of its spellings.

use super::{Window, error::RequestError, fields::Fields};
use serde_json::Value;

pub(super) const ORDER: &[&str] = &["sort_by", "sortBy", "order_by", "orderBy"];
pub(super) const LIMIT: &[&str] = &["limit"];
pub(super) const OFFSET: &[&str] = &["offset"];
pub(super) const PAGE: &[&str] = &["current_page", "currentPage"];
pub(super) const PAGE_SIZE: &[&str] = &["page_size", "pageSize"];

/// Said for information, and computed by whoever shows pages.
pub(super) const INFORMATIONAL: &[&str] = &["total_pages", "totalPages"];

/// What was said of it.
pub(super) struct Asked {
    pub(super) limit: Option<u64>,
    pub(super) offset: u64,
}

/// `limit`, else the page's size; the offset is added to the page's.
pub(super) fn asked(fields: &mut Fields) -> Result<Asked, RequestError> {
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
    Ok(Asked { limit: limit.or(page_size), offset })
}
