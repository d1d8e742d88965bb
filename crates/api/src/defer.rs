//! Requests that are filed to be done later: read and checked as if they were done now.

use crate::{
    answer::{Freshness, respond, wants_lines},
    error::ApiError,
    extract::{self, Admitted, Profile},
    once,
    query::parse_query,
    routes::Route,
    state::ApiState,
};
use axum::{body::Body, response::Response};
use bytes::Bytes;
use gateway::{
    Deferral, Directive, Filed, GatewayError, OperationError, Reason, Repeat, Visitor, Work,
};
use http::request::Parts;
use query::Operation;

/// An answer, and the id of what was filed now.
pub(crate) struct Answered {
    pub(crate) id: Option<String>,
    pub(crate) response: Response,
}

/// What the five operations are called.
enum Asked {
    Query,
    Data(Operation),
}

fn asked(route: &Route) -> Option<Asked> {
    Some(match route.path {
        "/gateway/query" => Asked::Query,
        "/gateway/fetch" | "/gateway/data" => Asked::Data(Operation::Fetch),
        "/gateway/insert" => Asked::Data(Operation::Insert),
        "/gateway/update" => Asked::Data(Operation::Update),
        "/gateway/delete" => Asked::Data(Operation::Delete),
        _ => return None,
    })
}

/// Whether what this route does can be done later.
pub(crate) fn can_wait(route: &Route) -> bool {
    asked(route).is_some()
}

pub(crate) async fn file(
    state: &ApiState,
    (mut parts, body): (Parts, Body),
    route: &'static Route,
    reason: Reason,
) -> Result<Answered, ApiError> {
    let operation = asked(route).ok_or(ApiError::NotFound)?;
    // An address with a password in it is not kept.
    for name in extract::TARGETS {
        if parts.headers.contains_key(name) {
            return Err(ApiError::HeaderNotSupported { name });
        }
    }
    parts.headers.remove("x-athena-defer");
    let visitor = admit(&parts, state).await?;
    if wants_lines(&parts.headers)? {
        return Err(GatewayError::from(OperationError::NotStreamed).into());
    }
    let repeat = once::key_of(&parts.headers)?.map(str::to_owned);
    let body = extract::read_body(&parts.headers, body, state.settings().body_limit).await?;
    let (bytes, work) = (body.len(), work(&parts, state, operation, body.clone())?);
    let repeat = repeat.filter(|_| once::writes(&parts.method, parts.uri.path()));
    let repeat = repeat.map(|key| told_apart(&parts, &body, key)).transpose()?;
    let method = parts.method.to_string();
    let deferral = Deferral { method, route: route.path, bytes, work, reason, repeat };
    let filed = state.gateway().defer(&visitor, deferral).await?;
    let unsupported = || ApiError::HeaderNotSupported { name: "x-athena-defer" };
    Ok(match filed.ok_or_else(unsupported)? {
        Filed::New { id, answer } => Answered { id: Some(id), response: respond(answer) },
        Filed::Again(answer) => Answered { id: None, response: once::replay(answer) },
    })
}

async fn admit(parts: &Parts, state: &ApiState) -> Result<Visitor, ApiError> {
    match extract::admit(parts, state).await {
        Ok(Admitted(visitor)) => Ok(visitor),
        Err(ApiError::Gateway(GatewayError::MissingClient)) => {
            Err(GatewayError::MissingClientOrAddress.into())
        }
        Err(error) => Err(error),
    }
}

fn work(parts: &Parts, state: &ApiState, operation: Asked, body: Bytes) -> Result<Work, ApiError> {
    let directive = Freshness::of(&parts.headers)?.directive;
    let operation = match operation {
        Asked::Query => return Ok(Work::Query(parse_query(&body, directive)?)),
        Asked::Data(operation) => operation,
    };
    if matches!(operation, Operation::Insert | Operation::Delete) {
        extract::check_audit(&parts.headers, state.settings().require_audit_headers)?;
    }
    let directive = match operation {
        Operation::Fetch => directive,
        Operation::Insert | Operation::Update | Operation::Delete => Directive::Bypass,
    };
    let strip_nulls = extract::strip_nulls(&parts.headers)?;
    let profile = Profile::read(&parts.headers)?;
    Ok(Work::Data(profile.raw(operation, body, strip_nulls, directive)))
}

/// The same request sent to be done now is the same request.
fn told_apart(parts: &Parts, body: &Bytes, key: String) -> Result<Repeat, ApiError> {
    let profile = format!("{:?}", Profile::read(&parts.headers)?);
    let told = once::telling(parts, &profile, body);
    Ok(Repeat { key, parts: told.into_iter().map(<[u8]>::to_vec).collect() })
}
