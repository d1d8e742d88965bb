//! `/admin/api-key-config` and `/admin/api-key-clients`: whether keys are demanded.

use super::{Answer, keys, refused, shown, success};
use crate::{
    error::ApiError,
    extract::{Admin, RawBody},
    members::{self, Members},
    state::ApiState,
};
use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, put},
};
use gateway::{Gateway, admin::audit::Actor};
use serde_json::{Value, json};

pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/admin/api-key-config", get(all).put(set))
        .route("/admin/api-key-clients", get(clients))
        .route("/admin/api-key-clients/{client}", put(set_client).delete(clear_client))
}

async fn all(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
) -> Result<Json<Answer<Value>>, ApiError> {
    let (global, clients) = keys(&gateway, &admin)?.policies().await.map_err(refused)?;
    let clients: Vec<Value> = clients.iter().map(shown::client).collect();
    let data = json!({ "global": shown::global(&global), "clients": clients });
    Ok(success("Listed API key policies", data))
}

async fn set(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    RawBody(body): RawBody,
) -> Result<Json<Answer<Value>>, ApiError> {
    let keys = keys(&gateway, &admin)?;
    let set = keys.set_policy(&Actor::AdminKey, enforced(&body)?).await.map_err(refused)?;
    Ok(success("Updated API key policy", json!({ "global": shown::global(&set) })))
}

async fn clients(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
) -> Result<Json<Answer<Value>>, ApiError> {
    let (_, clients) = keys(&gateway, &admin)?.policies().await.map_err(refused)?;
    let clients: Vec<Value> = clients.iter().map(shown::client).collect();
    Ok(success("Listed API key policies of clients", json!({ "clients": clients })))
}

async fn set_client(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path(client): Path<String>,
    RawBody(body): RawBody,
) -> Result<Json<Answer<Value>>, ApiError> {
    let keys = keys(&gateway, &admin)?;
    let set = keys.set_client_policy(&Actor::AdminKey, &client, enforced(&body)?).await;
    let set = json!({ "client": shown::client(&set.map_err(refused)?) });
    Ok(success("Updated API key policy of a client", set))
}

async fn clear_client(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path(client): Path<String>,
) -> Result<Json<Answer<Value>>, ApiError> {
    let cleared = keys(&gateway, &admin)?.clear_client_policy(&Actor::AdminKey, &client).await;
    let cleared = json!({ "client_name": cleared.map_err(refused)? });
    Ok(success("Removed API key policy of a client", cleared))
}

fn enforced(body: &[u8]) -> Result<bool, ApiError> {
    let mut members = Members::of(body)?;
    let enforced = members.take_present("enforce_api_keys")?;
    members.finish()?;
    enforced.ok_or_else(|| members::invalid("enforce_api_keys", "true or false"))
}
