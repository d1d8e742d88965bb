//! Admin keys: the one of the settings, held as a digest, and those that came after it.

use crate::{
    error::AuthError,
    pepper::{Pepper, Peppers},
    presented::PresentedKey,
    random,
};
use sha2::{Digest, Sha256};
use std::time::SystemTime;
use subtle::{Choice, ConstantTimeEq};

const PURPOSE: &str = "athena: an admin key";

/// What is kept in memory of `ATHENA_KEY_12`.
#[derive(Clone)]
pub struct AdminKeyHash {
    digest: [u8; 32],
    /// For the store, where a digest that anybody can compute would invite guessing.
    sealed: Vec<([u8; 32], String)>,
}

/// An admin key as the store keeps it: one that was made here, or the settings' own with its end.
#[derive(Clone)]
pub struct KeptAdminKey {
    pepper: Pepper,
    digest: [u8; 32],
    /// From then on it opens nothing, even if the settings still name it.
    until: Option<SystemTime>,
}

/// Every admin key there is.
#[derive(Clone, Default)]
pub struct AdminKeys {
    pub configured: Option<AdminKeyHash>,
    pub kept: Vec<KeptAdminKey>,
}

impl AdminKeyHash {
    /// Nothing for a blank key: that is as good as none.
    pub fn of(key: &str) -> Option<Self> {
        let key = key.trim();
        let digest = Sha256::digest(key).into();
        (!key.is_empty()).then(|| Self { digest, sealed: Vec::new() })
    }

    /// The same, ready to be retired in the store.
    pub fn sealed(key: &str, peppers: &Peppers) -> Option<Self> {
        let key = key.trim();
        let sealed = peppers.iter().map(|pepper| (seal(pepper, key), pepper.id().to_owned()));
        Some(Self { sealed: sealed.collect(), ..Self::of(key)? })
    }

    /// Its pepper's id and digest, for the store.
    pub fn columns(&self) -> Option<(String, String)> {
        let (digest, pepper_id) = self.sealed.first()?;
        Some((pepper_id.clone(), hex::encode(digest)))
    }
}

impl KeptAdminKey {
    /// From its columns; nothing when this server has not the pepper.
    pub fn from_stored(
        pepper_id: &str,
        hex_digest: &str,
        until: Option<SystemTime>,
        peppers: &Peppers,
    ) -> Option<Self> {
        let mut digest = [0; 32];
        hex::decode_to_slice(hex_digest, &mut digest).ok()?;
        Some(Self { pepper: peppers.by_id(pepper_id)?.clone(), digest, until })
    }

    /// A new one: its text, its pepper's id and its digest.
    pub fn generate(peppers: &Peppers) -> (String, String, String) {
        let text = format!("athadm_{}", hex::encode(random::<32>()));
        let pepper = peppers.current();
        let digest = hex::encode(seal(pepper, &text));
        (text, pepper.id().to_owned(), digest)
    }
}

impl AdminKeys {
    pub fn is_empty(&self) -> bool {
        self.configured.is_none() && self.kept.is_empty()
    }

    /// Whether this is an admin's key. It is never read from an address.
    pub fn admit(&self, presented: &PresentedKey, now: SystemTime) -> Result<(), AuthError> {
        let text = presented.in_headers()?.ok_or(AuthError::NotAdmin)?;
        if self.opens(text, now) { Ok(()) } else { Err(AuthError::NotAdmin) }
    }

    /// The same for a text, as a password is one. Every key is compared, whichever it is.
    pub fn opens(&self, text: &str, now: SystemTime) -> bool {
        let text = text.trim();
        let digest: [u8; 32] = Sha256::digest(text).into();
        let configured = self.configured.as_ref().map(|key| key.digest).unwrap_or_default();
        let is_configured =
            configured.ct_eq(&digest) & Choice::from(u8::from(self.configured.is_some()));
        let (mut is_kept, mut is_over) = (Choice::from(0), Choice::from(0));
        for key in &self.kept {
            let same = key.digest.ct_eq(&seal(&key.pepper, text));
            let over = Choice::from(u8::from(key.until.is_some_and(|until| until <= now)));
            is_kept |= same;
            is_over |= same & over;
        }
        ((is_configured | is_kept) & !is_over).into()
    }
}

fn seal(pepper: &Pepper, text: &str) -> [u8; 32] {
    pepper.seal(PURPOSE, &[text])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_new_key_takes_over_from_the_configured_one_when_its_time_is_over() {
        let peppers = Peppers::parse(&Pepper::new_text()).ok().unwrap();
        let now = SystemTime::now();
        let configured = AdminKeyHash::sealed(" root ", &peppers);
        let (pepper_id, digest) = configured.as_ref().and_then(AdminKeyHash::columns).unwrap();
        let until = now + Duration::from_secs(60);
        let retired = KeptAdminKey::from_stored(&pepper_id, &digest, Some(until), &peppers);
        let (text, pepper_id, digest) = KeptAdminKey::generate(&peppers);
        let made = KeptAdminKey::from_stored(&pepper_id, &digest, None, &peppers);
        let keys = AdminKeys { configured, kept: [retired, made].into_iter().flatten().collect() };
        assert!(keys.opens("root", now) && keys.opens(&text, now));
        assert!(!keys.opens("root", until) && keys.opens(&text, until));
        assert!(!keys.opens("", now) && !keys.opens("athadm_", now));
    }

    #[test]
    fn without_any_key_nothing_opens() {
        let keys = AdminKeys::default();
        assert!(keys.is_empty());
        // The digest that stands for none is not one that a text could have by chance.
        assert!(!keys.opens("", SystemTime::now()) && !keys.opens("x", SystemTime::now()));
    }
}
