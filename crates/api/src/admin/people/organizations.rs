//! `/admin/organizations`, and who belongs to them.

use super::{people, refused, success};
use crate::{
    error::ApiError,
    extract::{Admin, RawBody},
    members::{self, Members},
    state::ApiState,
};
use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, patch, put},
};
use gateway::{
    Gateway,
    admin::{
        audit::Actor,
        people::{MemberRecord, OrganizationRecord},
    },
};
use http::StatusCode;
use serde_json::{Value, json};

pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/admin/organizations", get(list).post(create))
        .route("/admin/organizations/{id}", patch(change).delete(remove))
        .route("/admin/organizations/{id}/members", get(all_members))
        .route("/admin/organizations/{id}/members/{user}", put(set_member).delete(remove_member))
}

async fn list(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
) -> Result<Json<Value>, ApiError> {
    let found = people(&gateway, &admin)?.organizations().await.map_err(refused)?;
    let found: Vec<Value> = found.iter().map(organization).collect();
    Ok(success("Listed organizations", &json!({ "organizations": found })))
}

async fn create(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    RawBody(body): RawBody,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let people = people(&gateway, &admin)?;
    let mut members = Members::of(&body)?;
    let name: String = members.take_present("name")?.unwrap_or_default();
    let company = members.take_nullable("company_id")?.flatten();
    members.finish()?;
    let made = people.create_organization(&Actor::AdminKey, &name, company).await;
    let made = json!({ "organization": organization(&made.map_err(refused)?) });
    Ok((StatusCode::CREATED, success("Created organization", &made)))
}

async fn change(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path(id): Path<String>,
    RawBody(body): RawBody,
) -> Result<Json<Value>, ApiError> {
    let people = people(&gateway, &admin)?;
    let mut members = Members::of(&body)?;
    let (name, company) = (members.take_present("name")?, members.take_nullable("company_id")?);
    members.finish()?;
    let changed = people.change_organization(&Actor::AdminKey, &id, name, company).await;
    let changed = json!({ "organization": organization(&changed.map_err(refused)?) });
    Ok(success("Updated organization", &changed))
}

async fn remove(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let gone = people(&gateway, &admin)?.delete_organization(&Actor::AdminKey, &id).await;
    Ok(success("Deleted organization", &json!({ "id": gone.map_err(refused)? })))
}

async fn all_members(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let found = people(&gateway, &admin)?.members(&id).await.map_err(refused)?;
    let found: Vec<Value> = found.iter().map(member).collect();
    Ok(success("Listed members", &json!({ "members": found })))
}

/// All that the member may do from now on.
async fn set_member(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path((id, user)): Path<(String, String)>,
    RawBody(body): RawBody,
) -> Result<Json<Value>, ApiError> {
    let people = people(&gateway, &admin)?;
    let mut members = Members::of(&body)?;
    let scopes: Option<Vec<String>> = members.take_present("scopes")?;
    members.finish()?;
    let scopes = scopes.ok_or_else(|| members::invalid("scopes", "an array of texts"))?;
    let set = people.set_member(&Actor::AdminKey, &id, &user, &scopes).await;
    let set = json!({ "user_id": user, "scopes": set.map_err(refused)? });
    Ok(success("Set member", &set))
}

async fn remove_member(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    Path((id, user)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    let removed = people(&gateway, &admin)?.remove_member(&Actor::AdminKey, &id, &user).await;
    removed.map_err(refused)?;
    Ok(success("Removed member", &json!({ "user_id": user })))
}

fn organization(record: &OrganizationRecord) -> Value {
    json!({
        "id": record.id,
        "name": record.name,
        "company_id": record.company_id,
        "members": record.members,
        "created_at": record.created_at,
    })
}

fn member(record: &MemberRecord) -> Value {
    json!({
        "user_id": record.person_id,
        "email": record.email,
        "display_name": record.display_name,
        "scopes": record.scopes,
    })
}
