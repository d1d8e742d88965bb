//! Where clients may lead. Asked before every connection that a record leads to.

use async_trait::async_trait;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Component, Path, PathBuf},
    time::Duration,
};

/// What a record leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// Every host it names; a socket's folder begins with a slash.
    Hosts(Vec<String>),
    File(PathBuf),
    /// Nothing outside this process.
    Nothing,
}

/// Says no with a reason; whoever cannot decide says no, too.
#[async_trait]
pub trait ConnectPolicy: Send + Sync {
    async fn judge(&self, goal: &Goal) -> Result<(), String>;

    /// Where a host's name leads now, and only if all of it may be connected to. A name that was
    /// judged before may lead elsewhere by now.
    async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, NoWay>;
}

/// Why a host's name leads to no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoWay {
    /// The policy says no.
    #[error("{0}")]
    Denied(String),
    /// It cannot be found out, at least not now.
    #[error("{0}")]
    Unknown(String),
}

/// The policy of the settings: everywhere but link-local addresses and metadata services, and only
/// to listed hosts and folders when any are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostPolicy {
    /// A host, or a domain with every host below it. Any host when empty.
    pub allowed_hosts: Vec<String>,
    /// Folders with every file below them. Any file when empty.
    pub allowed_folders: Vec<PathBuf>,
}

/// How long a name may take to be looked up.
const LOOK_UP: Duration = Duration::from_secs(4);

#[async_trait]
impl ConnectPolicy for HostPolicy {
    async fn judge(&self, goal: &Goal) -> Result<(), String> {
        match goal {
            Goal::Nothing => Ok(()),
            Goal::File(path) => self.judge_file(path),
            Goal::Hosts(hosts) => {
                for host in hosts {
                    self.judge_host(host).await?;
                }
                Ok(())
            }
        }
    }

    async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, NoWay> {
        let host = self.listed(host).map_err(NoWay::Denied)?;
        let found = look_up(&host, port).await.map_err(NoWay::Unknown)?;
        if found.is_empty() {
            return Err(NoWay::Unknown(format!("{host} leads nowhere")));
        }
        // One bad address among good ones is a trick, not an accident.
        let judged = found.iter().try_for_each(|address| judge_address(&host, address.ip()));
        judged.map_err(NoWay::Denied)?;
        Ok(found)
    }
}

impl HostPolicy {
    /// The host as it is looked up, if it is among those that clients may lead to.
    fn listed(&self, host: &str) -> Result<String, String> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let listed = self.allowed_hosts.is_empty()
            || self.allowed_hosts.iter().any(|rule| covers(rule, &host));
        if !listed {
            return Err(format!("{host} is not among the hosts that clients may lead to"));
        }
        Ok(host)
    }

    async fn judge_host(&self, host: &str) -> Result<(), String> {
        let host = self.listed(host)?;
        if host.starts_with('/') {
            return Ok(());
        }
        if let Ok(address) = host.parse::<IpAddr>() {
            return judge_address(&host, address);
        }
        // A name that leads nowhere is found out by connecting.
        let found = look_up(&host, 0).await?;
        // One bad address among good ones is a trick, not an accident.
        found.iter().try_for_each(|address| judge_address(&host, address.ip()))
    }

    fn judge_file(&self, path: &Path) -> Result<(), String> {
        if self.allowed_folders.is_empty() {
            return Ok(());
        }
        let goes_up = path.components().any(|part| part == Component::ParentDir);
        // A link may lead elsewhere, so the folder is meant that it really is.
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        let file = path.canonicalize().ok();
        let inside = |real: &Path| {
            let rules = self.allowed_folders.iter().filter_map(|rule| rule.canonicalize().ok());
            rules.into_iter().any(|rule| real.starts_with(rule))
        };
        let is_inside = folder.as_deref().is_some_and(inside) && file.as_deref().is_none_or(inside);
        if path.is_absolute() && !goes_up && is_inside {
            return Ok(());
        }
        Err("the file is not in a folder that clients may lead to".to_owned())
    }
}

/// Every address of a name; none when there is no such name.
async fn look_up(host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
    let found = tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((host, port))).await;
    let found = found.map_err(|_elapsed| format!("{host} was not looked up in time"))?;
    Ok(found.into_iter().flatten().collect())
}

fn covers(rule: &str, host: &str) -> bool {
    let rule = rule.trim().trim_end_matches('.').to_ascii_lowercase();
    host == rule || host.strip_suffix(&rule).is_some_and(|front| front.ends_with('.'))
}

fn judge_address(host: &str, address: IpAddr) -> Result<(), String> {
    if is_guarded(address) {
        return Err(format!("{host} is a link-local address or a machine's metadata service"));
    }
    Ok(())
}

fn is_guarded(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_guarded_v4(address),
        IpAddr::V6(address) => is_guarded_v6(address),
    }
}

fn is_guarded_v4(address: Ipv4Addr) -> bool {
    // Link-local holds the metadata services of most clouds; three keep theirs elsewhere.
    let metadata = [[100, 100, 100, 200], [192, 0, 0, 192], [168, 63, 129, 16]];
    address.is_link_local() || address.is_multicast() || metadata.contains(&address.octets())
}

fn is_guarded_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([one, two], [three, four]) = (high.to_be_bytes(), low.to_be_bytes());
        is_guarded_v4(Ipv4Addr::new(one, two, three, four))
    };
    match (a, b) {
        // IPv4 in other clothes: mapped, translated, tunnelled.
        (0, 0) if (c, d, e) == (0, 0, 0) && matches!(f, 0 | 0xffff) => embedded(g, h),
        (0x64, 0xff9b) => embedded(g, h),
        (0x2002, _) => embedded(b, c),
        (0xfd00, 0x0ec2) => true,
        (0xfe80..=0xfebf, _) => true,
        _ => address.is_multicast(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn may(policy: &HostPolicy, host: &str) -> bool {
        policy.judge(&Goal::Hosts(vec![host.to_owned()])).await.is_ok()
    }

    #[tokio::test]
    async fn link_local_and_metadata_addresses_are_refused_in_every_clothing() {
        let policy = HostPolicy::default();
        for host in [
            "169.254.169.254",
            "169.254.0.1",
            "100.100.100.200",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::",
            "fe80::1",
            "fd00:ec2::254",
            "2852039166",
            "0xa9fea9fe",
        ] {
            assert!(!may(&policy, host).await, "{host}");
        }
        for host in ["127.0.0.1", "10.0.0.1", "::1", "8.8.8.8", "localhost", "/tmp"] {
            assert!(may(&policy, host).await, "{host}");
        }
    }

    #[tokio::test]
    async fn a_list_of_hosts_lets_nobody_else_in() {
        let rules = vec!["example.com".to_owned(), "10.0.0.1".to_owned()];
        let policy = HostPolicy { allowed_hosts: rules, ..HostPolicy::default() };
        for host in ["10.0.0.1"] {
            assert!(may(&policy, host).await, "{host}");
        }
        for host in ["10.0.0.2", "badexample.com", "localhost", "/tmp"] {
            assert!(!may(&policy, host).await, "{host}");
        }
        let both = Goal::Hosts(vec!["10.0.0.1".to_owned(), "10.0.0.2".to_owned()]);
        assert!(policy.judge(&both).await.is_err());
    }

    #[tokio::test]
    async fn a_list_of_folders_is_not_left_by_a_link_or_by_going_up() {
        let root = std::env::temp_dir().join(format!("athena-policy-{}", uuid::Uuid::new_v4()));
        let (inside, outside) = (root.join("in"), root.join("out"));
        std::fs::create_dir_all(&inside).unwrap();
        std::fs::create_dir_all(&outside).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(&outside, inside.join("link")).unwrap();
        let policy = HostPolicy { allowed_folders: vec![inside.clone()], ..HostPolicy::default() };
        let may = |path: PathBuf| policy.judge_file(&path).is_ok();
        assert!(may(inside.join("a.db")));
        for path in [
            outside.join("a.db"),
            inside.join("../out/a.db"),
            inside.join("link/a.db"),
            PathBuf::from("a.db"),
        ] {
            assert!(!may(path.clone()), "{}", path.display());
        }
        std::fs::remove_dir_all(root).unwrap();
    }
}
