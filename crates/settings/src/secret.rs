//! A text that must not be seen.

/// A password, a key, or an address that holds one. It cannot be printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For whoever needs the secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
