//! `/admin/users` and `/admin/organizations`: who may use the console, and what for.

mod organizations;

use crate::{
    error::ApiError,
    extract::{Admin, RawBody},
    members::Members,
    state::ApiState,
};
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    routing::{delete, get, patch, post},
};
use gateway::{
    Administrator, Gateway, GatewayError,
    admin::{
        audit::Actor,
        people::{OpenSession, People, PeopleError, PersonEdit, PersonRecord, PersonWanted},
    },
};
use http::{StatusCode, Uri};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/admin/users", get(list).post(create))
        .route("/admin/users/{id}", patch(change))
        .route("/admin/users/{id}/invite", post(invite))
        .route("/admin/users/{id}/totp", delete(remove_second_step))
        .route("/admin/users/{id}/sessions", get(sessions).delete(end_sessions))
        .route("/admin/users/{id}/sessions/{session}", delete(end_session))
        .merge(organizations::router())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default = "many")]
    limit: u32,
    #[serde(default)]
    offset: u32,
}

fn many() -> u32 {
    500
}

async fn list(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    uri: Uri,
) -> Result<Json<Value>, ApiError> {
    let people = people(&gateway, &admin)?;
    let Query(page) = Query::<Page>::try_from_uri(&uri)
        .map_err(|rejection| ApiError::BadQuery { reason: rejection.body_text() })?;
    let found = people.list(page.limit.min(many()), page.offset).await.map_err(refused)?;
    let users: Vec<Value> = found.iter().map(person).collect();
    Ok(success("Listed users", &json!({ "users": users })))
}

async fn create(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    RawBody(body): RawBody,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let people = people(&gateway, &admin)?;
    let mut members = Members::of(&body)?;
    let wanted = PersonWanted {
        email: members.take_present("email")?.unwrap_or_default(),
        display_name: members.take_nullable("display_name")?.flatten(),
        role: members.take_present("role")?,
    };
    members.finish()?;
    let made = people.create(&Actor::AdminKey, wanted).await.map_err(refused)?;
    Ok((StatusCode::CREATED, success("Created user", &json!({ "user": person(&made) }))))
}

async fn change(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path(id): Path<String>,
    RawBody(body): RawBody,
) -> Result<Json<Value>, ApiError> {
    let people = people(&gateway, &admin)?;
    let mut members = Members::of(&body)?;
    let edit = PersonEdit {
        display_name: members.take_nullable("display_name")?,
        role: members.take_present("role")?,
        is_active: members.take_present("is_active")?,
    };
    members.finish()?;
    let changed = people.change(&Actor::AdminKey, &id, edit).await.map_err(refused)?;
    Ok(success("Updated user", &json!({ "user": person(&changed) })))
}

/// The link is answered once; whoever opens it is signed in.
async fn invite(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path(id): Path<String>,
    RawBody(body): RawBody,
) -> Result<Json<Value>, ApiError> {
    let people = people(&gateway, &admin)?;
    let seconds = if body.is_empty() { None } else { expiry(&body)? };
    let made = people.invite(&Actor::AdminKey, &id, seconds).await.map_err(refused)?;
    let link = format!("/console/sign-in?link={}", made.token);
    Ok(success("Invited user", &json!({ "link": link, "expires_in_seconds": made.seconds })))
}

fn expiry(body: &[u8]) -> Result<Option<u64>, ApiError> {
    let mut members = Members::of(body)?;
    let seconds = members.take_present("expires_in_seconds")?;
    members.finish()?;
    Ok(seconds)
}

async fn sessions(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let open = people(&gateway, &admin)?.sessions(&id).await.map_err(refused)?;
    let open: Vec<Value> = open.iter().map(session).collect();
    Ok(success("Listed sessions", &json!({ "sessions": open })))
}

async fn end_sessions(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let ended = people(&gateway, &admin)?.end_sessions(&Actor::AdminKey, &id).await;
    Ok(success("Ended sessions", &json!({ "ended": ended.map_err(refused)? })))
}

async fn end_session(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path((id, session)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    let ended = people(&gateway, &admin)?.end_session(&Actor::AdminKey, &id, &session).await;
    ended.map_err(refused)?;
    Ok(success("Ended session", &json!({ "id": session })))
}

/// For whoever has lost their app and their recovery codes.
async fn remove_second_step(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let removed = people(&gateway, &admin)?.remove_second_step(&Actor::AdminKey, &id).await;
    removed.map_err(refused)?;
    Ok(success("Removed the second step", &json!({ "id": id })))
}

fn people(gateway: &Gateway, admin: &Administrator) -> Result<People, GatewayError> {
    Ok(gateway.people(admin)?)
}

fn refused(error: PeopleError) -> ApiError {
    GatewayError::from(error).into()
}

fn success(message: &str, data: &Value) -> Json<Value> {
    Json(json!({ "status": "success", "message": message, "data": data }))
}

fn person(record: &PersonRecord) -> Value {
    json!({
        "id": record.id,
        "email": record.email,
        "display_name": record.display_name,
        "role": record.role,
        "is_active": record.is_active,
        "has_password": record.has_password,
        "has_totp": record.has_totp,
        "last_sign_in_at": record.last_sign_in_at,
        "created_at": record.created_at,
    })
}

fn session(record: &OpenSession) -> Value {
    json!({
        "id": record.id,
        "created_at": record.created_at,
        "expires_at": record.expires_at,
        "remote_addr": record.remote_addr,
    })
}
