//! The server's own part in the hashes of keys: from the settings, or from a file that only we read.

use anyhow::Context;
use auth::{Pepper, Peppers};
use settings::Settings;
use std::{
    fs, io,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// In the data folder.
const FILE: &str = "key-pepper";

/// What keys are hashed with. The first start without one makes it.
pub fn peppers(settings: &Settings) -> anyhow::Result<Peppers> {
    if let Some(pepper) = &settings.keys.pepper {
        return Peppers::parse(pepper.expose()).context("keys.pepper");
    }
    let path = settings.data_dir.join(FILE);
    from_file(&settings.data_dir, &path)
        .with_context(|| format!("the pepper in {} cannot be used", path.display()))
}

fn from_file(folder: &Path, path: &Path) -> anyhow::Result<Peppers> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // As the private PostgreSQL wants it: others may pass through and not look around.
            fs::DirBuilder::new().recursive(true).mode(0o711).create(folder)?;
            make(folder, path)?;
            // Two who start at once read what the quicker one made.
            fs::read_to_string(path)?
        }
        Err(error) => return Err(error.into()),
    };
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!("others could read {}; now they cannot", path.display());
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    Ok(Peppers::parse(&text)?)
}

/// Whole or not at all: a file that was half written would be another pepper.
fn make(folder: &Path, path: &Path) -> io::Result<()> {
    let draft = folder.join(format!(".{FILE}-{}", std::process::id()));
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(Pepper::new_text().as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pepper_is_made_once_and_only_we_can_read_it() {
        let folder = std::env::temp_dir().join(format!("athena-pepper-{}", std::process::id()));
        let path = folder.join(FILE);
        let _ = fs::remove_dir_all(&folder);
        let first = from_file(&folder, &path).unwrap();
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let again = from_file(&folder, &path).unwrap();
        assert_eq!((again.current().id(), mode()), (first.current().id(), 0o600));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no draft is left");
        fs::write(&path, "short").unwrap();
        assert!(from_file(&folder, &path).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
