//! Make a new database cluster, wholly or not at all.

use crate::{EmbeddedError, Progress, Report, account::Account, binaries::Binaries};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tokio::process::Command;

/// Locales in the order in which they are tried; only `C` is everywhere.
const LOCALES: [&str; 3] = if cfg!(target_os = "macos") {
    ["en_US.UTF-8", "C.UTF-8", "C"]
} else {
    ["C.UTF-8", "C.utf8", "C"]
};

/// The version that made the cluster, or `None` when there is none yet.
pub(crate) fn made_by(cluster: &Path) -> Option<u32> {
    let version = fs::read_to_string(cluster.join("PG_VERSION")).ok()?;
    version.trim().split('.').next()?.parse().ok()
}

/// Run `initdb` beside the final place and move its work there when it is whole.
pub(crate) async fn create(
    binaries: &Binaries,
    cluster: &Path,
    account: Account,
    durable: bool,
    report: &Report,
) -> Result<(), EmbeddedError> {
    report(&Progress::Creating { folder: cluster.to_owned() });
    let half_made = cluster.with_extension("new");
    let mut said = String::new();
    for locale in LOCALES {
        clear(&half_made)?;
        account.private_folder(&half_made)?;
        let mut command = initdb(binaries, &half_made, locale, durable);
        account.run(&mut command);
        let output = command
            .output()
            .await
            .map_err(|source| EmbeddedError::Run { program: binaries.program("initdb"), source })?;
        if output.status.success() {
            return fs::rename(&half_made, cluster)
                .map_err(|source| EmbeddedError::folder(cluster, source));
        }
        said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if !said.contains("locale") {
            break;
        }
    }
    clear(&half_made)?;
    if EmbeddedError::says_disk_full(&said) {
        return Err(EmbeddedError::DiskFull { folder: cluster.to_owned() });
    }
    Err(EmbeddedError::Create { folder: cluster.to_owned(), said })
}

fn initdb(binaries: &Binaries, folder: &Path, locale: &str, durable: bool) -> Command {
    let mut command = quiet(binaries.program("initdb"));
    command
        .arg("--pgdata")
        .arg(folder)
        .args(["--username", crate::USER, "--encoding", "UTF8", "--locale", locale])
        // Whoever can open the socket's folder owns the files anyway; nobody else gets in.
        .args(["--auth-local", "trust", "--auth-host", "reject"]);
    if !durable {
        command.arg("--no-sync");
    }
    command
}

/// A program that sees none of our environment: neither secrets nor somebody's `PGDATA`.
pub(crate) fn quiet(program: PathBuf) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_MESSAGES", "C").current_dir("/");
    command.stdin(std::process::Stdio::null());
    command
}

/// Remove what an interrupted attempt left.
fn clear(folder: &Path) -> Result<(), EmbeddedError> {
    match fs::remove_dir_all(folder) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(EmbeddedError::folder(folder, source))
        }
        _ => Ok(()),
    }
}
