//! Why a public route lets nobody through.

use api_types::Problem;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    #[error("no such operation")]
    InvalidOp,
    #[error("no key of a route")]
    InvalidKey,
    #[error("the routes were not read yet")]
    NotReady,
    #[error("there is no such route")]
    Unknown,
    #[error("the route is closed")]
    Inactive,
    #[error("the route does not allow {op}")]
    OpNotAllowed { op: &'static str },
    #[error("the route leads to another table")]
    OtherTable,
    #[error("the route's query is fixed")]
    QueryIsFixed,
    #[error("the route does not fit its table")]
    Broken,
}

impl RouteError {
    /// What became of looking for the route, in the contract's words.
    pub(super) fn lookup_word(&self) -> &'static str {
        match self {
            Self::NotReady => "catalog_unavailable",
            Self::Unknown => "route_not_found",
            Self::Inactive => "route_inactive",
            Self::OpNotAllowed { .. } => "op_not_allowed",
            Self::InvalidOp
            | Self::InvalidKey
            | Self::OtherTable
            | Self::QueryIsFixed
            | Self::Broken => "invalid_route_key",
        }
    }

    pub fn problem(&self) -> Problem {
        match self {
            Self::InvalidOp => Problem::new(400, "invalid_op", "Invalid public route operation")
                .with_hint("One of query, fetch, insert, update and delete."),
            Self::InvalidKey => Problem::new(400, "invalid_route_key", "Invalid route key")
                .with_hint("Letters, digits, '-', '_' and '/' make a key."),
            Self::NotReady => {
                Problem::new(503, "route_registry_unavailable", "Route registry unavailable")
            }
            Self::Unknown => Problem::new(404, "unknown_public_route", "Public route not found"),
            Self::Inactive => Problem::new(403, "route_inactive", "Public route is inactive"),
            Self::OpNotAllowed { op } => {
                Problem::new(403, "op_not_allowed", "Public route operation not allowed")
                    .with_detail("op", *op)
            }
            Self::OtherTable => {
                let text = "The body names another table than the route leads to";
                Problem::new(400, "route_table_mismatch", text)
                    .with_hint("Leave the table out; the route says which it is.")
            }
            Self::QueryIsFixed => {
                let text = "The route has a query of its own";
                Problem::new(400, "route_query_fixed", text)
                    .with_hint("Leave the query out, and send its params.")
            }
            Self::Broken => Problem::new(
                500,
                "route_broken",
                "This public route does not fit its table any more",
            )
            .with_hint("An administrator has to change the route."),
        }
    }
}
