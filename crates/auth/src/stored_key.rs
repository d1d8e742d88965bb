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
    /// The secret before this one, for as long as it still opens. Few keys have one.
    pub previous: Option<Box<Previous>>,
    /// The only client it opens; none opens all.
    pub client: Option<ClientName>,
    pub rights: Arc<[Right]>,
    pub active: bool,
    pub expires_at: Option<SystemTime>,
}

/// The secret a key had before it was rotated.
#[derive(Clone)]
pub struct Previous {
    pub hash: ApiKeyHash,
    pub until: SystemTime,
}

/// Which of a key's secrets was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    ByCurrent,
    ByPrevious,
}

impl PresentedKey {
    /// The key by its form; whether it opens anything is not known yet.
    pub fn key(&self) -> Result<ApiKey, AuthError> {
        ApiKey::parse(self.text()?).map_err(|_no_key| AuthError::InvalidKey(Refused::Format))
    }
}

impl StoredKey {
    /// Whether the secret is right. Both are always computed, so that a refusal tells nothing.
    pub fn opened_by(&self, key: &ApiKey, now: SystemTime) -> Option<Opened> {
        let is_current = self.hash.verifies(key);
        let previous = self.previous.as_deref();
        let is_previous = previous.is_some_and(|previous| previous.hash.verifies(key));
        let is_in_time = previous.is_some_and(|previous| now < previous.until);
        match (is_current, is_previous && is_in_time) {
            (true, _) => Some(Opened::ByCurrent),
            (false, true) => Some(Opened::ByPrevious),
            (false, false) => None,
        }
    }

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
        if self.opened_by(key, now).is_none() {
            return Err(AuthError::InvalidKey(Refused::Secret));
        }
        self.standing(now)
    }

    /// Whoever once showed this key at this client's door, as far as it still opens it: for work
    /// that was taken on then and is done now. Nobody who asks is let in by it.
    pub fn stand_in(&self, client: &ClientName, now: SystemTime) -> Result<Caller, AuthError> {
        let caller = self.standing(now)?;
        if self.client.as_ref().is_some_and(|bound| bound != client) {
            return Err(AuthError::ClientMismatch);
        }
        Ok(caller)
    }

    fn standing(&self, now: SystemTime) -> Result<Caller, AuthError> {
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
            hash: key.hash(None),
            previous: None,
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
        let wrong = StoredKey { hash: ApiKey::generate().hash(None), ..stored(&key) };
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

    #[test]
    fn a_rotated_key_opens_with_both_secrets_until_its_time_is_over() {
        let (now, shop) = (SystemTime::now(), client("shop"));
        let old = ApiKey::generate();
        let new = ApiKey::renewed(old.id());
        let until = now + Duration::from_secs(60);
        let previous = Some(Box::new(Previous { hash: old.hash(None), until }));
        let stored = StoredKey { previous, ..stored(&new) };
        assert_eq!(stored.opened_by(&old, now), Some(Opened::ByPrevious));
        assert_eq!(stored.opened_by(&new, now), Some(Opened::ByCurrent));
        assert!(stored.admit(&old, &shop, now).is_ok() && stored.admit(&new, &shop, now).is_ok());
        let late = stored.admit(&old, &shop, until);
        assert_eq!(late, Err(AuthError::InvalidKey(Refused::Secret)));
        assert!(stored.admit(&new, &shop, until).is_ok());
    }
}
