//! The server's own part in every key's hash: without it, a copy of the store verifies nothing.

use crate::random;
use ring::hmac;
use std::sync::Arc;

/// One secret of the server. It cannot be printed. Every key's hash holds on to it, so it is shared.
#[derive(Clone)]
pub struct Pepper(Arc<Inner>);

struct Inner {
    key: hmac::Key,
    id: String,
}

/// The secret that new hashes are made with, and those of earlier times that still verify.
#[derive(Clone)]
pub struct Peppers {
    all: Arc<[Pepper]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PepperError {
    #[error("a pepper has at least {} characters", Pepper::MIN_CHARS)]
    TooShort,
    #[error("there is no pepper")]
    Missing,
}

impl Pepper {
    pub const MIN_CHARS: usize = 32;

    /// Any text that is long enough; blanks around it do not count.
    pub fn parse(text: &str) -> Result<Self, PepperError> {
        let text = text.trim();
        if text.chars().count() < Self::MIN_CHARS {
            return Err(PepperError::TooShort);
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes());
        let name = hmac::sign(&key, b"athena: the name of this pepper");
        // Enough to tell a handful apart, and far too little to guess from.
        let id = hex::encode(&name.as_ref()[..4]);
        Ok(Self(Arc::new(Inner { key, id })))
    }

    /// The text of a new one, for the file it is kept in.
    pub fn new_text() -> String {
        hex::encode(random::<32>())
    }

    /// Tells peppers apart, and says nothing of them.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Under one purpose's name, each part with its length before it, so that no two inputs meet.
    pub(crate) fn seal(&self, purpose: &'static str, parts: &[&str]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0.key);
        for part in std::iter::once(&purpose).chain(parts) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(context.sign().as_ref());
        digest
    }
}

impl Peppers {
    /// Separated by commas, the newest first.
    pub fn parse(text: &str) -> Result<Self, PepperError> {
        let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
        let all: Arc<[Pepper]> = texts.map(Pepper::parse).collect::<Result<_, _>>()?;
        if all.is_empty() {
            return Err(PepperError::Missing);
        }
        Ok(Self { all })
    }

    pub fn current(&self) -> &Pepper {
        // There is always one: `parse` lets no empty list pass.
        &self.all[0]
    }

    pub fn by_id(&self, id: &str) -> Option<&Pepper> {
        self.all.iter().find(|pepper| pepper.id() == id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Pepper> {
        self.all.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pepper_has_a_name_that_does_not_hold_it() {
        let text = Pepper::new_text();
        let pepper = Pepper::parse(&format!(" {text}\n")).ok().unwrap();
        assert_eq!(pepper.id(), Pepper::parse(&text).ok().unwrap().id());
        assert_eq!(pepper.id().len(), 8);
        assert!(!text.contains(pepper.id()));
        assert_ne!(pepper.id(), Pepper::parse(&Pepper::new_text()).ok().unwrap().id());
        assert_eq!(Pepper::parse(&text[..31]).err(), Some(PepperError::TooShort));
    }

    #[test]
    fn the_first_of_several_is_the_one_in_use() {
        let (new, old) = (Pepper::new_text(), Pepper::new_text());
        let peppers = Peppers::parse(&format!("{new}, {old}")).ok().unwrap();
        assert_eq!(peppers.current().id(), Pepper::parse(&new).ok().unwrap().id());
        let id = Pepper::parse(&old).ok().unwrap().id().to_owned();
        assert!(peppers.by_id(&id).is_some() && peppers.by_id("00000000").is_none());
        assert_eq!(Peppers::parse(" , ").err(), Some(PepperError::Missing));
        assert_eq!(Peppers::parse("short").err(), Some(PepperError::TooShort));
    }

    #[test]
    fn what_is_cut_elsewhere_is_sealed_otherwise() {
        let pepper = Pepper::parse(&"p".repeat(32)).ok().unwrap();
        assert_ne!(pepper.seal("x", &["ab", "c"]), pepper.seal("x", &["a", "bc"]));
        assert_ne!(pepper.seal("x", &["ab"]), pepper.seal("y", &["ab"]));
        assert_eq!(pepper.seal("x", &["ab"]), pepper.seal("x", &["ab"]));
    }
}
