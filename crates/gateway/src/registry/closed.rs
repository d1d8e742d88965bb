//! Why a client that is known takes no requests.

use api_types::Problem;
use std::fmt;

/// The case, as every caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedKind {
    Frozen,
    Inactive,
    Deleted,
    Blocked,
    Failed,
}

/// The case, and what administrators are told besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    pub kind: ClosedKind,
    /// May name hosts.
    pub reason: Option<String>,
}

impl Closed {
    pub fn of(kind: ClosedKind) -> Self {
        Self { kind, reason: None }
    }

    pub fn failed(reason: impl Into<String>) -> Self {
        Self { kind: ClosedKind::Failed, reason: Some(reason.into()) }
    }

    pub fn blocked(reason: impl Into<String>) -> Self {
        Self { kind: ClosedKind::Blocked, reason: Some(reason.into()) }
    }
}

impl fmt::Display for ClosedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Frozen => "frozen",
            Self::Inactive => "inactive",
            Self::Deleted => "deleted",
            Self::Blocked => "blocked",
            Self::Failed => "could not be connected",
        })
    }
}

impl ClosedKind {
    pub(crate) fn problem(self, name: &str) -> Problem {
        let problem = match self {
            Self::Frozen => {
                Problem::new(503, "client_frozen", format!("Client '{name}' is frozen"))
                    .with_hint("An administrator holds its traffic back.")
            }
            Self::Inactive => {
                Problem::new(503, "client_inactive", format!("Client '{name}' is not active"))
                    .with_hint("An administrator can make it active.")
            }
            Self::Deleted => {
                Problem::new(503, "client_deleted", format!("Client '{name}' was removed"))
                    .with_hint("Use another client.")
            }
            Self::Blocked => Problem::new(
                503,
                "client_blocked",
                format!("Client '{name}' is blocked by this server's policy"),
            )
            .with_hint("An administrator can see what the policy says."),
            Self::Failed => Problem::new(
                503,
                "client_unavailable",
                format!("Client '{name}' is configured but currently unavailable"),
            )
            .with_hint("An administrator can see why."),
        };
        problem.with_detail("client", name)
    }
}
