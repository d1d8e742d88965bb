//! Clients and their records. Each change and its deed in the audit trail are one transaction.

mod marks;
mod row;
mod write;

pub use marks::ClientMark;
pub(crate) use write::insert_secret;
pub use write::{ClientChange, Kept, SealedRow, ShiftedSecret};

use crate::{Store, StoreError};
use api_types::ClientName;
use datasources::{ClientRecord, Origin};
use row::ClientRow;

const LIST: &str = concat!(include_str!("clients/select.sql"), " order by client_name, origin");

impl Store {
    /// Every record, removed ones included: their names are still known.
    pub async fn load_clients(&self) -> Result<Vec<ClientRecord>, StoreError> {
        let rows: Vec<ClientRow> = sqlx::query_as(LIST).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().filter_map(ClientRow::record).collect())
    }

    /// One record.
    pub async fn client(
        &self,
        name: &ClientName,
        origin: Origin,
    ) -> Result<Option<ClientRecord>, StoreError> {
        let row: Option<ClientRow> = sqlx::query_as(row::ONE)
            .bind(name.as_str())
            .bind(origin.as_str())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.and_then(ClientRow::record))
    }

    /// Write down which clients the configuration has, without where they lead. Another node may have
    /// others, so none is taken out; a row without its client counts for nothing.
    pub async fn sync_configured(&self, clients: &[ClientRecord]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        for client in clients {
            sqlx::query(include_str!("clients/configured.sql"))
                .bind(client.name.as_str())
                .bind(client.driver.id())
                .bind(&client.uri_variable)
                .bind(&client.defined_in)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
