//! What only the store knows. It is asked at most every few seconds, and nobody waits for it long.

use crate::Gateway;
use metrics::Page;
use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, Instant},
};
use store::{DayTotals, DeferredCounts, DeferredStatus, StoreError};

/// Somebody who looks more often sees the same.
const FRESH: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(2);

/// Nothing where the store did not answer: a number that is not known is not shown.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    at: Instant,
    day: Option<DayTotals>,
    deferred: Option<DeferredCounts>,
    drift: Option<BTreeMap<String, u64>>,
}

/// A crowd of askers is one question.
pub(super) async fn ask(gateway: &Gateway) -> Asked {
    let mut last = gateway.measured().asked.lock().await;
    if let Some(asked) = last.as_ref().filter(|asked| asked.at.elapsed() < FRESH) {
        return asked.clone();
    }
    let asked = look(gateway).await;
    *last = Some(asked.clone());
    asked
}

async fn look(gateway: &Gateway) -> Asked {
    let store = gateway.access().desk().map(|desk| &desk.store);
    let day = async {
        match store {
            Some(store) => answer(store.day_totals()).await,
            None => None,
        }
    };
    let deferred = async {
        match gateway.deferred() {
            Some(deferred) => answer(deferred.counts()).await,
            None => None,
        }
    };
    let drift = async {
        match store {
            Some(store) => answer(store.open_drift_by_client()).await,
            None => None,
        }
    };
    let (day, deferred, drift) = tokio::join!(day, deferred, drift);
    Asked { at: Instant::now(), day, deferred, drift: drift.map(|rows| rows.into_iter().collect()) }
}

async fn answer<T>(question: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
    match tokio::time::timeout(PATIENCE, question).await {
        Ok(Ok(answer)) => Some(answer),
        Ok(Err(error)) => {
            let error = &error as &dyn std::error::Error;
            tracing::debug!(error, "the store does not tell what is measured of it");
            None
        }
        Err(_elapsed) => None,
    }
}

impl Asked {
    pub(super) fn open_drift(&self, client: &str) -> Option<u64> {
        self.drift.as_ref().map(|drift| drift.get(client).copied().unwrap_or(0))
    }

    pub(super) fn write(&self, page: &mut Page<'_>) -> fmt::Result {
        let one = |value: Option<u64>| value.map(|value| (Vec::new(), value as f64));
        let requests = one(self.day.map(|day| day.requests));
        page.gauges("requests_last_24h", "Requests of the last 24 hours, on all nodes.", requests)?;
        let mutations = one(self.day.map(|day| day.mutations));
        let help = "Changes of structure of the last 24 hours, on all nodes.";
        page.gauges("management_mutations_last_24h", help, mutations)?;
        self.write_queue(page)
    }

    fn write_queue(&self, page: &mut Page<'_>) -> fmt::Result {
        let help = "Whether the queue of deferred requests can be read.";
        page.flag("gateway_deferred_queue_storage_up", help, self.deferred.is_some())?;
        let deferred = self.deferred.as_ref();
        let of = |status| {
            let known = deferred.into_iter().flat_map(|all| &all.by_status);
            known.filter(|(one, _)| *one == status).map(|(_, count)| *count as f64).sum::<f64>()
        };
        let all = DeferredStatus::ALL.into_iter().filter(|_| deferred.is_some());
        let total = all.clone().map(of).sum::<f64>();
        let total = deferred.map(|_| (Vec::new(), total));
        page.gauges("gateway_deferred_queue_requests_total", "Deferred requests.", total)?;
        let samples = all.map(|status| (vec![("status", status.word().into())], of(status)));
        page.gauges("gateway_deferred_queue_requests", "Deferred requests by status.", samples)?;
        let oldest = deferred.map(|all| (Vec::new(), all.oldest_seconds as f64));
        let help = "How long the oldest of those that wait has waited.";
        page.gauges("gateway_deferred_queue_oldest_age_seconds", help, oldest)
    }
}
