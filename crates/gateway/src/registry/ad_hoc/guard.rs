//! Where a database named in a header may be: by its host's name, and by each address behind it.

use super::{
    error::AdHocError,
    target::{Host, Target},
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Which databases callers may name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdHocRules {
    /// A host, or a domain with every host below it. Any host when empty.
    pub allowed_hosts: Vec<String>,
    /// Whether loopback and private networks may be reached, too.
    pub allow_private_hosts: bool,
}

impl AdHocRules {
    /// Before anything is looked up.
    pub(super) fn check_host(&self, target: &Target) -> Result<(), AdHocError> {
        let host = match &target.host {
            Host::Name(name) => name.clone(),
            Host::Address(address) => {
                self.check(*address)?;
                address.to_string()
            }
        };
        let is_private = host == "localhost" || host.ends_with(".localhost");
        if is_private && !self.allow_private_hosts {
            return Err(AdHocError::NotAllowed);
        }
        if self.allowed_hosts.is_empty()
            || self.allowed_hosts.iter().any(|rule| covers(rule, &host))
        {
            return Ok(());
        }
        Err(AdHocError::NotAllowed)
    }

    /// The one address to connect to. The name is not looked up again, so it cannot change its meaning.
    pub(super) async fn resolve(&self, target: &Target) -> Result<SocketAddr, AdHocError> {
        let name = match &target.host {
            Host::Address(address) => return Ok(SocketAddr::new(*address, target.port)),
            Host::Name(name) => name,
        };
        // With the final dot no search domain of this machine is tried.
        let absolute = format!("{name}.");
        let asked = if name.contains('.') { absolute.as_str() } else { name.as_str() };
        let found = tokio::net::lookup_host((asked, target.port)).await;
        let found: Vec<SocketAddr> = found.map_err(|_unknown| AdHocError::Unreachable)?.collect();
        self.pick(&found)
    }

    /// One bad address among good ones is a trick, not an accident.
    fn pick(&self, found: &[SocketAddr]) -> Result<SocketAddr, AdHocError> {
        for address in found {
            self.check(address.ip())?;
        }
        found.first().copied().ok_or(AdHocError::Unreachable)
    }

    fn check(&self, address: IpAddr) -> Result<(), AdHocError> {
        match reach(address) {
            Reach::Public => Ok(()),
            Reach::Private if self.allow_private_hosts => Ok(()),
            Reach::Private | Reach::Never => Err(AdHocError::NotAllowed),
        }
    }
}

fn covers(rule: &str, host: &str) -> bool {
    let rule = rule.trim().trim_end_matches('.').to_ascii_lowercase();
    host == rule || host.strip_suffix(&rule).is_some_and(|front| front.ends_with('.'))
}

/// Who can answer at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Public,
    /// This machine, or the networks around it.
    Private,
    /// Machines' own services, groups, and addresses that are nobody's.
    Never,
}

fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        [127, ..] => Reach::Private,
        _ if address.is_private() => Reach::Private,
        // Carriers' networks, and the metadata service of one cloud.
        [100, second, ..] if second & 0xc0 == 64 => Reach::Never,
        [0, ..] | [192, 0, 0, _] | [192, 88, 99, _] | [240..=255, ..] => Reach::Never,
        [198, 18 | 19, ..] => Reach::Never,
        // Link-local holds the metadata service of most clouds.
        _ if address.is_link_local() || address.is_multicast() || address.is_documentation() => {
            Reach::Never
        }
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([one, two], [three, four]) = (high.to_be_bytes(), low.to_be_bytes());
        reach_v4(Ipv4Addr::new(one, two, three, four))
    };
    match (a, b) {
        (0, 0) if address.is_loopback() => Reach::Private,
        // IPv4 in other clothes: mapped, translated, tunnelled.
        (0, 0) if (c, d, e, f) == (0, 0, 0, 0xffff) => embedded(g, h),
        (0x64, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => embedded(g, h),
        (0x2002, _) => embedded(b, c),
        // One cloud keeps its metadata service in a private network.
        (0xfd00, 0x0ec2) => Reach::Never,
        (0xfc00..=0xfdff, _) => Reach::Private,
        // Of the rest, only global unicast is anybody's.
        (0x2001, 0..=0x01ff | 0x0db8) => Reach::Never,
        (0x2000..=0x3fff, _) => Reach::Public,
        _ => Reach::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(hosts: &[&str], allow_private_hosts: bool) -> AdHocRules {
        let allowed_hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        AdHocRules { allowed_hosts, allow_private_hosts }
    }

    fn may(rules: &AdHocRules, host: &str) -> bool {
        rules.check_host(&Target::parse(&format!("postgres://u@{host}/d")).unwrap()).is_ok()
    }

    #[test]
    fn private_and_special_addresses_are_refused_in_every_clothing() {
        let closed = rules(&[], false);
        for host in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "203.0.113.1",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::127.0.0.1]",
            "[64:ff9b::10.0.0.1]",
            "[2002:7f00:1::]",
            "[fd00::1]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[2001:db8::1]",
            "[2001::1]",
            "localhost",
            "db.localhost",
        ] {
            assert!(!may(&closed, host), "{host}");
        }
        for host in ["8.8.8.8", "[2606:4700::1]", "[::ffff:8.8.8.8]", "db.example"] {
            assert!(may(&closed, host), "{host}");
        }
    }

    #[test]
    fn private_networks_open_by_setting_and_metadata_services_never() {
        let open = rules(&[], true);
        for host in ["127.0.0.1", "10.1.2.3", "[::1]", "[fd12::1]", "localhost"] {
            assert!(may(&open, host), "{host}");
        }
        for host in
            ["169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "224.0.0.1", "0.0.0.0"]
        {
            assert!(!may(&open, host), "{host}");
        }
    }

    #[test]
    fn a_rule_covers_its_host_and_what_is_below() {
        let some = rules(&["Example.com.", "8.8.8.8"], false);
        for host in ["example.com", "db.example.com", "EXAMPLE.com.", "8.8.8.8"] {
            assert!(may(&some, host), "{host}");
        }
        for host in ["badexample.com", "example.com.evil.test", "8.8.4.4", "com"] {
            assert!(!may(&some, host), "{host}");
        }
    }

    #[test]
    fn one_private_address_among_public_ones_spoils_the_name() {
        let public: SocketAddr = "8.8.8.8:5432".parse().unwrap();
        let private: SocketAddr = "127.0.0.1:5432".parse().unwrap();
        assert_eq!(rules(&[], false).pick(&[public, private]), Err(AdHocError::NotAllowed));
        assert_eq!(rules(&[], false).pick(&[public]), Ok(public));
        assert_eq!(rules(&[], true).pick(&[]), Err(AdHocError::Unreachable));
    }
}
