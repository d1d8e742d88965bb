//! `/admin/api-key-rights`: the catalogue of rights.

use super::{Answer, keys, refused, shown, success};
use crate::{
    error::ApiError,
    extract::{Admin, RawBody},
    members::Members,
    state::ApiState,
};
use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, patch},
};
use gateway::{Gateway, admin::audit::Actor};
use http::StatusCode;
use serde_json::{Value, json};

pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/admin/api-key-rights", get(list).post(create))
        .route("/admin/api-key-rights/{id}", patch(change).delete(remove))
}

async fn list(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
) -> Result<Json<Answer<Value>>, ApiError> {
    let rights = keys(&gateway, &admin)?.rights().await.map_err(refused)?;
    let rights: Vec<Value> = rights.iter().map(shown::right).collect();
    Ok(success("Listed API key rights", json!({ "rights": rights })))
}

async fn create(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    RawBody(body): RawBody,
) -> Result<(StatusCode, Json<Answer<Value>>), ApiError> {
    let keys = keys(&gateway, &admin)?;
    let (name, description) = named(&body)?;
    let made = keys.create_right(&Actor::AdminKey, &name, description.flatten()).await;
    let made = json!({ "right": shown::right(&made.map_err(refused)?) });
    Ok((StatusCode::CREATED, success("Created API key right", made)))
}

async fn change(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path(id): Path<String>,
    RawBody(body): RawBody,
) -> Result<Json<Answer<Value>>, ApiError> {
    let keys = keys(&gateway, &admin)?;
    let (name, description) = named(&body)?;
    let changed = keys.change_right(&Actor::AdminKey, &id, &name, description).await;
    let changed = json!({ "right": shown::right(&changed.map_err(refused)?) });
    Ok(success("Updated API key right", changed))
}

/// How many keys lost it is told.
async fn remove(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path(id): Path<String>,
) -> Result<Json<Answer<Value>>, ApiError> {
    let gone = keys(&gateway, &admin)?.delete_right(&Actor::AdminKey, &id).await;
    let gone = gone.map_err(refused)?;
    Ok(success("Deleted API key right", json!({ "id": gone.id, "keys": gone.keys })))
}

fn named(body: &[u8]) -> Result<(String, Option<Option<String>>), ApiError> {
    let mut members = Members::of(body)?;
    let name = members.take_present("name")?.unwrap_or_default();
    let description = members.take_nullable("description")?;
    members.finish()?;
    Ok((name, description))
}
