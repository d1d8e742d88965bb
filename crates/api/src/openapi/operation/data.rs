//! What goes beside the bodies of data routes.

use super::{header, query, writes};
use crate::{
    openapi::schemas::{self, flag, number, text, words},
    routes::Route,
};
use utoipa::openapi::{
    RefOr, Required, Schema,
    path::{Parameter, ParameterBuilder},
};

pub(super) fn query_parameters() -> Vec<Parameter> {
    let count = || number(0, u32::MAX);
    let mut all = vec![query("view", "The table or view", text()).required(Required::True).build()];
    let optional: [(&str, &str, RefOr<Schema>); 11] = [
        ("schema", "Its schema", text()),
        ("columns", "Names with commas; all when left out", text()),
        ("eq_column", "A column that must equal eq_value", text()),
        ("eq_value", "What eq_column must equal", text()),
        ("sort_by", "The column to sort by", text()),
        ("sort_direction", "Which way", words(&["asc", "desc", "ascending", "descending"])),
        ("limit", "At most this many rows", count()),
        ("offset", "Rows to skip", count()),
        ("current_page", "The page, from 1", count()),
        ("page_size", "Rows on a page", count()),
        ("strip_nulls", "Leave null members out", flag()),
    ];
    all.extend(optional.into_iter().map(|(name, what, schema)| query(name, what, schema).build()));
    all
}

pub(super) fn headers(route: &Route) -> Vec<Parameter> {
    let mut all = shapes(route.path);
    all.extend([
        header("X-User-Id", "For whom this is done", text()),
        header("X-Company-Id", "For which company this is done", text()),
        header("X-Organization-Id", "For which organisation this is done", text()),
        header("X-Request-Id", "Comes back with the answer; one that is no id is replaced", text()),
    ]);
    if route.path == "/gateway/insert" {
        let what = "Milliseconds to wait for others, so that one statement writes them all";
        all.push(header("X-Athena-Insert-Window", what, schemas::window()));
    }
    if writes(route) {
        let what = "A write sent again with the same key is not done again";
        all.push(header("Idempotency-Key", what, schemas::write_key()));
    } else {
        all.push(header("Cache-Control", "no-cache asks the database", text()));
    }
    all.into_iter().map(ParameterBuilder::build).collect()
}

/// What answers in the shape that its caller likes; elsewhere these headers change nothing.
fn shapes(path: &str) -> Vec<ParameterBuilder> {
    let answers_rows = [
        "/data",
        "/gateway/data",
        "/gateway/fetch",
        "/gateway/insert",
        "/gateway/update",
        "/gateway/delete",
    ];
    let nulls = || header("X-Strip-Nulls", "Leave null members of rows out", schemas::switch());
    if path.contains("rpc") || path.ends_with("/sql") {
        return vec![nulls()];
    }
    if !answers_rows.contains(&path) {
        return Vec::new();
    }
    let layouts = schemas::header_words(&["envelope", "bare"]);
    let cases = schemas::header_words(&["as_is", "snake", "camel"]);
    vec![
        header("X-Athena-Response", "The shape of the answer", layouts),
        header("X-Athena-Response-Case", "How the members of rows are spelled", cases),
        nulls(),
    ]
}
