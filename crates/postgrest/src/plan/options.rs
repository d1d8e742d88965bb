//! OPTIONS: the methods that can be used.

use super::call;
use crate::{
    RestError,
    request::{Call, Kind, Request},
    response::Response,
    schema::{SchemaCache, Volatility},
};

pub(super) fn answer(
    request: &Request,
    cache: &SchemaCache,
    kind: &Kind,
) -> Result<Response, RestError> {
    let allowed = match kind {
        Kind::Root => "OPTIONS,GET,HEAD".to_owned(),
        Kind::Relation(name) => {
            let relation = cache.find_relation(&request.schema, name)?;
            let has_key = !relation.primary_key.is_empty();
            let puts = relation.is_insertable && relation.is_updatable && has_key;
            let methods = [
                (true, "OPTIONS,GET,HEAD"),
                (relation.is_insertable, "POST"),
                (puts, "PUT"),
                (relation.is_updatable, "PATCH"),
                (relation.is_deletable, "DELETE"),
            ];
            let allowed = methods.into_iter().filter(|(is_allowed, _)| *is_allowed);
            allowed.map(|(_, method)| method).collect::<Vec<_>>().join(",")
        }
        Kind::Routine(name) => {
            let routine = call::found(request, cache, name, Call::Get)?;
            match routine.volatility {
                Volatility::Volatile => "OPTIONS,POST".to_owned(),
                Volatility::Stable | Volatility::Immutable => "OPTIONS,GET,HEAD,POST".to_owned(),
            }
        }
    };
    Ok(Response::options(&allowed))
}
