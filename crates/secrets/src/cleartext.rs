//! A secret while it is needed. Wiped when it is dropped; it can be neither printed nor compared by accident.

use zeroize::Zeroizing;

/// Text that must not be seen.
#[derive(Clone)]
pub struct Cleartext(Zeroizing<String>);

impl Cleartext {
    /// Takes over the text's own memory, so that nothing of it stays behind.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
