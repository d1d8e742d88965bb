//! PostgREST's language without I/O: schema cache, request, plan, SQL and answer.

pub mod config;
pub mod error;
pub mod openapi;
pub mod plan;
pub mod request;
pub mod response;
pub mod schema;
pub mod sql;

pub use config::{OpenApiMode, RestConfig, TxEnd};
pub use error::{DatabaseError, RestError};
pub use plan::{Access, DatabasePlan, DocumentPlan, Plan, Right, RowFunction, Touch, plan};
pub use request::{Kind, RawRequest, Request};
pub use response::{Outcome, Response};
pub use sql::{Param, Statement};
