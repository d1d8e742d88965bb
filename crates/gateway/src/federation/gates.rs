//! The gates in front of databases that belong to others. Each is one function, and every door
//! comes by.

use crate::{access::Visitor, registry::Upstream};
use api_types::Problem;
use auth::{Permit, PermitError};
use backend::only_read;
use catalog::{QualifiedName, SchemaCache};
use query::{
    Access, CallPlan, Plan,
    plan::CallLimits,
    request::{ApiRequest, CallRequest},
    sql::Script,
};

/// The right to run SQL where only some schemas are seen: SQL sees what the connection may see.
const SQL_BEYOND_THE_LIST: &str = "datasources.sql";

/// Words that change the structure of a database.
const DDL: [&str; 12] = [
    "CREATE", "ALTER", "DROP", "TRUNCATE", "COMMENT", "GRANT", "REVOKE", "REINDEX", "CLUSTER",
    "REFRESH", "IMPORT", "SECURITY",
];

#[derive(Debug, thiserror::Error)]
pub enum GateError {
    #[error("the database of {client} belongs to somebody else and is only read")]
    WriteForbidden { client: String, resource: Option<String> },
    #[error("the structure of {client} belongs to somebody else")]
    NotManaged { client: String, mode: &'static str },
    #[error("{resource} of {client} is no longer what was imported")]
    Mismatch { client: String, resource: String },
    #[error("no schema of {client} that is seen here was named")]
    NoSchema { client: String },
    #[error(transparent)]
    Permit(#[from] PermitError),
}

impl GateError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::WriteForbidden { client, resource } => {
                let problem = only_read().with_detail("client", client.as_str());
                match resource {
                    Some(resource) => problem.with_detail("resource", resource.as_str()),
                    None => problem,
                }
            }
            Self::NotManaged { client, mode } => Problem::new(
                403,
                "EXTERNAL_SCHEMA_MODE_VIOLATION",
                format!("The structure of client '{client}' belongs to somebody else; nothing was changed."),
            )
            .with_detail("client", client.as_str())
            .with_detail("schema_mode", *mode)
            .with_hint("Only a client whose schemaMode is managed can be altered from here."),
            Self::Mismatch { client, resource } => Problem::new(
                503,
                "EXTERNAL_SCHEMA_MISMATCH",
                format!("Resource '{resource}' is no longer what was imported, so it is not answered from."),
            )
            .with_detail("client", client.as_str())
            .with_detail("resource", resource.as_str())
            .with_hint("Validate the client to see what differs, then import the resource again."),
            Self::NoSchema { client } => Problem::new(
                404,
                "EXTERNAL_SCHEMA_NOT_ALLOWED",
                format!("Client '{client}' shows no schema of that name."),
            )
            .with_detail("client", client.as_str()),
            Self::Permit(error) => error.problem(),
        }
    }
}

/// May what the plan does be done to this database? Asked where the permit is made.
pub(crate) fn plan(upstream: &Upstream, cache: &SchemaCache, plan: &Plan) -> Result<(), GateError> {
    for table in plan.relations() {
        ensure_soundness(upstream, cache, &table.name)?;
    }
    match plan.access() {
        Access::ReadOnly => Ok(()),
        Access::ReadWrite => relation_write(upstream, cache, &plan.table().name),
    }
}

/// What is not known now was known when the plan was made; a client of our own needs no more.
pub(crate) fn not_known(upstream: &Upstream) -> Result<(), crate::error::GatewayError> {
    match upstream.terms() {
        None => Ok(()),
        Some(_) => Err(crate::error::GatewayError::Unavailable {
            name: upstream.name().to_string(),
            reason: "its schema is being read".to_owned(),
        }),
    }
}

/// A write needs both: the client's word and the resource's.
pub(crate) fn relation_write(
    upstream: &Upstream,
    cache: &SchemaCache,
    relation: &QualifiedName,
) -> Result<(), GateError> {
    let Some(terms) = upstream.terms() else { return Ok(()) };
    let is_writable = cache.binding(relation).is_some_and(|binding| binding.writable);
    if terms.allows_writes() && is_writable {
        return Ok(());
    }
    Err(forbidden(upstream, Some(relation)))
}

/// A function that may change anything, or SQL that does: only the client's word counts, for
/// nobody here knows what it touches.
pub(crate) fn blind_write(upstream: &Upstream) -> Result<(), GateError> {
    match upstream.terms() {
        Some(terms) if !terms.allows_writes() => Err(forbidden(upstream, None)),
        _ => Ok(()),
    }
}

pub(crate) fn call(upstream: &Upstream, plan: &CallPlan) -> Result<(), GateError> {
    match plan.access() {
        Access::ReadOnly => Ok(()),
        Access::ReadWrite => blind_write(upstream),
    }
}

/// How a script may be run: on an external client it only reads, unless writes are opened; and its
/// structure is never changed.
pub(crate) fn script(
    upstream: &Upstream,
    script: &Script,
    wished: Access,
) -> Result<Access, GateError> {
    let Some(terms) = upstream.terms() else { return Ok(wished) };
    if script.statements().iter().any(|statement| DDL.contains(&statement.word())) {
        return Err(not_managed(upstream));
    }
    if terms.allows_writes() {
        return Ok(wished);
    }
    if script.must_read().is_err() {
        return Err(forbidden(upstream, None));
    }
    Ok(Access::ReadOnly)
}

/// SQL sees all that the connection may see, so where only some schemas are shown it takes a right
/// of its own, which no right over data includes.
pub(crate) fn raw_sql(visitor: &Visitor, upstream: &Upstream) -> Result<(), GateError> {
    let is_listed = upstream.terms().is_some_and(|terms| terms.allowed_schemas().is_some());
    if is_listed {
        Permit::for_right(visitor.caller(), visitor.client(), SQL_BEYOND_THE_LIST)?;
    }
    Ok(())
}

/// How many rows of a script's answer are sent at most. One that names no limit gets the client's.
pub(crate) fn script_rows(upstream: &Upstream, script: &Script, max_rows: u64) -> u64 {
    let names_limit = |text: &str| {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.any(|word| word.eq_ignore_ascii_case("limit") || word.eq_ignore_ascii_case("fetch"))
    };
    let is_unlimited = upstream.terms().is_some()
        && !script.statements().iter().any(|statement| names_limit(statement.text()));
    if is_unlimited { max_rows.min(super::UNLIMITED_ROWS) } else { max_rows }
}

/// A read without a limit gets the client's.
pub(crate) fn cap(upstream: &Upstream, request: &mut ApiRequest) {
    if let ApiRequest::Read(read) = request
        && upstream.terms().is_some()
    {
        read.cap_unlimited(super::UNLIMITED_ROWS);
    }
}

/// The same for a call.
pub(crate) fn cap_call<'a>(
    upstream: &Upstream,
    request: &mut CallRequest,
    limits: CallLimits<'a>,
) -> CallLimits<'a> {
    if upstream.terms().is_none() || request.limit.is_some() {
        return limits;
    }
    // More than there may be, so that the answer says it was capped.
    request.limit = Some(u64::MAX);
    CallLimits { max_rows: limits.max_rows.min(super::UNLIMITED_ROWS), ..limits }
}

/// Only a database of our own is altered: for everybody who runs DDL.
pub fn ensure_managed(upstream: &Upstream) -> Result<(), GateError> {
    match upstream.terms() {
        None => Ok(()),
        Some(_) => Err(not_managed(upstream)),
    }
}

/// A resource that is no longer what it was is not answered from.
pub fn ensure_soundness(
    upstream: &Upstream,
    cache: &SchemaCache,
    relation: &QualifiedName,
) -> Result<(), GateError> {
    match cache.binding(relation) {
        Some(binding) if binding.is_broken => Err(GateError::Mismatch {
            client: upstream.name().to_string(),
            resource: binding.resource.to_string(),
        }),
        _ => Ok(()),
    }
}

fn forbidden(upstream: &Upstream, relation: Option<&QualifiedName>) -> GateError {
    let resource = relation.map(|relation| relation.name.to_string());
    GateError::WriteForbidden { client: upstream.name().to_string(), resource }
}

fn not_managed(upstream: &Upstream) -> GateError {
    let mode = upstream.terms().map_or("managed", |terms| terms.mode().as_str());
    GateError::NotManaged { client: upstream.name().to_string(), mode }
}
