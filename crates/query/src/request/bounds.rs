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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{ApiRequest, Operation, parse};
    use serde_json::{Value, json};

    fn bounds(operation: Operation, body: &Value) -> Result<Option<Bounds>, RequestError> {
        let options = ParseOptions::default();
        parse(operation, body.to_string().as_bytes(), &options).map(|request| match request {
            ApiRequest::Update(request) => request.bounds,
            ApiRequest::Delete(request) => request.bounds,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn changes_are_bound_to_some_rows_in_every_spelling() {
        let conditions = json!([{"eq_column": "a", "eq_value": 1}]);
        for (asked, expected) in [
            (json!({}), None),
            (json!({"limit": 3}), Some((Some(3), 0, 0))),
            (json!({"limit": 3, "offset": 2, "sort_by": {"field": "b"}}), Some((Some(3), 2, 1))),
            (json!({"page_size": 3, "current_page": 2, "total_pages": 9}), Some((Some(3), 3, 0))),
            (json!({"offset": 2, "orderBy": {"b": "desc", "c": "asc"}}), Some((None, 2, 2))),
            (json!({"limit": null, "sort_by": null}), None),
        ] {
            let said = |mut body: Value| {
                body.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
                body
            };
            let update = json!({"table_name": "t", "set": {"a": 2}, "conditions": conditions});
            let delete = json!({"table_name": "t", "conditions": conditions});
            for (operation, body) in [(Operation::Update, update), (Operation::Delete, delete)] {
                let found = bounds(operation, &said(body)).unwrap();
                let found = found.map(|bounds| (bounds.limit, bounds.offset, bounds.order.len()));
                assert_eq!(found, expected, "{asked}");
            }
        }
    }

    #[test]
    fn what_looks_like_a_bound_and_is_none_is_refused() {
        for (asked, culprit) in [
            (json!({"sort_by": {"field": "b"}}), "sort_by"),
            (json!({"current_page": 2}), "current_page"),
            (json!({"limit": -1}), "limit"),
            (json!({"limit": 1, "sort_by": "b"}), "sort_by"),
        ] {
            let mut body = json!({"table_name": "t", "resource_id": 1});
            body.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
            let problem = bounds(Operation::Delete, &body).unwrap_err().problem();
            assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_field"), "{body}");
            assert!(problem.message.contains(culprit), "{problem:?}");
        }
    }
}
