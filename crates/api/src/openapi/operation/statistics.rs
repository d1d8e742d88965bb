//! What the addresses of statistics and of the audit trail take.

use super::{number, query, text, words};
use utoipa::openapi::{Required, path::Parameter};

pub(super) fn answers(path: &str) -> bool {
    path.starts_with("/admin/clients/") && path.contains("statistics") || path == "/admin/audit"
}

pub(super) fn query_parameters(path: &str) -> Vec<Parameter> {
    let moment = |name, what| query(name, what, text()).build();
    match path {
        "/admin/audit" => vec![
            query("actor", "Whose deeds", text()).build(),
            query("action", "Which deeds, or of which kind", text()).build(),
            query("subject", "What they were done to", text()).build(),
            query("outcome", "How they ended", words(&["done", "failed", "refused"])).build(),
            moment("since", "From this moment of RFC 3339"),
            moment("until", "Before this moment of RFC 3339"),
            query("before", "Only before this row", number(0, u32::MAX)).build(),
            query("limit", "How many", number(1, 500)).build(),
        ],
        path if path.ends_with("/drilldown") => vec![
            query("table_name", "The table", text()).required(Required::True).build(),
            query("operation", "What was done", text()).required(Required::True).build(),
            query("status", "Which of them", words(&["all", "errors", "normal"])).build(),
            query("limit", "How many", number(1, 500)).build(),
            query("offset", "How many to skip", number(0, u32::MAX)).build(),
        ],
        _ => vec![moment("since", "From this moment of RFC 3339")],
    }
}
