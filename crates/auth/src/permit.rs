//! Whether a caller may do what a plan says, and the proof of it.

use crate::{
    caller::{Caller, Credential},
    error::mismatch,
    right::{Needed, Right},
    scope::Verb,
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
    #[error("this person lacks the scope {0}")]
    MissingScope(String),
}

impl PermitError {
    /// A person may not do this to that.
    pub fn missing_scope(verb: Verb, relation: &QualifiedName) -> Self {
        let name = match relation.schema.as_str() {
            "public" => relation.name.to_string(),
            _ => relation.to_string(),
        };
        Self::MissingScope(format!("{}:{name}", verb.as_str()))
    }

    pub fn problem(&self) -> Problem {
        match self {
            Self::ClientMismatch => mismatch(),
            Self::MissingScope(scope) => {
                Problem::new(403, "missing_scope", "You may not do this here")
                    .with_detail("missing_scopes", vec![scope.as_str()])
                    .with_hint("An administrator of this console can let you.")
            }
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
        if let Credential::Person { member: Some(_), .. } = caller.credential() {
            return Self::by_scopes(caller, relation, action);
        }
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
            | Credential::Person { member: None, .. }
            | Credential::System => Ok(Self { _made_here: () }),
            // What is about no single table is an administrator's.
            Credential::Person { member: Some(_), .. } => {
                Err(PermitError::MissingScope(needed.to_string()))
            }
            Credential::Key { client: Some(bound), .. } | Credential::Token { client: bound }
                if bound != client =>
            {
                Err(PermitError::ClientMismatch)
            }
            Credential::Token { .. } => Ok(Self { _made_here: () }),
            Credential::Key { rights, .. } => Self::by_rights(rights, needed),
        }
    }

    /// A write is a creation or a change; whoever knows which it is asks for exactly that.
    fn by_scopes(
        caller: &Caller,
        relation: &QualifiedName,
        action: Action,
    ) -> Result<Self, PermitError> {
        let verbs: &[Verb] = match action {
            Action::Read => &[Verb::Read],
            Action::Write => &[Verb::Create, Verb::Update],
            Action::Delete => &[Verb::Delete],
        };
        if verbs.iter().any(|verb| caller.has_scope(*verb, relation)) {
            return Ok(Self { _made_here: () });
        }
        Err(PermitError::missing_scope(verbs[0], relation))
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
