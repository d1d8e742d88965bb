//! Requests whose client may stand in their body.

use super::{Admitted, admit, read_body, text};
use crate::{error::ApiError, members, state::ApiState};
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use gateway::{GatewayError, Visitor};
use http::{HeaderMap, HeaderValue, request::Parts};
use query::RequestError;

/// A request that was read to its end before it is known which client it is for.
pub(crate) struct Asked {
    parts: Parts,
    pub(crate) body: Bytes,
}

impl FromRequest<ApiState> for Asked {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let body = read_body(&parts.headers, body, state.settings().body_limit).await?;
        Ok(Self { parts, body })
    }
}

impl Asked {
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// Let the caller in for the client of the header, or of the body when there is no header.
    pub(crate) async fn admit(
        &mut self,
        state: &ApiState,
        named: Option<&str>,
    ) -> Result<Visitor, ApiError> {
        let said = text(&self.parts.headers, "x-athena-client")?;
        match (said, named.map(str::trim).filter(|named| !named.is_empty())) {
            (Some(header), Some(named)) if !header.trim().eq_ignore_ascii_case(named) => {
                let (first, second) = ("db_name".to_owned(), "X-Athena-Client".to_owned());
                return Err(members::refused(RequestError::ConflictingFields { first, second }));
            }
            (None, Some(named)) => {
                let value = HeaderValue::from_bytes(named.as_bytes())
                    .map_err(|_control| members::invalid("db_name", "the name of a client"))?;
                self.parts.headers.insert("x-athena-client", value);
            }
            _ => {}
        }
        match admit(&self.parts, state).await {
            Ok(Admitted(visitor)) => Ok(visitor),
            Err(ApiError::Gateway(GatewayError::MissingClient)) => {
                Err(GatewayError::MissingClientOrAddress.into())
            }
            Err(error) => Err(error),
        }
    }
}
