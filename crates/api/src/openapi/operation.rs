//! One operation: what it takes, what it answers, and how it can fail.

mod data;
mod keys;
mod management;
mod rest;
mod statistics;

use super::{
    refusals,
    schemas::{self, flag, number, text, words},
};
use crate::routes::{Right, Route};
use http::Method;
use utoipa::openapi::{
    ContentBuilder, Ref, RefOr, Required, Response, ResponseBuilder, ResponsesBuilder, Schema,
    path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
    request_body::{RequestBody, RequestBodyBuilder},
    security::SecurityRequirement,
};

const DATASOURCE: &str = "/api/v1/datasources";

/// The language of this surface has a document of its own at its root, for each client.
pub(super) fn is_rest(route: &Route) -> bool {
    route.path.starts_with("/rest/")
}

pub(super) fn of(route: &Route) -> Operation {
    let mut operation = OperationBuilder::new()
        .operation_id(Some(operation_id(route)))
        .summary(Some(route.summary))
        .description(description(route))
        .request_body(body(route))
        .securities(securities(route.right));
    if let Some(tag) = tag(route.path) {
        operation = operation.tag(tag);
    }
    for parameter in parameters(route) {
        operation = operation.parameter(parameter);
    }
    let mut responses = ResponsesBuilder::new();
    for (status, response) in successes(route) {
        responses = responses.response(status, response);
    }
    if is_rest(route) {
        return operation.responses(rest::responses(responses)).build();
    }
    for (status, codes) in refusals::of(route) {
        let codes: Vec<&str> = codes.into_iter().collect();
        let response = ResponseBuilder::new()
            .description(codes.join(", "))
            .content("application/json", content(named("Failure")));
        responses = responses.response(status.to_string(), response.build());
    }
    operation.responses(responses.build()).build()
}

fn operation_id(route: &Route) -> String {
    let words = route.path.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let path = if words.is_empty() { "root".to_owned() } else { words.join("_") };
    format!("{}_{path}", route.method.as_str().to_ascii_lowercase())
}

fn tag(path: &str) -> Option<&'static str> {
    let first = path.split('/').nth(1)?;
    Some(match first {
        "gateway" | "data" | "query" | "rpc" => "data",
        "rest" => "postgrest",
        "schema" | "clients" => "schema",
        "public" => "public",
        "admin" => "admin",
        "api" if path.starts_with(DATASOURCE) => "datasources",
        "management" => "management",
        _ => "server",
    })
}

fn description(route: &Route) -> Option<String> {
    let right = match route.right {
        Right::Open => return None,
        Right::Admin => "Needs the static admin key.".to_owned(),
        Right::Reader(right) => {
            let text = "Needs the static admin key, or an API key with the right";
            format!("{text} {right}, when keys are demanded.")
        }
        Right::Operator(right) => {
            format!("Needs the static admin key, or an API key with the right {right}.")
        }
        Right::Deferred(right) => format!(
            "Needs the key that filed the request, the right {right}, or the static admin key."
        ),
        Right::Manage(right) => {
            format!("Needs a key for the client with the right {right}, or the static admin key.")
        }
        right => format!("Needs the right {}, when keys are demanded.", right.as_str()),
    };
    Some(right)
}

/// Any one of the carriers will do. Without a store nobody needs a key.
fn securities(right: Right) -> Option<Vec<SecurityRequirement>> {
    let scopes: [&str; 0] = [];
    let carriers: &[&str] = match right {
        Right::Open => return None,
        // The admin key is never read from an address.
        Right::Admin | Right::Operator(_) | Right::Reader(_) | Right::Manage(_) => {
            &schemas::CARRIERS[..4]
        }
        _ => &schemas::CARRIERS,
    };
    Some(carriers.iter().map(|name| SecurityRequirement::new(*name, scopes)).collect())
}

fn parameters(route: &Route) -> Vec<Parameter> {
    let mut all = path_parameters(route.path);
    all.extend(query_parameters(route));
    let names_none =
        matches!(route.right, Right::Open | Right::Admin | Right::Operator(_) | Right::Reader(_));
    // A deferred request knows which client it is for.
    let has_one = matches!(route.right, Right::Deferred(_)) && route.path.contains("{id}");
    if !names_none && !has_one {
        let client = header("X-Athena-Client", "The client, by name", schemas::client_name());
        let must = if is_rest(route) { Required::False } else { Required::True };
        all.push(client.required(must).build());
    }
    if is_data(route) {
        all.extend(data::headers(route));
    }
    if can_wait(route) {
        let what = "Do it later; the answer says under which id";
        all.push(header("X-Athena-Defer", what, schemas::switch()).build());
    }
    all
}

fn path_parameters(path: &str) -> Vec<Parameter> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name: &str| {
        let schema = if name == "id" { schemas::uuid() } else { text() };
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(schema))
            .build()
    };
    names.map(parameter).collect()
}

fn query_parameters(route: &Route) -> Vec<Parameter> {
    match (route.method.as_str(), route.path) {
        ("GET", "/data") => data::query_parameters(),
        ("GET", "/schema/columns") => vec![
            query("table_name", "The table", text()).required(Required::True).build(),
            query("table_schema", "Its schema", text()).build(),
        ],
        ("GET", "/schema/constraints") => vec![
            query("table_name", "The table; all tables when left out", text()).build(),
            query("table_schema", "Its schema", text()).build(),
        ],
        (method, path) if management::is_below(path) => management::query(method, path),
        ("GET", path) if path.ends_with("tables") && path.starts_with(DATASOURCE) => {
            vec![query("schema", "Only of this schema", text()).build()]
        }
        ("GET", path) if path.ends_with("/external/catalog") => {
            vec![query("snapshot", "An older one, by its id", schemas::uuid()).build()]
        }
        ("GET", path) if path.ends_with("/external/drift") => vec![
            query("open", "Only what is neither gone nor acknowledged", flag()).build(),
            query("limit", "How many", number(0, u32::MAX)).build(),
            query("offset", "How many to skip", number(0, u32::MAX)).build(),
        ],
        ("GET", "/gateway/deferred") => vec![
            query(
                "status",
                "Only those",
                words(&["queued", "running", "completed", "dead_letter", "cancelled"]),
            )
            .build(),
            query("limit", "How many; 500 at most", number(0, u32::MAX)).build(),
            query("offset", "How many to skip", number(0, u32::MAX)).build(),
        ],
        ("GET", "/admin/admission-events") => vec![
            query("decision", "Only those", words(&["rejected", "deferred"])).build(),
            query("client", "Only of this client", schemas::client_name()).build(),
            query("limit", "How many; 500 at most", number(1, u32::MAX)).build(),
            query("offset", "How many to skip", number(0, u32::MAX)).build(),
        ],
        ("GET", path) if statistics::answers(path) => statistics::query_parameters(path),
        ("GET", "/admin/api-keys") => vec![
            query("limit", "How many", number(0, u32::MAX)).build(),
            query("offset", "How many to skip", number(0, u32::MAX)).build(),
            query("archived", "Archived keys as well", flag()).build(),
        ],
        ("DELETE", "/admin/api-keys/{id}") => {
            vec![query("purge", "Remove its record, too", flag()).build()]
        }
        ("GET", "/admin/api-key-auth-log") => keys::uses_query(),
        _ => Vec::new(),
    }
}

/// A table on its way to be a resource.
fn drafts(path: &str) -> bool {
    path.ends_with("/draft") || path.ends_with("/import")
}

fn is_data(route: &Route) -> bool {
    tag(route.path) == Some("data") && !matches!(route.right, Right::Deferred(_))
}

/// Whether it can be put off.
fn can_wait(route: &Route) -> bool {
    crate::defer::can_wait(route)
}

fn writes(route: &Route) -> bool {
    let is_read = route.right == Right::TableRead || route.path == "/query/count";
    route.method != Method::GET && !is_read
}

fn query(name: &str, what: &str, schema: RefOr<Schema>) -> ParameterBuilder {
    parameter(name, ParameterIn::Query, what, schema)
}

fn header(name: &str, what: &str, schema: RefOr<Schema>) -> ParameterBuilder {
    parameter(name, ParameterIn::Header, what, schema)
}

fn parameter(
    name: &str,
    place: ParameterIn,
    what: &str,
    schema: RefOr<Schema>,
) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .description(Some(what))
        .schema(Some(schema))
}

fn body(route: &Route) -> Option<RequestBody> {
    if matches!(route.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return None;
    }
    if is_rest(route) {
        return rest::body(route);
    }
    let schema = match route.path {
        "/gateway/fetch" | "/gateway/data" => "Fetch",
        "/gateway/insert" => "Insert",
        "/gateway/update" => "Update",
        "/gateway/delete" => "Delete",
        "/gateway/query" => "Query",
        "/gateway/sql" | "/query/sql" => "Sql",
        "/query/count" => "Count",
        "/gateway/rpc" => "Rpc",
        "/rpc/{function}" => "Arguments",
        "/gateway/transaction" => "Transaction",
        "/api/v1/datasources" | "/api/v1/datasources/test" => "Datasource",
        "/api/v1/datasources/{name}" if route.method == Method::PATCH => "Datasource",
        "/admin/clients" => "ClientWanted",
        "/admin/clients/{name}" if route.method == Method::PATCH => "ClientWanted",
        "/admin/clients/{name}/freeze" => "Freeze",
        path if drafts(path) => "ImportWanted",
        "/admin/admission-limits" if route.method == Method::PUT => "AdmissionLimits",
        "/admin/client-configs/{name}" if route.method == Method::PUT => "ClientConfig",
        "/admin/client-configs/seed-from-config" => "Seed",
        "/admin/public-routes" => "PublicRoute",
        "/admin/public-routes/{route_key}" if route.method == Method::PATCH => "PublicRoute",
        "/public/{route_key}/{op}" => "Arguments",
        path if management::is_below(path) => return management::body(path, &route.method),
        path if path.starts_with("/admin/") => keys::body(route)?,
        _ => return None,
    };
    let is_optional = drafts(route.path) || route.path.ends_with("/seed-from-config");
    let required = if is_optional { Required::False } else { Required::True };
    let body = RequestBodyBuilder::new().required(Some(required));
    Some(body.content("application/json", content(named(schema))).build())
}

fn successes(route: &Route) -> Vec<(&'static str, Response)> {
    if is_rest(route) {
        return Vec::new();
    }
    let json = |schema| answer("It worked", "application/json", named(schema));
    let ok = match route.path {
        "/metrics" => answer("The page", metrics::CONTENT_TYPE, text()),
        "/ping" => answer("pong", "text/plain; charset=utf-8", text()),
        "/docs" => answer("A page", "text/html; charset=utf-8", text()),
        "/openapi.json" => answer("The document", "application/json", named("Document")),
        "/openapi.yaml" => {
            answer("The document", "application/yaml; charset=utf-8", schemas::anything())
        }
        "/router/registry" => json("Routes"),
        "/registry" => json("ApiEntries"),
        "/registry/{id}" => json("ApiEntry"),
        "/api/athena/capabilities" => json("Capabilities"),
        "/schema/tables" => json("Tables"),
        "/schema/columns" => json("Columns"),
        "/schema/constraints" => json("Constraints"),
        "/schema/migrations" => json("Migrations"),
        "/schema/clients" | "/clients" => json("Clients"),
        path if path.ends_with("/import") => return vec![("201", json("Success"))],
        "/admin/api-keys"
        | "/admin/api-key-rights"
        | "/admin/users"
        | "/admin/organizations"
        | "/admin/clients"
        | "/api/v1/datasources"
        | "/admin/public-routes"
            if route.method == Method::POST =>
        {
            return vec![("201", json("Success"))];
        }
        "/api/v1/datasources/{name}" if route.method == Method::DELETE => {
            let gone = ResponseBuilder::new().description("It is gone");
            return vec![("204", gone.build())];
        }
        "/api/v1/datasources/events" => answer("Events", "text/event-stream", text()),
        path if management::creates(path, &route.method) => {
            return vec![("200", json("Success")), ("201", json("Success"))];
        }
        _ if is_data(route) => json("Answer"),
        _ => json("Success"),
    };
    let mut all = vec![("200", ok)];
    if can_wait(route) {
        all.push(("202", json("Success")));
    }
    // A function that changes nothing answers as a read does.
    if matches!(route.right, Right::TableRead) || route.path.contains("rpc") {
        let unchanged = ResponseBuilder::new().description("The answer you have is still right");
        all.push(("304", unchanged.build()));
    }
    all
}

fn answer(what: &str, media: &str, schema: RefOr<Schema>) -> Response {
    ResponseBuilder::new().description(what).content(media, content(schema)).build()
}

fn content(schema: RefOr<Schema>) -> utoipa::openapi::Content {
    ContentBuilder::new().schema(Some(schema)).build()
}

fn named(name: &str) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(name))
}
