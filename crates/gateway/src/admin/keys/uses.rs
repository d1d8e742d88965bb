//! Looking up uses of keys.

use super::{Keys, KeysError, checked::moment};
use store::{AuthFilter, AuthRecord};

/// Which uses are wanted, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsesWanted {
    pub filter: AuthFilter,
    /// RFC 3339.
    pub since: Option<String>,
    /// RFC 3339.
    pub until: Option<String>,
}

impl Keys {
    /// Uses of keys, newest first.
    pub async fn uses(&self, wanted: UsesWanted) -> Result<Vec<AuthRecord>, KeysError> {
        let UsesWanted { mut filter, since, until } = wanted;
        filter.since = since.map(|text| moment("since", &text)).transpose()?;
        filter.until = until.map(|text| moment("until", &text)).transpose()?;
        Ok(self.store.list_auth(&filter).await?)
    }
}
