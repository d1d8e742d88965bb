//! Clients, by the name of the newer contract: datasources.

mod body;
mod events;

pub(crate) use body::object;

use body::{Draft, draft};

use crate::{
    error::ApiError,
    extract::{Operates, RawBody, text},
    state::ApiState,
};
use api_types::ClientName;
use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use datasources::Patch;
use gateway::{
    Gateway, GatewayError,
    admin::clients::{Asked, ClientDetail, Clients, ClientsError},
};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// `test`, `drivers` and `events` are no names, so they come before `{name}`.
pub(crate) fn router() -> Router<ApiState> {
    let base = "/api/v1/datasources";
    let at = |rest: &str| format!("{base}{rest}");
    Router::new()
        .route(base, get(list).post(create))
        .route(&at("/drivers"), get(drivers))
        .route(&at("/events"), get(events::stream))
        .route(&at("/test"), post(test_draft))
        .route(&at("/{name}"), get(one).patch(update).delete(remove))
        .route(&at("/{name}/test"), post(test))
        .route(&at("/{name}/migrate-credential"), post(migrate))
}

/// The answers of this door.
type Answered = Result<Response, ApiError>;

async fn list(State(gateway): State<Gateway>, Operates(operator): Operates) -> Answered {
    let listed = known(&gateway, &operator)?.list(&operator).await.map_err(refused)?;
    Ok(success("Listed clients", "datasources", listed))
}

async fn drivers(State(gateway): State<Gateway>, Operates(operator): Operates) -> Answered {
    let drivers = gateway.drivers(&operator);
    Ok(success("Listed drivers", "drivers", drivers))
}

async fn create(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    RawBody(body): RawBody,
) -> Answered {
    let clients = known(&gateway, &operator)?;
    let Draft { members, secret } = draft(&body).map_err(refused)?;
    let made = clients.create(&operator, &members, secret).await.map_err(refused)?;
    let place = format!("/api/v1/datasources/{}", made.listed.name);
    let answer = shown("Made the client", &made);
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], answer).into_response())
}

async fn one(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
) -> Answered {
    let found = known(&gateway, &operator)?.get(&operator, &named(&name)?).await;
    Ok(shown("Found the client", &found.map_err(refused)?))
}

async fn update(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Answered {
    let clients = known(&gateway, &operator)?;
    let name = named(&name)?;
    let version = version(&headers, &name)?;
    let Draft { members, secret } = draft(&body).map_err(refused)?;
    let asked = Asked { version, secret };
    let changed = clients.update(&operator, &name, &Patch(members), asked).await;
    Ok(shown("Changed the client", &changed.map_err(refused)?))
}

async fn remove(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
) -> Answered {
    let name = named(&name)?;
    known(&gateway, &operator)?.remove(&operator, &name).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn test_draft(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    RawBody(body): RawBody,
) -> Answered {
    let clients = known(&gateway, &operator)?;
    let Draft { members, secret } = draft(&body).map_err(refused)?;
    let report = clients.probe_draft(&operator, &members, secret).await.map_err(refused)?;
    Ok(success("Tried the client", "result", report))
}

async fn test(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
) -> Answered {
    let report = known(&gateway, &operator)?.probe(&operator, &named(&name)?).await;
    Ok(success("Tried the client", "result", report.map_err(refused)?))
}

async fn migrate(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
) -> Answered {
    let moved = known(&gateway, &operator)?.migrate_credential(&operator, &named(&name)?).await;
    Ok(success("Looked for a credential to move", "result", moved.map_err(refused)?))
}

pub(crate) fn known<'a>(
    gateway: &'a Gateway,
    operator: &gateway::Operator,
) -> Result<&'a Clients, ApiError> {
    gateway.clients(operator).map_err(refused)
}

pub(crate) fn refused(error: ClientsError) -> ApiError {
    GatewayError::from(error).into()
}

/// What is no name is the name of nobody.
pub(crate) fn named(text: &str) -> Result<ClientName, ApiError> {
    let unknown = |_| ClientsError::Unknown { name: text.chars().take(80).collect() };
    ClientName::parse(text).map_err(unknown).map_err(refused)
}

fn success(message: &str, key: &str, payload: impl Serialize) -> Response {
    let payload = serde_json::to_value(payload).unwrap_or_default();
    let mut data = Map::new();
    data.insert(key.to_owned(), payload);
    Json(json!({ "status": "success", "message": message, "data": data })).into_response()
}

fn shown(message: &str, detail: &ClientDetail) -> Response {
    let tag = format!("\"{}\"", detail.listed.version);
    let answer = success(message, "datasource", detail);
    ([(header::ETAG, tag)], answer).into_response()
}

/// `If-Match: "3"`; `*` is any version. What is no version of ours matches none.
fn version(headers: &HeaderMap, name: &ClientName) -> Result<Option<i32>, ApiError> {
    let Some(wanted) = text(headers, "if-match")?.map(str::trim) else { return Ok(None) };
    if wanted == "*" {
        return Ok(None);
    }
    let number = wanted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match number.and_then(|number| number.parse().ok()) {
        Some(version) => Ok(Some(version)),
        None => Err(refused(ClientsError::Stale { name: name.to_string() })),
    }
}

/// The payload of an answer, for other doors to the same use cases.
pub(crate) fn payload(message: &str, data: Value) -> Response {
    Json(json!({ "status": "success", "message": message, "data": data })).into_response()
}
