//! What the caller gets back.

use bytes::Bytes;

/// A status, headers and a finished body.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiResponse {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}
