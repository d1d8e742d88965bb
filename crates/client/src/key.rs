//! The key a caller shows to the gateway.

use crate::Error;
use reqwest::header::HeaderValue;

/// A gateway key. It can be sent and nothing else: it has no `Debug` and no `Display`.
///
/// ```compile_fail,E0277
/// let key = athena_client::ApiKey::new("ath_secret").unwrap();
/// println!("{key:?}");
/// ```
///
/// ```compile_fail,E0277
/// let key = athena_client::ApiKey::new("ath_secret").unwrap();
/// println!("{key}");
/// ```
#[derive(Clone)]
pub struct ApiKey(HeaderValue);

impl ApiKey {
    /// Take a key as it was handed out.
    ///
    /// # Errors
    /// [`Error::Setting`] when it is blank or holds what no header may hold.
    pub fn new(key: impl AsRef<str>) -> Result<Self, Error> {
        let key = key.as_ref().trim();
        if key.is_empty() {
            return Err(Error::setting("api_key", "it is blank"));
        }
        let mut value = HeaderValue::from_str(key).map_err(|_value| {
            Error::setting("api_key", "it holds characters no header may hold")
        })?;
        // Kept out of whatever prints headers.
        value.set_sensitive(true);
        Ok(Self(value))
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}
