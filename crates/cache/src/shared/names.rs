//! What our keys in Redis are called.

use crate::{key::CacheKey, scope::Scope};

/// Part of every name; raised with the form of the values.
const VERSION: &str = "v1";

pub(super) struct Names {
    prefix: String,
    buckets: String,
}

impl Names {
    pub(super) fn new(prefix: &str) -> Self {
        Self { prefix: format!("{prefix}:cache:{VERSION}"), buckets: format!("{prefix}:admission") }
    }

    pub(super) fn value(&self, key: &CacheKey) -> String {
        format!("{}:a:{key}", self.prefix)
    }

    pub(super) fn token(&self, scope: Scope) -> String {
        format!("{}:g:{:032x}", self.prefix, scope.bits())
    }

    /// The tokens a read depends on.
    pub(super) fn tokens(&self, scopes: &[Scope]) -> Vec<String> {
        let all = std::iter::once(Scope::everything()).chain(scopes.iter().copied());
        all.map(|scope| self.token(scope)).collect()
    }

    /// Where requests of one kind are counted.
    pub(super) fn bucket(&self, scope: &str, name: &str) -> String {
        format!("{}:{scope}:{name}", self.buckets)
    }

    /// Where nodes tell each other what to forget.
    pub(super) fn channel(&self) -> String {
        format!("{}:forget", self.prefix)
    }
}
