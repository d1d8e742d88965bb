//! Hashes of keys between the store's columns and what verifies.

use auth::{ApiKeyHash, HashColumns, Peppers};
use store::KeyHash;

pub(crate) fn to_store(hash: &ApiKeyHash) -> KeyHash {
    let HashColumns { version, salt, pepper_id, digest } = hash.columns();
    KeyHash { version, pepper_id, salt, digest }
}

/// Nothing for what is no hash, or one that needs a pepper which is not here.
pub(super) fn from_store(hash: KeyHash, peppers: Option<&Peppers>) -> Option<ApiKeyHash> {
    let KeyHash { version, pepper_id, salt, digest } = hash;
    ApiKeyHash::from_stored(&HashColumns { version, salt, pepper_id, digest }, peppers)
}

/// Whether it was made with a pepper that is not here.
pub(super) fn is_foreign(hash: &KeyHash, peppers: Option<&Peppers>) -> bool {
    let is_known = |id: &String| peppers.is_some_and(|peppers| peppers.by_id(id).is_some());
    hash.pepper_id.as_ref().is_some_and(|id| !is_known(id))
}
