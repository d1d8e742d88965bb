//! Trying a client: connect, ping, ask for its version, and close, whatever happens.

use super::{Book, Clients, ClientsError, SecretInput, open::From};
use crate::tuning::PoolTuning;
use crate::{Operator, registry::Closed};
use api_types::ClientName;
use backend::{Backend, Capabilities};
use datasources::ClientRecord;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::{
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

/// No probe takes longer, whatever a client's own limit is.
const LONGEST: Duration = Duration::from_secs(10);

/// How long the goodbye may take before it is said behind our back.
const GOODBYE: Duration = Duration::from_secs(1);

/// What came of trying.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProbeReport {
    pub ok: bool,
    pub latency_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Value>,
    /// May name hosts, so it is for administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The last time somebody tried.
#[derive(Debug, Clone)]
pub(super) struct LastProbe {
    pub(super) latency_ms: f64,
    pub(super) checked_at: String,
}

/// The name under which drafts without one are tried.
const STAND_IN: &str = "draft";

impl Clients {
    /// Try a client that nobody keeps.
    pub async fn probe_draft(
        &self,
        operator: &Operator,
        body: &Map<String, Value>,
        secret: Option<SecretInput>,
    ) -> Result<ProbeReport, ClientsError> {
        let name = ClientName::parse(STAND_IN).expect("the name is one");
        let wanted = body.get("name").and_then(Value::as_str).map(ClientName::parse);
        let wanted = wanted.and_then(Result::ok);
        super::write::may_touch(operator, wanted.as_ref().unwrap_or(&name))?;
        let record = ClientRecord::draft(body, &name)?;
        // What could not be kept is not tried either: a test that passes promises that it works.
        if secret.is_some() {
            self.book.vault()?;
        }
        let mut report = self
            .book
            .probe(&record, From::Request(secret.as_ref().map(|secret| &secret.value)))
            .await;
        report.table_count = None;
        Ok(report)
    }

    /// Try a client that is kept, with the secret that is kept for it.
    pub async fn probe(
        &self,
        operator: &Operator,
        name: &ClientName,
    ) -> Result<ProbeReport, ClientsError> {
        super::write::may_touch(operator, name)?;
        let effective = self.book.record(name).await?;
        let report = match self.book.configured.get(name) {
            Some(client) => {
                ask(client.connect(&PoolTuning::default()), limit_of(&effective.record)).await
            }
            None => self.book.probe(&effective.record, From::Store).await,
        };
        self.book.remember(name, &report);
        Ok(report)
    }
}

impl Book {
    async fn probe(&self, record: &ClientRecord, secret: From<'_>) -> ProbeReport {
        let began = Instant::now();
        let limit = limit_of(record);
        let refusals = Arc::default();
        let opened = self.open_record(record, secret, &refusals);
        match tokio::time::timeout(limit, opened).await {
            Ok(Ok(backend)) => {
                let report = ask(backend, limit.saturating_sub(began.elapsed())).await;
                // Where its name led says more than what the driver makes of that.
                let refused = refusals.of(&record.name).map(|why| why.to_string());
                ProbeReport { error: refused.or(report.error), ..report }
            }
            Ok(Err(Closed { kind, reason })) => {
                failed(began, reason.unwrap_or_else(|| kind.to_string()))
            }
            Err(_elapsed) => failed(began, late(limit)),
        }
    }

    fn remember(&self, name: &ClientName, report: &ProbeReport) {
        let checked_at = jiff::Timestamp::now().to_string();
        let last = LastProbe { latency_ms: report.latency_ms, checked_at };
        self.probes.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), last);
    }
}

fn limit_of(record: &ClientRecord) -> Duration {
    let own = record.gates().map(|external| Duration::from_millis(external.query_timeout_ms));
    own.unwrap_or(LONGEST).min(LONGEST)
}

/// Ask a backend that nobody else uses, and close it.
async fn ask(backend: Arc<dyn Backend>, limit: Duration) -> ProbeReport {
    let began = Instant::now();
    let asked = tokio::time::timeout(limit, answers(&*backend, began)).await;
    close(backend).await;
    asked.unwrap_or_else(|_elapsed| failed(began, late(limit)))
}

async fn answers(backend: &dyn Backend, began: Instant) -> ProbeReport {
    if let Err(error) = backend.ping().await {
        return failed(began, crate::error::chain(&error));
    }
    let latency_ms = millis(began);
    // Its version is told when it can be had.
    let schema = backend.introspect().await.ok();
    ProbeReport {
        ok: true,
        latency_ms,
        server_version: schema.as_ref().map(|schema| schema.server_version.clone()),
        table_count: schema.as_ref().map(|schema| schema.tables().count()),
        capabilities: Some(capabilities(backend.capabilities())),
        error: None,
    }
}

/// A connection that hangs closes behind our back, when it ends.
async fn close(backend: Arc<dyn Backend>) {
    let closing = tokio::spawn(async move { backend.close().await });
    let _in_time = tokio::time::timeout(GOODBYE, closing).await;
}

fn failed(began: Instant, error: String) -> ProbeReport {
    ProbeReport {
        ok: false,
        latency_ms: millis(began),
        server_version: None,
        table_count: None,
        capabilities: None,
        error: Some(error),
    }
}

fn late(limit: Duration) -> String {
    format!("no answer within {} ms", limit.as_millis())
}

fn millis(began: Instant) -> f64 {
    (began.elapsed().as_secs_f64() * 1e6).round() / 1e3
}

/// As the backend that was built says; nobody declares them.
pub(super) fn capabilities(of: Capabilities) -> Value {
    json!({
        "sql": of.raw_sql,
        "transactions": of.transactions,
        "offset_paging": of.offset,
        "exact_count": of.exact_count,
        "joins": of.joins,
        "streams": of.streams,
        "routines": of.routines,
    })
}
