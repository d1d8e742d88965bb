//! Which failures an operation can answer, read from the page that lists them all.

use crate::routes::{Right, Route};
use http::Method;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

/// A test of the program compares this page with the tables of errors in the sources.
const PAGE: &str = include_str!("../../../../docs/errors.md");

/// Codes that only the console's own pages answer.
const OF_THE_CONSOLE: [&str; 8] = [
    "wrong_password",
    "wrong_code",
    "sign_in_expired",
    "link_spent",
    "too_many_attempts",
    "not_signed_in",
    "cross_site_request",
    "unknown_page",
];

/// What only a body can have wrong.
const OF_BODIES: [&str; 6] = [
    "invalid_json",
    "incomplete_body",
    "body_too_large",
    "unsupported_media_type",
    "unsupported_encoding",
    "unknown_field",
];

/// What anybody is told who asks nothing of a client.
const OF_THE_SERVER: [&str; 4] = ["internal_error", "request_timeout", "starting", "not_ready"];

/// What only a write can meet.
const OF_WRITES: [&str; 8] = [
    "unique_violation",
    "foreign_key_violation",
    "not_null_violation",
    "exclusion_violation",
    "idempotency_key_conflict",
    "idempotency_in_progress",
    "idempotency_answer_not_kept",
    "idempotency_unavailable",
];

struct Refusal {
    code: &'static str,
    statuses: Vec<u16>,
    is_of_the_console: bool,
    /// Only those who administer clients can meet it.
    is_of_clients: bool,
}

static REFUSALS: LazyLock<Vec<Refusal>> = LazyLock::new(|| {
    let mut section = "";
    let mut all = Vec::new();
    for line in PAGE.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            section = title;
        }
        all.extend(row(line, section));
    }
    all
});

/// `| `code` | 422 or 409 | … |`
fn row(line: &'static str, section: &str) -> Option<Refusal> {
    let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
    let code = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
    // What stands in brackets is of the console.
    let statuses = cells.next()?.split('(').next()?;
    let statuses = statuses.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let is_of_the_console = section == "The console" || OF_THE_CONSOLE.contains(&code);
    let is_of_clients = section == "Administering clients";
    Some(Refusal { code, statuses, is_of_the_console, is_of_clients })
}

/// Each status with the codes it can come with.
pub(super) fn of(route: &Route) -> BTreeMap<u16, BTreeSet<&'static str>> {
    let mut found: BTreeMap<u16, BTreeSet<&'static str>> = BTreeMap::new();
    for refusal in REFUSALS.iter().filter(|refusal| can_answer(route, refusal)) {
        for status in &refusal.statuses {
            found.entry(*status).or_default().insert(refusal.code);
        }
    }
    found
}

fn can_answer(route: &Route, refusal: &Refusal) -> bool {
    let Refusal { code, is_of_the_console, is_of_clients, .. } = refusal;
    let administers = ["/api/v1/datasources", "/admin/clients"];
    if *is_of_clients && !administers.iter().any(|path| route.path.starts_with(path)) {
        return false;
    }
    let is_read = route.method == Method::GET || matches!(route.right, Right::TableRead);
    if OF_THE_SERVER.contains(code) {
        return *code != "not_ready" || route.path == "/ready";
    }
    !(*is_of_the_console
        || (route.right == Right::Open && !is_public(route))
        || (route.method == Method::GET && OF_BODIES.contains(code))
        || (is_read && OF_WRITES.contains(code)))
}

/// Open to everybody, and asked for data all the same.
fn is_public(route: &Route) -> bool {
    route.path.starts_with("/public/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::ROUTES;

    fn statuses(method: &Method, path: &str) -> Vec<u16> {
        let route = ROUTES.iter().find(|route| route.method == *method && route.path == path);
        of(route.unwrap()).into_keys().collect()
    }

    #[test]
    fn a_write_can_fail_in_more_ways_than_a_ping() {
        assert_eq!(statuses(&Method::GET, "/ping"), [500, 503, 504]);
        let insert = statuses(&Method::PUT, "/gateway/insert");
        for status in [400, 401, 403, 404, 409, 413, 415, 422, 500, 502, 503, 504] {
            assert!(insert.contains(&status), "{status} is not in {insert:?}");
        }
        let fetch = ROUTES.iter().find(|route| route.path == "/gateway/fetch").unwrap();
        let codes: Vec<_> = of(fetch).into_values().flatten().collect();
        assert!(codes.contains(&"unknown_table") && !codes.contains(&"unique_violation"));
        assert!(!insert.contains(&410), "of the console: {insert:?}");
    }
}
