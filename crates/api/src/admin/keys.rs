//! `/admin/api-keys`.

use crate::{
    error::ApiError,
    extract::{Admin, JsonBody},
    state::ApiState,
};
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    routing::{delete, get},
};
use gateway::{
    Gateway, GatewayError,
    admin::keys::{KeyPage, KeyRecord, KeyWanted, Keys, KeysError},
};
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use std::collections::BTreeMap;

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/admin/api-keys", get(list).post(create))
        .route("/admin/api-keys/{id}", delete(deactivate))
}

#[derive(Serialize)]
struct Answer<T> {
    status: &'static str,
    message: &'static str,
    data: T,
}

#[derive(Serialize)]
struct Listed {
    api_keys: Vec<Key>,
}

/// The only answer that ever holds a secret.
#[derive(Serialize)]
struct Made {
    api_key: String,
    record: Key,
}

#[derive(Serialize)]
struct Closed {
    id: String,
}

#[derive(Serialize)]
struct Key {
    id: String,
    public_id: String,
    name: String,
    description: Option<String>,
    client_name: Option<String>,
    expires_at: Option<String>,
    is_active: bool,
    last_used_at: Option<String>,
    created_at: String,
    updated_at: String,
    rights: Vec<String>,
}

/// What is not known here would be lost silently, so it is refused.
#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    name: String,
    description: Option<String>,
    client_name: Option<String>,
    expires_at: Option<String>,
    #[serde(default)]
    rights: Vec<String>,
    #[serde(flatten)]
    unknown: BTreeMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default = "all")]
    limit: u32,
    #[serde(default)]
    offset: u32,
}

/// As many as one answer lists.
fn all() -> u32 {
    1_000
}

async fn list(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    uri: Uri,
) -> Result<Json<Answer<Listed>>, ApiError> {
    let records = keys(&gateway, &admin)?.list(page(&uri)?).await.map_err(GatewayError::from)?;
    let api_keys = records.into_iter().map(Key::from).collect();
    Ok(success("Listed API keys", Listed { api_keys }))
}

async fn create(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    JsonBody(wanted): JsonBody<Wanted>,
) -> Result<(StatusCode, Json<Answer<Made>>), ApiError> {
    let keys = keys(&gateway, &admin)?;
    let wanted = wanted.try_into().map_err(GatewayError::from)?;
    let made = keys.create(wanted).await.map_err(GatewayError::from)?;
    let data = Made { api_key: made.api_key, record: made.record.into() };
    Ok((StatusCode::CREATED, success("Created API key", data)))
}

async fn deactivate(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path(id): Path<String>,
) -> Result<Json<Answer<Closed>>, ApiError> {
    let id = keys(&gateway, &admin)?.deactivate(&id).await.map_err(GatewayError::from)?;
    Ok(success("Deactivated API key", Closed { id }))
}

fn keys<'a>(
    gateway: &'a Gateway,
    admin: &gateway::Administrator,
) -> Result<&'a Keys, GatewayError> {
    Ok(gateway.keys(admin)?)
}

fn page(uri: &Uri) -> Result<KeyPage, ApiError> {
    let Query(page) = Query::<Page>::try_from_uri(uri)
        .map_err(|rejection| ApiError::BadQuery { reason: rejection.body_text() })?;
    Ok(KeyPage { limit: page.limit.min(all()), offset: page.offset })
}

fn success<T>(message: &'static str, data: T) -> Json<Answer<T>> {
    Json(Answer { status: "success", message, data })
}

impl TryFrom<Wanted> for KeyWanted {
    type Error = KeysError;

    fn try_from(wanted: Wanted) -> Result<Self, KeysError> {
        let Wanted { name, description, client_name, expires_at, rights, unknown } = wanted;
        match unknown.into_keys().next() {
            Some(field) => Err(KeysError::UnknownField { field }),
            None => Ok(Self { name, description, client_name, expires_at, rights }),
        }
    }
}

impl From<KeyRecord> for Key {
    fn from(record: KeyRecord) -> Self {
        Self {
            id: record.id,
            public_id: record.public_id,
            name: record.name,
            description: record.description,
            client_name: record.client_name,
            expires_at: record.expires_at,
            is_active: record.is_active,
            last_used_at: record.last_used_at,
            created_at: record.created_at,
            updated_at: record.updated_at,
            rights: record.rights,
        }
    }
}
