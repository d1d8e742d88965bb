//! The door a request came through, where what was learnt behind it is noted for who writes it down.

use super::{Act, RequestSeen, log::key_id};
use api_types::ClientName;
use auth::{Credential, KeyId};
use catalog::Ident;
use std::sync::{Arc, OnceLock};
use store::CacheSeen;

/// One request's door. It is shared by the request and whoever waits for its end.
#[derive(Debug)]
pub struct Door {
    pub method: &'static str,
    pub path: Arc<str>,
    noted: OnceLock<Noted>,
}

/// What was learnt of a request that became an operation.
#[derive(Debug, Clone)]
pub struct Noted {
    /// Nothing when no such client is registered.
    pub client: Option<ClientName>,
    pub act: Act,
    pub table: Option<Ident>,
    pub cache: Option<CacheSeen>,
    pub key: Option<KeyId>,
    /// Whether somebody had to show who they are.
    pub is_enforced: bool,
}

impl Door {
    pub fn new(method: &http::Method, path: &str) -> Self {
        Self { method: word(method), path: Arc::from(path), noted: OnceLock::new() }
    }

    pub fn noted(&self) -> Option<&Noted> {
        self.noted.get()
    }

    pub(crate) fn note(&self, seen: &RequestSeen<'_>) {
        let noted = Noted {
            client: seen.is_known.then(|| seen.client.clone()),
            act: seen.act,
            table: seen.table.cloned(),
            cache: seen.cache,
            key: key_id(seen.credential).cloned(),
            is_enforced: !matches!(seen.credential, Credential::Anonymous),
        };
        // One request is one operation; of several, the first is what was asked for.
        let _ = self.noted.set(noted);
    }
}

fn word(method: &http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}
