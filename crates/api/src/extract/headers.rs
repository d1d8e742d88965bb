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

const ON: [&str; 4] = ["1", "true", "yes", "on"];
const OFF: [&str; 4] = ["0", "false", "no", "off"];

/// Whether the header switches something on or off.
pub(crate) fn switch(headers: &HeaderMap, name: &'static str) -> Result<Option<bool>, ApiError> {
    let Some(value) = text(headers, name)? else { return Ok(None) };
    let is_one =
        |words: [&str; 4]| words.iter().any(|word| value.trim().eq_ignore_ascii_case(word));
    match (is_one(ON), is_one(OFF)) {
        (true, _) => Ok(Some(true)),
        (_, true) => Ok(Some(false)),
        // Whoever mistyped it meant something.
        (false, false) => Err(ApiError::HeaderValue { name }),
    }
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

    #[test]
    fn a_switch_is_on_or_off_or_refused() {
        let switched = |value: &'static str| {
            let header = ("x-strip-nulls".parse().unwrap(), HeaderValue::from_static(value));
            switch(&HeaderMap::from_iter([header]), "x-strip-nulls")
        };
        for (value, expected) in [
            ("TRUE", Some(true)),
            (" on ", Some(true)),
            ("No", Some(false)),
            ("0", Some(false)),
            ("", None),
        ] {
            assert_eq!(switched(value).unwrap(), expected, "{value}");
        }
        assert!(matches!(switched("ture"), Err(ApiError::HeaderValue { .. })));
    }
}
