//! Organisations, and who belongs to them.

use crate::{Store, StoreError};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// An organisation as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OrganizationRecord {
    pub id: String,
    pub name: String,
    pub company_id: Option<String>,
    pub members: i64,
    pub created_at: String,
}

/// A member as they are shown.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct MemberRecord {
    pub person_id: String,
    pub email: String,
    pub display_name: Option<String>,
    pub scopes: Vec<String>,
}

/// What became of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrganizationChanged {
    Done(OrganizationRecord),
    /// Another one has this name, in whatever case.
    NameTaken,
    Unknown,
}

const ORGANIZATIONS: &str = include_str!("organizations/shown.sql");

impl Store {
    /// Organisations, by name.
    pub async fn organizations(&self) -> Result<Vec<OrganizationRecord>, StoreError> {
        Ok(sqlx::query_as(ORGANIZATIONS).bind(None::<String>).fetch_all(&self.pool).await?)
    }

    /// Nothing when there is one of this name, in whatever case.
    pub async fn create_organization(
        &self,
        name: &str,
        company_id: Option<&str>,
    ) -> Result<Option<OrganizationRecord>, StoreError> {
        let mut transaction = self.begin().await?;
        let id: Option<String> = sqlx::query_scalar(
            "insert into organizations (name, company_id) values ($1, $2)
             on conflict (lower(name)) do nothing returning organization_id::text",
        )
        .bind(name)
        .bind(company_id)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(id) = id else { return Ok(None) };
        let made = organization(&mut transaction, &id).await?;
        transaction.commit().await?;
        Ok(made)
    }

    /// The company stays when it is not named, and goes when it is null.
    pub async fn change_organization(
        &self,
        id: Uuid,
        name: Option<&str>,
        company_id: Option<Option<&str>>,
    ) -> Result<OrganizationChanged, StoreError> {
        let mut transaction = self.begin().await?;
        let id = id.to_string();
        let is_taken: bool = sqlx::query_scalar(
            "select exists (select from organizations
                 where lower(name) = lower($2) and organization_id <> $1::uuid)",
        )
        .bind(&id)
        .bind(name)
        .fetch_one(&mut *transaction)
        .await?;
        if is_taken {
            return Ok(OrganizationChanged::NameTaken);
        }
        sqlx::query(
            "update organizations set name = coalesce($2, name), updated_at = now(),
                 company_id = case when $3 then $4 else company_id end
             where organization_id = $1::uuid",
        )
        .bind(&id)
        .bind(name)
        .bind(company_id.is_some())
        .bind(company_id.flatten())
        .execute(&mut *transaction)
        .await?;
        let after = organization(&mut transaction, &id).await?;
        transaction.commit().await?;
        Ok(after.map_or(OrganizationChanged::Unknown, OrganizationChanged::Done))
    }

    /// Remove an organisation; its members stay people without it.
    pub async fn delete_organization(
        &self,
        id: Uuid,
    ) -> Result<Option<OrganizationRecord>, StoreError> {
        let mut transaction = self.begin().await?;
        let id = id.to_string();
        let Some(record) = organization(&mut transaction, &id).await? else { return Ok(None) };
        sqlx::query("delete from organizations where organization_id = $1::uuid")
            .bind(&id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Some(record))
    }

    pub async fn members(&self, organization: Uuid) -> Result<Vec<MemberRecord>, StoreError> {
        let members = sqlx::query_as(
            "select u.console_user_id::text as person_id, u.email, u.display_name, m.scopes
             from memberships m join console_users u using (console_user_id)
             where m.organization_id = $1::uuid order by u.email limit 1000",
        );
        Ok(members.bind(organization.to_string()).fetch_all(&self.pool).await?)
    }

    /// Make somebody a member, or say anew what a member may do. False when either is not there.
    pub async fn set_member(
        &self,
        organization: Uuid,
        person: Uuid,
        scopes: &[String],
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into memberships (organization_id, console_user_id, scopes)
             select o.organization_id, u.console_user_id, $3 from organizations o, console_users u
             where o.organization_id = $1::uuid and u.console_user_id = $2::uuid
             on conflict (console_user_id, organization_id) do update set scopes = excluded.scopes",
        )
        .bind(organization.to_string())
        .bind(person.to_string())
        .bind(scopes)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// False when they were no member.
    pub async fn remove_member(
        &self,
        organization: Uuid,
        person: Uuid,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "delete from memberships where organization_id = $1::uuid and console_user_id = $2::uuid",
        )
        .bind(organization.to_string())
        .bind(person.to_string())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }
}

async fn organization(
    connection: &mut PgConnection,
    id: &str,
) -> Result<Option<OrganizationRecord>, StoreError> {
    Ok(sqlx::query_as(ORGANIZATIONS).bind(Some(id)).fetch_optional(connection).await?)
}
