//! A key as it is kept, and the one way from a presented key to a caller.

use crate::{
    api_key::{ApiKey, ApiKeyHash},
    caller::{Caller, Credential, KeyId},
    error::{AuthError, Refused},
    presented::PresentedKey,
    right::Right,
};
use api_types::ClientName;
use std::{sync::Arc, time::SystemTime};

/// Everything the decision about a key needs.
#[derive(Clone)]
pub struct StoredKey {
    pub id: KeyId,
    pub hash: ApiKeyHash,
    /// The only client it opens; none opens all.
    pub client: Option<ClientName>,
    pub rights: Arc<[Right]>,
    pub active: bool,
    pub expires_at: Option<SystemTime>,
}

impl PresentedKey {
    /// The key by its form; whether it opens anything is not known yet.
    pub fn key(&self) -> Result<ApiKey, AuthError> {
        ApiKey::parse(self.text()?).map_err(|_no_key| AuthError::InvalidKey(Refused::Format))
    }
}

impl StoredKey {
    /// Let the bearer of this key in at this client's door.
    pub fn admit(
        &self,
        key: &ApiKey,
        client: &ClientName,
        now: SystemTime,
    ) -> Result<Caller, AuthError> {
        let caller = self.recognise(key, now)?;
        if self.client.as_ref().is_some_and(|bound| bound != client) {
            return Err(AuthError::ClientMismatch);
        }
        Ok(caller)
    }

    /// The bearer of this key, at whichever door.
    pub fn recognise(&self, key: &ApiKey, now: SystemTime) -> Result<Caller, AuthError> {
        // The secret comes first: without it nobody learns what state a key is in.
        if !self.hash.verifies(key) {
            return Err(AuthError::InvalidKey(Refused::Secret));
        }
        if !self.active {
            return Err(AuthError::InvalidKey(Refused::Inactive));
        }
        if self.expires_at.is_some_and(|end| end <= now) {
            return Err(AuthError::InvalidKey(Refused::Expired));
        }
        Ok(Caller::new(Credential::Key {
            id: self.id.clone(),
            client: self.client.clone(),
            rights: Arc::clone(&self.rights),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn client(name: &str) -> ClientName {
        ClientName::parse(name).unwrap()
    }

    fn stored(key: &ApiKey) -> StoredKey {
        StoredKey {
            id: key.id().clone(),
            hash: key.hash(),
            client: Some(client("shop")),
            rights: Arc::from([Right(Arc::from("gateway.read"))]),
            active: true,
            expires_at: None,
        }
    }

    #[test]
    fn the_right_key_opens_its_own_client_only() {
        let key = ApiKey::generate();
        let stored = stored(&key);
        let now = SystemTime::now();
        assert!(stored.admit(&key, &client("Shop"), now).is_ok());
        assert_eq!(stored.admit(&key, &client("other"), now), Err(AuthError::ClientMismatch));
    }

    #[test]
    fn every_wrong_key_is_told_the_same() {
        let key = ApiKey::generate();
        let now = SystemTime::now();
        let ended = StoredKey { expires_at: Some(now), ..stored(&key) };
        let inactive = StoredKey { active: false, ..stored(&key) };
        let wrong = StoredKey { hash: ApiKey::generate().hash(), ..stored(&key) };
        let shop = client("shop");
        let refusals = [ended, inactive, wrong].map(|stored| stored.admit(&key, &shop, now));
        for refusal in refusals {
            let problem = refusal.unwrap_err().problem();
            assert_eq!((problem.status, problem.message.as_str()), (401, "Invalid API key"));
            assert!(problem.hint.is_none() && problem.details.is_empty());
        }
        let lasting = StoredKey { expires_at: Some(now + Duration::from_secs(1)), ..stored(&key) };
        assert!(lasting.admit(&key, &shop, now).is_ok());
    }
}
