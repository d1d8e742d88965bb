//! The master key: from the environment, or from a file that only its owner can read.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::rand::{SecureRandom, SystemRandom};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

const BYTES: usize = 32;

/// 32 bytes that open everything. Wiped when dropped; cannot be printed.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; BYTES]>);

/// Why there is no key. Says nothing of what was read.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("ATHENA_SECRET_KEY is not 32 bytes in hex or base64")]
    Malformed,
    #[error("the key file {} does not hold keys of 32 bytes in hex or base64", path.display())]
    MalformedFile { path: PathBuf },
    #[error("the key file {} can be read by others; chmod 600 it", path.display())]
    Exposed { path: PathBuf },
    #[error("the key file {} cannot be used", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("there is no key: set ATHENA_SECRET_KEY")]
    Absent,
    #[error("this machine gives no random bytes")]
    Random,
}

impl MasterKey {
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        SystemRandom::new().fill(bytes.as_mut()).map_err(|_unspecified| KeyError::Random)?;
        Ok(Self(bytes))
    }

    /// 64 hex digits, or base64 of 32 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = hex::decode(text).ok().or_else(|| STANDARD.decode(text).ok())?;
        let bytes = Zeroizing::new(bytes);
        let bytes: [u8; BYTES] = bytes.as_slice().try_into().ok()?;
        Some(Self(Zeroizing::new(bytes)))
    }

    pub(crate) fn bytes(&self) -> &[u8; BYTES] {
        &self.0
    }

    fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.bytes()))
    }
}

/// Where the keys are. The first one seals; the others only open what they sealed once.
#[derive(Clone)]
pub enum KeySource {
    Given(Vec<MasterKey>),
    File(PathBuf),
}

impl KeySource {
    /// Keys of the environment: the current one, and those before it.
    pub fn given(current: &str, previous: Option<&str>) -> Result<Self, KeyError> {
        let earlier =
            previous.unwrap_or_default().split(',').filter(|text| !text.trim().is_empty());
        let keys = std::iter::once(current).chain(earlier).map(MasterKey::parse);
        let keys: Option<Vec<_>> = keys.collect();
        Ok(Self::Given(keys.ok_or(KeyError::Malformed)?))
    }

    /// A file that is there, or is made now.
    pub fn file_or_new(path: &Path) -> Result<Self, KeyError> {
        if !path.exists() {
            write(path, &[MasterKey::generate()?])?;
        }
        Self::file(path)
    }

    /// A file that must be there.
    pub fn file(path: &Path) -> Result<Self, KeyError> {
        let source = Self::File(path.to_owned());
        source.load()?;
        Ok(source)
    }

    pub(crate) fn load(&self) -> Result<Vec<MasterKey>, KeyError> {
        match self {
            Self::Given(keys) => Ok(keys.clone()),
            Self::File(path) => read(path),
        }
    }

    /// Put a new key in front, where that is ours to do.
    pub fn renew(&self) -> Result<bool, KeyError> {
        let Self::File(path) = self else { return Ok(false) };
        let mut keys = read(path)?;
        keys.insert(0, MasterKey::generate()?);
        write(path, &keys)?;
        Ok(true)
    }

    /// Forget all but the key in front.
    pub fn forget_earlier(&self) -> Result<(), KeyError> {
        let Self::File(path) = self else { return Ok(()) };
        let mut keys = read(path)?;
        keys.truncate(1);
        write(path, &keys)
    }
}

fn read(path: &Path) -> Result<Vec<MasterKey>, KeyError> {
    let failed = |source| match source {
        error if io::Error::kind(&error) == io::ErrorKind::NotFound => KeyError::Absent,
        source => KeyError::File { path: path.to_owned(), source },
    };
    let about = fs::metadata(path).map_err(failed)?;
    if is_exposed(&about) {
        return Err(KeyError::Exposed { path: path.to_owned() });
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(failed)?);
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let keys: Option<Vec<_>> = lines.map(MasterKey::parse).collect();
    keys.filter(|keys| !keys.is_empty())
        .ok_or_else(|| KeyError::MalformedFile { path: path.to_owned() })
}

#[cfg(unix)]
fn is_exposed(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    about.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_exposed(_: &fs::Metadata) -> bool {
    false
}

/// In one step, so that nobody reads half a file; never readable by others, not for a moment.
fn write(path: &Path, keys: &[MasterKey]) -> Result<(), KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let beside = path.with_extension("new");
    let mut text = Zeroizing::new(String::new());
    for key in keys {
        text.push_str(&key.to_hex());
        text.push('\n');
    }
    let _left_behind = fs::remove_file(&beside);
    create(&beside, text.as_bytes()).map_err(failed)?;
    fs::rename(&beside, path).map_err(failed)
}

fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use io::Write;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_in_hex_and_in_base64_and_in_no_other_length() {
        let hex = "00".repeat(32);
        let base64 = STANDARD.encode([0; 32]);
        assert!(MasterKey::parse(&hex).is_some() && MasterKey::parse(&base64).is_some());
        for text in ["", "hunter2", &"00".repeat(31), &"00".repeat(33)] {
            assert!(MasterKey::parse(text).is_none(), "{text}");
        }
        assert!(KeySource::given(&hex, Some("nonsense")).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn a_key_file_is_made_for_its_owner_alone_and_refused_when_others_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/secret.key");
        assert!(KeySource::file_or_new(&path).is_ok());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let kept = fs::read_to_string(&path).unwrap();
        assert!(KeySource::file_or_new(&path).is_ok());
        assert_eq!(fs::read_to_string(&path).unwrap(), kept, "made once");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(KeySource::file(&path).err(), Some(KeyError::Exposed { .. })));
    }
}
