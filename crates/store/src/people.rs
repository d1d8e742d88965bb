//! People as administrators see them, and the sessions they have open.

use crate::{Store, StoreError};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// A person as they are shown. Times are RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct PersonRecord {
    pub id: String,
    pub email: String,
    pub display_name: Option<String>,
    pub role: String,
    pub is_active: bool,
    pub has_password: bool,
    /// Whether their sign-in has a second step.
    pub has_totp: bool,
    pub last_sign_in_at: Option<String>,
    pub created_at: String,
}

/// What becomes of a person. An outer nothing leaves the field as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonChange {
    pub display_name: Option<Option<String>>,
    pub role: Option<String>,
    pub is_active: Option<bool>,
}

/// A person before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonUpdate {
    pub before: PersonRecord,
    pub after: PersonRecord,
}

/// A session that holds.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OpenSession {
    pub id: String,
    pub created_at: String,
    pub expires_at: String,
    pub remote_addr: Option<String>,
    /// Whether its token has this hash.
    pub is_this: bool,
}

const PEOPLE: &str = include_str!("people/shown.sql");
const CHANGE: &str = include_str!("people/change.sql");
const SESSIONS: &str = include_str!("people/sessions.sql");

impl Store {
    /// People, oldest first.
    pub async fn people(&self, limit: u32, offset: u32) -> Result<Vec<PersonRecord>, StoreError> {
        let listed = sqlx::query_as(PEOPLE).bind(None::<String>);
        let listed = listed.bind(i64::from(limit)).bind(i64::from(offset));
        Ok(listed.fetch_all(&self.pool).await?)
    }

    pub async fn person(&self, id: Uuid) -> Result<Option<PersonRecord>, StoreError> {
        person(&mut *self.pool.acquire().await?, &id.to_string()).await
    }

    /// Nothing when there is somebody with this address.
    pub async fn create_person(
        &self,
        email: &str,
        display_name: Option<&str>,
        role: &str,
    ) -> Result<Option<PersonRecord>, StoreError> {
        let mut transaction = self.begin().await?;
        let id: Option<String> = sqlx::query_scalar(
            "insert into console_users (email, display_name, role) values (lower(trim($1)), $2, $3)
             on conflict (email) do nothing returning console_user_id::text",
        )
        .bind(email)
        .bind(display_name)
        .bind(role)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(id) = id else { return Ok(None) };
        let made = person(&mut transaction, &id).await?;
        transaction.commit().await?;
        Ok(made)
    }

    /// Whoever may not sign in any more is signed out everywhere.
    pub async fn change_person(
        &self,
        id: Uuid,
        change: &PersonChange,
    ) -> Result<Option<PersonUpdate>, StoreError> {
        let mut transaction = self.begin().await?;
        let id = id.to_string();
        let Some(before) = person(&mut transaction, &id).await? else { return Ok(None) };
        sqlx::query(CHANGE)
            .bind(&id)
            .bind(change.display_name.is_some())
            .bind(change.display_name.as_ref().and_then(Option::as_deref))
            .bind(&change.role)
            .bind(change.is_active)
            .execute(&mut *transaction)
            .await?;
        if change.is_active == Some(false) {
            end_sessions(&mut transaction, &id, None).await?;
        }
        let after = person(&mut transaction, &id).await?;
        transaction.commit().await?;
        Ok(after.map(|after| PersonUpdate { before, after }))
    }

    /// The sessions of a person that hold, newest first.
    pub async fn sessions_of(
        &self,
        person: Uuid,
        this: Option<&str>,
    ) -> Result<Vec<OpenSession>, StoreError> {
        let open = sqlx::query_as(SESSIONS).bind(person.to_string()).bind(this);
        Ok(open.fetch_all(&self.pool).await?)
    }

    /// End one session of a person. False when it was over, or is somebody else's.
    pub async fn end_session(&self, person: Uuid, session: Uuid) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update console_sessions set revoked_at = now()
             where console_session_id = $2::uuid and console_user_id = $1::uuid
               and revoked_at is null and expires_at > now()",
        )
        .bind(person.to_string())
        .bind(session.to_string())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// End every session of a person, but for the one with this hash; how many ended.
    pub async fn end_sessions(&self, person: Uuid, but: Option<&str>) -> Result<u64, StoreError> {
        let mut connection = self.pool.acquire().await?;
        end_sessions(&mut connection, &person.to_string(), but).await
    }

    /// The same for whoever has this address.
    pub async fn end_sessions_by_email(&self, email: &str) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "update console_sessions set revoked_at = now() from console_users u
             where u.console_user_id = console_sessions.console_user_id
               and u.email = lower(trim($1)) and revoked_at is null",
        );
        Ok(done.bind(email).execute(&self.pool).await?.rows_affected())
    }

    /// What a person's password is checked against.
    pub async fn password_of(&self, person: Uuid) -> Result<Option<String>, StoreError> {
        let hash: Option<Option<String>> = sqlx::query_scalar(
            "select password_hash from console_users where console_user_id = $1::uuid and is_active",
        )
        .bind(person.to_string())
        .fetch_optional(&self.pool)
        .await?;
        Ok(hash.flatten())
    }

    /// A new password ends every session but the one in which it was set.
    pub async fn change_password(
        &self,
        person: Uuid,
        hash: &str,
        this: &str,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let id = person.to_string();
        let changed = sqlx::query(
            "update console_users set password_hash = $2, updated_at = now()
             where console_user_id = $1::uuid and is_active",
        )
        .bind(&id)
        .bind(hash)
        .execute(&mut *transaction)
        .await?;
        end_sessions(&mut transaction, &id, Some(this)).await?;
        transaction.commit().await?;
        Ok(changed.rows_affected() > 0)
    }
}

async fn person(
    connection: &mut PgConnection,
    id: &str,
) -> Result<Option<PersonRecord>, StoreError> {
    let found = sqlx::query_as(PEOPLE).bind(Some(id)).bind(1_i64).bind(0_i64);
    Ok(found.fetch_optional(connection).await?)
}

/// Sign-ins that are half done end, too.
pub(crate) async fn end_sessions(
    connection: &mut PgConnection,
    person: &str,
    but: Option<&str>,
) -> Result<u64, StoreError> {
    sqlx::query("delete from console_half_sign_ins where console_user_id = $1::uuid")
        .bind(person)
        .execute(&mut *connection)
        .await?;
    let done = sqlx::query(
        "update console_sessions set revoked_at = now()
         where console_user_id = $1::uuid and revoked_at is null
           and ($2::text is null or token_hash <> $2)",
    );
    Ok(done.bind(person).bind(but).execute(connection).await?.rows_affected())
}
