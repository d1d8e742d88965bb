//! The one call a read makes.

use crate::{
    answer::{Answer, Entry},
    error::{CacheError, ReadError},
    flight::{Flights, Landed},
    generations::{Generations, Stamp},
    key::{CacheKey, Lookup},
    memory::Memory,
    scope::Scope,
    settings::CacheSettings,
    shared::{Look, SharedLevel},
    statistics::{Counters, Outcome, RedisState, Statistics},
    write::WriteNotice,
};
use admission::{Asker, Quotas, Verdict};
use futures_util::future::BoxFuture;
use std::{future::Future, sync::Arc, time::Duration};

/// What a caller wants of the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directive {
    Use,
    /// `Cache-Control: no-cache`: nothing is looked up and nothing is kept.
    Bypass,
}

/// An answer, and how it was come by.
#[derive(Debug, Clone)]
pub struct Found {
    pub entry: Arc<Entry>,
    pub outcome: Outcome,
}

/// Answers kept in this process and in Redis. `E` is what the work of making one fails with.
///
/// Cheap to clone; all clones are one cache.
pub struct ResponseCache<E> {
    parts: Arc<Parts<E>>,
}

pub(crate) struct Parts<E> {
    pub(crate) generations: Arc<Generations>,
    memory: Memory,
    flights: Flights<E>,
    pub(crate) shared: Option<SharedLevel>,
    counters: Arc<Counters>,
}

impl<E> Clone for ResponseCache<E> {
    fn clone(&self) -> Self {
        Self { parts: self.parts.clone() }
    }
}

impl<E: Send + Sync + 'static> ResponseCache<E> {
    /// Must be called within a tokio runtime. Waits for nothing; Redis is reached in the background.
    pub fn new(settings: &CacheSettings) -> Result<Self, CacheError> {
        let generations = Arc::new(Generations::new());
        let counters = Arc::new(Counters::default());
        let shared = SharedLevel::new(settings, generations.clone(), counters.clone())?;
        let memory = Memory::new(settings, counters.clone());
        let flights = Flights::new();
        Ok(Self { parts: Arc::new(Parts { generations, memory, flights, shared, counters }) })
    }

    /// Find the answer, join who is making it, or make it with `run`.
    ///
    /// `run` is called only if the work is to be done here, and its future then runs in a task of
    /// its own: it goes on when this caller is gone, as long as another one waits. `patience` is
    /// this caller's alone.
    pub async fn read<F>(
        &self,
        lookup: &Lookup,
        directive: Directive,
        patience: Duration,
        run: impl FnOnce() -> F,
    ) -> Result<Found, ReadError<E>>
    where
        F: Future<Output = Result<Answer, E>> + Send + 'static,
    {
        if directive == Directive::Bypass {
            return self.parts.alone(patience, Box::pin(run())).await;
        }
        if let Some(found) = self.kept(lookup).await {
            return Ok(found);
        }
        let stamp = self.parts.generations.stamp(&lookup.scopes);
        let (seat, lead) = self.parts.flights.board(lookup.key, stamp);
        match lead {
            Some(lead) => {
                let work = self.parts.clone().make(lookup.clone(), stamp, Box::pin(run()));
                seat.begin(lead, Box::pin(work));
            }
            None => self.parts.counters.joined.one(),
        }
        let landed = tokio::time::timeout(patience, seat.landed()).await;
        let (entry, outcome) = landed.map_err(|_| ReadError::TooSlow)??;
        Ok(Found { entry, outcome })
    }

    /// Make the answer for a caller who wants no kept one; it is not kept either. Nobody shares the
    /// work, so it is this caller's alone and has whatever time it gives itself.
    pub async fn pass<F>(&self, work: F) -> Result<Found, ReadError<E>>
    where
        F: Future<Output = Result<Answer, E>>,
    {
        self.parts.counters.bypassed.one();
        let answer = work.await.map_err(|error| ReadError::Failed(Arc::new(error)))?;
        Ok(Found { entry: Arc::new(Entry::new(answer)), outcome: Outcome::Bypassed })
    }

    /// Count a request in Redis, for all nodes together; `None` when there is no Redis to ask.
    pub async fn admit(&self, quotas: &Quotas, asker: &Asker<'_>) -> Option<Verdict> {
        self.parts.shared.as_ref()?.admit(quotas, asker).await
    }

    /// The answer, if it is in this process and still true. Waits for nobody.
    pub async fn kept(&self, lookup: &Lookup) -> Option<Found> {
        let stamp = self.parts.generations.stamp(&lookup.scopes);
        let entry = self.parts.memory.get(&lookup.key, stamp).await?;
        self.parts.counters.hits_local.one();
        Some(Found { entry, outcome: Outcome::HitLocal })
    }

    /// Announce a write to these scopes before it runs.
    ///
    /// Keep the notice in whatever awaits the database, so that it lives until the outcome is known
    /// or given up: dropped without a word it counts as written.
    #[must_use = "a notice that is dropped counts as written at once"]
    pub fn will_write(&self, scopes: Vec<Scope>) -> WriteNotice {
        WriteNotice::new(self.parts.generations.clone(), self.parts.shared.clone(), scopes)
    }

    /// Forget whatever depends on these scopes, on all nodes.
    pub async fn invalidate(&self, scopes: Vec<Scope>) {
        self.will_write(scopes).written().await;
    }

    pub fn statistics(&self) -> Statistics {
        let redis = self.parts.shared.as_ref().map_or(RedisState::Off, SharedLevel::state);
        self.parts.counters.read(self.parts.memory.size(), redis)
    }
}

impl<E: Send + Sync + 'static> Parts<E> {
    async fn alone(
        &self,
        patience: Duration,
        work: BoxFuture<'static, Result<Answer, E>>,
    ) -> Result<Found, ReadError<E>> {
        self.counters.bypassed.one();
        let done = tokio::time::timeout(patience, work).await.map_err(|_| ReadError::TooSlow)?;
        let answer = done.map_err(|error| ReadError::Failed(Arc::new(error)))?;
        Ok(Found { entry: Arc::new(Entry::new(answer)), outcome: Outcome::Bypassed })
    }

    /// The work of one flight: look once more, ask Redis, and only then do it.
    async fn make(
        self: Arc<Self>,
        lookup: Lookup,
        stamp: Stamp,
        work: BoxFuture<'static, Result<Answer, E>>,
    ) -> Landed<E> {
        // A flight may have landed between our look-up and our boarding.
        if let Some(entry) = self.memory.get(&lookup.key, stamp).await {
            self.counters.hits_local.one();
            return Ok((entry, Outcome::HitLocal));
        }
        let look = match &self.shared {
            Some(shared) => shared.look(&lookup).await,
            None => Look::Nothing(None, Outcome::Miss),
        };
        let (tokens, outcome) = match look {
            Look::Found(entry) => {
                self.counters.hits_redis.one();
                self.keep(&lookup, &entry, stamp).await;
                return Ok((Arc::new(entry), Outcome::HitRedis));
            }
            Look::Nothing(tokens, outcome) => (tokens, outcome),
        };
        self.counters.misses.one();
        let entry = Arc::new(Entry::new(work.await.map_err(Arc::new)?));
        let is_current = self.keep(&lookup, &entry, stamp).await;
        if let (Some(shared), Some(tokens), true) = (&self.shared, tokens, is_current) {
            shared.store(lookup.key, tokens, entry.clone());
        }
        Ok((entry, outcome))
    }

    /// Keep an entry unless a write overtook it. One that is overtaken later is found out by `get`.
    async fn keep(&self, lookup: &Lookup, entry: &Entry, stamp: Stamp) -> bool {
        let is_current = self.generations.stamp(&lookup.scopes) == stamp;
        if is_current {
            let key: CacheKey = lookup.key;
            self.memory.keep(key, entry, stamp).await;
        } else {
            self.counters.stale.one();
        }
        is_current
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{KeyBuilder, KeyParts, Visibility};
    use bytes::Bytes;

    /// The moment no test from outside can hit: the look-up misses, another flight lands, and only
    /// then this caller boards and begins one of its own.
    #[tokio::test]
    async fn a_flight_that_begins_right_after_another_one_landed_does_no_work() {
        let cache: ResponseCache<()> = ResponseCache::new(&CacheSettings::default()).unwrap();
        let parts = KeyParts {
            client: &"main".parse().unwrap(),
            upstream: "1",
            visibility: Visibility::Anonymous,
            surface: "gateway",
            shape: "rows",
            casing: "as is",
            strip_nulls: false,
            statement: "select 1",
        };
        let lookup = KeyBuilder::new(&parts).finish();
        let answer = Answer { status: 200, rows: 1, headers: Vec::new(), body: Bytes::new() };
        let stamp = cache.parts.generations.stamp(&lookup.scopes);
        cache.parts.keep(&lookup, &Entry::new(answer), stamp).await;
        let work = Box::pin(async { panic!("the work was done again") });
        let landed = cache.parts.clone().make(lookup, stamp, work).await;
        assert!(matches!(landed, Ok((_, Outcome::HitLocal))));
    }
}
