//! Every path of this surface: what it does, who may, and the router that answers it.

use crate::{
    admin, count, data, data_get,
    error::ApiError,
    health, management,
    middleware::{Across, Envelope},
    mounts,
    once::Once,
    openapi, query, rest, rpc, schema,
    state::ApiState,
    transaction,
};
use axum::{
    Router,
    extract::{MatchedPath, Request},
    response::Response,
};
use futures_util::future::BoxFuture;
use http::{Method, request::Parts};
use std::{
    convert::Infallible,
    task::{Context, Poll},
};
use tower::Service;

/// What a caller needs to be let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Nothing at all.
    Open,
    /// `{table}.read`, or `gateway.read`.
    TableRead,
    /// `{table}.write`, or `gateway.write`.
    TableWrite,
    /// `{table}.delete`, or `gateway.delete`.
    TableDelete,
    /// `gateway.query`, and `gateway.write` to change anything; `{table}.read` for a plain read.
    Query,
    /// `gateway.sql`, and `gateway.write` to change anything.
    Sql,
    /// `{table}.read` for a table, `gateway.sql` for SQL.
    Count,
    /// `gateway.rpc.execute`
    Call,
    /// What each operation needs on its own.
    Transaction,
    /// `schema.read`; without it, only readable tables are shown.
    SchemaRead,
    /// The right over each relation that is touched, and what the database's role may.
    Rest,
    /// `gateway.rpc.execute`, and what the database's role may.
    RestCall,
    /// The static admin key, or an API key with this right.
    Operator(&'static str),
    /// A key for the client that is named, with this right, or the static admin key.
    Manage(&'static str),
    /// The static admin key.
    Admin,
}

impl Right {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "none",
            Self::TableRead => "{table}.read",
            Self::TableWrite => "{table}.write",
            Self::TableDelete => "{table}.delete",
            Self::Query => "gateway.query",
            Self::Sql => "gateway.sql",
            Self::Count => "{table}.read or gateway.sql",
            Self::Call => "gateway.rpc.execute",
            Self::Transaction => "{table}.read, {table}.write or {table}.delete",
            Self::SchemaRead => "schema.read",
            Self::Rest => "{relation}.read, {relation}.write or {relation}.delete",
            Self::RestCall => "gateway.rpc.execute",
            Self::Operator(right) | Self::Manage(right) => right,
            Self::Admin => "admin",
        }
    }
}

/// One method on one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub right: Right,
    pub summary: &'static str,
}

impl Route {
    /// What stands before the path, wherever it is answered.
    pub fn mounts(&self) -> &'static [&'static str] {
        mounts::of(self.path)
    }

    /// Whether this is the path, under any of its mounts.
    pub(crate) fn answers(&self, path: &str) -> bool {
        let (fixed, takes_more) = match self.path.split_once('{') {
            Some((fixed, _)) => (fixed, true),
            None => (self.path, false),
        };
        let rests = self.mounts().iter().filter_map(|mount| path.strip_prefix(mount));
        let mut rests = rests.filter_map(|rest| rest.strip_prefix(fixed));
        rests.any(|rest| if takes_more { !rest.is_empty() } else { rest.is_empty() })
    }
}

/// The right that opens an administrators' route to API keys.
pub(crate) fn operators_right(parts: &Parts) -> Option<&'static str> {
    let path = parts.extensions.get::<MatchedPath>()?;
    let listed = ROUTES.iter().find(|r| r.method == parts.method && r.path == path.as_str())?;
    match listed.right {
        Right::Operator(right) => Some(right),
        _ => None,
    }
}

const fn route(method: Method, path: &'static str, right: Right, summary: &'static str) -> Route {
    Route { method, path, right, summary }
}

const PROVISION: Right = Right::Operator("management.provision.write");
const MANAGE_READ: Right = Right::Manage("management.read");

/// The whole surface, for the listing at `/` and for documentation.
pub static ROUTES: &[Route] = &[
    route(Method::GET, "/", Right::Open, "What this server is and what it answers"),
    route(Method::GET, "/ping", Right::Open, "Answers pong"),
    route(Method::GET, "/health", Right::Open, "Version, uptime, clients and totals"),
    route(Method::GET, "/ready", Right::Open, "503 until a client is connected"),
    route(Method::GET, "/health/cluster", Right::Open, "Cluster mirror health and version checks"),
    route(Method::GET, "/router/registry", Right::Open, "Every path with its methods"),
    route(Method::GET, "/openapi.json", Right::Open, "This surface as an OpenAPI document"),
    route(Method::GET, "/openapi.yaml", Right::Open, "The same document as YAML"),
    route(Method::GET, "/docs", Right::Open, "The same document as a page"),
    route(
        Method::GET,
        "/api/athena/capabilities",
        Right::Open,
        "What a library that looks around finds here",
    ),
    route(Method::POST, "/gateway/fetch", Right::TableRead, "Read rows"),
    route(Method::POST, "/gateway/data", Right::TableRead, "Read rows; the same as /gateway/fetch"),
    route(Method::GET, "/data", Right::TableRead, "Read rows of a table named in the address"),
    route(Method::PUT, "/gateway/insert", Right::TableWrite, "Insert rows, or upsert them"),
    route(Method::POST, "/gateway/insert", Right::TableWrite, "The same as PUT"),
    route(Method::POST, "/gateway/update", Right::TableWrite, "Update the rows that match"),
    route(Method::PATCH, "/gateway/update", Right::TableWrite, "The same as POST"),
    route(
        Method::DELETE,
        "/gateway/delete",
        Right::TableDelete,
        "Delete a row, or those that match",
    ),
    route(Method::POST, "/gateway/delete", Right::TableDelete, "The same as DELETE"),
    route(Method::POST, "/gateway/query", Right::Query, "Run SQL"),
    route(Method::POST, "/gateway/sql", Right::Sql, "Run SQL on a client named in the body"),
    route(Method::POST, "/query/sql", Right::Sql, "The same as /gateway/sql"),
    route(Method::POST, "/query/count", Right::Count, "Count rows of a table, or by SQL"),
    route(Method::POST, "/gateway/rpc", Right::Call, "Call a function"),
    route(Method::GET, "/rpc/{function}", Right::Call, "Call a function; arguments in the address"),
    route(Method::POST, "/rpc/{function}", Right::Call, "Call a function; arguments in the body"),
    route(
        Method::POST,
        "/gateway/transaction",
        Right::Transaction,
        "Several operations, all of them or none",
    ),
    route(Method::GET, "/rest/v1", Right::SchemaRead, "PostgREST: what there is, as OpenAPI 2.0"),
    route(Method::GET, "/rest/v1/{relation}", Right::Rest, "PostgREST: read rows"),
    route(Method::HEAD, "/rest/v1/{relation}", Right::Rest, "PostgREST: the same without rows"),
    route(
        Method::POST,
        "/rest/v1/{relation}",
        Right::Rest,
        "PostgREST: insert rows, or upsert them",
    ),
    route(
        Method::PATCH,
        "/rest/v1/{relation}",
        Right::Rest,
        "PostgREST: update the rows that match",
    ),
    route(Method::PUT, "/rest/v1/{relation}", Right::Rest, "PostgREST: insert a row or replace it"),
    route(
        Method::DELETE,
        "/rest/v1/{relation}",
        Right::Rest,
        "PostgREST: delete the rows that match",
    ),
    route(
        Method::OPTIONS,
        "/rest/v1/{relation}",
        Right::Rest,
        "PostgREST: what can be done with it",
    ),
    route(
        Method::GET,
        "/rest/v1/rpc/{function}",
        Right::RestCall,
        "PostgREST: call a function that only reads",
    ),
    route(
        Method::HEAD,
        "/rest/v1/rpc/{function}",
        Right::RestCall,
        "PostgREST: the same without rows",
    ),
    route(Method::POST, "/rest/v1/rpc/{function}", Right::RestCall, "PostgREST: call a function"),
    route(
        Method::OPTIONS,
        "/rest/v1/rpc/{function}",
        Right::RestCall,
        "PostgREST: how it can be called",
    ),
    route(Method::GET, "/schema/tables", Right::SchemaRead, "Tables and views of a client"),
    route(Method::GET, "/schema/columns", Right::SchemaRead, "Columns of a table"),
    route(
        Method::GET,
        "/schema/constraints",
        Right::SchemaRead,
        "Keys of a table or of all, checks and exclusions",
    ),
    route(Method::GET, "/schema/migrations", Right::SchemaRead, "Migrations, tool by tool"),
    route(Method::GET, "/schema/clients", Right::Admin, "Clients that can answer now"),
    route(Method::GET, "/clients", Right::Admin, "Clients that can answer now"),
    route(Method::GET, "/admin/api-keys", Right::Admin, "API keys, newest first"),
    route(
        Method::POST,
        "/admin/api-keys",
        Right::Admin,
        "Make an API key; its secret is shown once",
    ),
    route(Method::DELETE, "/admin/api-keys/{id}", Right::Admin, "Deactivate an API key"),
    route(
        Method::POST,
        "/admin/provision",
        PROVISION,
        "Make this gateway's tables in a database, or bring them up to date",
    ),
    route(Method::GET, "/admin/provision/status", PROVISION, "Which of those tables there are"),
    route(
        Method::GET,
        "/admin/provision/local/databases",
        PROVISION,
        "Databases of a client's server",
    ),
    route(
        Method::POST,
        "/admin/provision/local/databases",
        PROVISION,
        "Make a database on a client's server",
    ),
    route(Method::POST, "/admin/provision/local/pipeline", PROVISION, "Not built"),
    route(Method::POST, "/admin/provision/providers/{provider}", PROVISION, "Not built"),
    route(Method::GET, "/admin/provision/instances", PROVISION, "Not built"),
    route(Method::POST, "/admin/provision/instances", PROVISION, "Not built"),
    route(Method::GET, "/admin/provision/instances/{name}", PROVISION, "Not built"),
    route(Method::DELETE, "/admin/provision/instances/{name}", PROVISION, "Not built"),
    route(
        Method::GET,
        "/management/capabilities",
        MANAGE_READ,
        "List management API capabilities for a client",
    ),
    route(Method::GET, "/management/tables", MANAGE_READ, "Every table and view"),
    route(
        Method::POST,
        "/management/tables",
        Right::Manage("management.tables.write"),
        "Create a table",
    ),
    route(
        Method::GET,
        "/management/tables/{table}",
        MANAGE_READ,
        "A table's columns and constraints",
    ),
    route(
        Method::PATCH,
        "/management/tables/{table}",
        Right::Manage("management.tables.write"),
        "Change a table, its columns or its constraints",
    ),
    route(
        Method::DELETE,
        "/management/tables/{table}",
        Right::Manage("management.tables.drop"),
        "Drop a table",
    ),
    route(
        Method::DELETE,
        "/management/tables/{table}/columns/{column}",
        Right::Manage("management.columns.drop"),
        "Drop a column",
    ),
    route(Method::GET, "/management/indexes", MANAGE_READ, "Every index, or those of a table"),
    route(
        Method::POST,
        "/management/indexes",
        Right::Manage("management.indexes.write"),
        "Create an index",
    ),
    route(
        Method::DELETE,
        "/management/indexes/{index}",
        Right::Manage("management.indexes.drop"),
        "Drop an index",
    ),
    route(Method::GET, "/management/extensions", MANAGE_READ, "Extensions, installed or not"),
    route(
        Method::POST,
        "/management/extensions/install",
        Right::Manage("management.extensions.write"),
        "Install an extension",
    ),
    route(
        Method::GET,
        "/management/functions",
        Right::Manage("management.functions.read"),
        "Functions and procedures",
    ),
    route(
        Method::PUT,
        "/management/functions",
        Right::Manage("management.functions.write"),
        "Create or replace a function",
    ),
    route(
        Method::DELETE,
        "/management/functions",
        Right::Manage("management.functions.drop"),
        "Drop a function",
    ),
    route(
        Method::GET,
        "/management/audit-log",
        MANAGE_READ,
        "What was changed, by whom, and how it ended",
    ),
    route(
        Method::GET,
        "/management/provision/local/databases",
        Right::Manage("management.provision.write"),
        "Databases of the client's server",
    ),
    route(
        Method::POST,
        "/management/provision/local/databases",
        Right::Manage("management.provision.write"),
        "Make a database on the client's server",
    ),
];

type Athena = Across<Envelope<Once<Router>>>;

/// The gateway's HTTP surface: a service that is cheap to clone. From the inside out: the routes,
/// writes that are done once, time and panics and ids and envelope, and cross-site rules. PostgREST's
/// surface has errors, repetitions and cross-site rules of its own.
#[derive(Clone)]
pub struct Surface {
    gateway: Athena,
    rest: Envelope<Router>,
}

/// An unknown path and a wrong method are the same 404.
pub fn surface(state: ApiState) -> Surface {
    let limit = state.settings().request_timeout;
    let rest = rest::router(&state).with_state(state.clone());
    Surface {
        rest: Envelope::new(rest, limit),
        gateway: around(routes().with_state(state.clone()), state),
    }
}

fn around(router: Router, state: ApiState) -> Athena {
    let (limit, cors) = (state.settings().request_timeout, state.settings().cors.clone());
    Across::new(Envelope::new(Once::new(router, state), limit), &cors)
}

impl Service<Request> for Surface {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Routers and what stands around them are always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if rest::is_below(request.uri().path()) {
            self.rest.call(request)
        } else {
            self.gateway.call(request)
        }
    }
}

fn routes() -> Router<ApiState> {
    let data = Router::new()
        .merge(data::router())
        .merge(data_get::router())
        .merge(query::router())
        .merge(count::router())
        .merge(rpc::router())
        .merge(transaction::router());
    let everywhere = Router::new().merge(health::router()).merge(data).merge(schema::router());
    mounts::spread(everywhere, &health::root())
        .merge(admin::router())
        .merge(management::router())
        .merge(openapi::router())
        .method_not_allowed_fallback(not_found)
        .fallback(not_found)
}

async fn not_found() -> ApiError {
    ApiError::NotFound
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::ApiSettings;
    use axum::{body::Body, routing::get};
    use gateway::{Access, Gateway, GatewaySettings};
    use http::Request;
    use serde_json::Value;
    use std::time::Duration;
    use tower::ServiceExt;

    async fn answer(path: &str) -> (u16, Value) {
        let settings =
            ApiSettings { request_timeout: Duration::from_millis(20), ..ApiSettings::default() };
        let gateway = Gateway::new(GatewaySettings::default(), Access::open());
        let state = ApiState::new(gateway, settings);
        let broken = Router::new()
            .route(
                "/panics",
                get(|| async {
                    if true {
                        panic!("on purpose")
                    }
                }),
            )
            .route("/sleeps", get(|| tokio::time::sleep(Duration::from_secs(60))));
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = around(broken, state).oneshot(request).await.unwrap();
        assert!(response.headers().contains_key("x-request-id"));
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_a_500_envelope_that_tells_nothing() {
        let (status, body) = answer("/panics").await;
        assert_eq!((status, &body["code"]), (500, &Value::from("internal_error")));
        assert_eq!(body["error"], "An unexpected error occurred");
        assert!(!body.to_string().contains("on purpose"));
    }

    #[tokio::test]
    async fn an_endless_request_is_a_504_envelope() {
        let (status, body) = answer("/sleeps").await;
        assert_eq!((status, &body["code"]), (504, &Value::from("request_timeout")));
    }
}
