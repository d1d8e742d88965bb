//! One structured log line for each data request.

use super::{Observation, Sink};
use auth::{Credential, KeyId};
use catalog::Ident;

/// Writes observations to the log. Values, conditions and keys never get here.
#[derive(Debug, Default)]
pub struct LogSink;

impl Sink for LogSink {
    fn observe(&self, observation: &Observation<'_>) {
        let Observation::Request(seen) = observation;
        tracing::info!(
            trace_id = %seen.trace.trace_id,
            request_id = %seen.trace.request_id,
            operation = seen.act.word(),
            client = %seen.client,
            caller = caller_word(seen.credential),
            key_id = key_id(seen.credential).map(|id| &*id.0),
            table = seen.table.map(Ident::as_str),
            status = seen.status,
            code = seen.code,
            rows = seen.rows,
            bytes = seen.bytes,
            took_ms = seen.timings.total().as_secs_f64() * 1000.0,
            "gateway request"
        );
    }
}

pub(crate) fn caller_word(credential: &Credential) -> &'static str {
    match credential {
        Credential::Anonymous => "anonymous",
        Credential::Key { .. } => "key",
        Credential::Admin => "admin",
        Credential::Person { .. } => "person",
        Credential::Token { .. } => "token",
        Credential::System => "system",
    }
}

pub(crate) fn key_id(credential: &Credential) -> Option<&KeyId> {
    match credential {
        Credential::Key { id, .. } => Some(id),
        Credential::Anonymous
        | Credential::Token { .. }
        | Credential::Admin
        | Credential::Person { .. }
        | Credential::System => None,
    }
}
