//! The second level: answers in Redis, shared by all nodes of an installation.
//!
//! Each scope has a token in Redis, a random number. A value remembers the tokens it was made
//! under; forgetting a scope deletes its token, and the next reader makes one that never was.
//! So a token that is evicted, expired or lost with Redis can only make values worthless.

mod admission;
mod link;
mod names;
mod owed;
mod record;

use crate::{
    answer::Entry,
    error::CacheError,
    generations::Generations,
    key::{CacheKey, Lookup},
    scope::Scope,
    settings::CacheSettings,
    statistics::{Counters, Outcome, RedisState},
};
use link::Link;
use names::Names;
use record::{Reading, Tokens};
use redis::{AsyncTypedCommands, aio::MultiplexedConnection};
use std::{sync::Arc, time::Duration};
use tokio::{runtime::Handle, sync::Semaphore, task::AbortHandle, time::timeout};

/// Values on their way to Redis at once; more than that are not stored.
const STORES: usize = 32;

/// Nobody waits for a store, so it may take longer than the budget.
const STORE_PATIENCE: Duration = Duration::from_millis(250);

/// A token outlives the values made under it by far, so that it seldom has to be made.
const TOKEN_LIVES: u32 = 10;

#[derive(Clone)]
pub(crate) struct SharedLevel {
    parts: Arc<Parts>,
}

struct Parts {
    link: Arc<Link>,
    names: Arc<Names>,
    generations: Arc<Generations>,
    counters: Arc<Counters>,
    ttl: Duration,
    value_limit: u64,
    budget: Duration,
    stores: Arc<Semaphore>,
    runtime: Handle,
    tending: AbortHandle,
}

impl Drop for Parts {
    fn drop(&mut self) {
        self.tending.abort();
    }
}

/// What Redis had.
pub(crate) enum Look {
    Found(Entry),
    /// Nothing that is true. With tokens, what is made now may be stored under them.
    Nothing(Option<Tokens>, Outcome),
}

impl SharedLevel {
    /// None if Redis is not configured. Redis itself is reached in the background.
    pub(crate) fn new(
        settings: &CacheSettings,
        generations: Arc<Generations>,
        counters: Arc<Counters>,
    ) -> Result<Option<Self>, CacheError> {
        let Some(url) = &settings.redis_url else { return Ok(None) };
        let names = Arc::new(Names::new(&settings.redis_prefix));
        let link = Link::new(url, names.clone(), generations.clone(), settings.redis_cooldown)?;
        let runtime = Handle::current();
        let tending = runtime.spawn(link.clone().tend()).abort_handle();
        let parts = Parts {
            link,
            names,
            generations,
            counters,
            ttl: settings.ttl,
            value_limit: settings.entry_limit(),
            budget: settings.redis_budget,
            stores: Arc::new(Semaphore::new(STORES)),
            runtime,
            tending,
        };
        Ok(Some(Self { parts: Arc::new(parts) }))
    }

    pub(crate) fn state(&self) -> RedisState {
        if self.parts.link.connection().is_some() { RedisState::Up } else { RedisState::Away }
    }

    /// Ask for a value and, in the same breath, for the tokens that what is made now must carry.
    pub(crate) async fn look(&self, lookup: &Lookup) -> Look {
        let Some(connection) = self.parts.link.connection() else {
            return Look::Nothing(None, Outcome::Miss);
        };
        let asked = timeout(self.parts.budget, self.parts.ask(connection, lookup)).await;
        match self.parts.told(asked, Vec::new()) {
            Told::Answered((value, tokens)) => self.parts.judge(lookup, &value, tokens),
            Told::Failed => Look::Nothing(None, Outcome::MissAfterRedisError),
            Told::TooSlow => Look::Nothing(None, Outcome::MissAfterRedisTimeout),
        }
    }

    /// Store a value in the background.
    pub(crate) fn store(&self, key: CacheKey, tokens: Tokens, entry: Arc<Entry>) {
        let parts = self.parts.clone();
        let Some(connection) = parts.link.connection() else { return };
        let Ok(permit) = parts.stores.clone().try_acquire_owned() else { return };
        if entry.weight() > parts.value_limit {
            return;
        }
        self.parts.runtime.spawn(async move {
            let stored = timeout(STORE_PATIENCE, parts.put(connection, key, tokens, &entry)).await;
            if let Told::Answered(()) = parts.told(stored, Vec::new()) {
                parts.counters.redis_stored.one();
            }
            drop(permit);
        });
    }

    /// Forget these scopes on all nodes; takes at most the budget.
    pub(crate) async fn forget(&self, scopes: Vec<Scope>) {
        // In a task of its own: a caller that goes away must not leave it half done. A task fails
        // to join only when the runtime ends.
        let _ = self.parts.runtime.spawn(self.parts.clone().forget(scopes)).await;
    }

    pub(crate) fn forget_later(&self, scopes: Vec<Scope>) {
        self.parts.runtime.spawn(self.parts.clone().forget(scopes));
    }
}

/// How an exchange with Redis went.
enum Told<T> {
    Answered(T),
    Failed,
    TooSlow,
}

type Asked<T> = Result<redis::RedisResult<T>, tokio::time::error::Elapsed>;

impl Parts {
    /// Count what went wrong, and leave Redis alone for a while; it is owed what it was not told.
    fn told<T>(&self, asked: Asked<T>, owed: Vec<Scope>) -> Told<T> {
        let told = match asked {
            Ok(Ok(answer)) => return Told::Answered(answer),
            Ok(Err(error)) => {
                tracing::debug!(%error, "Redis refused or broke off");
                self.counters.redis_errors.one();
                Told::Failed
            }
            Err(_) => {
                self.counters.redis_timeouts.one();
                Told::TooSlow
            }
        };
        self.link.suspend(owed);
        told
    }

    async fn ask(
        &self,
        mut redis: MultiplexedConnection,
        lookup: &Lookup,
    ) -> redis::RedisResult<(Vec<u8>, Option<Tokens>)> {
        let names = self.names.tokens(&lookup.scopes);
        // The value first: tokens that still fit it afterwards vouch for it.
        let (value, mut tokens): (Vec<u8>, Vec<Option<Vec<u8>>>) = redis::pipe()
            .cmd("GETRANGE")
            .arg(self.names.value(&lookup.key))
            .arg(0)
            .arg(record::longest(self.value_limit))
            .cmd("MGET")
            .arg(&names)
            .query_async(&mut redis)
            .await?;
        if tokens.contains(&None) {
            self.make_tokens(&mut redis, &names, &tokens).await?;
            tokens = redis::cmd("MGET").arg(&names).query_async(&mut redis).await?;
        }
        Ok((value, Tokens::of(&tokens)))
    }

    async fn make_tokens(
        &self,
        redis: &mut MultiplexedConnection,
        names: &[String],
        present: &[Option<Vec<u8>>],
    ) -> redis::RedisResult<()> {
        let mut pipe = redis::pipe();
        let life = millis(self.ttl * TOKEN_LIVES);
        for (name, _) in names.iter().zip(present).filter(|(_, token)| token.is_none()) {
            let token = rand::random::<[u8; 16]>();
            // Of two nodes that find none, the first one makes it.
            pipe.cmd("SET").arg(name).arg(&token[..]).arg("NX").arg("PX").arg(life).ignore();
        }
        pipe.query_async(redis).await
    }

    fn judge(&self, lookup: &Lookup, value: &[u8], tokens: Option<Tokens>) -> Look {
        let Some(tokens) = tokens.filter(|_| !value.is_empty()) else {
            return Look::Nothing(tokens, Outcome::Miss);
        };
        match record::decode(value, &lookup.key, tokens) {
            Reading::Entry(entry) if entry.age() < self.ttl => return Look::Found(entry),
            Reading::Entry(_) => {}
            Reading::Overtaken => self.counters.stale.one(),
            Reading::Corrupt => self.counters.redis_corrupt.one(),
        }
        Look::Nothing(Some(tokens), Outcome::Miss)
    }

    async fn put(
        &self,
        mut redis: MultiplexedConnection,
        key: CacheKey,
        tokens: Tokens,
        entry: &Entry,
    ) -> redis::RedisResult<()> {
        let value = record::encode(entry, &key, tokens);
        let life = millis(self.ttl.saturating_sub(entry.age()));
        redis.pset_ex(self.names.value(&key), value, life).await
    }

    async fn forget(self: Arc<Self>, scopes: Vec<Scope>) {
        if let Some(connection) = self.link.connection_or_owe(&scopes) {
            let asked = timeout(self.budget, self.link.tell(connection, &scopes)).await;
            self.told(asked, scopes.clone());
        }
        // Once more: until now somebody here could still find the old value in Redis.
        self.generations.bump(&scopes);
    }
}

/// Redis refuses a life of nothing.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}
