//! Calling a routine.

use super::{Plan, Work, assembled, negotiate, read, refuse_invalid_preferences, write};
use crate::{
    RestConfig, RestError,
    request::{Call, Payload, Request, media::MediaType},
    schema::{Parameter, Routine, RoutineCall, SchemaCache, SinglePayload},
};
use bytes::Bytes;
use catalog::{Ident, QualifiedName};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
pub(crate) struct CallPlan {
    pub(crate) routine: Routine,
    /// Those that get an argument.
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) arguments: Arguments,
    /// Columns of the result that the answer needs.
    pub(crate) returning: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) enum Arguments {
    /// One value for each name; several only for a variadic parameter.
    Named(BTreeMap<String, Vec<String>>),
    /// Members of the body.
    Members(Bytes),
    /// The body is the one argument.
    Whole(Bytes),
}

pub(super) fn plan(
    request: Request,
    cache: &SchemaCache,
    config: &RestConfig,
    name: String,
    call: Call,
) -> Result<Plan, RestError> {
    let routine = found(&request, cache, &name, call)?.clone();
    // The rows of a relation can be embedded in like the relation itself.
    let relation = routine.relation().map_or(&routine.name.name, |relation| &relation.name);
    let relation = QualifiedName::new(routine.name.schema.clone(), relation.clone());
    let read = read::plan(&request, cache, config, relation.clone())?;
    let target = negotiate::target(&read, relation);
    let chosen = negotiate::choose(&request, cache, config, &target)?;
    refuse_invalid_preferences(&request)?;
    let limits_affected =
        request.preferences.is_strict() && request.preferences.max_affected.is_some();
    if limits_affected && routine.returns_single() {
        return Err(RestError::MaxAffectedRoutine);
    }
    let given = names(&request, call);
    let arguments = arguments(&request, &routine, call);
    let is_given = |parameter: &&Parameter| {
        parameter.name.as_ref().is_some_and(|name| given.contains(name.as_str()))
    };
    let parameters = routine.parameters.iter().filter(is_given).cloned().collect();
    let returning = write::needed(&read, &[]);
    let plan = CallPlan { routine, parameters, arguments, returning };
    Ok(assembled(request, config, name, read, Work::Call { call, plan }, chosen))
}

fn names(request: &Request, call: Call) -> BTreeSet<&str> {
    match call {
        Call::Post => request.columns.iter().map(String::as_str).collect(),
        Call::Get | Call::Head => {
            request.query.arguments.iter().map(|(name, _)| name.as_str()).collect()
        }
    }
}

pub(super) fn found<'c>(
    request: &Request,
    cache: &'c SchemaCache,
    name: &str,
    call: Call,
) -> Result<&'c Routine, RestError> {
    let payload = match (call, &request.content_type) {
        (Call::Get | Call::Head, _) => SinglePayload::No,
        (Call::Post, MediaType::Json) => SinglePayload::Json,
        (Call::Post, MediaType::Text) => SinglePayload::Text,
        (Call::Post, MediaType::Xml) => SinglePayload::Xml,
        (Call::Post, MediaType::Bytes) => SinglePayload::Bytes,
        (Call::Post, _) => SinglePayload::No,
    };
    let arguments = names(request, call);
    Ok(cache.find_routine(&RoutineCall { schema: &request.schema, name, arguments, payload })?)
}

fn arguments(request: &Request, routine: &Routine, call: Call) -> Arguments {
    let by_name = |pairs: &[(String, String)]| Arguments::Named(named(routine, pairs));
    match (call, &request.payload) {
        (Call::Get | Call::Head, _) => by_name(&request.query.arguments),
        (Call::Post, Some(Payload::Form(pairs))) => by_name(pairs),
        (Call::Post, Some(Payload::Json(body) | Payload::Raw(body))) => {
            if routine.has_unnamed_parameter() {
                Arguments::Whole(body.clone())
            } else {
                Arguments::Members(body.clone())
            }
        }
        (Call::Post, None) => Arguments::Members(Bytes::new()),
    }
}

/// A parameter that is repeated is a list where the routine takes one, else the last one counts.
fn named(routine: &Routine, pairs: &[(String, String)]) -> BTreeMap<String, Vec<String>> {
    let is_variadic = |name: &str| {
        let parameters = routine.parameters.iter();
        parameters
            .filter(|parameter| parameter.is_variadic)
            .any(|parameter| parameter.name.as_ref().map(Ident::as_str) == Some(name))
    };
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        let of_name = values.entry(name.clone()).or_default();
        if !is_variadic(name) {
            of_name.clear();
        }
        of_name.push(value.clone());
    }
    values
}
