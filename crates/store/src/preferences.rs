//! What a person likes, as JSON under a name.

use crate::{Store, StoreError};
use serde_json::Value;

const LIMIT: usize = 64 * 1024;

const PUT: &str = "
    insert into console_preferences (console_user_id, name, value) values ($1::uuid, $2, $3::jsonb)
    on conflict (console_user_id, name) do update set value = excluded.value, updated_at = now()";

impl Store {
    pub async fn preference(&self, user_id: &str, name: &str) -> Result<Option<Value>, StoreError> {
        let text: Option<String> = sqlx::query_scalar(
            "select value::text from console_preferences where console_user_id = $1::uuid and name = $2",
        )
        .bind(user_id)
        .bind(name)
        .fetch_optional(&self.pool)
        .await?;
        // A jsonb's own text is always JSON.
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    pub async fn put_preference(
        &self,
        user_id: &str,
        name: &str,
        value: &Value,
    ) -> Result<(), StoreError> {
        let text = value.to_string();
        if text.len() > LIMIT {
            return Err(StoreError::TooLarge { limit: LIMIT });
        }
        sqlx::query(PUT).bind(user_id).bind(name).bind(text).execute(&self.pool).await?;
        Ok(())
    }
}
