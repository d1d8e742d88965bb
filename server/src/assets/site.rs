//! Where the console's files come from: inside this program, or a folder while developing.

use axum::body::Bytes;
use std::path::{Component, Path, PathBuf};

#[cfg(feature = "embed-assets")]
#[derive(rust_embed::RustEmbed)]
#[folder = "$ATHENA_SITE_DIR"]
struct Inside;

#[derive(Debug, Clone)]
pub struct Site {
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    #[cfg(feature = "embed-assets")]
    Inside,
    Disk(PathBuf),
}

/// A file and a tag that changes with its content.
#[derive(Debug)]
pub(super) struct SiteFile {
    pub(super) bytes: Bytes,
    pub(super) tag: String,
}

impl Site {
    /// What this build was made with.
    #[cfg(feature = "embed-assets")]
    pub fn built_in() -> Self {
        Self { source: Source::Inside }
    }

    /// What the last build of the console left.
    #[cfg(not(feature = "embed-assets"))]
    pub fn built_in() -> Self {
        Self::on_disk(Path::new("target/site"))
    }

    #[cfg_attr(feature = "embed-assets", allow(dead_code, reason = "tests only"))]
    pub fn on_disk(folder: &Path) -> Self {
        Self { source: Source::Disk(folder.to_owned()) }
    }

    pub(super) fn read(&self, path: &str) -> Option<SiteFile> {
        let path = inner(path)?;
        match &self.source {
            #[cfg(feature = "embed-assets")]
            Source::Inside => {
                let file = Inside::get(path.to_str()?)?;
                let bytes = match file.data {
                    std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                    std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
                };
                Some(SiteFile { bytes, tag: hex::encode(&file.metadata.sha256_hash()[..12]) })
            }
            Source::Disk(folder) => {
                let whole = folder.join(path);
                let about = std::fs::metadata(&whole).ok().filter(std::fs::Metadata::is_file)?;
                let changed = about.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
                let bytes = Bytes::from(std::fs::read(&whole).ok()?);
                Some(SiteFile { bytes, tag: format!("{:x}-{:x}", changed.as_nanos(), about.len()) })
            }
        }
    }
}

/// The path, unless it leads out of the folder.
fn inner(path: &str) -> Option<&Path> {
    let path = Path::new(path);
    path.components().all(|part| matches!(part, Component::Normal(_))).then_some(path)
}
