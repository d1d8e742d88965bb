//! What a write can make stale, and a read depend on: a client's table, or the whole client.

use api_types::ClientName;
use catalog::QualifiedName;
use sha2::{Digest, Sha256};

/// A table of a client or a whole client, as a hash that is the same on every node.
///
/// Two scopes that happened to be equal would only be forgotten together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(u128);

impl Scope {
    pub fn table(client: &ClientName, table: &QualifiedName) -> Self {
        let parts = [client.as_str(), table.schema.as_str(), table.name.as_str()];
        Self::of(b"table", &parts)
    }

    /// Everything of a client: for raw SQL, routines, changes of its schema or of its address.
    pub fn client(client: &ClientName) -> Self {
        Self::of(b"client", &[client.as_str()])
    }

    /// Whichever table of a client: for views and policies, which may look at any of them. It goes
    /// stale with every write that names its tables.
    pub fn any_table(client: &ClientName) -> Self {
        Self::of(b"any", &[client.as_str()])
    }

    /// Everything there is. Every read depends on it; it is bumped when nothing less is certain.
    pub(crate) fn everything() -> Self {
        Self(0)
    }

    pub(crate) fn bits(self) -> u128 {
        self.0
    }

    pub(crate) fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    fn of(kind: &[u8], parts: &[&str]) -> Self {
        let mut hash = Sha256::new_with_prefix(kind);
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let digest: [u8; 32] = hash.finalize().into();
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        Self(u128::from_le_bytes(half))
    }
}
