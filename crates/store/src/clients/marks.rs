//! What tells whether a client's record is another than it was, for very many of them.

use super::row::ClientRow;
use crate::{Store, StoreError};
use api_types::ClientName;
use datasources::ClientRecord;
use futures_util::TryStreamExt;
use sqlx::FromRow;

const MARKS: &str = include_str!("marks.sql");
const NAMED: &str = concat!(
    include_str!("select.sql"),
    " where lower(c.client_name) = any($1) order by client_name, origin"
);

/// The least that must be known of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientMark {
    pub name: ClientName,
    /// It stands for a client of the configuration.
    pub configured: bool,
    /// Another one after every change, whoever made it.
    pub mark: i64,
    pub version: i32,
    /// Requests may go there: it is active, and neither frozen nor removed.
    pub open: bool,
    /// Its structure is ours, so that nothing need be looked at before somebody asks for it.
    pub managed: bool,
}

#[derive(FromRow)]
struct Row {
    client_name: String,
    configured: bool,
    mark: i64,
    version: i32,
    open: bool,
    managed: bool,
}

impl Store {
    /// Hand over the mark of each record, removed ones included.
    pub async fn each_client_mark(
        &self,
        mut take: impl FnMut(ClientMark),
    ) -> Result<(), StoreError> {
        let mut rows = sqlx::query_as::<_, Row>(MARKS).fetch(&self.pool);
        while let Some(row) = rows.try_next().await? {
            // A name that cannot be addressed belongs to nobody here.
            let Ok(name) = ClientName::parse(&row.client_name) else { continue };
            let Row { configured, mark, version, open, managed, .. } = row;
            take(ClientMark { name, configured, mark, version, open, managed });
        }
        Ok(())
    }

    /// The records under these names.
    pub async fn clients_named(
        &self,
        names: &[ClientName],
    ) -> Result<Vec<ClientRecord>, StoreError> {
        let names: Vec<&str> = names.iter().map(ClientName::as_str).collect();
        let rows: Vec<ClientRow> = sqlx::query_as(NAMED).bind(names).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().filter_map(ClientRow::record).collect())
    }
}
