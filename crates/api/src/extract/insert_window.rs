//! `X-Athena-Insert-Window`: how long an insert may wait for others that are written with it.

use super::text;
use crate::{error::ApiError, routes, state::ApiState};
use axum::extract::FromRequestParts;
use http::{HeaderMap, request::Parts};
use std::time::Duration;

const NAME: &str = "x-athena-insert-window";

/// The one route where there is something to wait for.
const ROUTE: &str = "/gateway/insert";

/// In milliseconds; beyond these it is the nearer of the two.
const SHORTEST: u64 = 1;
const LONGEST: u64 = 60_000;

pub(crate) struct InsertWindow(pub(crate) Option<Duration>);

impl FromRequestParts<ApiState> for InsertWindow {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, ApiError> {
        read(&parts.headers).map(Self)
    }
}

fn read(headers: &HeaderMap) -> Result<Option<Duration>, ApiError> {
    let Some(asked) = text(headers, NAME)? else { return Ok(None) };
    let asked = asked.trim();
    let digits = asked.strip_prefix('-').unwrap_or(asked);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ApiError::HeaderValue { name: NAME });
    }
    // Digits that are no number any more are too many of them.
    let millis = if digits == asked { digits.parse().unwrap_or(LONGEST) } else { SHORTEST };
    Ok(Some(Duration::from_millis(millis.clamp(SHORTEST, LONGEST))))
}

/// Nothing else is written together, and what is asked for is not ignored.
pub(super) fn refuse_elsewhere(parts: &Parts) -> Result<(), ApiError> {
    let is_insert =
        || routes::find(&parts.method, parts.uri.path()).is_some_and(|route| route.path == ROUTE);
    if parts.headers.contains_key(NAME) && !is_insert() {
        return Err(ApiError::HeaderNotSupported { name: NAME });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_window_is_a_whole_number_of_milliseconds_within_bounds() {
        let window = |value: &'static str| {
            let header = (NAME.parse().unwrap(), HeaderValue::from_static(value));
            read(&HeaderMap::from_iter([header])).map(|window| window.map(|w| w.as_millis()))
        };
        for (value, millis) in [
            ("5", 5),
            (" 250 ", 250),
            ("0", 1),
            ("-3", 1),
            ("60001", 60_000),
            ("99999999999999999999999", 60_000),
        ] {
            assert_eq!(window(value).unwrap(), Some(millis), "{value}");
        }
        for value in ["soon", "1.5", "5ms", "-"] {
            assert!(window(value).is_err(), "{value}");
        }
        assert_eq!(read(&HeaderMap::new()).unwrap(), None);
    }
}
