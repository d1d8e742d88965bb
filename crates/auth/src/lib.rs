//! Who asks, and what they may: keys and sessions become a [`Caller`], grants become a [`Permit`].

mod admin_key;
mod api_key;
mod caller;
mod error;
pub mod jwt;
mod password;
mod pepper;
mod permit;
mod presented;
mod recovery;
mod right;
mod scope;
mod scram;
mod session;
mod stored_key;
mod totp;

pub use admin_key::{AdminKeyHash, AdminKeys, KeptAdminKey};
pub use api_key::{ApiKey, ApiKeyHash, HashColumns, KeyParseError};
pub use caller::{Caller, Credential, KeyId, Membership};
pub use error::{AuthError, Refused};
pub use password::{PasswordError, PasswordHash, hash_password, verify_password};
pub use pepper::{Pepper, PepperError, Peppers};
pub use permit::{Action, Permit, PermitError};
pub use presented::PresentedKey;
pub use recovery::RecoveryCode;
pub use right::{Right, RightError, SEEDED_RIGHTS};
pub use scope::{Scope, ScopeError, Verb};
pub use scram::{new_password, scram_verifier};
pub use session::{SessionToken, SessionTokenHash, TokenParseError};
pub use stored_key::{Opened, Previous, StoredKey};
pub use totp::{TotpCode, TotpSecret, TotpStep};

/// Bytes nobody can guess, from a generator seeded by the system.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::RngCore::fill_bytes(&mut rand::rng(), &mut bytes);
    bytes
}
