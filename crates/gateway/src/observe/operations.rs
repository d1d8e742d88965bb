//! Operations on their way to the store's log.

use super::{
    Observation, RequestSeen, Sink,
    log::{caller_word, key_id},
};
use serde_json::json;
use std::time::SystemTime;
use store::{OperationLog, OperationRow};

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
        request_id: seen.trace.request_id.to_string(),
        operation: seen.act.word(),
        table_name: seen.table.map(str::to_owned),
        client: seen.client.to_string(),
        status_code: seen.status,
        duration: seen.timings.total(),
        message: seen.code.map(str::to_owned),
        details: json!({
            "trace_id": seen.trace.trace_id.as_str(),
            "caller": caller_word(seen.credential),
            "api_key_public_id": key_id(seen.credential),
            "row_count": seen.rows,
            "bytes": seen.bytes,
        }),
        at: SystemTime::now(),
    }
}
