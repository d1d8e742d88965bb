//! What is open to everybody: a route leads to one client, one table and some operations.

mod bounds;
mod error;
mod hosts;
mod route;

pub(crate) use bounds::{Bounds, equality};
pub use error::RouteError;
pub use hosts::HostOutcome;
pub(crate) use route::{Routes, check_key, forced};

use crate::{
    Gateway,
    access::Visitor,
    error::GatewayError,
    ids::Trace,
    pipeline::{RawSql, SqlDoor},
    timings::{Stage, Timings},
};
use bytes::Bytes;
use cache::Directive;
use query::{Operation, RequestError};
use route::Route;
use serde_json::{Map, Value};
use std::sync::Arc;

/// What can be done through a public route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PublicOp {
    Delete,
    Fetch,
    Insert,
    Query,
    Update,
}

impl PublicOp {
    pub const ALL: [Self; 5] = [Self::Delete, Self::Fetch, Self::Insert, Self::Query, Self::Update];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|op| op.word().eq_ignore_ascii_case(text.trim()))
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Fetch => "fetch",
            Self::Insert => "insert",
            Self::Query => "query",
            Self::Update => "update",
        }
    }

    /// The operation on a table; nothing for SQL.
    pub fn operation(self) -> Option<Operation> {
        match self {
            Self::Delete => Some(Operation::Delete),
            Self::Fetch => Some(Operation::Fetch),
            Self::Insert => Some(Operation::Insert),
            Self::Update => Some(Operation::Update),
            Self::Query => None,
        }
    }
}

/// Somebody at a route that is open for what they want.
pub struct PublicVisit {
    pub visitor: Visitor,
    route: Arc<Route>,
}

impl Gateway {
    /// Let anybody in through a route, with its rights and within its bounds.
    pub async fn visit_route(
        &self,
        trace: Trace,
        key: &str,
        op: PublicOp,
    ) -> Result<PublicVisit, GatewayError> {
        let visit = self.visit(trace, key, op).await;
        self.measured().events.looked_up(match &visit {
            Ok(_) => "hit",
            Err(error) => error.lookup_word(),
        });
        Ok(visit?)
    }

    async fn visit(
        &self,
        trace: Trace,
        key: &str,
        op: PublicOp,
    ) -> Result<PublicVisit, RouteError> {
        let mut timings = Timings::start();
        let key = check_key(key)?;
        let routes = self.live().routes().ok_or(RouteError::NotReady)?;
        let route = routes.get(&key).ok_or(RouteError::Unknown)?;
        if !route.is_active {
            return Err(RouteError::Inactive);
        }
        if !route.allows(op) {
            return Err(RouteError::OpNotAllowed { op: op.word() });
        }
        timings.finish(Stage::Auth);
        self.wake(&route.client).await;
        let visitor = Visitor::new(route.caller(op), route.client.clone(), trace, timings);
        let visitor = visitor.within(Arc::clone(&route.bounds));
        Ok(PublicVisit { visitor, route: Arc::clone(route) })
    }
}

impl PublicVisit {
    /// The body with the route's table in it, when the caller names none.
    pub fn body(&self, body: &Bytes) -> Result<Bytes, GatewayError> {
        let Some(table) = &self.route.table else { return Ok(body.clone()) };
        let mut members = members(body)?;
        let named = ["table_name", "table", "view_name"].into_iter().any(|name| {
            members.get(name).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty())
        });
        if named {
            return Ok(body.clone());
        }
        members.insert("table_name".to_owned(), table.as_str().into());
        Ok(Bytes::from(Value::Object(members).to_string()))
    }

    /// The route's SQL with the caller's values; the caller's own where the route allows that.
    pub fn sql(&self, body: &Bytes, directive: Directive) -> Result<RawSql, GatewayError> {
        let blank = body.iter().all(u8::is_ascii_whitespace);
        let mut members = if blank { Map::new() } else { members(body)? };
        let params = match members.shift_remove("params") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(params)) => params,
            Some(_) => return Err(invalid("params", "an array")),
        };
        let own = match members.shift_remove("query") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => return Err(invalid("query", "a text")),
        };
        if let Some((field, _)) = members.into_iter().next() {
            return Err(RequestError::UnknownField { field }.into());
        }
        let text = match (&self.route.saved_query, own) {
            (Some(saved), None) => saved.clone(),
            (Some(_), Some(_)) => return Err(RouteError::QueryIsFixed.into()),
            // Which a route without one allows, or it could not have this operation.
            (None, own) => own.unwrap_or_default(),
        };
        Ok(RawSql { door: SqlDoor::Query, text, params, strip_nulls: false, directive })
    }
}

fn members(body: &Bytes) -> Result<Map<String, Value>, GatewayError> {
    match serde_json::from_slice(body).map_err(RequestError::InvalidJson)? {
        Value::Object(members) => Ok(members),
        _ => Err(RequestError::NotAnObject.into()),
    }
}

fn invalid(field: &str, expected: &'static str) -> GatewayError {
    RequestError::InvalidField { field: field.to_owned(), expected }.into()
}
