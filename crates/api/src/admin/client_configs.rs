//! `/admin/client-configs`.

use super::statistics::{refused, success};
use crate::{
    error::ApiError,
    extract::{Operates, RawBody},
    members::Members,
    state::ApiState,
};
use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, post},
};
use gateway::{
    Gateway,
    admin::{OperateError, client_configs::ConfigRecord},
};
use serde_json::{Value, json};

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/admin/client-configs", get(list))
        .route("/admin/client-configs/seed-from-config", post(seed))
        .route("/admin/client-configs/{name}", get(one).put(put).delete(remove))
}

async fn list(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
) -> Result<Json<Value>, ApiError> {
    let all = gateway.client_configs(&operator).await?;
    let configs: Vec<Value> = all.iter().map(shown).collect();
    Ok(success("Listed client configs", json!({ "configs": configs })))
}

async fn one(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let found = gateway.client_config(&operator, &name).await?;
    let mut data = json!({ "client_name": found.client_name, "effective": found.effective });
    match &found.record {
        Some(record) => {
            data["source"] = "database".into();
            data["config"] = record.config.clone();
            data["record"] = shown(record);
        }
        None => {
            data["source"] = "config.yaml".into();
            data["config"] = found.effective.unwrap_or_default();
        }
    }
    Ok(success("Loaded client config", data))
}

async fn put(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
    RawBody(body): RawBody,
) -> Result<Json<Value>, ApiError> {
    let mut members = Members::of(&body)?;
    let config = members.take("config");
    let metadata = members.take("metadata");
    members.finish()?;
    let config = config.ok_or_else(|| refused(OperateError::Missing { field: "config" }))?;
    let metadata = metadata.unwrap_or_else(|| json!({ "managed_by": "admin_api" }));
    let record = gateway.put_client_config(&operator, &name, &config, &metadata).await?;
    let data = json!({
        "client_name": record.client_name, "source": "database", "record": shown(&record),
    });
    Ok(success("Saved client config", data))
}

async fn remove(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let record = gateway.delete_client_config(&operator, &name).await?;
    let data = json!({ "client_name": record.client_name, "record": shown(&record) });
    Ok(success("Deleted client config", data))
}

async fn seed(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    RawBody(body): RawBody,
) -> Result<Json<Value>, ApiError> {
    let mut overwrite = false;
    if !body.iter().all(u8::is_ascii_whitespace) {
        let mut members = Members::of(&body)?;
        overwrite = members.take_flag("overwrite")?;
        members.finish()?;
    }
    let seeded = gateway.seed_client_configs(&operator, overwrite).await?;
    let data = json!({
        "seeded_count": seeded.clients.len(),
        "clients": seeded.clients,
        "skipped": seeded.skipped,
        "failed": seeded.failed,
    });
    Ok(success("Seeded client configs", data))
}

fn shown(record: &ConfigRecord) -> Value {
    json!({
        "id": record.id,
        "client_name": record.client_name,
        "config": record.config,
        "metadata": record.metadata,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
    })
}
