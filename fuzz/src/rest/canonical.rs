//! The one rendering of an address: read again, it is the same request.

use postgrest::{RawRequest, Request, RestConfig, request::Query};
use std::fmt::Debug;

pub(super) fn check(raw: &RawRequest<'_>, config: &RestConfig, request: &Request) {
    // PostgREST gives a parameter without a value an empty one here, and so do we; to a reader that is another.
    if raw.query.split(['&', ';']).any(|pair| !pair.is_empty() && !pair.contains('=')) {
        return;
    }
    let rendered = request.query.canonical.as_str();
    let again = Request::parse(&RawRequest { query: rendered, ..*raw }, config);
    let again = again.unwrap_or_else(|error| panic!("{rendered} of {}: {error:?}", raw.query));
    assert_eq!(again.query.canonical, rendered, "of {}", raw.query);
    same(&again.query, &request.query);
    assert_eq!((&again.columns, again.range), (&request.columns, request.range));
}

/// What stood in another order is sorted by its name now, and means the same.
fn same(again: &Query, first: &Query) {
    assert_eq!(again.select, first.select);
    assert_eq!(again.columns, first.columns);
    assert_eq!(again.on_conflict, first.on_conflict);
    assert_eq!(sorted(&again.filters), sorted(&first.filters));
    assert_eq!(sorted(&again.logic), sorted(&first.logic));
    assert_eq!(sorted(&again.order), sorted(&first.order));
    assert_eq!(sorted(&again.ranges), sorted(&first.ranges));
    assert_eq!(sorted(&again.arguments), sorted(&first.arguments));
}

fn sorted<T: Debug>(items: &[T]) -> Vec<String> {
    let mut all: Vec<_> = items.iter().map(|item| format!("{item:?}")).collect();
    all.sort();
    all
}
