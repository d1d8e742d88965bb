//! Who PostgreSQL runs as. It refuses root, so root lends it an unprivileged user.

use crate::EmbeddedError;
use std::{
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::Path,
};
use tokio::process::Command;

/// Users made for this, best first.
const CANDIDATES: [&str; 3] = ["postgres", "_postgres", "nobody"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    /// An ordinary user started us; PostgreSQL is theirs too.
    Ours,
    /// Root started us.
    Lent { uid: u32, gid: u32 },
}

impl Account {
    pub(crate) fn choose() -> Result<Self, EmbeddedError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Ours);
        }
        let passwd = fs::read_to_string("/etc/passwd")
            .map_err(|source| EmbeddedError::folder("/etc/passwd", source))?;
        lent(&passwd).ok_or(EmbeddedError::NoUnprivilegedUser)
    }

    /// Make `command` run as this user.
    pub(crate) fn run(self, command: &mut Command) {
        if let Self::Lent { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
    }

    /// Make `folder` for this user alone.
    pub(crate) fn private_folder(self, folder: &Path) -> Result<(), EmbeddedError> {
        let make = || -> io::Result<()> {
            fs::create_dir_all(folder)?;
            if let Self::Lent { uid, gid } = self {
                chown(folder, Some(uid), Some(gid))?;
            }
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        };
        make().map_err(|source| EmbeddedError::folder(folder, source))
    }

    /// Whether this user can pass through `folder` and everything above it.
    pub(crate) fn can_reach(self, folder: &Path) -> bool {
        let Self::Lent { uid, gid } = self else { return true };
        folder.ancestors().all(|above| {
            fs::metadata(above).is_ok_and(|meta| {
                let passes = if meta.uid() == uid {
                    0o100
                } else if meta.gid() == gid {
                    0o010
                } else {
                    0o001
                };
                meta.mode() & passes != 0
            })
        })
    }
}

fn lent(passwd: &str) -> Option<Account> {
    let find = |name: &str| {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            if fields.next() != Some(name) {
                return None;
            }
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            (uid != 0).then_some(Account::Lent { uid, gid })
        })
    };
    CANDIDATES.into_iter().find_map(find)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
                          nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n\
                          postgres:x:105:110::/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn the_postgres_user_is_preferred_to_nobody() {
        assert_eq!(lent(PASSWD), Some(Account::Lent { uid: 105, gid: 110 }));
    }

    #[test]
    fn nobody_serves_where_there_is_no_postgres_user() {
        let without: String = PASSWD.lines().take(2).map(|line| format!("{line}\n")).collect();
        assert_eq!(lent(&without), Some(Account::Lent { uid: 65534, gid: 65534 }));
    }

    #[test]
    fn a_user_called_postgres_that_is_root_is_not_lent() {
        assert_eq!(lent("postgres:x:0:0::/:/bin/sh\n"), None);
    }
}
