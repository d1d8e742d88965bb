//! Whether a caller may do what a plan says, and the proof of it.

use crate::{
    caller::{Caller, Credential},
    error::mismatch,
    right::{Needed, Right},
};
use api_types::{ClientName, Problem};
use catalog::QualifiedName;

/// What a right allows on a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Read,
    Write,
    Delete,
}

impl Action {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
        }
    }
}

/// Proof that somebody was allowed to. A backend runs nothing without one.
#[derive(Debug)]
pub struct Permit {
    _made_here: (),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PermitError {
    #[error("this key belongs to another client")]
    ClientMismatch,
    #[error("this key lacks the right {0}")]
    MissingRight(String),
}

impl PermitError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::ClientMismatch => mismatch(),
            Self::MissingRight(right) => {
                Problem::new(403, "missing_right", "Insufficient API key rights")
                    .with_detail("missing_rights", vec![right.as_str()])
                    .with_hint("Use a key that was given this right.")
            }
        }
    }
}

impl Permit {
    /// May this caller do this to this relation?
    pub fn for_relation(
        caller: &Caller,
        client: &ClientName,
        relation: &QualifiedName,
        action: Action,
    ) -> Result<Self, PermitError> {
        Self::check(caller, client, &Needed::relation(relation, action))
    }

    /// Has this caller a right that is about no single relation?
    pub fn for_right(
        caller: &Caller,
        client: &ClientName,
        right: &str,
    ) -> Result<Self, PermitError> {
        Self::check(caller, client, &Needed::named(right))
    }

    /// The gateway's own work: health checks and introspection.
    pub fn system() -> Self {
        Self { _made_here: () }
    }

    fn check(caller: &Caller, client: &ClientName, needed: &Needed) -> Result<Self, PermitError> {
        match caller.credential() {
            // Whoever is nobody got in because this gateway demands no key.
            Credential::Anonymous
            | Credential::Admin
            | Credential::Person { .. }
            | Credential::System => Ok(Self { _made_here: () }),
            Credential::Key { client: Some(bound), .. } | Credential::Token { client: bound }
                if bound != client =>
            {
                Err(PermitError::ClientMismatch)
            }
            Credential::Token { .. } => Ok(Self { _made_here: () }),
            Credential::Key { rights, .. } => Self::by_rights(rights, needed),
        }
    }

    fn by_rights(rights: &[Right], needed: &Needed) -> Result<Self, PermitError> {
        if rights.iter().any(|right| needed.met_by(right)) {
            return Ok(Self { _made_here: () });
        }
        Err(PermitError::MissingRight(needed.to_string()))
    }
}

#[cfg(test)]
mod tests;
