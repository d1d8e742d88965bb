//! Operations on their way to the store's log.

use super::{
    Observation, RequestSeen, Sink,
    log::{caller_word, key_id},
};
use auth::Credential;
use catalog::Ident;
use std::{sync::Arc, time::SystemTime};
use store::{OnBehalf, OperationDetails, OperationLog, OperationRow};

/// Writes each data request to the operation log. It never waits: what does not fit is dropped and counted.
#[derive(Clone)]
pub struct OperationSink(pub OperationLog);

impl Sink for OperationSink {
    fn observe(&self, observation: &Observation<'_>) {
        let Observation::Request(seen) = observation;
        self.0.record(row(seen));
    }
}

/// What headers say of a program's requests, a session says of a person's.
fn on_behalf(credential: &Credential) -> Option<OnBehalf> {
    let Credential::Person { user_id, member } = credential else { return None };
    let member = member.as_deref();
    Some(OnBehalf {
        user_id: Arc::clone(user_id),
        organization_id: member.and_then(|member| member.organization_id.clone()),
        company_id: member.and_then(|member| member.company_id.clone()),
    })
}

fn row(seen: &RequestSeen<'_>) -> OperationRow {
    OperationRow {
        request_id: seen.trace.request_id.shared(),
        operation: seen.act.word(),
        table_name: seen.table.map(Ident::shared),
        client: seen.is_known.then(|| seen.client.clone()),
        method: seen.trace.door.as_ref().map(|door| door.method),
        path: seen.trace.door.as_ref().map(|door| Arc::clone(&door.path)),
        status_code: seen.status,
        duration: seen.timings.total(),
        message: seen.code.map(Box::from),
        cache: seen.cache,
        details: OperationDetails {
            trace_id: seen.trace.trace_id.shared(),
            caller: caller_word(seen.credential),
            api_key_public_id: key_id(seen.credential).map(|id| Arc::clone(&id.0)),
            on_behalf: on_behalf(seen.credential),
            row_count: seen.rows,
            bytes: seen.bytes,
        },
        at: SystemTime::now(),
    }
}
