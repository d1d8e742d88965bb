//! Secrets at rest: sealed with a key that is not in the database, bound to the place they belong to.

mod cipher;
mod cleartext;
mod key;
mod kms;

pub use cleartext::Cleartext;
pub use key::{KeyError, KeySource, MasterKey};
pub use kms::{Kms, LocalKms, Place, Sealed, SecretError};
