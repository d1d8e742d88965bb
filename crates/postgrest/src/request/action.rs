//! What a method means for what it is used on.

use super::Kind;
use crate::RestError;
use http::Method;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Read {
        relation: String,
        only_headers: bool,
    },
    Write {
        relation: String,
        mutation: Mutation,
    },
    Call {
        routine: String,
        call: Call,
    },
    /// The document at the root.
    Describe {
        only_headers: bool,
    },
    /// OPTIONS, which only asks what is allowed.
    Options(Kind),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutation {
    Insert,
    Update,
    /// PUT of a single row.
    Upsert,
    Delete,
}

/// How a routine is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// The arguments stand in the address, and nothing may change.
    Get,
    Head,
    Post,
}

impl Action {
    pub(super) fn of(method: &Method, kind: &Kind) -> Result<Self, RestError> {
        match kind {
            _ if method == Method::OPTIONS => Ok(Self::Options(kind.clone())),
            Kind::Root => match *method {
                Method::GET => Ok(Self::Describe { only_headers: false }),
                Method::HEAD => Ok(Self::Describe { only_headers: true }),
                _ => Err(RestError::Method { method: method.to_string() }),
            },
            Kind::Routine(routine) => {
                let call = match *method {
                    Method::GET => Call::Get,
                    Method::HEAD => Call::Head,
                    Method::POST => Call::Post,
                    _ => return Err(RestError::RoutineMethod { method: method.to_string() }),
                };
                Ok(Self::Call { routine: routine.clone(), call })
            }
            Kind::Relation(relation) => Self::on_relation(method, relation.clone()),
        }
    }

    fn on_relation(method: &Method, relation: String) -> Result<Self, RestError> {
        let mutation = match *method {
            Method::GET => return Ok(Self::Read { relation, only_headers: false }),
            Method::HEAD => return Ok(Self::Read { relation, only_headers: true }),
            Method::POST => Mutation::Insert,
            Method::PATCH => Mutation::Update,
            Method::PUT => Mutation::Upsert,
            Method::DELETE => Mutation::Delete,
            _ => return Err(RestError::Method { method: method.to_string() }),
        };
        Ok(Self::Write { relation, mutation })
    }

    /// Whether parameters of the address may be arguments.
    pub(super) fn is_call_by_address(&self) -> bool {
        match self {
            Self::Call { call, .. } => *call != Call::Post,
            Self::Options(kind) => matches!(kind, Kind::Routine(_)),
            Self::Read { .. } | Self::Write { .. } | Self::Describe { .. } => false,
        }
    }
}
