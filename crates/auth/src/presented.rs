//! The key somebody shows, wherever they put it.

use crate::error::AuthError;
use http::{HeaderMap, header::AUTHORIZATION};
use percent_encoding::percent_decode_str;

/// Headers that carry a key and nothing else.
const HEADERS: [&str; 3] = ["x-athena-key", "apikey", "x-api-key"];

/// What was found in a request's carriers. It cannot be printed.
pub struct PresentedKey {
    headers: Carried,
    address: Carried,
    /// `?apikey=` is what older clients sent, and what proxies write to their logs.
    in_unread_parameter: bool,
}

enum Carried {
    Nothing,
    One(String),
    Several,
}

impl Carried {
    fn of(values: impl Iterator<Item = String>) -> Self {
        values.filter(|value| !value.is_empty()).fold(Self::Nothing, |found, value| match found {
            Self::Nothing => Self::One(value),
            Self::One(first) if first == value => Self::One(first),
            Self::One(_) | Self::Several => Self::Several,
        })
    }
}

impl PresentedKey {
    pub fn from_headers(headers: &HeaderMap, query: Option<&str>) -> Self {
        // A value that is no text is still a key that was presented, and a wrong one.
        let named = HEADERS.iter().flat_map(|name| headers.get_all(*name));
        let named = named.map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned());
        let bearer = headers.get_all(AUTHORIZATION).iter();
        let bearer =
            bearer.filter_map(|value| bearer_of(&String::from_utf8_lossy(value.as_bytes())));
        Self {
            headers: Carried::of(named.chain(bearer)),
            address: Carried::of(parameters(query, "api_key")),
            in_unread_parameter: parameters(query, "apikey").any(|value| !value.is_empty()),
        }
    }

    /// The key beside a token: what `Authorization` says is none of the key's business.
    pub fn beside_token(headers: &HeaderMap, query: Option<&str>) -> Self {
        let mut headers = headers.clone();
        headers.remove(AUTHORIZATION);
        Self::from_headers(&headers, query)
    }

    /// Whether no carrier holds anything.
    pub fn is_absent(&self) -> bool {
        let nothing = |carried: &Carried| matches!(carried, Carried::Nothing);
        nothing(&self.headers) && nothing(&self.address) && !self.in_unread_parameter
    }

    /// The one key, from a header or from `?api_key=`.
    pub(crate) fn text(&self) -> Result<&str, AuthError> {
        match (&self.headers, &self.address) {
            (Carried::Several, _) | (_, Carried::Several) => Err(AuthError::SeveralKeys),
            (Carried::One(a), Carried::One(b)) if a != b => Err(AuthError::SeveralKeys),
            (Carried::One(key), _) | (Carried::Nothing, Carried::One(key)) => Ok(key),
            (Carried::Nothing, Carried::Nothing) if self.in_unread_parameter => {
                Err(AuthError::KeyInAddress { parameter: "apikey" })
            }
            (Carried::Nothing, Carried::Nothing) => Err(AuthError::KeyRequired),
        }
    }

    /// The one key of the headers, for a key that must never stand in an address.
    pub(crate) fn in_headers(&self) -> Result<Option<&str>, AuthError> {
        match &self.headers {
            Carried::Several => Err(AuthError::SeveralKeys),
            Carried::One(key) => Ok(Some(key)),
            Carried::Nothing if self.in_unread_parameter => {
                Err(AuthError::KeyInAddress { parameter: "apikey" })
            }
            Carried::Nothing if !matches!(self.address, Carried::Nothing) => {
                Err(AuthError::KeyInAddress { parameter: "api_key" })
            }
            Carried::Nothing => Ok(None),
        }
    }
}

fn bearer_of(value: &str) -> Option<String> {
    let (scheme, key) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim().to_owned())
}

fn parameters<'a>(query: Option<&'a str>, wanted: &'a str) -> impl Iterator<Item = String> + 'a {
    query.unwrap_or_default().split('&').filter_map(move |pair| {
        let (name, value) = pair.split_once('=')?;
        (name == wanted).then(|| percent_decode_str(value).decode_utf8_lossy().trim().to_owned())
    })
}

#[cfg(test)]
mod tests;
