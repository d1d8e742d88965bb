//! A pulled snapshot put on disk, beside its journal.

use super::{Journal, Snapshot, SnapshotError};
use std::{
    fs,
    path::{Path, PathBuf},
};

const FILE: &str = "0000_snapshot.json";
const JOURNAL: &str = "_journal.json";

impl Snapshot {
    /// Write into `meta`, made if need be, in place of an earlier pull; a lineage that people
    /// generated is never touched. `when` is now, in milliseconds since 1970.
    pub fn write_pulled(
        &self,
        meta: &Path,
        tag: &str,
        when: u64,
    ) -> Result<PathBuf, SnapshotError> {
        let file = meta.join(FILE);
        let failed = |source| SnapshotError::Unwritable { path: file.clone(), source };
        fs::create_dir_all(meta).map_err(failed)?;
        if let Some(path) = generated(meta)? {
            return Err(SnapshotError::Occupied { path });
        }
        // The journal of the first pull stays, so that pulling twice changes nothing.
        if !meta.join(JOURNAL).exists() {
            let journal = Journal::of_one(&format!("0000_{tag}"), when);
            replace(meta, JOURNAL, &journal.to_json()).map_err(failed)?;
        }
        replace(meta, FILE, &self.to_json()).map_err(failed)?;
        Ok(file)
    }
}

/// A snapshot in the folder that no pull wrote.
fn generated(meta: &Path) -> Result<Option<PathBuf>, SnapshotError> {
    for name in super::read::snapshot_names(meta)? {
        let path = meta.join(&name);
        let is_pulled = name == FILE
            && Snapshot::read(&path).is_ok_and(|(snapshot, _)| snapshot.internal.is_some());
        if !is_pulled {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Whole or not at all, also when the disk fills up.
fn replace(folder: &Path, name: &str, text: &str) -> std::io::Result<()> {
    let draft = folder.join(format!(".{name}.new"));
    fs::write(&draft, text).and_then(|()| fs::rename(&draft, folder.join(name))).inspect_err(|_| {
        // What is left of the draft helps nobody; the first error is the one to tell.
        let _ = fs::remove_file(&draft);
    })
}
