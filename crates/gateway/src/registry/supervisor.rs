//! The task that keeps one client ready: introspect, retry for ever, look again now and then.

use super::upstream::{SchemaState, Upstream};
use backend::BackendError;
use catalog::SchemaCache;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::AbortHandle,
    time::timeout,
};

/// How often a ready client's catalog is read again.
const REFRESH_EVERY: Duration = Duration::from_secs(60);

/// The longest one reading of the catalog may take.
const INTROSPECT_LIMIT: Duration = Duration::from_secs(30);

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Databases that are looked at at the same time while nobody asks for them. What is asked for need
/// not wait for a turn.
const AT_ONCE: usize = 16;

/// Turns at looking, for very many clients whose databases may all be away.
#[derive(Debug, Clone)]
pub(super) struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Turns {
    /// Nothing when somebody waits for this one.
    async fn take(&self, upstream: &Upstream) -> Option<OwnedSemaphorePermit> {
        tokio::select! {
            biased;
            () = upstream.wanted() => None,
            // It is never closed.
            turn = Arc::clone(&self.0).acquire_owned() => turn.ok(),
        }
    }
}

/// Ends its task when dropped.
#[derive(Debug)]
pub(super) struct Supervisor(AbortHandle);

impl Supervisor {
    pub(super) fn spawn(upstream: Arc<Upstream>, turns: Turns) -> Self {
        Self(tokio::spawn(supervise(upstream, turns)).abort_handle())
    }

    /// Look no longer.
    pub(super) fn stop(&self) {
        self.0.abort();
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn supervise(upstream: Arc<Upstream>, turns: Turns) {
    let mut failures = 0;
    loop {
        let turn = turns.take(&upstream).await;
        upstream.begin();
        let read = introspect(&upstream).await;
        drop(turn);
        failures = if read.is_ok() { 0 } else { failures + 1 };
        settle(&upstream, read);
        match failures {
            0 => upstream.rest(REFRESH_EVERY).await,
            // A caller's wish must not shorten the pause, or callers would set the pace.
            _ => tokio::time::sleep(pause(failures)).await,
        }
    }
}

async fn introspect(upstream: &Upstream) -> Result<SchemaCache, BackendError> {
    match timeout(INTROSPECT_LIMIT, upstream.backend().introspect()).await {
        Ok(read) => read,
        Err(_elapsed) => Err(BackendError::Timeout),
    }
}

/// Make known what was found.
fn settle(upstream: &Upstream, read: Result<SchemaCache, BackendError>) {
    let was_ready = upstream.is_ready();
    match read {
        Ok(cache) if is_own_store(&cache) => {
            tracing::error!(client = %upstream.name(), "client leads to a gateway's own store and is blocked");
            upstream.seal();
            upstream.set(SchemaState::Unavailable { reason: OWN_STORE.to_owned() });
            upstream.note_trouble(OWN_STORE.to_owned());
        }
        Ok(cache) => {
            if !was_ready {
                tracing::info!(client = %upstream.name(), tables = cache.tables().count(), "client is ready");
            }
            upstream.learn_schema(cache);
            if !was_ready {
                // It was away and is back; an open breaker need not wait for its time.
                upstream.gate().breaker().may_recover();
            }
        }
        Err(error) => {
            upstream.count_failure();
            let lost = matches!(error, BackendError::Unreachable { .. });
            // A busy database still answers: what was known of it stays in use.
            if was_ready && !lost {
                tracing::warn!(client = %upstream.name(), error = %error, "catalog was not refreshed");
            } else {
                tracing::warn!(client = %upstream.name(), error = %error, "client is unavailable");
                upstream.set(SchemaState::Unavailable { reason: error.to_string() });
                upstream.note_trouble(crate::error::chain(&error));
            }
        }
    }
    upstream.finish();
}

const OWN_STORE: &str = "it is a gateway's own store, where keys and secrets are";

/// Known by its tables, because one database has many addresses, and by the mark of a gateway that
/// works on them: a database that was only provisioned is a client like any other.
pub(super) fn is_own_store(cache: &SchemaCache) -> bool {
    let has = |schema: &str, name: &str| cache.table(Some(schema), name).is_some();
    cache.tables().any(|table| {
        let schema = table.name.schema.as_str();
        table.name.name.as_str() == "sys_secret"
            && has(schema, "athena_control_store")
            && has(schema, "admin_audit")
            && has(schema, "athena_clients")
    })
}

/// Doubling from 200 ms to 5 s, each between half and the whole of it, so that clients spread out.
fn pause(failures: u32) -> Duration {
    let whole =
        FIRST_PAUSE.saturating_mul(1 << failures.min(8).saturating_sub(1)).min(LONGEST_PAUSE);
    whole.mul_f64(rand::random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        for failures in 1..200 {
            let pause = pause(failures);
            assert!(pause >= FIRST_PAUSE / 2 && pause <= LONGEST_PAUSE, "{failures}: {pause:?}");
        }
        assert!(pause(1) <= FIRST_PAUSE);
        assert!(pause(50) >= LONGEST_PAUSE / 2);
    }
}
