//! What holds for a client whose database belongs to somebody else.

use backend::BackendError;
use datasources::{ClientRecord, External, OnMismatch, SchemaMode};
use std::time::Duration;

/// Refused in a transaction that only reads.
const READ_ONLY_TRANSACTION: &str = "25006";
/// Cancelled, by us or by the database's own timer.
const CANCELLED: &str = "57014";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    mode: SchemaMode,
    external: External,
}

impl Terms {
    /// None for a managed client.
    pub fn of(record: &ClientRecord) -> Option<Self> {
        record.gates().map(|external| Self { mode: record.schema_mode, external })
    }

    pub fn mode(&self) -> SchemaMode {
        self.mode
    }

    pub fn allows_writes(&self) -> bool {
        self.external.allow_writes
    }

    pub fn allowed_schemas(&self) -> Option<&[String]> {
        self.external.allowed_schemas.as_deref()
    }

    pub fn allows_schema(&self, schema: &str) -> bool {
        self.external.allows_schema(schema)
    }

    pub fn query_timeout(&self) -> Duration {
        Duration::from_millis(self.external.query_timeout_ms)
    }

    pub fn checks_on_boot(&self) -> bool {
        self.external.validation.check_on_boot
    }

    pub fn requires_reachable(&self) -> bool {
        self.external.validation.require_reachable
    }

    /// How often to look for drift; never when absent.
    pub fn check_interval(&self) -> Option<Duration> {
        self.external.validation.interval_ms().map(Duration::from_millis)
    }

    /// What a mismatch leads to, after the mode had its say.
    pub fn on_mismatch(&self) -> OnMismatch {
        let wished = self.external.validation.on_mismatch;
        match self.mode {
            SchemaMode::ValidateOnly => wished.min(OnMismatch::Warn),
            SchemaMode::Managed | SchemaMode::External => wished,
        }
    }

    /// Whether a resource that is not what it was is answered from no longer.
    pub(crate) fn is_strict(&self) -> bool {
        self.on_mismatch() == OnMismatch::Fail
    }

    /// A failure in the words of this client: its own limit, and that it is only read.
    pub(crate) fn told(&self, error: BackendError, limit: Duration) -> BackendError {
        match error {
            BackendError::Timeout => BackendError::OverLimit { limit },
            BackendError::Database(database) if database.sqlstate == CANCELLED => {
                BackendError::OverLimit { limit }
            }
            BackendError::Database(database)
                if database.sqlstate == READ_ONLY_TRANSACTION && !self.allows_writes() =>
            {
                BackendError::OnlyRead
            }
            BackendError::InStatement { index, source } => {
                let source = Box::new(self.told(*source, limit));
                BackendError::InStatement { index, source }
            }
            other => other,
        }
    }
}
