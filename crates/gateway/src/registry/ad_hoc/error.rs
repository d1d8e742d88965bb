//! Why a database named in a header is not asked. No text here holds any part of its address.

use api_types::Problem;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdHocError {
    #[error("databases cannot be named in a header here")]
    Off,
    #[error("the address in the header cannot be read: {reason}")]
    Malformed { reason: &'static str },
    #[error("the address in the header has the parameter {name}")]
    Parameter { name: String },
    #[error("the database in the header is not one that may be named")]
    NotAllowed,
    #[error("the database in the header cannot be reached")]
    Unreachable,
    #[error("{limit} databases named in headers are in use")]
    TooMany { limit: usize },
}

impl AdHocError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::Off => Problem::new(
                400,
                "not_supported",
                "A database cannot be named in a header on this server",
            ),
            Self::Malformed { reason } => Problem::new(400, "invalid_jdbc_url", "Invalid JDBC URL")
                .with_detail("reason", *reason),
            Self::Parameter { name } => Problem::new(400, "invalid_jdbc_url", "Invalid JDBC URL")
                .with_detail("reason", "a parameter that may not be set here")
                .with_detail("parameter", name.as_str()),
            Self::NotAllowed => Problem::new(400, "target_not_allowed", "Invalid target")
                .with_hint("gateway.jdbc in the server's settings says which hosts may be named."),
            Self::Unreachable => Problem::new(
                502,
                "target_unreachable",
                "The database named in the header cannot be reached",
            ),
            Self::TooMany { limit } => Problem::new(
                503,
                "too_many_targets",
                "Too many databases named in headers are in use at once",
            )
            .with_detail("limit", *limit),
        }
    }
}
