//! `/admin/api-keys`.

mod policies;
mod rights;
mod shown;
mod uses;

use crate::{
    error::ApiError,
    extract::{Admin, JsonBody, RawBody},
    members::Members,
    state::ApiState,
};
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    routing::{get, patch, post},
};
use gateway::{
    Administrator, Gateway, GatewayError,
    admin::{
        audit::Actor,
        keys::{KeyEdit, KeyMade, KeyPage, KeyWanted, Keys, KeysError},
    },
};
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize, de::DeserializeOwned, de::IgnoredAny};
use shown::Key;
use std::collections::BTreeMap;

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/admin/api-keys", get(list).post(create))
        .route("/admin/api-keys/{id}", patch(change).delete(close))
        .route("/admin/api-keys/{id}/rotate", post(rotate))
        .merge(rights::router())
        .merge(policies::router())
        .merge(uses::router())
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
    total: u64,
}

/// The only answer that ever holds a secret.
#[derive(Serialize)]
struct Made {
    api_key: String,
    record: Key,
}

#[derive(Serialize)]
struct Changed {
    record: Key,
}

#[derive(Serialize)]
struct Closed {
    id: String,
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
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default = "all")]
    limit: u32,
    #[serde(default)]
    offset: u32,
    #[serde(default)]
    archived: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Removal {
    #[serde(default)]
    purge: bool,
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
    let Page { limit, offset, archived } = asked(&uri)?;
    let page = KeyPage { limit: limit.min(all()), offset, archived };
    let (records, total) = keys(&gateway, &admin)?.list(page).await.map_err(refused)?;
    let api_keys = records.into_iter().map(Key::from).collect();
    Ok(success("Listed API keys", Listed { api_keys, total }))
}

async fn create(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    JsonBody(wanted): JsonBody<Wanted>,
) -> Result<(StatusCode, Json<Answer<Made>>), ApiError> {
    let keys = keys(&gateway, &admin)?;
    let wanted = wanted.try_into().map_err(refused)?;
    let made = keys.create(&Actor::AdminKey, wanted).await.map_err(refused)?;
    Ok((StatusCode::CREATED, success("Created API key", made.into())))
}

async fn change(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path(id): Path<String>,
    RawBody(body): RawBody,
) -> Result<Json<Answer<Changed>>, ApiError> {
    let keys = keys(&gateway, &admin)?;
    let edit = edit(Members::of(&body)?)?;
    let record = keys.change(&Actor::AdminKey, &id, edit).await.map_err(refused)?;
    Ok(success("Updated API key", Changed { record: record.into() }))
}

fn edit(mut members: Members) -> Result<KeyEdit, ApiError> {
    let edit = KeyEdit {
        name: members.take_present("name")?,
        description: members.take_nullable("description")?,
        client_name: members.take_nullable("client_name")?,
        expires_at: members.take_nullable("expires_at")?,
        is_active: members.take_present("is_active")?,
        rights: members.take_present("rights")?,
    };
    members.finish()?;
    Ok(edit)
}

async fn rotate(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path(id): Path<String>,
    RawBody(body): RawBody,
) -> Result<Json<Answer<Made>>, ApiError> {
    let keys = keys(&gateway, &admin)?;
    let overlap = overlap(&body)?;
    let made = keys.rotate(&Actor::AdminKey, &id, overlap).await.map_err(refused)?;
    Ok(success("Rotated API key", made.into()))
}

/// `{"overlap_seconds": 3600}`; no body means at once.
pub(super) fn overlap(body: &[u8]) -> Result<u64, ApiError> {
    if body.is_empty() {
        return Ok(0);
    }
    let mut members = Members::of(body)?;
    let overlap = members.take_present("overlap_seconds")?.unwrap_or(0);
    members.finish()?;
    Ok(overlap)
}

/// Archived, so that its uses can still be looked up; removed for good with `?purge=true`.
async fn close(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<Answer<Closed>>, ApiError> {
    let (keys, Removal { purge }) = (keys(&gateway, &admin)?, asked(&uri)?);
    if purge {
        let id = keys.purge(&Actor::AdminKey, &id).await.map_err(refused)?;
        return Ok(success("Removed API key", Closed { id }));
    }
    let id = keys.archive(&Actor::AdminKey, &id).await.map_err(refused)?;
    Ok(success("Archived API key", Closed { id }))
}

fn keys<'a>(gateway: &'a Gateway, admin: &Administrator) -> Result<&'a Keys, GatewayError> {
    Ok(gateway.keys(admin)?)
}

fn refused(error: KeysError) -> ApiError {
    GatewayError::from(error).into()
}

fn asked<T: DeserializeOwned>(uri: &Uri) -> Result<T, ApiError> {
    let Query(asked) = Query::<T>::try_from_uri(uri)
        .map_err(|rejection| ApiError::BadQuery { reason: rejection.body_text() })?;
    Ok(asked)
}

fn success<T>(message: &'static str, data: T) -> Json<Answer<T>> {
    Json(Answer { status: "success", message, data })
}

impl From<KeyMade> for Made {
    fn from(made: KeyMade) -> Self {
        Self { api_key: made.api_key, record: made.record.into() }
    }
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
