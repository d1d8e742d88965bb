//! Every path of this surface: what it does, and who may.

use crate::mounts;
use axum::extract::MatchedPath;
use http::{Method, request::Parts};

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
    /// The key that filed a deferred request, or this right.
    Deferred(&'static str),
    /// `schema.read`; without it, only readable tables are shown.
    SchemaRead,
    /// The right over each relation that is touched, and what the database's role may.
    Rest,
    /// `gateway.rpc.execute`, and what the database's role may.
    RestCall,
    /// The static admin key, or an API key with this right; nothing at all where no keys are demanded.
    Reader(&'static str),
    /// The static admin key, or an API key with this right.
    Operator(&'static str),
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
            Self::Deferred(right) => right,
            Self::SchemaRead => "schema.read",
            Self::Rest => "{relation}.read, {relation}.write or {relation}.delete",
            Self::RestCall => "gateway.rpc.execute",
            Self::Reader(right) | Self::Operator(right) => right,
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

/// The listed route that answers this, under any of its mounts.
pub(crate) fn find(method: &Method, path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.method == *method && route.answers(path))
}

/// The right that opens an administrators' or a reader's route to API keys.
pub(crate) fn named_right(parts: &Parts) -> Option<&'static str> {
    let path = parts.extensions.get::<MatchedPath>()?;
    let listed = ROUTES.iter().find(|r| r.method == parts.method && r.path == path.as_str())?;
    match listed.right {
        Right::Reader(right) | Right::Operator(right) => Some(right),
        _ => None,
    }
}

/// What the route needs that answers this, in words.
pub(crate) fn declared(method: &Method, path: &str) -> Option<&'static str> {
    let route = ROUTES.iter().find(|route| route.method == *method && route.answers(path))?;
    Some(route.right.as_str())
}

const fn route(method: Method, path: &'static str, right: Right, summary: &'static str) -> Route {
    Route { method, path, right, summary }
}

const READ_CLIENTS: Right = Right::Operator("datasources.read");
const WRITE_CLIENTS: Right = Right::Operator("datasources.write");

/// The whole surface, for the listing at `/` and for documentation.
pub static ROUTES: &[Route] = &[
    route(Method::GET, "/", Right::Open, "What this server is and what it answers"),
    route(Method::GET, "/ping", Right::Open, "Answers pong"),
    route(Method::GET, "/health", Right::Open, "Version, uptime, clients and totals"),
    route(Method::GET, "/ready", Right::Open, "503 until a client is connected"),
    route(Method::GET, "/health/cluster", Right::Open, "Cluster mirror health and version checks"),
    route(
        Method::GET,
        "/router/registry",
        Right::Reader("registry.read"),
        "Every path with its methods",
    ),
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
    route(
        Method::GET,
        "/gateway/deferred",
        Right::Deferred("deferred.read"),
        "Requests that are done later",
    ),
    route(
        Method::GET,
        "/gateway/deferred/{id}",
        Right::Deferred("deferred.read"),
        "How far a deferred request has come",
    ),
    route(
        Method::GET,
        "/gateway/deferred/{id}/result",
        Right::Deferred("deferred.read"),
        "What a deferred request was answered with",
    ),
    route(
        Method::POST,
        "/gateway/deferred/{id}/requeue",
        Right::Deferred("deferred.manage"),
        "Do a deferred request again",
    ),
    route(
        Method::POST,
        "/gateway/deferred/{id}/cancel",
        Right::Deferred("deferred.manage"),
        "Do a deferred request no more",
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
    route(Method::GET, "/api/v1/datasources", READ_CLIENTS, "Clients, with where each stands"),
    route(Method::POST, "/api/v1/datasources", WRITE_CLIENTS, "Make a client"),
    route(Method::GET, "/api/v1/datasources/drivers", READ_CLIENTS, "What each driver asks for"),
    route(
        Method::GET,
        "/api/v1/datasources/events",
        READ_CLIENTS,
        "What happens to clients, as it does",
    ),
    route(
        Method::POST,
        "/api/v1/datasources/test",
        WRITE_CLIENTS,
        "Try a client without keeping it",
    ),
    route(Method::GET, "/api/v1/datasources/{name}", READ_CLIENTS, "A client, without its secrets"),
    route(Method::PATCH, "/api/v1/datasources/{name}", WRITE_CLIENTS, "Change a client"),
    route(Method::DELETE, "/api/v1/datasources/{name}", WRITE_CLIENTS, "Remove a client"),
    route(
        Method::POST,
        "/api/v1/datasources/{name}/test",
        WRITE_CLIENTS,
        "Try a client as it is kept",
    ),
    route(
        Method::POST,
        "/api/v1/datasources/{name}/migrate-credential",
        WRITE_CLIENTS,
        "Move a password of old to where secrets are kept",
    ),
    route(Method::GET, "/admin/clients", READ_CLIENTS, "Clients, with where each stands"),
    route(Method::POST, "/admin/clients", WRITE_CLIENTS, "Make a client from a connection string"),
    route(Method::PATCH, "/admin/clients/{name}", WRITE_CLIENTS, "Change a client"),
    route(Method::DELETE, "/admin/clients/{name}", WRITE_CLIENTS, "Remove a client"),
    route(
        Method::PUT,
        "/admin/clients/{name}/freeze",
        WRITE_CLIENTS,
        "Hold a client's traffic back, or let it through",
    ),
    route(
        Method::GET,
        "/api/v1/datasources/{name}/remote-tables",
        Right::Operator("datasources.read"),
        "Tables of a client, as external/tables",
    ),
    route(
        Method::GET,
        "/api/v1/datasources/{name}/external/tables",
        Right::Operator("datasources.read"),
        "Tables of a client in its allowed schemas",
    ),
    route(
        Method::POST,
        "/api/v1/datasources/{name}/external/tables/{remote}/draft",
        Right::Operator("datasources.read"),
        "What a table would be as a resource; writes nothing",
    ),
    route(
        Method::POST,
        "/api/v1/datasources/{name}/external/tables/{remote}/import",
        Right::Operator("datasources.import"),
        "Import a table as a resource",
    ),
    route(
        Method::GET,
        "/api/v1/datasources/{name}/external/objects",
        Right::Operator("datasources.read"),
        "Imported resources of a client",
    ),
    route(
        Method::DELETE,
        "/api/v1/datasources/{name}/external/objects/{object}",
        Right::Operator("datasources.import"),
        "Remove an imported resource; its table stays",
    ),
    route(
        Method::POST,
        "/api/v1/datasources/{name}/external/refresh-catalog",
        Right::Operator("datasources.import"),
        "Read the catalog of a client and keep it",
    ),
    route(
        Method::GET,
        "/api/v1/datasources/{name}/external/catalog",
        Right::Operator("datasources.read"),
        "The catalog as it was last kept",
    ),
    route(
        Method::POST,
        "/api/v1/datasources/{name}/external/validate",
        Right::Operator("datasources.read"),
        "Compare a client with what was imported of it",
    ),
    route(
        Method::GET,
        "/api/v1/datasources/{name}/external/drift",
        Right::Operator("datasources.read"),
        "Events of drift, newest first",
    ),
    route(
        Method::POST,
        "/api/v1/datasources/{name}/external/drift/{id}/ack",
        Right::Operator("datasources.write"),
        "Acknowledge an event of drift",
    ),
    route(
        Method::GET,
        "/admin/admission-limits",
        Right::Operator("admission.read"),
        "How many requests are let in",
    ),
    route(
        Method::PUT,
        "/admin/admission-limits",
        Right::Operator("admission.manage"),
        "Say how many requests are let in, on all nodes",
    ),
    route(
        Method::DELETE,
        "/admin/admission-limits",
        Right::Operator("admission.manage"),
        "Let the settings say how many requests are let in",
    ),
    route(
        Method::GET,
        "/admin/admission-events",
        Right::Operator("admission.read"),
        "Requests that were turned away or put off",
    ),
    route(Method::PATCH, "/admin/api-keys/{id}", Right::Admin, "Change an API key"),
    route(Method::DELETE, "/admin/api-keys/{id}", Right::Admin, "Archive an API key, or remove it"),
    route(
        Method::POST,
        "/admin/api-keys/{id}/rotate",
        Right::Admin,
        "Give an API key a new secret; it is shown once",
    ),
    route(Method::GET, "/admin/api-key-rights", Right::Admin, "The catalogue of rights"),
    route(Method::POST, "/admin/api-key-rights", Right::Admin, "Add a right to the catalogue"),
    route(Method::PATCH, "/admin/api-key-rights/{id}", Right::Admin, "Change a right"),
    route(
        Method::DELETE,
        "/admin/api-key-rights/{id}",
        Right::Admin,
        "Remove a right, and take it from every key",
    ),
    route(Method::GET, "/admin/api-key-config", Right::Admin, "Whether API keys are demanded"),
    route(Method::PUT, "/admin/api-key-config", Right::Admin, "Demand API keys, or do not"),
    route(
        Method::GET,
        "/admin/api-key-clients",
        Right::Admin,
        "Whether API keys are demanded of single clients",
    ),
    route(
        Method::PUT,
        "/admin/api-key-clients/{client}",
        Right::Admin,
        "Demand API keys of a client, or do not",
    ),
    route(
        Method::DELETE,
        "/admin/api-key-clients/{client}",
        Right::Admin,
        "Let a client follow the policy for all",
    ),
    route(
        Method::GET,
        "/admin/api-key-auth-log",
        Right::Admin,
        "Who showed which key, and what came of it",
    ),
    route(Method::GET, "/admin/users", Right::Admin, "People of the console"),
    route(Method::POST, "/admin/users", Right::Admin, "Add a person"),
    route(Method::PATCH, "/admin/users/{id}", Right::Admin, "Change a person"),
    route(
        Method::POST,
        "/admin/users/{id}/invite",
        Right::Admin,
        "A link that signs a person in once; it is shown once",
    ),
    route(Method::GET, "/admin/users/{id}/sessions", Right::Admin, "Where a person is signed in"),
    route(
        Method::DELETE,
        "/admin/users/{id}/sessions",
        Right::Admin,
        "Sign a person out everywhere",
    ),
    route(
        Method::DELETE,
        "/admin/users/{id}/sessions/{session}",
        Right::Admin,
        "Sign a person out in one place",
    ),
    route(Method::GET, "/admin/organizations", Right::Admin, "Organizations"),
    route(Method::POST, "/admin/organizations", Right::Admin, "Add an organization"),
    route(Method::PATCH, "/admin/organizations/{id}", Right::Admin, "Change an organization"),
    route(Method::DELETE, "/admin/organizations/{id}", Right::Admin, "Remove an organization"),
    route(Method::GET, "/admin/organizations/{id}/members", Right::Admin, "Who belongs to it"),
    route(
        Method::PUT,
        "/admin/organizations/{id}/members/{user}",
        Right::Admin,
        "Make a person a member, and say what they may",
    ),
    route(
        Method::DELETE,
        "/admin/organizations/{id}/members/{user}",
        Right::Admin,
        "Take a person out of it",
    ),
    route(
        Method::POST,
        "/admin/admin-key/rotate",
        Right::Admin,
        "Make another admin key; it is shown once",
    ),
    route(
        Method::GET,
        "/admin/clients/statistics",
        Right::Operator("admin.statistics.read"),
        "How much each client is used",
    ),
    route(
        Method::POST,
        "/admin/clients/statistics/refresh",
        Right::Operator("admin.statistics.read"),
        "The same, with what was logged until now",
    ),
    route(
        Method::GET,
        "/admin/clients/{name}/statistics",
        Right::Operator("admin.statistics.read"),
        "How much a client and its tables are used",
    ),
    route(
        Method::GET,
        "/admin/clients/{name}/statistics/drilldown",
        Right::Operator("admin.statistics.read"),
        "The operations behind a number",
    ),
    route(
        Method::GET,
        "/admin/client-configs",
        Right::Operator("admin.configs.read"),
        "How clients differ from the settings",
    ),
    route(
        Method::POST,
        "/admin/client-configs/seed-from-config",
        Right::Operator("admin.configs.write"),
        "Write down how clients work now, where nothing is",
    ),
    route(
        Method::GET,
        "/admin/client-configs/{name}",
        Right::Operator("admin.configs.read"),
        "How a client differs, and how it works",
    ),
    route(
        Method::PUT,
        "/admin/client-configs/{name}",
        Right::Operator("admin.configs.write"),
        "Let a client differ, at once and everywhere",
    ),
    route(
        Method::DELETE,
        "/admin/client-configs/{name}",
        Right::Operator("admin.configs.write"),
        "Let a client work as the settings say",
    ),
    route(
        Method::GET,
        "/admin/public-routes",
        Right::Operator("admin.routes.read"),
        "What is open to everybody",
    ),
    route(
        Method::POST,
        "/admin/public-routes",
        Right::Operator("admin.routes.write"),
        "Open a route to everybody",
    ),
    route(
        Method::PATCH,
        "/admin/public-routes/{route_key}",
        Right::Operator("admin.routes.write"),
        "Change a public route",
    ),
    route(
        Method::DELETE,
        "/admin/public-routes/{route_key}",
        Right::Operator("admin.routes.write"),
        "Close a public route for good",
    ),
    route(
        Method::GET,
        "/admin/audit",
        Right::Operator("admin.audit.read"),
        "What administrators did, newest first",
    ),
    route(
        Method::POST,
        "/public/{route_key}/{op}",
        Right::Open,
        "What a public route allows, to everybody",
    ),
];
