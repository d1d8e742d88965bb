//! Changes of clients' structure: written down before they run and finished after.

use crate::{Store, StoreError};
use serde_json::Value;
use std::time::Duration;

/// A change that is about to be made.
#[derive(Debug, Clone, Copy)]
pub struct ManagementStart<'a> {
    pub request_id: &'a str,
    pub actor: &'a str,
    pub client: &'a str,
    pub schema: Option<&'a str>,
    pub table: Option<&'a str>,
    pub object: &'a str,
    pub object_type: &'a str,
    pub operation: &'a str,
    pub executed_sql: &'a Value,
    pub claimed: &'a Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManagementStatus {
    Success,
    /// There was nothing to do.
    Unchanged,
    Failed,
}

impl ManagementStatus {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
        }
    }
}

/// The row of a change that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagementRow {
    place: i64,
    /// As it is shown.
    pub id: String,
}

/// How it ended. The text is what outsiders may see.
#[derive(Debug, Clone, Copy)]
pub struct ManagementEnd<'a> {
    pub status: ManagementStatus,
    pub error_code: Option<&'a str>,
    pub error_message: Option<&'a str>,
    pub took: Duration,
}

const BEGIN: &str = "
    insert into management_audit
        (request_id, actor, client_name, schema_name, table_name, object_name, object_type,
         operation, executed_sql, claimed)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10::jsonb)
    returning id, management_audit_id::text";

const FINISH: &str = "
    update management_audit
    set status = $2, error_code = $3, error_message = $4, duration_ms = $5, finished_at = now()
    where id = $1";

const LIST: &str = "
    select (to_jsonb(a) - 'id')::text
    from management_audit a
    where client_name = $1
    order by id desc
    limit $2";

const COUNT: &str = "
    insert into structure_changes (client_name) values ($1)
    on conflict (client_name) do update set generation = structure_changes.generation + 1
    returning generation";

/// The server's own number, and the database's in it.
const WHEREABOUTS: &str = "
    select (select system_identifier from pg_catalog.pg_control_system()),
        (select oid::bigint from pg_catalog.pg_database where datname = current_database())";

impl Store {
    pub async fn begin_management(
        &self,
        start: ManagementStart<'_>,
    ) -> Result<ManagementRow, StoreError> {
        let (place, id) = sqlx::query_as(BEGIN)
            .bind(start.request_id)
            .bind(start.actor)
            .bind(start.client)
            .bind(start.schema)
            .bind(start.table)
            .bind(start.object)
            .bind(start.object_type)
            .bind(start.operation)
            .bind(start.executed_sql.to_string())
            .bind(start.claimed.to_string())
            .fetch_one(&self.pool)
            .await?;
        Ok(ManagementRow { place, id })
    }

    pub async fn finish_management(
        &self,
        row: &ManagementRow,
        end: ManagementEnd<'_>,
    ) -> Result<(), StoreError> {
        sqlx::query(FINISH)
            .bind(row.place)
            .bind(end.status.word())
            .bind(end.error_code)
            .bind(end.error_message)
            .bind(i64::try_from(end.took.as_millis()).unwrap_or(i64::MAX))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// What was done to a client, newest first, each as an object.
    pub async fn list_management(
        &self,
        client: &str,
        limit: u32,
    ) -> Result<Vec<Value>, StoreError> {
        let rows: Vec<String> = sqlx::query_scalar(LIST)
            .bind(client)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?;
        let parsed = rows.iter().filter_map(|row| serde_json::from_str(row).ok());
        Ok(parsed.collect())
    }

    /// Tell every node that this client's structure is another now; how often it was comes back.
    pub async fn structure_changed(&self, client: &str) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(COUNT).bind(client).fetch_one(&self.pool).await?)
    }

    /// How often each client's structure was changed.
    pub async fn structure_changes(&self) -> Result<Vec<(String, i64)>, StoreError> {
        Ok(sqlx::query_as("select client_name, generation from structure_changes")
            .fetch_all(&self.pool)
            .await?)
    }

    /// Which database this is; nothing where its server does not say.
    pub async fn whereabouts(&self) -> Result<Option<(i64, i64)>, StoreError> {
        match sqlx::query_as(WHEREABOUTS).fetch_one(&self.pool).await {
            Ok(found) => Ok(Some(found)),
            Err(sqlx::Error::Database(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
