//! Operations on their way to the store's log.

use super::{
    Observation, RequestSeen, Sink,
    log::{caller_word, key_id},
};
use catalog::Ident;
use std::{sync::Arc, time::SystemTime};
use store::{OperationDetails, OperationLog, OperationRow};

/// Writes each data request to the operation log. It never waits: what does not fit is dropped and counted.
#[derive(Clone)]
pub struct OperationSink(pub OperationLog);

impl Sink for OperationSink {
    fn observe(&self, observation: &Observation<'_>) {
        let Observation::Request(seen) = observation;
        self.0.record(row(seen));
    }
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
            row_count: seen.rows,
            bytes: seen.bytes,
        },
        at: SystemTime::now(),
    }
}
