//! Where the database and its socket live: in the data folder, unless its user cannot get there.

use crate::{EmbeddedError, Progress, Report, account::Account};
use std::{
    fs, io,
    os::unix::{ffi::OsStrExt, fs::DirBuilderExt, fs::PermissionsExt},
    path::{Path, PathBuf},
};

/// The longest folder a socket may live in: `/.s.PGSQL.5432` must fit into what is left of the
/// 104 bytes that the shortest platform allows.
const LONGEST_SOCKET_FOLDER: usize = 104 - "/.s.PGSQL.5432".len() - 1;

/// Where root's database goes when the data folder lies in root's home.
const ROOTS_FOLDER: &str = "/var/lib/athena";

#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The folder around both; the data folder itself where that can be.
    pub(crate) home: PathBuf,
    /// PostgreSQL's own files.
    pub(crate) cluster: PathBuf,
    /// The socket's private folder.
    pub(crate) socket: PathBuf,
}

/// Make the data folder and answer its full name.
pub(crate) fn data_folder(asked: &Path) -> Result<PathBuf, EmbeddedError> {
    let make = || -> io::Result<PathBuf> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o711).create(asked)?;
        fs::canonicalize(asked)
    };
    make().map_err(|source| EmbeddedError::folder(asked, source))
}

impl Place {
    pub(crate) fn choose(
        data_folder: &Path,
        account: Account,
        report: &Report,
    ) -> Result<Self, EmbeddedError> {
        let home = reachable_home(data_folder, account, report)?;
        let socket = socket_folder(&home, account)?;
        Ok(Self { cluster: home.join("cluster"), home, socket })
    }
}

fn reachable_home(
    data_folder: &Path,
    account: Account,
    report: &Report,
) -> Result<PathBuf, EmbeddedError> {
    let above_is_open = data_folder.parent().is_none_or(|above| account.can_reach(above));
    if above_is_open {
        if !account.can_reach(data_folder) {
            // Passing through is all PostgreSQL's user gets; it cannot list the folder.
            open_for_passing(data_folder)?;
        }
        return Ok(data_folder.to_owned());
    }
    let home = Path::new(ROOTS_FOLDER).join(short_name(data_folder));
    fs::create_dir_all(&home).map_err(|source| EmbeddedError::folder(&home, source))?;
    report(&Progress::Moved { to: home.clone() });
    Ok(home)
}

fn open_for_passing(folder: &Path) -> Result<(), EmbeddedError> {
    let open = || -> io::Result<()> {
        let mode = fs::metadata(folder)?.permissions().mode();
        fs::set_permissions(folder, fs::Permissions::from_mode(mode | 0o011))
    };
    open().map_err(|source| EmbeddedError::folder(folder, source))
}

/// A name for a folder that stays the same from run to run.
fn short_name(folder: &Path) -> String {
    // FNV-1a: two data folders of one machine must differ, nothing more.
    let hash =
        folder.as_os_str().as_bytes().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{hash:016x}")
}

fn socket_folder(home: &Path, account: Account) -> Result<PathBuf, EmbeddedError> {
    let beside = home.join("run");
    if beside.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
        account.private_folder(&beside)?;
        return Ok(beside);
    }
    // In a place everyone may write to, only a folder nobody made before us is safe.
    let name: [u8; 6] = rand::random();
    let folder = PathBuf::from("/tmp").join(format!("athena-{}", hex::encode(name)));
    fs::DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .map_err(|source| EmbeddedError::folder(&folder, source))?;
    account.private_folder(&folder)?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deep_data_folder_gets_its_socket_elsewhere() {
        let temp = tempfile::tempdir().unwrap();
        let deep = temp.path().join("a".repeat(90));
        fs::create_dir(&deep).unwrap();
        let account = Account::Ours;
        let socket = socket_folder(&deep, account).unwrap();
        assert!(socket.as_os_str().len() <= LONGEST_SOCKET_FOLDER);
        assert!(!socket.starts_with(&deep));
        fs::remove_dir(socket).unwrap();
    }
}
