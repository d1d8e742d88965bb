//! The key somebody shows, wherever they put it.

use crate::{api_key::ApiKey, caller::KeyId, error::AuthError, pepper::Pepper};
use http::{HeaderMap, header::AUTHORIZATION};
use percent_encoding::percent_decode_str;
use std::net::IpAddr;

/// Headers that carry a key and nothing else.
const HEADERS: [&str; 3] = ["x-athena-key", "apikey", "x-api-key"];

/// Read where the settings say so; addresses end up in logs.
const IN_ADDRESS: &str = "api_key";

/// What older clients sent, and what proxies write to their logs. It is never read.
const NEVER_READ: &str = "apikey";

/// What was found in a request's carriers. It cannot be printed.
pub struct PresentedKey {
    headers: Carried,
    address: Carried,
    /// Where in the address a key seems to stand that is not read.
    unread: Option<&'static str>,
    peer: Option<IpAddr>,
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
    /// From headers only; of the address it is known that a key stands there.
    pub fn from_headers(headers: &HeaderMap, query: Option<&str>) -> Self {
        // A value that is no text is still a key that was presented, and a wrong one.
        let named = HEADERS.iter().flat_map(|name| headers.get_all(*name));
        let named = named.map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned());
        let bearer = headers.get_all(AUTHORIZATION).iter();
        let bearer =
            bearer.filter_map(|value| bearer_of(&String::from_utf8_lossy(value.as_bytes())));
        let unread = [NEVER_READ, IN_ADDRESS]
            .into_iter()
            .find(|name| parameters(query, name).any(|value| !value.is_empty()));
        let headers = Carried::of(named.chain(bearer));
        Self { headers, address: Carried::Nothing, unread, peer: None }
    }

    /// Also from `?api_key=`.
    #[must_use]
    pub fn or_address(mut self, query: Option<&str>) -> Self {
        self.address = Carried::of(parameters(query, IN_ADDRESS));
        self.unread = self.unread.filter(|name| *name != IN_ADDRESS);
        self
    }

    /// Who shows it, as far as the network knows.
    #[must_use]
    pub fn sent_by(self, peer: Option<IpAddr>) -> Self {
        Self { peer, ..self }
    }

    pub fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    /// The key beside a token: what `Authorization` says is none of the key's business.
    pub fn beside_token(headers: &HeaderMap, query: Option<&str>) -> Self {
        let mut headers = headers.clone();
        headers.remove(AUTHORIZATION);
        Self::from_headers(&headers, query)
    }

    /// Whether no carrier that is read holds anything.
    pub fn is_absent(&self) -> bool {
        let nothing = |carried: &Carried| matches!(carried, Carried::Nothing);
        nothing(&self.headers) && nothing(&self.address)
    }

    /// The id of the key, if it is one by its form; whether it opens anything is not known.
    pub fn claimed_id(&self) -> Option<KeyId> {
        ApiKey::parse(self.text().ok()?).ok().map(|key| key.id().clone())
    }

    /// Tells whether two presented texts are the same, and nothing else of them.
    pub fn digest(&self, pepper: &Pepper) -> Option<String> {
        let text = self.text().ok()?;
        Some(hex::encode(pepper.seal("athena: a presented text", &[text])))
    }

    /// The one key, from a header or from `?api_key=` where that is read.
    pub(crate) fn text(&self) -> Result<&str, AuthError> {
        match (&self.headers, &self.address) {
            (Carried::Several, _) | (_, Carried::Several) => Err(AuthError::SeveralKeys),
            (Carried::One(a), Carried::One(b)) if a != b => Err(AuthError::SeveralKeys),
            (Carried::One(key), _) | (Carried::Nothing, Carried::One(key)) => Ok(key),
            (Carried::Nothing, Carried::Nothing) => Err(self
                .unread
                .map_or(AuthError::KeyRequired, |parameter| AuthError::KeyInAddress { parameter })),
        }
    }

    /// The one key of the headers, for a key that must never stand in an address.
    pub(crate) fn in_headers(&self) -> Result<Option<&str>, AuthError> {
        match (&self.headers, &self.address, self.unread) {
            (Carried::Several, ..) => Err(AuthError::SeveralKeys),
            (Carried::One(key), ..) => Ok(Some(key)),
            (Carried::Nothing, _, Some(parameter)) => Err(AuthError::KeyInAddress { parameter }),
            (Carried::Nothing, Carried::Nothing, None) => Ok(None),
            (Carried::Nothing, _, None) => Err(AuthError::KeyInAddress { parameter: IN_ADDRESS }),
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
