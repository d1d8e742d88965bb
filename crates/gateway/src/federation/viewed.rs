//! What is seen of a client's catalog: made anew when the database or the resources change.

use super::Terms;
use catalog::SchemaCache;
use federation::Resource;
use std::sync::Arc;

/// The two things that a view is made of.
#[derive(Debug, Default)]
pub(crate) struct Viewed {
    pub(crate) raw: Option<Arc<SchemaCache>>,
    pub(crate) resources: Arc<[Resource]>,
}

impl Viewed {
    /// A database of our own, of which nothing was imported, is seen as it is.
    pub(crate) fn seen(&self, terms: Option<&Terms>) -> Option<Arc<SchemaCache>> {
        let raw = self.raw.as_ref()?;
        if terms.is_none() && self.resources.is_empty() {
            return Some(Arc::clone(raw));
        }
        let allowed = terms.and_then(Terms::allowed_schemas);
        let is_strict = terms.is_some_and(Terms::is_strict);
        Some(Arc::new(federation::view(raw, allowed, &self.resources, is_strict)))
    }
}
