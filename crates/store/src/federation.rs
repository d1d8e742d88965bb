//! What was imported of databases that belong to others, their catalogs, and how they moved.

mod catalogs;
mod drift;

pub use catalogs::CatalogRow;
pub use drift::{DriftPage, DriftRow};

use crate::{Store, StoreError};
use serde_json::Value;
use sqlx::FromRow;

/// JSON as the store gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonText(pub Value);

impl TryFrom<String> for JsonText {
    type Error = serde_json::Error;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        serde_json::from_str(&text).map(Self)
    }
}

/// An imported resource; what it is, its definition says.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct ResourceRow {
    pub client_name: String,
    pub resource_name: String,
    #[sqlx(try_from = "String")]
    pub definition: JsonText,
}

/// A resource to keep.
#[derive(Debug, Clone, Copy)]
pub struct NewResource<'a> {
    pub client: &'a str,
    pub name: &'a str,
    pub remote: (&'a str, &'a str),
    pub definition: &'a Value,
    pub actor: &'a str,
}

// Names are asked of as they are stored: a client's is folded before it comes here.
const ADD: &str = "
    insert into external_resources
        (client_name, resource_name, remote_schema, remote_name, definition, created_by)
    values ($1, $2, $3, $4, $5::jsonb, $6)
    on conflict (client_name, resource_name) do nothing";

const REPLACE: &str = "
    update external_resources
    set remote_schema = $3, remote_name = $4, definition = $5::jsonb, updated_at = now()
    where client_name = $1 and resource_name = $2";

impl Store {
    /// All of them: they are kept in memory by who uses this.
    pub async fn resources(&self) -> Result<Vec<ResourceRow>, StoreError> {
        let rows = sqlx::query_as(
            "select client_name, resource_name, definition::text as definition from external_resources
             order by client_name, resource_name",
        );
        Ok(rows.fetch_all(&self.pool).await?)
    }

    /// False when the name is taken; what has it stays as it is.
    pub async fn add_resource(&self, new: NewResource<'_>) -> Result<bool, StoreError> {
        let query = sqlx::query(ADD).bind(new.client).bind(new.name).bind(new.remote.0);
        let query = query.bind(new.remote.1).bind(new.definition.to_string()).bind(new.actor);
        Ok(query.execute(&self.pool).await?.rows_affected() == 1)
    }

    /// False when there is no such resource.
    pub async fn replace_resource(&self, new: NewResource<'_>) -> Result<bool, StoreError> {
        let query = sqlx::query(REPLACE).bind(new.client).bind(new.name).bind(new.remote.0);
        let query = query.bind(new.remote.1).bind(new.definition.to_string());
        Ok(query.execute(&self.pool).await?.rows_affected() == 1)
    }

    /// Forget a resource, and what was seen of it. False when there is no such one.
    pub async fn remove_resource(&self, client: &str, name: &str) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let removed = sqlx::query(
            "delete from external_resources where client_name = $1 and resource_name = $2",
        )
        .bind(client)
        .bind(name)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("delete from external_drift where client_name = $1 and resource_name = $2")
            .bind(client)
            .bind(name)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(removed.rows_affected() == 1)
    }
}
