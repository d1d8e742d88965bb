//! What happened to clients: written many at once, and read by those who were away.

use crate::{
    LogSettings, Store, StoreError,
    batch::{Batches, Row},
    moment,
};
use serde_json::Value;
use sqlx::FromRow;
use std::time::SystemTime;
use uuid::Uuid;

/// Something that happened to a client. It holds no secret.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    /// The same for what every node hears of alike.
    pub id: Uuid,
    pub kind: &'static str,
    pub client: String,
    /// The process that saw it.
    pub node: Uuid,
    pub data: Value,
    pub at: SystemTime,
}

/// The same as it was kept. The time is RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct KeptEvent {
    pub event_id: String,
    pub kind: String,
    pub client_name: String,
    pub occurred_at: String,
    /// JSON, or nothing.
    pub data: Option<String>,
}

/// Where they are written down. Cheap to clone; every clone is the same queue.
#[derive(Clone)]
pub struct EventLog {
    batches: Batches<EventRow>,
}

impl EventLog {
    /// Start the writer. It ends with the last clone, or when closed.
    pub fn start(store: Store, settings: LogSettings) -> Self {
        Self { batches: Batches::start(store, settings) }
    }

    /// Write this down soon. When the queue is full the row is dropped and counted.
    pub fn record(&self, row: EventRow) {
        self.batches.record(row);
    }

    pub fn dropped(&self) -> u64 {
        self.batches.dropped()
    }

    /// Write what waits now.
    pub async fn flush(&self) {
        self.batches.flush().await;
    }

    /// Write what waits, then stop.
    pub async fn close(&self) {
        self.batches.close().await;
    }
}

// Whoever writes first of what all nodes heard is the one who saw it.
const INSERT: &str = "
    insert into datasource_events (event_id, kind, client_name, node, occurred_at, data)
    select id::uuid, kind, client, node::uuid, timestamptz 'epoch' + at * interval '1 microsecond', nullif(data, '')::jsonb
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
        as rows (id, kind, client, node, at, data)
    on conflict (event_id) do nothing";

const SINCE: &str = "
    select event_id::text, kind, client_name, data::text as data,
        to_char(occurred_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') as occurred_at
    from datasource_events
    where id > (select id from datasource_events where event_id = $1::uuid)
        and ($2::text is null or client_name = $2)
    order by id limit $3";

impl Row for EventRow {
    const WHAT: &'static str = "events of clients";

    async fn insert(store: &Store, rows: &[Self]) -> Result<(), StoreError> {
        store.add_events(rows).await
    }
}

impl Store {
    /// Write them down at once; what is there already stays as it is.
    pub async fn add_events(&self, rows: &[EventRow]) -> Result<(), StoreError> {
        let data = |row: &EventRow| match &row.data {
            Value::Null => String::new(),
            data => data.to_string().replace("\\u0000", ""),
        };
        sqlx::query(INSERT)
            .bind(rows.iter().map(|row| row.id.to_string()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.kind).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.client.as_str()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.node.to_string()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| moment::to_micros(row.at)).collect::<Vec<_>>())
            .bind(rows.iter().map(data).collect::<Vec<_>>())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Whether the event is still kept.
    pub async fn knows_event(&self, id: Uuid) -> Result<bool, StoreError> {
        let known = "select exists (select from datasource_events where event_id = $1::uuid)";
        Ok(sqlx::query_scalar(known).bind(id.to_string()).fetch_one(&self.pool).await?)
    }

    /// What came after it, oldest first; of one client or of all.
    pub async fn events_since(
        &self,
        id: Uuid,
        client: Option<&str>,
        limit: u32,
    ) -> Result<Vec<KeptEvent>, StoreError> {
        let query = sqlx::query_as(SINCE).bind(id.to_string()).bind(client);
        Ok(query.bind(i64::from(limit)).fetch_all(&self.pool).await?)
    }
}
