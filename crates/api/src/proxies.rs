//! Who a request is from: what the network says, and what trusted proxies say of those before them.

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap, HeaderName};
use std::net::{IpAddr, SocketAddr};

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");
const REAL: HeaderName = HeaderName::from_static("x-real-ip");

/// More of them are nobody's honest chain.
const HOPS: usize = 32;

/// Networks whose word about others is believed; nobody's by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<(IpAddr, u8)>);

impl Proxies {
    /// Addresses, each with how many of its bits count.
    pub fn new(networks: impl IntoIterator<Item = (IpAddr, u8)>) -> Self {
        Self(networks.into_iter().collect())
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|(network, bits)| is_within(address, *network, *bits))
    }

    /// Where a request comes from. What stands in headers counts only when who sent it is trusted,
    /// and only as far back as that goes on.
    pub fn remote(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer?.to_canonical();
        if self.0.is_empty() || !self.trusts(peer) {
            return Some(peer);
        }
        let said: Vec<&str> = headers
            .get_all(FORWARDED)
            .iter()
            .flat_map(|value| value.to_str().unwrap_or("?").split(','))
            .map(str::trim)
            .collect();
        if said.is_empty() {
            let real = headers.get(REAL).and_then(|value| address(value.to_str().ok()?));
            return Some(real.unwrap_or(peer));
        }
        let mut nearest = peer;
        for one in said.into_iter().rev().take(HOPS) {
            // What is no address ends what can be believed.
            let Some(address) = address(one) else { return Some(nearest) };
            nearest = address;
            if !self.trusts(address) {
                break;
            }
        }
        Some(nearest)
    }
}

/// Whoever is at the other end of the connection, when there is one.
pub(crate) fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip())
}

/// An address, maybe with a port behind it.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse::<IpAddr>().ok().or_else(with_port).map(|address| address.to_canonical())
}

fn is_within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let (address, network, width) = match (address, network.to_canonical()) {
        (IpAddr::V4(a), IpAddr::V4(n)) => (u128::from(u32::from(a)), u128::from(u32::from(n)), 32),
        (IpAddr::V6(a), IpAddr::V6(n)) => (u128::from(a), u128::from(n), 128),
        _ => return false,
    };
    let ignored = u32::from(width - bits.min(width));
    let cut = |bits: u128| bits.checked_shr(ignored).unwrap_or(0);
    cut(address) == cut(network)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn proxies() -> Proxies {
        Proxies::new([(ip("10.0.0.0"), 8), (ip("192.0.2.9"), 32), (ip("fd00::"), 8)])
    }

    fn remote(peer: &str, headers: &[(&str, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::try_from(*name).unwrap();
            map.append(name, HeaderValue::try_from(*value).unwrap());
        }
        proxies().remote(Some(ip(peer)), &map).unwrap().to_string()
    }

    #[test]
    fn a_stranger_is_not_believed_about_where_they_are() {
        let lies = [("x-forwarded-for", "203.0.113.1"), ("x-real-ip", "203.0.113.2")];
        assert_eq!(remote("198.51.100.7", &lies), "198.51.100.7");
        let nobody = Proxies::default();
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED, HeaderValue::from_static("203.0.113.1"));
        assert_eq!(nobody.remote(Some(ip("10.0.0.1")), &headers), Some(ip("10.0.0.1")));
        assert_eq!(nobody.remote(None, &headers), None);
    }

    #[test]
    fn a_chain_is_believed_from_its_trusted_end_on() {
        let forwarded = |value: &str| remote("10.1.2.3", &[("x-forwarded-for", value)]);
        assert_eq!(forwarded("203.0.113.1"), "203.0.113.1");
        assert_eq!(forwarded("6.6.6.6, 203.0.113.1, 10.9.9.9"), "203.0.113.1");
        assert_eq!(forwarded("203.0.113.1:4711"), "203.0.113.1");
        assert_eq!(forwarded("[2001:db8::1]:80"), "2001:db8::1");
        assert_eq!(forwarded("::ffff:203.0.113.1"), "203.0.113.1");
        assert_eq!(forwarded("6.6.6.6, nonsense"), "10.1.2.3");
        assert_eq!(forwarded("6.6.6.6, nonsense, 10.9.9.9"), "10.9.9.9");
        let twice = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "203.0.113.1")];
        assert_eq!(remote("192.0.2.9", &twice), "203.0.113.1");
    }

    #[test]
    fn the_other_header_counts_when_there_is_no_chain() {
        let real = ("x-real-ip", "203.0.113.2");
        assert_eq!(remote("fd00::1", &[real]), "203.0.113.2");
        assert_eq!(remote("fd00::1", &[("x-forwarded-for", "203.0.113.1"), real]), "203.0.113.1");
        assert_eq!(remote("fd00::1", &[("x-real-ip", "nonsense")]), "fd00::1");
    }

    #[test]
    fn bits_of_a_network_count_and_families_do_not_mix() {
        assert!(is_within(ip("10.255.0.1"), ip("10.0.0.0"), 8));
        assert!(!is_within(ip("11.0.0.1"), ip("10.0.0.0"), 8));
        assert!(is_within(ip("11.0.0.1"), ip("10.0.0.0"), 0));
        assert!(!is_within(ip("192.0.2.8"), ip("192.0.2.9"), 32));
        assert!(is_within(ip("2001:db8::1"), ip("::"), 0));
        assert!(!is_within(ip("2001:db8::1"), ip("0.0.0.0"), 0));
    }
}
