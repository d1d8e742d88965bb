//! What the caller gets back: the rows as the backend wrote them, inside one envelope.

mod envelope;
mod error;

pub use error::ResponseError;

use crate::plan::Plan;
use bytes::{Bytes, BytesMut};

/// A status, headers and a finished body.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiResponse {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
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
pub fn open(_plan: &Plan) -> BytesMut {
    BytesMut::from(envelope::OPENING)
}

/// The body's end. `body` is what [`open`] gave, with the rows behind it.
pub fn build(
    plan: &Plan,
    counted: &Counted,
    mut body: BytesMut,
    request_id: &str,
) -> Result<ApiResponse, ResponseError> {
    envelope::close(plan, counted, &mut body, request_id)?;
    let headers = vec![("content-type", "application/json".to_owned())];
    Ok(ApiResponse { status: 200, headers, body: body.freeze() })
}
