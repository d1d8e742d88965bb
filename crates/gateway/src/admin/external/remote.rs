//! Which table somebody means.

use super::{ExternalError, tables::shown};
use crate::registry::Upstream;
use ::catalog::{SchemaCache, Table};
use std::sync::Arc;

/// What of the catalog is in allowed schemas.
pub(super) fn seen<'a>(
    upstream: &'a Upstream,
    cache: &'a SchemaCache,
) -> impl Iterator<Item = &'a Arc<Table>> {
    cache.tables().filter(|table| {
        upstream.terms().is_none_or(|terms| terms.allows_schema(table.name.schema.as_str()))
    })
}

/// By schema and name. A bare name will do where one schema alone has it; a name with dots in it is
/// taken apart at whichever dot there is such a table for.
pub(super) fn find<'a>(
    upstream: &'a Upstream,
    cache: &'a SchemaCache,
    remote: &str,
    schema: Option<&str>,
) -> Result<&'a Arc<Table>, ExternalError> {
    if let Some(schema) = schema
        && upstream.terms().is_some_and(|terms| !terms.allows_schema(schema))
    {
        return Err(ExternalError::SchemaNotAllowed { schema: shown(schema) });
    }
    let is_meant = |table: &&Arc<Table>| {
        let (own_schema, name) = (table.name.schema.as_str(), table.name.name.as_str());
        let is_whole =
            remote.strip_prefix(own_schema).and_then(|rest| rest.strip_prefix('.')) == Some(name);
        schema.is_none_or(|schema| schema == own_schema) && (name == remote || is_whole)
    };
    let found: Vec<_> = seen(upstream, cache).filter(is_meant).collect();
    match found.as_slice() {
        [only] => Ok(only),
        [] => Err(ExternalError::UnknownTable { remote: shown(remote) }),
        several => Err(ExternalError::Ambiguous {
            remote: shown(remote),
            schemas: several.iter().map(|table| table.name.schema.to_string()).collect(),
        }),
    }
}
