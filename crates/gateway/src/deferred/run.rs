//! One attempt: what became of the one before, who asks by now, the request itself, and its end.

use super::{
    Deferred, EventKind,
    noted::{Noted, TRANSACTION},
    payload::{Kind, Payload, Work},
    settings::backoff,
    summary,
};
use crate::{
    Gateway,
    access::Visitor,
    error::GatewayError,
    ids::{RequestId, Trace},
    timings::Timings,
};
use api_types::{ClientName, Problem};
use auth::{AuthError, KeyId};
use backend::{BackendError, ErrorClass, Fate};
use query::ApiResponse;
use std::{sync::Arc, time::Duration};
use store::{DeferredEnd, DeferredJob};

/// A write whose end cannot be asked yet is asked about again.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// Attempts beyond the last that may go into finding out how a write ended.
const PATIENT: u32 = 20;

/// A request that was understood.
struct Task {
    job: DeferredJob,
    kind: Kind,
    client: ClientName,
    table: Option<String>,
}

impl Deferred {
    /// Do it, and say how it went.
    pub(super) async fn attempt(&self, gateway: &Gateway, job: DeferredJob) -> DeferredEnd {
        let understood = understand(&job);
        let Some((payload, client)) = understood else {
            return dead("payload_unreadable", "What was kept of this request cannot be read");
        };
        let (kind, table) = (payload.kind, payload.table_name.clone());
        let task = Task { job, kind, client, table };
        self.inner.events.count(kind, EventKind::Running);
        let end = match payload.into_work() {
            Some(work) => self.attempted(gateway, &task, work).await,
            None => dead("payload_unreadable", "What was kept of this request cannot be read"),
        };
        self.inner.events.count(kind, event(&end));
        end
    }

    async fn attempted(&self, gateway: &Gateway, task: &Task, work: Work) -> DeferredEnd {
        if let Some(mark) = &task.job.mark
            && let Some(end) = self.earlier(gateway, task, mark).await
        {
            return end;
        }
        if task.job.attempts > self.settings().max_attempts {
            return dead(
                "attempts_exhausted",
                "The server stopped during each of this request's attempts",
            );
        }
        let visitor = match visitor(gateway, task).await {
            Ok(visitor) => visitor,
            Err(error @ AuthError::StoreUnavailable) => {
                return self.again(task, &error.problem(), true);
            }
            Err(error) => return refused(&error.problem()),
        };
        let noted = Arc::new(Noted::new(self.clone(), task.job.request_id.clone()));
        let visitor = visitor.noted(Arc::clone(&noted) as _);
        let answer = match work {
            Work::Data(raw) => Box::pin(gateway.serve(visitor, raw)).await,
            Work::Query(raw) => Box::pin(gateway.serve_sql(visitor, raw)).await,
        };
        match answer {
            Ok(answer) => self.completed(task, &answer),
            Err(error) => self.failed(gateway, task, &error, noted.last()).await,
        }
    }

    fn completed(&self, task: &Task, answer: &ApiResponse) -> DeferredEnd {
        let body = &answer.body;
        let fits = body.len() <= self.settings().result_limit;
        let table = task.table.as_deref();
        DeferredEnd::Completed {
            summary: summary::of(task.kind, task.client.as_str(), table, body),
            status: answer.status,
            result: fits.then(|| body.to_vec()),
        }
    }

    async fn failed(
        &self,
        gateway: &Gateway,
        task: &Task,
        error: &GatewayError,
        mark: Option<String>,
    ) -> DeferredEnd {
        let is_certain = error.surely_changed_nothing();
        if !is_certain
            && let Some(mark) = mark
            && let Some(end) = self.earlier(gateway, task, &mark).await
        {
            return end;
        }
        let problem = error.problem();
        if is_transient(error) && task.job.attempts < self.settings().max_attempts {
            return self.again(task, &problem, !is_certain);
        }
        dead(&problem.code, &problem.message)
    }

    /// How a write ended that was begun; `None` when it left no trace and may be done.
    async fn earlier(&self, gateway: &Gateway, task: &Task, mark: &str) -> Option<DeferredEnd> {
        let unknown = || {
            let text = "Whether this write was done before the server stopped cannot be found out";
            dead("outcome_unknown", text)
        };
        let Some(transaction) = mark.strip_prefix(TRANSACTION) else {
            // Without a key, its sender accepts that it may be done twice.
            return task.job.is_keyed.then(unknown);
        };
        match fate(gateway, task, transaction).await {
            Ok(Fate::RolledBack) => None,
            Ok(Fate::Committed) => Some(DeferredEnd::Completed {
                summary: summary::found_committed(
                    task.kind,
                    task.client.as_str(),
                    task.table.as_deref(),
                ),
                status: 200,
                result: None,
            }),
            Ok(Fate::Running) => Some(DeferredEnd::Again {
                after: ASK_AGAIN,
                counts: false,
                code: "write_under_way".to_owned(),
                message: "An earlier attempt at this write has not ended".to_owned(),
                keeps_mark: true,
            }),
            Ok(Fate::Unknown) => Some(unknown()),
            Err(_) if task.job.attempts > self.settings().max_attempts + PATIENT => Some(unknown()),
            Err(error) => Some(self.again(task, &error.problem(), true)),
        }
    }

    fn again(&self, task: &Task, problem: &Problem, keeps_mark: bool) -> DeferredEnd {
        DeferredEnd::Again {
            after: backoff(task.job.attempts),
            counts: true,
            code: problem.code.clone(),
            message: problem.message.clone(),
            keeps_mark,
        }
    }
}

fn understand(job: &DeferredJob) -> Option<(Payload, ClientName)> {
    let payload: Payload = serde_json::from_str(&job.payload).ok()?;
    Some((payload, ClientName::parse(&job.client).ok()?))
}

/// Whoever filed it, with the rights they have by now.
async fn visitor(gateway: &Gateway, task: &Task) -> Result<Visitor, AuthError> {
    let key = task.job.caller.strip_prefix("key:").map(|id| KeyId(Arc::from(id)));
    let caller = gateway.access().stand_in(key.as_ref(), &task.client).await?;
    gateway.wake(&task.client).await;
    let request_id = RequestId::parse(&task.job.request_id).unwrap_or_else(RequestId::random);
    let trace = Trace::for_request(Some(request_id));
    Ok(Visitor::new(caller, task.client.clone(), trace, Timings::start()))
}

async fn fate(gateway: &Gateway, task: &Task, transaction: &str) -> Result<Fate, GatewayError> {
    let upstream = gateway.registry().get(&task.client)?;
    let asked = upstream.backend().fate(transaction).await;
    asked.map_err(|source| GatewayError::Backend { source, operation: None })
}

/// Waiting may help.
fn is_transient(error: &GatewayError) -> bool {
    match error {
        GatewayError::Backend { source: BackendError::Closed, .. } => true,
        GatewayError::Backend { source, .. } => {
            matches!(source.class(), ErrorClass::Transient | ErrorClass::Timeout)
        }
        GatewayError::Shared(error) => is_transient(error),
        // It was there when the request was filed, and this node may not know it yet.
        GatewayError::UnknownClient { .. } => true,
        other => matches!(other.problem().status, 503 | 504),
    }
}

fn dead(code: &str, message: &str) -> DeferredEnd {
    DeferredEnd::Dead { code: code.to_owned(), message: message.to_owned() }
}

fn refused(problem: &Problem) -> DeferredEnd {
    let text =
        format!("The key that filed this request no longer opens this door: {}", problem.message);
    dead(&problem.code, &text)
}

fn event(end: &DeferredEnd) -> EventKind {
    match end {
        DeferredEnd::Completed { .. } => EventKind::Completed,
        DeferredEnd::Again { .. } => EventKind::RetryScheduled,
        DeferredEnd::Dead { .. } => EventKind::DeadLetter,
    }
}
