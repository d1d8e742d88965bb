//! Why there is no cache, and why a read through it has no answer.

use api_types::Problem;
use std::sync::Arc;

/// A cache that cannot be made from its settings. Redis being away is no such case.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    // The address itself may hold a password, so it is not repeated.
    #[error("the address of Redis is not one we can use: it must begin with redis:// or unix://")]
    RedisAddress {
        #[source]
        source: redis::RedisError,
    },
    #[error("the address of Redis asks for TLS (rediss://), which this build does not speak")]
    RedisTls,
}

/// A read that found nothing and made nothing. `E` is what the work itself fails with.
#[derive(Debug, thiserror::Error)]
pub enum ReadError<E> {
    /// Everybody who waited for this work gets the same error.
    #[error("{0}")]
    Failed(Arc<E>),
    #[error("the answer did not come within the time this request has")]
    TooSlow,
    #[error("the work on this answer ended without a result")]
    Abandoned,
}

impl<E> ReadError<E> {
    /// What outsiders see; the work's own error has its own words for it.
    pub fn problem(&self, of: impl FnOnce(&E) -> Problem) -> Problem {
        match self {
            Self::Failed(error) => of(error),
            Self::TooSlow => {
                Problem::new(504, "request_timeout", "The answer did not come in time")
                    .with_hint("Narrow the request, or try again shortly.")
            }
            Self::Abandoned => {
                Problem::new(500, "internal_error", "The work on this answer broke off")
            }
        }
    }
}
