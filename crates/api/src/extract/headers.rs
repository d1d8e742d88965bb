//! Header values as text, or a refusal that names the header.

use crate::error::ApiError;
use http::HeaderMap;

/// The header's value; a blank one counts as not sent.
pub(crate) fn text<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
) -> Result<Option<&'a str>, ApiError> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let text =
        std::str::from_utf8(value.as_bytes()).map_err(|_utf8| ApiError::HeaderNotText { name })?;
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_header_is_text_or_refused_by_name() {
        let mut headers = HeaderMap::new();
        assert!(matches!(text(&headers, "x-athena-client"), Ok(None)));
        headers.insert("x-athena-client", HeaderValue::from_static("  "));
        assert!(matches!(text(&headers, "x-athena-client"), Ok(None)));
        headers.insert("x-athena-client", HeaderValue::from_bytes(b"d\xff").unwrap());
        let refused = text(&headers, "x-athena-client");
        assert!(matches!(refused, Err(ApiError::HeaderNotText { name: "x-athena-client" })));
    }
}
