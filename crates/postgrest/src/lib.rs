//! PostgREST's language without I/O: schema cache, request, plan, SQL and answer.

pub mod openapi;
pub mod schema;
