//! Every path of this surface: what it does, and who may.

mod admin;
mod clients;
mod data;
mod index;
mod management;
mod server;

pub(crate) use index::{answering, find, place};

use crate::mounts;
use axum::extract::MatchedPath;
use http::{Method, request::Parts};
use std::sync::LazyLock;

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
            Self::Deferred(right) => right,
            Self::SchemaRead => "schema.read",
            Self::Rest => "{relation}.read, {relation}.write or {relation}.delete",
            Self::RestCall => "gateway.rpc.execute",
            Self::Reader(right) | Self::Manage(right) | Self::Operator(right) => right,
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
    find(method, path).map(|route| route.right.as_str())
}

const fn route(method: Method, path: &'static str, right: Right, summary: &'static str) -> Route {
    Route { method, path, right, summary }
}

/// The whole surface, for the listing at `/` and for documentation.
pub static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    [server::LISTED, data::LISTED, clients::LISTED, admin::LISTED, management::LISTED].concat()
});
