//! `/admin/api-key-auth-log`: who showed which key, and what came of it.

use super::{Answer, asked, keys, refused, shown, success};
use crate::{error::ApiError, extract::Admin, state::ApiState};
use axum::{Json, Router, extract::State, routing::get};
use gateway::{
    Gateway,
    admin::keys::{AuthFilter, UsesWanted},
};
use http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

const MOST: u32 = 500;

pub(super) fn router() -> Router<ApiState> {
    Router::new().route("/admin/api-key-auth-log", get(list))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    client: Option<String>,
    public_id: Option<String>,
    request_id: Option<String>,
    reason: Option<String>,
    remote_addr: Option<String>,
    authenticated: Option<bool>,
    authorized: Option<bool>,
    since: Option<String>,
    until: Option<String>,
    #[serde(default = "some")]
    limit: u32,
    #[serde(default)]
    offset: u32,
}

fn some() -> u32 {
    100
}

async fn list(
    State(gateway): State<Gateway>,
    Admin(admin): Admin,
    uri: Uri,
) -> Result<Json<Answer<Value>>, ApiError> {
    let keys = keys(&gateway, &admin)?;
    let wanted: Wanted = asked(&uri)?;
    let (limit, offset) = (wanted.limit.clamp(1, MOST), wanted.offset);
    let uses = keys.uses(UsesWanted { filter: filter(&wanted, limit), ..moments(wanted) }).await;
    let entries: Vec<Value> = uses.map_err(refused)?.iter().map(shown::used).collect();
    let trail = gateway.auth_trail();
    let data = json!({
        "entries": entries,
        "limit": limit,
        "offset": offset,
        "dropped": trail.map(gateway::AuthTrail::dropped),
        "skipped": trail.map(gateway::AuthTrail::skipped),
    });
    Ok(success("Listed uses of API keys", data))
}

fn filter(wanted: &Wanted, limit: u32) -> AuthFilter {
    AuthFilter {
        client: wanted.client.clone(),
        public_id: wanted.public_id.clone(),
        request_id: wanted.request_id.clone(),
        reason: wanted.reason.clone(),
        remote_addr: wanted.remote_addr.clone(),
        authenticated: wanted.authenticated,
        authorized: wanted.authorized,
        since: None,
        until: None,
        limit,
        offset: wanted.offset,
    }
}

fn moments(wanted: Wanted) -> UsesWanted {
    UsesWanted { since: wanted.since, until: wanted.until, ..UsesWanted::default() }
}
