//! The catalogue of rights.

use crate::{Store, StoreError};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// A right as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct RightRecord {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub created_at: String,
    pub updated_at: String,
}

/// A right before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightUpdate {
    pub before: RightRecord,
    pub after: RightRecord,
}

/// What became of a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RightChanged {
    Done(Box<RightUpdate>),
    /// Another one has this name, in whatever case.
    NameTaken,
    Unknown,
}

const RIGHTS: &str = include_str!("rights/shown.sql");
const CREATE: &str = "
    insert into api_key_rights (name, description)
    select $1, $2 where not exists (select from api_key_rights where lower(name) = lower($1))
    on conflict (name) do nothing returning api_key_rights_id::text";

impl Store {
    /// Every right, by name.
    pub async fn list_rights(&self) -> Result<Vec<RightRecord>, StoreError> {
        Ok(sqlx::query_as(RIGHTS).bind(None::<String>).fetch_all(&self.pool).await?)
    }

    /// Which of these names are in the catalogue.
    pub async fn known_rights(&self, names: &[String]) -> Result<Vec<String>, StoreError> {
        let known = sqlx::query_scalar("select name from api_key_rights where name = any($1)");
        Ok(known.bind(names).fetch_all(&self.pool).await?)
    }

    /// Nothing when there is one of this name, in whatever case.
    pub async fn create_right(
        &self,
        name: &str,
        description: Option<&str>,
    ) -> Result<Option<RightRecord>, StoreError> {
        let mut transaction = self.begin().await?;
        let id: Option<String> = sqlx::query_scalar(CREATE)
            .bind(name)
            .bind(description)
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(id) = id else { return Ok(None) };
        let record = right(&mut transaction, &id).await?;
        transaction.commit().await?;
        Ok(record)
    }

    pub async fn right(&self, id: Uuid) -> Result<Option<RightRecord>, StoreError> {
        right(&mut *self.pool.acquire().await?, &id.to_string()).await
    }

    /// The description stays when it is not named, and goes when it is null.
    pub async fn change_right(
        &self,
        id: Uuid,
        name: &str,
        description: Option<Option<&str>>,
    ) -> Result<RightChanged, StoreError> {
        let mut transaction = self.begin().await?;
        let id = id.to_string();
        let Some(before) = right(&mut transaction, &id).await? else {
            return Ok(RightChanged::Unknown);
        };
        let is_taken: bool = sqlx::query_scalar(
            "select exists (select from api_key_rights
                 where lower(name) = lower($2) and api_key_rights_id <> $1::uuid)",
        )
        .bind(&id)
        .bind(name)
        .fetch_one(&mut *transaction)
        .await?;
        if is_taken {
            return Ok(RightChanged::NameTaken);
        }
        sqlx::query(
            "update api_key_rights set name = $2, updated_at = now(),
                 description = case when $3 then $4 else description end
             where api_key_rights_id = $1::uuid",
        )
        .bind(&id)
        .bind(name)
        .bind(description.is_some())
        .bind(description.flatten())
        .execute(&mut *transaction)
        .await?;
        let after = right(&mut transaction, &id).await?;
        transaction.commit().await?;
        Ok(after.map_or(RightChanged::Unknown, |after| {
            RightChanged::Done(Box::new(RightUpdate { before, after }))
        }))
    }

    /// Take a right out of the catalogue and away from every key; how many keys lost it.
    pub async fn delete_right(&self, id: Uuid) -> Result<Option<(RightRecord, u64)>, StoreError> {
        let mut transaction = self.begin().await?;
        let id = id.to_string();
        let Some(record) = right(&mut transaction, &id).await? else { return Ok(None) };
        let keys: i64 = sqlx::query_scalar(
            "select count(*) from api_key_right_grants g join api_key_rights r on r.id = g.right_id
             where r.api_key_rights_id = $1::uuid",
        )
        .bind(&id)
        .fetch_one(&mut *transaction)
        .await?;
        sqlx::query("delete from api_key_rights where api_key_rights_id = $1::uuid")
            .bind(&id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Some((record, keys.unsigned_abs())))
    }
}

async fn right(connection: &mut PgConnection, id: &str) -> Result<Option<RightRecord>, StoreError> {
    Ok(sqlx::query_as(RIGHTS).bind(Some(id)).fetch_optional(connection).await?)
}
