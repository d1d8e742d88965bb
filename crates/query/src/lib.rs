//! The pure pipeline: request, plan, statement, response. No I/O anywhere in here.

pub mod pattern;
pub mod plan;
pub mod post;
pub mod request;
pub mod response;
pub mod sql;
pub mod statement;

pub use plan::{Access, CallError, CallPlan, Plan, PlanError};
pub use request::{ApiRequest, CallRequest, Operation, RequestError};
pub use response::{ApiResponse, ResponseError};
pub use statement::{Param, RenderError, Statement};
