//! The surface as an OpenAPI document, made from the table of routes, and as a page.

mod operation;
mod page;
mod refusals;
mod schemas;

use crate::{
    extract::Reads,
    routes::{ROUTES, Route},
    state::ApiState,
};
use axum::{
    Json, Router,
    extract::State,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use http::{HeaderValue, Method, header};
use serde_json::{Value, json};
use std::sync::LazyLock;
use utoipa::openapi::{
    HttpMethod, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, PathsBuilder, ServerBuilder,
    server::Server,
};

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/openapi.json", get(as_json))
        .route("/openapi.yaml", get(as_yaml))
        .route("/docs", get(as_page))
        .route("/router/registry", get(registry))
        .route("/api/athena/capabilities", get(capabilities))
}

/// The document in each of its forms. It is the same for everybody, so it is made once.
struct Written {
    json: String,
    yaml: String,
    page: String,
}

static WRITTEN: LazyLock<Written> = LazyLock::new(|| {
    let document = document();
    let value = serde_json::to_value(&document).expect("the document has text keys only");
    Written {
        json: value.to_string(),
        yaml: document.to_yaml().expect("the document has text keys only"),
        page: page::html(&value),
    }
});

async fn as_json() -> Response {
    typed("application/json", WRITTEN.json.as_str())
}

async fn as_yaml() -> Response {
    typed("application/yaml; charset=utf-8", WRITTEN.yaml.as_str())
}

fn typed(content_type: &'static str, body: &'static str) -> Response {
    ([(header::CONTENT_TYPE, content_type)], body).into_response()
}

/// A page without scripts, so it may have none.
async fn as_page() -> Response {
    let mut response = Html(WRITTEN.page.as_str()).into_response();
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

/// Each path once, with its methods.
async fn registry(_: Reads) -> Json<Value> {
    let mut listed: Vec<Value> = Vec::new();
    for route in ROUTES.iter() {
        let method = Value::from(route.method.as_str());
        let known = listed.iter_mut().find(|entry| entry["path"] == route.path);
        if let Some(Value::Array(methods)) = known.map(|entry| &mut entry["methods"]) {
            methods.push(method);
            continue;
        }
        listed.push(json!({
            "path": route.path,
            "methods": [method],
            "summary": route.summary,
            "mounts": route.mounts(),
        }));
    }
    Json(Value::Array(listed))
}

/// What libraries that look for a server beside their page expect to read.
async fn capabilities(State(state): State<ApiState>) -> Json<Value> {
    let has = |path: &str| ROUTES.iter().any(|route| route.path == path);
    Json(json!({
        "athena": true,
        "protocol": { "major": 1, "minor": 1 },
        "runtime": "gateway",
        "runtimeImplementation": "athena-rust",
        "version": state.settings().version,
        "capabilities": {
            "auth": { "available": false, "transport": "same-origin" },
            "data": true,
            "fetch": has("/gateway/fetch"),
            "insert": has("/gateway/insert"),
            "update": has("/gateway/update"),
            "delete": has("/gateway/delete"),
            "rawSql": has("/gateway/query"),
            "rpc": has("/gateway/rpc"),
            "nestedRelations": true,
            "policy": false,
            "models": "off",
        },
        "endpoints": { "data": "/api/athena", "auth": "/api/auth" },
    }))
}

/// The whole document.
pub(crate) fn document() -> OpenApi {
    let info = InfoBuilder::new().title("Athena").version(env!("CARGO_PKG_VERSION")).description(
        Some("A gateway in front of databases: rows as JSON, by name of client and table."),
    );
    let mut paths = PathsBuilder::new();
    for route in ROUTES.iter() {
        let mut item = PathItem::new(method(&route.method), operation::of(route));
        item.servers = servers(route);
        paths = paths.path(route.path, item);
    }
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([server("/")]))
        .paths(paths.build())
        .components(Some(schemas::components()))
        .build()
}

/// The mounts, where there is more than the root.
fn servers(route: &Route) -> Option<Vec<Server>> {
    let mounts = route.mounts();
    let url = |mount: &&str| server(if mount.is_empty() { "/" } else { mount });
    (mounts.len() > 1).then(|| mounts.iter().map(url).collect())
}

fn server(url: &str) -> Server {
    ServerBuilder::new().url(url).build()
}

fn method(method: &Method) -> HttpMethod {
    match *method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::PATCH => HttpMethod::Patch,
        Method::DELETE => HttpMethod::Delete,
        Method::HEAD => HttpMethod::Head,
        Method::OPTIONS => HttpMethod::Options,
        _ => HttpMethod::Get,
    }
}
