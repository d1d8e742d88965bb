//! Why somebody is not let in.

use api_types::Problem;
use std::fmt;

/// What was wrong with a key. For the log alone: outsiders hear one sentence for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    Format,
    Unknown,
    Secret,
    Inactive,
    Expired,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => "invalid_api_key_format",
            Self::Unknown => "unknown_api_key",
            Self::Secret => "invalid_api_key_secret",
            Self::Inactive => "inactive_api_key",
            Self::Expired => "expired_api_key",
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    #[error("the keys could not be read so far")]
    StoreUnavailable,
    #[error("no key was presented")]
    KeyRequired,
    #[error("the only key stands in the address, as {parameter}")]
    KeyInAddress { parameter: &'static str },
    #[error("several different keys were presented")]
    SeveralKeys,
    #[error("the key was refused: {0}")]
    InvalidKey(Refused),
    #[error("the key belongs to another client")]
    ClientMismatch,
    #[error("the static admin key was not presented")]
    NotAdmin,
    #[error("too many wrong admin keys came from one address")]
    Throttled { seconds: u64 },
}

impl AuthError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::StoreUnavailable => {
                Problem::new(503, "auth_store_unavailable", "API key validation unavailable")
                    .with_hint("Athena keeps trying to reach its store; try again shortly.")
            }
            Self::KeyRequired => Problem::new(401, "api_key_required", "API key required")
                .with_hint("Send an API key in the X-Athena-Key header."),
            Self::KeyInAddress { parameter } => {
                let text = format!("A key is not read from the query parameter '{parameter}'");
                Problem::new(401, "key_in_address", text)
                    .with_detail("parameter", *parameter)
                    .with_hint("Addresses end up in logs. Send the key in the X-Athena-Key header.")
            }
            Self::SeveralKeys => {
                Problem::new(400, "several_keys", "Several different API keys were presented")
                    .with_hint("Send one key; the same key in several headers is fine.")
            }
            Self::InvalidKey(_) => Problem::new(401, "invalid_api_key", "Invalid API key"),
            Self::ClientMismatch => mismatch(),
            Self::Throttled { seconds } => {
                let text = "Too many wrong admin keys came from this address";
                Problem::new(429, "too_many_wrong_keys", text)
                    .with_detail("until_secs", *seconds)
                    .with_hint(format!("Try again in {seconds} seconds."))
            }
            Self::NotAdmin => {
                let text = "Invalid or missing API key. Use X-Athena-Key.";
                Problem::new(401, "invalid_admin_key", text)
            }
        }
    }
}

impl AuthError {
    /// The word for the log of uses of keys; outsiders never see it.
    pub fn reason(&self) -> String {
        match self {
            Self::StoreUnavailable => "api_key_store_unavailable".to_owned(),
            Self::KeyRequired => "missing_api_key".to_owned(),
            Self::KeyInAddress { .. } => "api_key_in_address".to_owned(),
            Self::SeveralKeys => "several_api_keys".to_owned(),
            Self::InvalidKey(refused) => refused.to_string(),
            Self::ClientMismatch => "api_key_client_mismatch".to_owned(),
            Self::NotAdmin => "invalid_admin_key".to_owned(),
            Self::Throttled { .. } => "too_many_wrong_keys".to_owned(),
        }
    }
}

pub(crate) fn mismatch() -> Problem {
    Problem::new(403, "api_key_client_mismatch", "API key client mismatch")
        .with_hint("This key was made for another client.")
}
