//! Structure: what its operations take and answer.

use super::{content, query as parameter};
use crate::openapi::schemas::{self, flag, number, text};
use http::Method;
use utoipa::openapi::{
    Required,
    path::{Parameter, ParameterBuilder},
    request_body::{RequestBody, RequestBodyBuilder},
};

pub(super) fn is_below(path: &str) -> bool {
    path.starts_with("/management/") || path.starts_with("/admin/provision")
}

/// Every body is an object; docs/management.md tells its members.
pub(super) fn body(path: &str, method: &Method) -> Option<RequestBody> {
    let is_delete = *method == Method::DELETE;
    if is_delete && path.starts_with("/admin/") {
        return None;
    }
    let required = if is_delete { Required::False } else { Required::True };
    let body = RequestBodyBuilder::new().required(Some(required));
    Some(body.content("application/json", content(schemas::object_of_anything())).build())
}

pub(super) fn creates(path: &str, method: &Method) -> bool {
    let makes = ["/management/tables", "/management/indexes"].contains(&path)
        || path.ends_with("/provision/local/databases");
    makes && *method == Method::POST
}

pub(super) fn query(method: &str, path: &str) -> Vec<Parameter> {
    let all = match (method, path) {
        ("GET", "/management/tables/{table}") => vec![of_schema()],
        ("GET", "/management/indexes") => {
            vec![of_schema(), parameter("table_name", "Only those of this table", text())]
        }
        ("GET", "/management/functions") => vec![
            parameter("schema", "Only those of this schema", text()),
            parameter("name_like", "As LIKE reads it", text()),
            parameter("include_system", "The database's own too", flag()),
            parameter("include_definition", "With their definitions", flag()),
        ],
        ("GET", "/management/audit-log") => {
            vec![parameter("limit", "How many", number(0, 500))]
        }
        ("GET", "/admin/provision/status" | "/admin/provision/local/databases") => {
            let client = parameter("client_name", "The client", schemas::client_name());
            vec![client.required(Required::True)]
        }
        ("GET", _) => Vec::new(),
        _ => vec![parameter("dry_run", "Answer the statements and run none", flag())],
    };
    all.into_iter().map(ParameterBuilder::build).collect()
}

fn of_schema() -> ParameterBuilder {
    parameter("schema_name", "The schema", text())
}
