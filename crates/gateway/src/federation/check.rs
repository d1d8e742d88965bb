//! Comparing what was imported with what is there.

use crate::{admin::external::ResourceVerdict, federation::Terms, registry::Upstream};
use catalog::SchemaCache;
use federation::{Resource, diff, has_error};

/// A table in a schema that is no longer allowed is as good as gone.
pub(crate) fn compare(
    upstream: &Upstream,
    resource: &Resource,
    cache: &SchemaCache,
) -> ResourceVerdict {
    let schema = resource.remote_schema.as_str();
    let is_seen = upstream.terms().is_none_or(|terms: &Terms| terms.allows_schema(schema));
    let table = cache.table(Some(schema), resource.remote_name.as_str()).filter(|_| is_seen);
    let diffs = diff(resource, table.map(|table| &**table));
    ResourceVerdict {
        resource: resource.name.to_string(),
        remote_schema: schema.to_owned(),
        remote_name: resource.remote_name.to_string(),
        ok: !has_error(&diffs),
        diffs,
    }
}
