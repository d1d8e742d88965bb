//! How many requests are let in, as administrators set it, and the log of those that were not.

mod events;
mod log;

pub use events::{AdmissionEventFilter, AdmissionEventRow};
pub use log::{AdmissionEvent, AdmissionLog};

use crate::{Store, StoreError};
use serde_json::Value;

impl Store {
    /// The limits that administrators set, as JSON; `None` while the settings hold.
    pub async fn admission_limits(&self) -> Result<Option<Value>, StoreError> {
        let found: Option<(String,)> = sqlx::query_as("select limits::text from admission_limits")
            .fetch_optional(&self.pool)
            .await?;
        Ok(found.and_then(|(text,)| serde_json::from_str(&text).ok()))
    }

    /// Set them for every node.
    pub async fn set_admission_limits(&self, limits: &Value, by: &str) -> Result<(), StoreError> {
        sqlx::query(
            "insert into admission_limits (limits, updated_by) values ($1::jsonb, $2)
             on conflict (only_one) do update
             set limits = excluded.limits, updated_by = excluded.updated_by, updated_at = now()",
        )
        .bind(limits.to_string())
        .bind(by)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Let the settings hold again. False when they did.
    pub async fn clear_admission_limits(&self) -> Result<bool, StoreError> {
        let done = sqlx::query("delete from admission_limits").execute(&self.pool).await?;
        Ok(done.rows_affected() > 0)
    }
}
