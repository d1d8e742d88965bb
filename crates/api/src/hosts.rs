//! Hosts whose first label says which client is meant, where no header does.

use crate::{extract::TARGETS, state::ApiState};
use axum::extract::Request;
use gateway::HostOutcome;
use http::{HeaderMap, HeaderValue, Uri, header};

const CLIENT: &str = "x-athena-client";

/// `*.api.example.com`, as it was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    /// What follows the label, with its first dot.
    suffix: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{pattern:?} is no pattern of hosts; write it as *.api.example.com, other letters than ASCII in punycode"
)]
pub struct HostPatternError {
    pattern: String,
}

/// How a request's client was found, for the log of requests.
#[derive(Debug, Clone)]
pub(crate) struct HostRouted {
    pub(crate) label: String,
    pub(crate) outcome: &'static str,
}

impl HostPattern {
    pub fn parse(text: &str) -> Result<Self, HostPatternError> {
        let wrong = || HostPatternError { pattern: text.chars().take(80).collect() };
        let pattern = text.trim().to_ascii_lowercase();
        let domain = pattern.strip_prefix("*.").ok_or_else(wrong)?;
        if domain.len() > 253 || domain.split('.').count() < 2 || !domain.split('.').all(is_label) {
            return Err(wrong());
        }
        Ok(Self { suffix: format!(".{domain}") })
    }

    /// The one label in front, when this is such a host.
    fn label<'a>(&self, host: &'a str) -> Option<&'a str> {
        let label = host.strip_suffix(&self.suffix)?;
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        ((1..=63).contains(&label.len()) && label.chars().all(fits)).then_some(label)
    }
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// The host in lower case, without its port and one dot at its end; nothing for anything odd.
fn host_of(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let mut sent = headers.get_all(header::HOST).iter();
    let host = match (sent.next(), sent.next()) {
        (Some(host), None) => host.to_str().ok()?,
        // Two hosts are none.
        (Some(_), Some(_)) => return None,
        (None, _) => uri.authority()?.as_str(),
    };
    let name = match host.split_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        // An address of IPv6, or no port.
        Some(_) => return None,
        None => host,
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_name = name.is_ascii() && !name.contains(['@', '/', '[', '%', ' ']);
    (is_name && !name.ends_with('.') && name.len() <= 253).then(|| name.to_ascii_lowercase())
}

/// Name the client that the host stands for, unless the caller named one themselves.
pub(crate) fn route(state: &ApiState, request: &mut Request) {
    let patterns = &state.settings().wildcard_hosts;
    if patterns.is_empty() || says_where(request.headers()) {
        return;
    }
    let Some(host) = host_of(request.headers(), request.uri()) else { return };
    let Some(label) = patterns.iter().find_map(|pattern| pattern.label(&host)) else { return };
    let outcome = state.gateway().client_of_label(label);
    if let HostOutcome::Resolved { client, .. } = &outcome
        && let Ok(value) = HeaderValue::from_str(client.as_str())
    {
        request.headers_mut().insert(CLIENT, value);
    }
    let routed = HostRouted { label: label.to_owned(), outcome: outcome.word() };
    request.extensions_mut().insert(routed);
}

fn says_where(headers: &HeaderMap) -> bool {
    headers.contains_key(CLIENT) || TARGETS.iter().any(|name| headers.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(host: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_bytes(host.as_bytes()).unwrap());
        let host = host_of(&headers, &Uri::from_static("/"))?;
        let pattern = HostPattern::parse("*.Api.example.com").unwrap();
        pattern.label(&host).map(str::to_owned)
    }

    #[test]
    fn one_label_in_front_of_the_domain_is_found_in_every_spelling() {
        for host in [
            "shop.api.example.com",
            "SHOP.api.Example.com:8080",
            "shop.api.example.com.",
            "shop.api.example.com.:443",
        ] {
            assert_eq!(label(host).as_deref(), Some("shop"), "{host}");
        }
        assert_eq!(label("a-b_1.api.example.com").as_deref(), Some("a-b_1"));
        assert_eq!(label("xn--mnchen-3ya.api.example.com").as_deref(), Some("xn--mnchen-3ya"));
    }

    #[test]
    fn everything_else_is_no_such_host() {
        for host in [
            "api.example.com",
            ".api.example.com",
            "a.b.api.example.com",
            "shop.api.example.com.evil.net",
            "shopapi.example.com",
            "shop.api.example.com..",
            "shop.api.example.com:",
            "shop.api.example.com:80a",
            "shop.api.example.com:80:80",
            "[::1]",
            "user@shop.api.example.com",
            "münchen.api.example.com",
            "sh%6fp.api.example.com",
            "127.0.0.1",
            "",
        ] {
            assert_eq!(label(host), None, "{host}");
        }
    }

    #[test]
    fn a_pattern_is_a_star_and_a_domain() {
        for text in [
            "api.example.com",
            "*",
            "*.",
            "*.com",
            "*.*.example.com",
            "a*.example.com",
            "*.exämple.com",
            "*.-a.com",
            "*.a_b.com",
            "*.example.com.",
        ] {
            assert!(HostPattern::parse(text).is_err(), "{text}");
        }
    }
}
