//! One Athena for each data folder.

use crate::EmbeddedError;
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// Held as long as this process uses the folder; the kernel lets go of it whatever happens.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    pub(crate) fn take(folder: &Path) -> Result<Self, EmbeddedError> {
        let path = folder.join("athena.lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|source| EmbeddedError::folder(&path, source))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = holder(&mut file);
                return Err(EmbeddedError::InUse { folder: folder.to_owned(), pid });
            }
            Err(TryLockError::Error(source)) => return Err(EmbeddedError::folder(&path, source)),
        }
        sign(&mut file).map_err(|source| EmbeddedError::folder(&path, source))?;
        Ok(Self { _file: file })
    }
}

/// The process that signed the file, for the message only.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}
