//! The static admin key, and those that took over from it.

use super::{Access, Administrator};
use crate::{
    Gateway,
    admin::{
        admin_key::AdminKeyring,
        keys::{Keys, KeysError},
    },
    error::GatewayError,
};
use auth::{AdminKeyHash, AdminKeys, AuthError, PresentedKey};
use std::time::{Instant, SystemTime};

impl Access {
    /// Open the administrators' doors for this key; a blank one opens nothing.
    #[must_use]
    pub fn administered(mut self, admin_key: &str) -> Self {
        let peppers = self.keyring.as_ref().and_then(super::Keyring::peppers);
        self.admin_key = match peppers {
            Some(peppers) => AdminKeyHash::sealed(admin_key, peppers),
            None => AdminKeyHash::of(admin_key),
        };
        self
    }

    /// Every admin key as of now.
    pub(crate) fn admin_keys(&self) -> AdminKeys {
        let kept = self.keyring.as_ref().map(super::Keyring::admin_keys).unwrap_or_default();
        AdminKeys { configured: self.admin_key.clone(), kept }
    }

    pub(crate) fn admin_keyring(&self) -> Option<AdminKeyring<'_>> {
        let keyring = self.keyring.as_ref()?;
        Some(AdminKeyring { keyring, configured: self.admin_key.as_ref() })
    }

    /// Whether the admin key was shown. A wrong one counts against where it came from.
    fn administrator(&self, presented: &PresentedKey) -> Result<(), GatewayError> {
        let keys = self.admin_keys();
        if keys.is_empty() {
            // Whoever shows nothing learns nothing of how this server is set up.
            return Err(match presented.is_absent() {
                true => AuthError::NotAdmin.into(),
                false => GatewayError::AdminNotConfigured,
            });
        }
        // An API key is no guess at the admin key.
        let is_guess = !presented.is_absent() && presented.claimed_id().is_none();
        let peer = presented.peer().filter(|_| is_guess);
        if let Some(Err(wait)) = peer.map(|peer| self.throttle.admit(peer, Instant::now())) {
            // Rounded up, so that who waits that long does not come too early.
            let seconds = u64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u64::MAX);
            return Err(AuthError::Throttled { seconds }.into());
        }
        let admitted = keys.admit(presented, SystemTime::now());
        match (peer, &admitted) {
            (Some(peer), Ok(())) => self.throttle.forgive(peer),
            (Some(peer), Err(error)) if *error != AuthError::NotAdmin => {
                self.throttle.take_back(peer);
            }
            _ => {}
        }
        Ok(admitted?)
    }
}

impl Gateway {
    /// Let an administrator in.
    pub fn administrator(&self, presented: &PresentedKey) -> Result<Administrator, GatewayError> {
        self.access().administrator(presented)?;
        Ok(Administrator { _made_here: () })
    }

    pub fn has_admin_key(&self) -> bool {
        !self.access().admin_keys().is_empty()
    }

    /// Whether this text is an admin key, for whoever types it as a password and counts attempts.
    pub fn is_admin_key(&self, text: &str) -> bool {
        self.access().admin_keys().opens(text, SystemTime::now())
    }

    /// The keys, for an administrator.
    pub fn keys(&self, _: &Administrator) -> Result<&Keys, KeysError> {
        self.access().keys.as_ref().ok_or(KeysError::NoStore)
    }
}
