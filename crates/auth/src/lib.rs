//! Who asks, and what they may: keys and sessions become a [`Caller`], grants become a [`Permit`].

mod api_key;
mod caller;
mod error;
mod password;
mod permit;
mod session;

pub use api_key::{ApiKey, ApiKeyHash, KeyParseError};
pub use caller::{Caller, Credential, KeyId, Right};
pub use error::AuthError;
pub use password::{PasswordHash, hash_password, verify_password};
pub use permit::{Permit, PermitError};
pub use session::{SessionToken, SessionTokenHash};
