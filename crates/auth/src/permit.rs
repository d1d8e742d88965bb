//! Whether a caller may do what a plan says, and the proof of it.

use crate::caller::{Caller, Credential, Right};
use api_types::{ClientName, Problem};
use catalog::QualifiedName;

/// What a right allows on a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Read,
    Write,
    Delete,
}

/// Proof that somebody was allowed to. A backend runs nothing without one.
#[derive(Debug)]
pub struct Permit {
    _made_here: (),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PermitError {
    #[error("API key required")]
    KeyRequired,
    #[error("this key belongs to another client")]
    ClientMismatch,
    #[error("this key lacks the right {0}")]
    MissingRight(String),
}
