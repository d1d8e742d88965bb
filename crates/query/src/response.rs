//! What the caller gets back: the rows as the backend wrote them, inside one envelope.

mod envelope;
mod error;
mod rows;
pub mod script;

pub use error::ResponseError;

use crate::plan::Plan;
use crate::request::Profile;
use bytes::{Bytes, BytesMut};
use std::borrow::Cow;

/// By name and value; most values are words of ours.
pub type Headers = Vec<(&'static str, Cow<'static, str>)>;

/// A status, headers and a finished body.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiResponse {
    pub status: u16,
    pub headers: Headers,
    pub body: Bytes,
}

/// How many rows came back, were changed, and are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    pub returned: u64,
    pub affected: u64,
    /// All matching rows, when the plan asked.
    pub count: Option<u64>,
}

/// The body's beginning; the backend appends the rows as one JSON array.
pub fn open(plan: &Plan) -> BytesMut {
    match plan.profile() {
        Profile::Envelope => BytesMut::from(envelope::OPENING),
        Profile::Bare => BytesMut::new(),
    }
}

/// The body's end. `body` is what [`open`] gave, with the rows behind it.
pub fn build(
    plan: &Plan,
    counted: &Counted,
    mut body: BytesMut,
    request_id: &str,
) -> Result<ApiResponse, ResponseError> {
    let mut headers = vec![("content-type", "application/json".into())];
    match plan.profile() {
        Profile::Envelope => envelope::close(plan, counted, &mut body, request_id)?,
        Profile::Bare => {
            rows::finish(plan, &mut body, 0)?;
            if let Some(total) = total(plan, counted) {
                headers.push(("x-total-count", total.to_string().into()));
            }
        }
    }
    Ok(ApiResponse { status: 200, headers, body: body.freeze() })
}

/// All matching rows of a read that counted them; the rows that a change touched.
fn total(plan: &Plan, counted: &Counted) -> Option<u64> {
    match plan {
        Plan::Read(_) => counted.count,
        Plan::Insert(_) | Plan::Update(_) | Plan::Delete(_) => Some(counted.affected),
    }
}
