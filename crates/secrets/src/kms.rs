//! Who seals and opens: a port, and our own keeper behind it.

use crate::{Cleartext, KeyError, KeySource, MasterKey, cipher};
use arc_swap::ArcSwap;
use async_trait::async_trait;
use ring::hmac;
use std::sync::Arc;

/// What a secret belongs to. Moved anywhere else, it does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub namespace: String,
    pub key: String,
    pub id: String,
}

/// A sealed secret, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub alg: String,
    pub kms_key_id: String,
    pub version: i32,
    pub ciphertext: String,
}

/// Why a secret was not sealed or opened. Holds nothing of it.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the secret does not open: another key, another place, or a changed byte")]
    Refused,
    #[error("what is kept is no sealed secret")]
    Malformed,
    #[error("it is sealed with {alg}, which is not known")]
    Algorithm { alg: String },
    #[error("the secret could not be sealed")]
    Seal,
    #[error("this machine gives no random bytes")]
    Random,
}

/// Keeps the keys. A service elsewhere can take our own keeper's place.
#[async_trait]
pub trait Kms: Send + Sync {
    async fn encrypt(&self, place: &Place, clear: &Cleartext) -> Result<Sealed, SecretError>;

    async fn decrypt(&self, place: &Place, sealed: &Sealed) -> Result<Cleartext, SecretError>;

    /// The same secret under the key of today; it keeps its place.
    async fn rotate(&self, place: &Place, sealed: &Sealed) -> Result<Sealed, SecretError>;

    /// To recognise a secret by, for whoever has the key: no table of common passwords helps.
    fn digest(&self, clear: &Cleartext) -> String;
}

const ALGORITHM: &str = "aes-256-gcm";

/// Keys of this machine.
pub struct LocalKms {
    source: KeySource,
    keys: ArcSwap<Vec<MasterKey>>,
}

impl LocalKms {
    pub fn new(source: KeySource) -> Result<Self, KeyError> {
        let keys = ArcSwap::from_pointee(source.load()?);
        Ok(Self { source, keys })
    }

    fn first(&self) -> Result<MasterKey, SecretError> {
        let keys = self.keys.load();
        keys.first().cloned().ok_or(SecretError::Key(KeyError::Absent))
    }

    fn open(&self, place: &Place, sealed: &Sealed) -> Result<Cleartext, SecretError> {
        let mut last = SecretError::Refused;
        for key in self.keys.load().iter() {
            match cipher::open(key, place, &sealed.ciphertext) {
                Err(error @ SecretError::Refused) => last = error,
                done => return done,
            }
        }
        Err(last)
    }

    fn seal(&self, place: &Place, clear: &Cleartext, version: i32) -> Result<Sealed, SecretError> {
        Ok(Sealed {
            alg: ALGORITHM.to_owned(),
            kms_key_id: format!("local:v{version}"),
            version,
            ciphertext: cipher::seal(&self.first()?, place, clear)?,
        })
    }
}

#[async_trait]
impl Kms for LocalKms {
    async fn encrypt(&self, place: &Place, clear: &Cleartext) -> Result<Sealed, SecretError> {
        // Another program may have put a new key into the file, and forgets the one we know.
        self.keys.store(Arc::new(self.source.load()?));
        self.seal(place, clear, 1)
    }

    async fn decrypt(&self, place: &Place, sealed: &Sealed) -> Result<Cleartext, SecretError> {
        if sealed.alg != ALGORITHM {
            return Err(SecretError::Algorithm { alg: sealed.alg.clone() });
        }
        match self.open(place, sealed) {
            // Another program may have put a new key into the file.
            Err(SecretError::Refused) => {
                self.keys.store(Arc::new(self.source.load()?));
                self.open(place, sealed)
            }
            done => done,
        }
    }

    async fn rotate(&self, place: &Place, sealed: &Sealed) -> Result<Sealed, SecretError> {
        let clear = self.decrypt(place, sealed).await?;
        self.seal(place, &clear, sealed.version.saturating_add(1))
    }

    fn digest(&self, clear: &Cleartext) -> String {
        let Ok(key) = self.first() else { return String::new() };
        // A key of its own, so that digests say nothing about the cipher's.
        let root = hmac::Key::new(hmac::HMAC_SHA256, key.bytes());
        let own = hmac::sign(&root, b"athena digest");
        let tag =
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, own.as_ref()), clear.expose().as_bytes());
        hex::encode(&tag.as_ref()[..16])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place { namespace: "datasource".into(), key: "crm".into(), id: "sec_1".into() }
    }

    fn clear() -> Cleartext {
        Cleartext::new("hunter2".to_owned())
    }

    #[tokio::test]
    async fn a_rotated_secret_opens_under_the_new_key_alone_and_running_keepers_hear_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let source = KeySource::file_or_new(&folder.path().join("secret.key")).unwrap();
        let running = LocalKms::new(source.clone()).unwrap();
        let sealed = running.encrypt(&place(), &clear()).await.unwrap();
        let with_old_key = LocalKms::new(KeySource::Given(source.load().unwrap())).unwrap();
        assert!(source.renew().unwrap());
        let renewed = LocalKms::new(source.clone()).unwrap();
        let rotated = renewed.rotate(&place(), &sealed).await.unwrap();
        assert_eq!((rotated.version, rotated.kms_key_id.as_str()), (2, "local:v2"));
        source.forget_earlier().unwrap();
        let opened = running.decrypt(&place(), &rotated).await.ok().unwrap();
        assert_eq!(opened.expose(), "hunter2");
        assert!(with_old_key.decrypt(&place(), &rotated).await.is_err());
        assert!(LocalKms::new(source).unwrap().decrypt(&place(), &sealed).await.is_err());
    }

    #[tokio::test]
    async fn a_running_keeper_seals_with_the_key_that_is_there_now() {
        let folder = tempfile::tempdir().unwrap();
        let source = KeySource::file_or_new(&folder.path().join("secret.key")).unwrap();
        let running = LocalKms::new(source.clone()).unwrap();
        source.renew().unwrap();
        source.forget_earlier().unwrap();
        let sealed = running.encrypt(&place(), &clear()).await.unwrap();
        let after_restart = LocalKms::new(source).unwrap();
        assert!(after_restart.decrypt(&place(), &sealed).await.is_ok());
    }

    #[tokio::test]
    async fn an_unknown_algorithm_is_refused_by_its_name() {
        let kms = LocalKms::new(KeySource::Given(vec![MasterKey::generate().unwrap()])).unwrap();
        let sealed = kms.encrypt(&place(), &clear()).await.unwrap();
        let other = Sealed { alg: "rot13".to_owned(), ..sealed };
        let refused = kms.decrypt(&place(), &other).await.err().unwrap();
        assert!(refused.to_string().contains("rot13"));
    }

    #[test]
    fn a_digest_depends_on_the_key_and_on_the_secret() {
        let kms = || LocalKms::new(KeySource::Given(vec![MasterKey::generate().unwrap()])).unwrap();
        let (one, other) = (kms(), kms());
        assert_eq!(one.digest(&clear()), one.digest(&clear()));
        assert_ne!(one.digest(&clear()), other.digest(&clear()));
        assert_ne!(one.digest(&clear()), one.digest(&Cleartext::new("hunter3".to_owned())));
    }
}
