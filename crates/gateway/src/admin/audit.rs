//! Who did what to how this gateway is set up.

use auth::KeyId;
use serde_json::Value;
use std::{fmt, sync::Arc};
use store::{AuditEntry, AuditOutcome, Store, StoreError};

/// Whose deed it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Whoever held the static admin key.
    AdminKey,
    Key(KeyId),
    /// Somebody signed in to the console.
    Person(Arc<str>),
    /// The gateway itself, or a command beside it.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AdminKey => f.write_str("admin"),
            Self::Key(id) => write!(f, "key:{}", id.0),
            Self::Person(id) => write!(f, "person:{id}"),
            Self::System => f.write_str("system"),
        }
    }
}

/// What was done, to what, and what is different now. It must not hold a secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// `client.created`, `key.rotated`: the kind of thing, and what became of it.
    pub action: &'static str,
    /// The thing by its name or id.
    pub subject: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub outcome: AuditOutcome,
}

impl Deed {
    pub fn done(action: &'static str, subject: impl Into<String>) -> Self {
        let subject = subject.into();
        Self { action, subject, before: None, after: None, outcome: AuditOutcome::Done }
    }

    #[must_use]
    pub fn from(mut self, before: Value) -> Self {
        self.before = Some(before);
        self
    }

    #[must_use]
    pub fn to(mut self, after: Value) -> Self {
        self.after = Some(after);
        self
    }

    #[must_use]
    pub fn failed(self) -> Self {
        Self { outcome: AuditOutcome::Failed, ..self }
    }
}

/// Where deeds are written down.
#[derive(Clone)]
pub struct Audit {
    store: Store,
}

impl Audit {
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    pub async fn record(&self, actor: &Actor, deed: &Deed) -> Result<(), StoreError> {
        let actor = actor.to_string();
        let entry = AuditEntry {
            actor: &actor,
            action: deed.action,
            subject: &deed.subject,
            outcome: deed.outcome,
            request_id: None,
            before: deed.before.as_ref(),
            after: deed.after.as_ref(),
        };
        self.store.append_audit(entry).await.map(|_sequence| ())
    }

    /// For a deed that cannot be taken back when it cannot be written down: the log tells of it.
    pub async fn tell(&self, actor: &Actor, deed: &Deed) {
        if let Err(error) = self.record(actor, deed).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                %actor,
                action = deed.action,
                subject = deed.subject,
                "a deed is missing in the audit trail"
            );
        }
    }
}
