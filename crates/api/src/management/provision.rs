//! `/admin/provision*` and `/management/provision/*`: our tables in a client's database, and new
//! databases on its server.

use super::{
    body::{Body, Queried},
    success,
};
use crate::{
    error::ApiError,
    extract::{Manages, Operates, Traced},
    state::ApiState,
};
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use gateway::{
    Gateway, GatewayError,
    admin::management::{DatabaseMade, ManagementError, ProvisionWanted},
};
use http::StatusCode;
use serde_json::Value;

pub(super) fn router() -> Router<ApiState> {
    let local = "/admin/provision/local/databases";
    let instance = "/admin/provision/instances/{name}";
    Router::new()
        .route("/admin/provision", post(provision))
        .route("/admin/provision/status", get(status))
        .route(local, get(list_databases).post(create_database))
        .route("/admin/provision/local/pipeline", post(pipeline))
        .route("/admin/provision/providers/{provider}", post(provider))
        .route("/admin/provision/instances", get(containers).post(containers))
        .route(instance, get(containers).delete(containers))
        .route("/management/provision/local/databases", get(list_own).post(create_own))
}

async fn provision(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let wanted = ProvisionWanted::read(body).map_err(GatewayError::from)?;
    let provisioned = gateway.provision(&operator, wanted).await?;
    Ok(success("Provisioned the schema", provisioned).into_response())
}

async fn status(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    mut queried: Queried,
) -> Result<Response, ApiError> {
    let client = queried.needed("client_name")?;
    queried.finish()?;
    let status = gateway.provision_status(&operator, &client).await?;
    Ok(success("Looked for the tables", status).into_response())
}

async fn list_databases(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Traced(trace): Traced,
    mut queried: Queried,
) -> Result<Response, ApiError> {
    let client = queried.needed("client_name")?;
    queried.finish()?;
    let manager = gateway.provisioner(&operator, trace, &client).await?;
    let databases = gateway.local_databases(&manager).await?;
    Ok(success("Listed databases", databases).into_response())
}

async fn create_database(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Traced(trace): Traced,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let (client, body) = server(body, "client_name")?;
    let manager = gateway.provisioner(&operator, trace, &client).await?;
    Ok(made(&gateway.create_local_database(&manager, body).await?))
}

/// A database on a server that is there already; one in a container of its own is not built.
async fn pipeline(Operates(_operator): Operates, Body(body): Body) -> Result<Response, ApiError> {
    let is_shared = body.get("mode").and_then(Value::as_str) == Some("shared_cluster_database");
    if is_shared && body.get("shared_cluster_client_name").is_none() {
        let field = "shared_cluster_client_name";
        return Err(GatewayError::from(ManagementError::Missing { field }).into());
    }
    let what = "provisioning in one go; POST /admin/provision/local/databases makes a database";
    not_built(what)
}

async fn provider(
    Operates(_operator): Operates,
    Path(_provider): Path<String>,
) -> Result<Response, ApiError> {
    not_built("provisioning at a cloud provider")
}

async fn containers(Operates(_operator): Operates) -> Result<Response, ApiError> {
    not_built("provisioning in containers")
}

fn not_built(what: &'static str) -> Result<Response, ApiError> {
    Err(GatewayError::from(ManagementError::NotBuilt { what }).into())
}

async fn list_own(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
) -> Result<Response, ApiError> {
    let databases = gateway.local_databases(&manager).await?;
    Ok(success("Listed databases", databases).into_response())
}

async fn create_own(
    State(gateway): State<Gateway>,
    Manages(manager): Manages,
    Body(body): Body,
) -> Result<Response, ApiError> {
    Ok(made(&gateway.create_local_database(&manager, body).await?))
}

fn server(mut body: Value, field: &'static str) -> Result<(String, Value), ApiError> {
    let taken = body.as_object_mut().and_then(|members| members.shift_remove(field));
    match taken {
        Some(Value::String(name)) if !name.trim().is_empty() => Ok((name, body)),
        None | Some(Value::Null) => {
            Err(GatewayError::from(ManagementError::Missing { field }).into())
        }
        Some(_) => {
            let expected = "the name of a client";
            Err(GatewayError::from(ManagementError::Invalid { field, expected }).into())
        }
    }
}

fn made(made: &DatabaseMade) -> Response {
    match made.was_created() {
        true => (StatusCode::CREATED, success("Created database", made)).into_response(),
        false => success("Nothing was done: these are the statements", made).into_response(),
    }
}
